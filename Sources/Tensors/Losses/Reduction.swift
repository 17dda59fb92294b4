// What losses have in common. They are PyTorch's, of outputs before targets, but they never
// broadcast: outputs and targets are alike.

/// How the values of a loss become one number.
public enum Reduction: Sendable, Hashable {
  /// They don't: one for each element or sample.
  case none
  /// Their mean; of nothing NaN. With weights of classes it is a weighted one.
  case mean
  /// Their sum.
  case sum
  /// Their sum by the extent of the first axis, the batch.
  case batchMean
}

extension Tensor {
  /// Values as a reduction says.
  func reduced(by reduction: Reduction) -> Tensor {
    switch reduction {
    case .none: self
    case .mean: mean()
    case .sum: sum()
    case .batchMean: sum() / Double(rank == 0 ? 1 : shape[0])
    }
  }

  /// The loss of outputs and targets of one shape, in the floating type both meet in.
  static func loss(
    _ name: StaticString, _ outputs: Tensor, _ targets: Tensor, _ reduction: Reduction,
    _ values: (_ outputs: Tensor, _ targets: Tensor) -> Tensor
  ) -> Tensor {
    if outputs.shape != targets.shape {
      return refuse(
        """
        \(name): outputs of shape \(outputs.shape) and targets of shape \(targets.shape) must be \
        alike; nothing is broadcast: reshape one of them
        """, outputs, targets)
    }
    let outputs = outputs.floating
    let targets = targets.strong
    let dtype = promotedType(outputs, targets)
    return values(outputs.cast(dtype), targets.cast(dtype)).reduced(by: reduction)
  }
}
