// Losses of probabilities and of conditions.

/// -(t log p + (1 - t) log(1 - p)) of probabilities, the logarithms held above -100.
///
/// Where p (1 - p) is below 1e-12 the slope by p is (p - t) / 1e-12, as in PyTorch, without curvature.
/// - Parameters:
///   - outputs: probabilities.
///   - targets: probabilities.
///   - weights: of the values, broadcast to them; left out, 1.
///   - reduction: of the values.
public func bceLoss(
  _ outputs: Tensor, _ targets: Tensor, weights: Tensor? = nil, reduction: Reduction = .mean
) -> Tensor {
  .loss("bceLoss", outputs, targets, reduction) { p, t in
    // Where a logarithm would be held it is not taken, so that its derivative is a number.
    func held(_ isHeld: Tensor, _ x: Tensor, _ log: (Tensor) -> Tensor) -> Tensor {
      .where(isHeld, -100, log(.where(isHeld, 0.5, x)))
    }
    // PyTorch's 1e-12 is a float32.
    let least = Double(1e-12 as Float)
    let isAtEnd = p * (1 - p) .< least
    let fixed = p.stopGradient()
    let inside = Tensor.where(isAtEnd, fixed, p)
    let loss =
      Tensor.where(isAtEnd, (fixed - t) * (p - fixed) / least, 0)
      - (t * held(inside .< 3.7200759760208e-44, inside) { log($0) }
        + (1 - t) * held(inside .>= 1, inside) { log1p(-$0) })
    return loss.weighted(by: weights, "bceLoss")
  }
}

/// ``bceLoss(_:_:weights:reduction:)`` of what the sigmoid makes probabilities, computed without
/// overflow or loss of digits.
///
/// - Parameters:
///   - logits: the outputs.
///   - targets: probabilities.
///   - weights: of the values, broadcast to them; left out, 1.
///   - positiveWeight: of the part that targets of 1 have, broadcast to the values; left out, 1.
///   - reduction: of the values.
public func bceWithLogitsLoss(
  _ logits: Tensor, _ targets: Tensor, weights: Tensor? = nil, positiveWeight: Tensor? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  .loss("bceWithLogitsLoss", logits, targets, reduction) { x, t in
    let values: Tensor
    if let positiveWeight {
      guard positiveWeight.shape.broadcast(with: x.shape) == x.shape else {
        return .weightsRefused("bceWithLogitsLoss", positiveWeight, x)
      }
      let weight = 1 + (positiveWeight.cast(x.dtype) - 1) * t
      values = (1 - t) * x + weight * softplus(-x)
    } else {
      // softplus(x) - t x, where what is large goes first.
      values = relu(x) - t * x + log1p(exp(.where(x .> 0, -x, x)))
    }
    return values.weighted(by: weights, "bceWithLogitsLoss")
  }
}

/// t (log t - outputs): the divergence of Kullback and Leibler from what outputs say to targets.
///
/// - Parameters:
///   - outputs: logarithms of probabilities.
///   - targets: probabilities; those of 0 take no part.
///   - logTarget: whether targets are logarithms, too.
///   - reduction: of the values; `.batchMean` is the divergence's own.
public func klDivLoss(
  _ outputs: Tensor, _ targets: Tensor, logTarget: Bool = false, reduction: Reduction = .mean
) -> Tensor {
  .loss("klDivLoss", outputs, targets, reduction) { x, t in
    logTarget ? exp(t) * (t - x) : xlogy(t, t) - t * x
  }
}

/// max(1 - t x, 0) of targets -1 and 1.
public func hingeLoss(
  _ outputs: Tensor, _ targets: Tensor, reduction: Reduction = .mean
) -> Tensor {
  .loss("hingeLoss", outputs, targets, reduction) { x, t in relu(1 - t * x) }
}

/// Distances x where targets are 1, max(margin - x, 0) where they are -1.
public func hingeEmbeddingLoss(
  _ outputs: Tensor, _ targets: Tensor, margin: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  .loss("hingeEmbeddingLoss", outputs, targets, reduction) { x, t in
    .where(t .== 1, x, Tensor.where(t .== -1, (margin - x).clip(min: 0), 0))
  }
}

extension Tensor {
  /// Values times weights that broadcast to them.
  fileprivate func weighted(by weights: Tensor?, _ name: StaticString) -> Tensor {
    guard let weights else { return self }
    guard weights.shape.broadcast(with: shape) == shape else {
      return .weightsRefused(name, weights, self)
    }
    return self * weights.cast(dtype)
  }

  fileprivate static func weightsRefused(
    _ name: StaticString, _ weights: Tensor, _ values: Tensor
  ) -> Tensor {
    refuse(
      """
      \(name): weights of shape \(weights.shape) do not broadcast to values of shape \
      \(values.shape)
      """, values, weights)
  }
}
