/// softmax(q kᵀ / sqrt(width)) v: for every query the mean of the values, by how well their keys
/// match (Vaswani et al. 2017).
///
/// - Parameters:
///   - queries: `[..., n, width]`.
///   - keys: `[..., m, width]`.
///   - values: `[..., m, d]`; the axes before the last two broadcast.
///   - mask: which keys a query sees, bools that broadcast to `[..., n, m]`; or numbers added to how
///     well they match. A query that sees none gives 0, as in PyTorch.
///   - isCausal: whether query `i` sees the keys `0...i` alone.
///   - scale: in place of 1 / sqrt(width).
/// - Returns: `[..., n, d]`; without keys, zeros.
public func scaledDotProductAttention(
  _ queries: Tensor, _ keys: Tensor, _ values: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
  scale: Double? = nil
) -> Tensor {
  func heads(_ x: Tensor) -> Shape { Shape(x.shape.array.dropLast(2)) }
  guard queries.rank >= 2, keys.rank >= 2, values.rank >= 2,
    queries.shape[-1] == keys.shape[-1], keys.shape[-2] == values.shape[-2],
    heads(queries).broadcast(with: heads(keys))?.broadcast(with: heads(values)) != nil
  else {
    return Tensor.refuse(
      """
      scaledDotProductAttention: queries \(queries.shape), keys \(keys.shape) and values \
      \(values.shape) do not fit; they are [..., n, width], [..., m, width] and [..., m, d], and \
      the axes before, as of batch and heads, are equal or 1
      """, queries, keys, values)
  }
  let scale = scale ?? 1 / Double(Swift.max(queries.shape[-1], 1)).squareRoot()
  var scores = queries.matmul(keys.transposed) * scale
  if isCausal {
    let isSeen =
      Tensor.arange(keys.shape[-2]) .<= Tensor.arange(queries.shape[-2]).expandDims(at: 1)
    scores = .where(isSeen, scores, -Double.infinity)
  }
  guard let mask else { return softmax(scores).matmul(values) }
  if mask.shape.broadcast(with: scores.shape) != scores.shape {
    return Tensor.refuse(
      """
      scaledDotProductAttention: a mask of shape \(mask.shape) does not broadcast to \
      \(scores.shape), a row for each query with an element for each key
      """, scores, mask)
  }
  if scores.count == 0 { return softmax(scores).matmul(values) }
  scores =
    mask.dtype == .bool
    ? .where(mask, scores, -Double.infinity) : scores + mask.cast(scores.dtype)
  let isBlind = scores.max(axis: -1, keepDims: true) .== -Double.infinity
  let weights = softmax(.where(isBlind, 0, scores))
  return Tensor.where(isBlind, 0, weights).matmul(values)
}
