// Losses of vectors, which lie along the last axis.

/// The cosine of the angle between vectors: `[..., n]` twice gives `[...]`; shapes broadcast.
///
/// - Parameters:
///   - a: vectors.
///   - b: vectors.
///   - axis: along which they lie.
///   - epsilon: what shorter vectors count as long; the derivative of their length passes, as in
///     PyTorch, and is 0 at 0.
public func cosineSimilarity(
  _ a: Tensor, _ b: Tensor, axis: Int = -1, epsilon: Double = 1e-8
) -> Tensor {
  .composed("cosineSimilarity", a.floating, b.floating) { a, b in
    let shape = a.shape.broadcast(with: b.shape) ?? a.shape
    let longer = a.rank < b.rank ? b : a
    guard let axis = longer.axis(axis, "cosineSimilarity") else { return a }
    func length(_ x: Tensor) -> Tensor {
      let square = x.squared().sum(axis: axis)
      let isZero = square .== 0
      let length = Tensor.where(isZero, 0, sqrt(.where(isZero, 1, square)))
      return .where(length .< epsilon, length - length.stopGradient() + epsilon, length)
    }
    // Vectors of one length, along the same axis.
    let (x, y) = (a.vectors(axis, like: shape), b.vectors(axis, like: shape))
    return (x * y).sum(axis: axis) / (length(x) * length(y))
  }
}

extension Tensor {
  /// With as many axes as a shape has, and its extent along one of them.
  fileprivate func vectors(_ axis: Int, like other: Shape) -> Tensor {
    let shape = Shape([Int](repeating: 1, count: other.rank - rank) + self.shape.array)
    return reshape(shape).broadcast(to: shape.with(other[axis], at: axis))
  }
}

/// 1 - cos of pairs whose target is 1, max(cos - margin, 0) of those whose target is -1.
///
/// - Parameters:
///   - a: `[..., n]`.
///   - b: `[..., n]`.
///   - targets: `[...]`.
///   - margin: a cosine that is small enough.
///   - reduction: of the values.
public func cosineEmbeddingLoss(
  _ a: Tensor, _ b: Tensor, _ targets: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  guard a.rank > 0, targets.shape.array == a.shape.array.dropLast() else {
    return Tensor.refuse(
      """
      cosineEmbeddingLoss: targets of shape \(targets.shape) do not fit vectors of shape \
      \(a.shape); there is one for each, so they have its axes but the last
      """, a, b, targets)
  }
  return .loss("cosineEmbeddingLoss", a, b, reduction) { a, b in
    // PyTorch's: here what is small is added.
    let squares = (a.squared().sum(axis: -1) + 1e-12) * (b.squared().sum(axis: -1) + 1e-12)
    let cosine = (a * b).sum(axis: -1) / sqrt(squares)
    return .where(
      targets .== 1, 1 - cosine,
      Tensor.where(targets .== -1, (cosine - margin).clip(min: 0), 0))
  }
}

/// The p-norm of a - b + ε along the last axis, which disappears; shapes broadcast; see
/// ``Tensor/norm(_:axis:keepDims:)``.
public func pairwiseDistance(
  _ a: Tensor, _ b: Tensor, p: Double = 2, epsilon: Double = 1e-6
) -> Tensor {
  .composed("pairwiseDistance", a.floating, b.floating) { a, b in
    let difference = a - b + epsilon
    guard difference.axis(-1, "pairwiseDistance") != nil else { return difference }
    return difference.norm(p, axis: -1)
  }
}

/// max(margin + distance to the positive - distance to the negative, 0) (Balntas et al. 2016).
///
/// - Parameters:
///   - anchor: `[..., n]`.
///   - positive: `[..., n]`.
///   - negative: `[..., n]`.
///   - margin: by how much the negative is to be farther.
///   - p: of the norm.
///   - epsilon: added to differences.
///   - swap: whether the distance from positive to negative counts where it is smaller.
///   - reduction: of the values, `[...]`.
public func tripletMarginLoss(
  _ anchor: Tensor, _ positive: Tensor, _ negative: Tensor, margin: Double = 1, p: Double = 2,
  epsilon: Double = 1e-6, swap: Bool = false, reduction: Reduction = .mean
) -> Tensor {
  guard anchor.rank > 0, anchor.shape == positive.shape, anchor.shape == negative.shape else {
    return Tensor.refuse(
      """
      tripletMarginLoss: shapes \(anchor.shape), \(positive.shape) and \(negative.shape) must be \
      alike, vectors along the last axis
      """, anchor, positive, negative)
  }
  let near = pairwiseDistance(anchor, positive, p: p, epsilon: epsilon)
  var far = pairwiseDistance(anchor, negative, p: p, epsilon: epsilon)
  if swap { far = minimum(far, pairwiseDistance(positive, negative, p: p, epsilon: epsilon)) }
  return (margin + near - far).clip(min: 0).reduced(by: reduction)
}

/// max(margin - t (a - b), 0) of targets -1 and 1.
public func marginRankingLoss(
  _ a: Tensor, _ b: Tensor, _ targets: Tensor, margin: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  if targets.shape != a.shape {
    return Tensor.refuse(
      """
      marginRankingLoss: targets of shape \(targets.shape) and numbers of shape \(a.shape) must be \
      alike
      """, a, b, targets)
  }
  return .loss("marginRankingLoss", a, b, reduction) { a, b in
    (margin - targets.cast(a.dtype) * (a - b)).clip(min: 0)
  }
}
