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

/// The largest integer not above a quotient, as Python's `//` and PyTorch's `floor_divide`: of
/// integers exact and an integer; shapes broadcast. Its derivative is 0.
///
/// ```swift
/// floorDivide(Tensor([7, -7]), 2)  // 3, -4
/// ```
public func floorDivide(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .composed("floorDivide", a.operand.stopGradient(), b.operand.stopGradient()) { a, b in
    let left = fmod(a, b)
    let whole = a - left
    let isBelow = (left .!= 0) .& ((left .< 0) .!= (b .< 0))
    if a.dtype.isFloatingPoint {
      // Rounding may have left it a little below or above a whole number.
      let quotient = whole / b - isBelow.cast(a.dtype)
      let down = floor(quotient)
      let rounded = down + (quotient - down .> 0.5).cast(a.dtype)
      // 0 has the sign of the quotient.
      let signed = Tensor.where(rounded .== 0, 0 * (a / b), rounded)
      return .where(b .== 0, a / b, signed)
    }
    // Nearly right where float64 has too few digits, then what that left.
    func nearly(_ x: Tensor) -> Tensor {
      round(x.cast(.float64) / b.cast(.float64)).cast(x.dtype)
    }
    let quotient = nearly(whole)
    let exact = quotient + nearly(whole - quotient * b)
    return .where(isBelow, exact - 1, exact)
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
