// What is left of a division, and whether elements are numbers.

/// What is left of a division, with the sign of the divisor, as in Python; shapes broadcast.
public func remainder(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .binary(.remainder, "remainder", a.operand, b.operand)
}

/// What is left of a division, with the sign of the dividend, as in C; shapes broadcast.
public func fmod(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .composed("fmod", a.operand, b.operand) { a, b in
    if a.dtype.isFloatingPoint {
      // Of sizes: the remainder and this are the same, and exact.
      let left = Tensor.where(a .< 0, -a, a) % abs(b)
      return .where(a .< 0, -left, left)
    }
    let left = a % b
    return .where((left .!= 0) .& ((left .< 0) .!= (a .< 0)), left - b, left)
  }
}

/// Where elements are NaN: nowhere among integers.
public func isnan(_ x: Tensor) -> Tensor { x .!= x }
/// Where elements are infinite, of either sign.
public func isinf(_ x: Tensor) -> Tensor { abs(x) .== Double.infinity }
/// Where elements are neither infinite nor NaN.
public func isfinite(_ x: Tensor) -> Tensor { abs(x) .< Double.infinity }

/// Where `|a - b| <= absolute + relative |b|`, or both are the same infinity; shapes broadcast.
///
/// - Parameters:
///   - a: compared with `b`.
///   - b: what `a` should be.
///   - relative: allowed for each unit of `b`.
///   - absolute: allowed anywhere.
///   - equalNaN: whether NaN is close to NaN.
public func isClose(
  _ a: some TensorOperand, _ b: some TensorOperand, relative: Double = 1e-5,
  absolute: Double = 1e-8, equalNaN: Bool = false
) -> Tensor {
  .composedFloating("isClose", a.operand, b.operand) { a, b in
    // An infinity is as far from a number as its tolerance reaches.
    let isNear = isfinite(b) .& (abs(a - b) .<= absolute + relative * abs(b))
    let isClose = (a .== b) .| isNear
    return equalNaN ? isClose .| (isnan(a) .& isnan(b)) : isClose
  }
}

extension Tensor {
  /// What is left of a division, with the sign of the divisor, as in Python.
  public static func % (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.remainder, "%", a, b.operand)
  }
}
