// Functions of rows: what makes them comparable.

/// log(sum(exp(x))) along an axis, computed without overflow; see
/// ``Tensor/logSumExp(axes:keepDims:)``.
public func logSumExp(_ x: Tensor, axis: Int = -1, keepDims: Bool = false) -> Tensor {
  x.logSumExp(axis: axis, keepDims: keepDims)
}

/// Rows along the last axis with mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).
///
/// `(x - mean) / sqrt(variance + epsilon) * scale + offset`, the variance that of the row itself
/// (divided by n).
/// - Parameters:
///   - x: `[..., n]`.
///   - scale: `[n]`; left out, 1.
///   - offset: `[n]`; left out, 0.
///   - epsilon: keeps rows of equal elements finite. PyTorch's; Keras has 1e-3.
public func layerNorm(
  _ x: Tensor, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
  for vector in [scale, offset] {
    guard let vector, x.rank == 0 || vector.shape != [x.shape.last] else { continue }
    return Tensor.refuse(
      """
      layerNorm: a scale or offset of shape \(vector.shape) does not fit rows of \(x.shape); it \
      must have the shape [\(x.shape.last)]
      """, x, vector)
  }
  guard x.axis(-1, "layerNorm") != nil else { return x }
  let x = x.floating
  // The sign is changed once a row, here and in the derivative.
  let centered = x + (-x.mean(axis: -1, keepDims: true))
  let variance = centered.squared().mean(axis: -1, keepDims: true)
  var y = centered * rsqrt(variance + epsilon)
  if let scale { y = y * scale }
  if let offset { y = y + offset }
  return y
}
