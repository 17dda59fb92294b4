// The gamma function's logarithm and its derivatives, and sums and products of logarithms.

/// The derivative of ``lgamma(_:)``: ∓infinity at ±0, NaN at negative integers.
public func digamma(_ x: Tensor) -> Tensor { polygamma(0, x) }

/// Derivative `order` + 1 of ``lgamma(_:)``.
///
/// - Parameters:
///   - order: 0 for ``digamma(_:)``, at most 170.
///   - x: where; at 0 and negative integers it is infinite for orders above 0.
public func polygamma(_ order: Int, _ x: Tensor) -> Tensor {
  if order < 0 || order > 170 {
    return x.refusing(
      """
      polygamma: the order \(order) of x of shape \(x.shape); it is in 0...170, beyond which \
      factorials are no numbers
      """, standIn: x.shape)
  }
  return .apply(.polygamma(order: UInt8(order)), x.floating)
}

/// log(exp(a) + exp(b)), computed without overflow; shapes broadcast.
public func logaddexp(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .composedFloating("logaddexp", a.operand, b.operand) { a, b in
    // Not maximum, whose derivative is shared where both are equal: the sum's is right as it is.
    let isLess = a .< b
    let larger = Tensor.where(isLess, b, a)
    let smaller = Tensor.where(isLess, a, b)
    let isSameInfinity = (a .== b) .& isinf(a)
    return .where(isSameInfinity, a, larger + log1p(exp(smaller - larger)))
  }
}

/// x log(y), 0 where x is 0 unless y is NaN; shapes broadcast.
public func xlogy(_ x: some TensorOperand, _ y: some TensorOperand) -> Tensor {
  .composedFloating("xlogy", x.operand, y.operand) { x, y in
    let isNothing = (x .== 0) .& ((y .<= 0) .| (y .== Double.infinity))
    return x * log(.where(isNothing, 1, y))
  }
}
