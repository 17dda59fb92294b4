// Losses over classes, which lie along the last axis.

/// -log(softmax(logits)) at the labels, or of probabilities, computed without overflow.
///
/// - Parameters:
///   - logits: `[..., classes]`.
///   - targets: labels, integers in 0..<classes, `[...]`; one outside traps when the operation
///     runs. Or probabilities, `[..., classes]`: then it is -Σ t log(softmax(logits)).
///   - weights: of the classes, `[classes]`; left out, 1. The mean of labels' losses is that
///     weighted by theirs.
///   - ignoreIndex: a label, of any value, that takes no part; PyTorch's is -100.
///   - labelSmoothing: the part of every target that all classes share equally.
///   - reduction: of the values, one for each `[...]`.
/// - Returns: a number, or with `.none` `[...]`.
public func crossEntropy(
  _ logits: Tensor, _ targets: Tensor, weights: Tensor? = nil, ignoreIndex: Int? = nil,
  labelSmoothing: Double = 0, reduction: Reduction = .mean
) -> Tensor {
  let areLabels = !targets.dtype.isFloatingPoint || targets.rank != logits.rank
  if areLabels && weights == nil && ignoreIndex == nil && labelSmoothing == 0 {
    return crossEntropies(logits, targets).reduced(by: reduction)
  }
  guard logits.rank > 0, areLabels || targets.shape == logits.shape else {
    return Tensor.classesRefused("crossEntropy", logits, targets)
  }
  let logs = logSoftmax(logits)
  let smoothed = labelSmoothing / Double(logits.shape.last)
  if !areLabels {
    let shares = targets.cast(logs.dtype)
    let targets = labelSmoothing == 0 ? shares : shares * (1 - labelSmoothing) + smoothed
    guard let weighted = logs.weighted(byClass: weights, "crossEntropy") else { return logits }
    return -(targets * weighted).sum(axis: -1).reduced(by: reduction)
  }
  guard let picked = LabelledLogs(logs, targets, weights, ignoreIndex, "crossEntropy") else {
    return logits
  }
  if labelSmoothing == 0 { return picked.loss(reduction) }
  guard let weighted = logs.weighted(byClass: weights, "crossEntropy") else { return logits }
  let everywhere = picked.ignoring(-weighted.sum(axis: -1))
  return picked.loss(
    reduction, values: (1 - labelSmoothing) * picked.values + smoothed * everywhere)
}

/// -log(softmax(logits)) at the labels, computed without overflow: `[..., classes]` with labels
/// `[...]` gives `[...]`.
package func crossEntropies(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  guard logits.rank > 0, labels.shape.array == logits.shape.array.dropLast() else {
    return Tensor.refuse(
      """
      crossEntropy: labels of shape \(labels.shape) do not fit logits of shape \(logits.shape); \
      they must have its axes but the last, the classes
      """, logits, labels)
  }
  guard let axis = logits.filledAxis(-1, "crossEntropy") else { return logits }
  let shifted = logits.shiftedByMaximum(axis)
  let isLabel = labels.marks(of: shifted.shape.last, comparedIn: shifted.dtype, for: "crossEntropy")
  return log(exp(shifted).sum(axis: -1)) - Tensor.where(isLabel, shifted, 0).sum(axis: -1)
}

/// -log p at the labels, of logarithms of probabilities.
///
/// - Parameters:
///   - logProbabilities: `[..., classes]`, as of ``logSoftmax(_:axis:)``.
///   - labels: integers in 0..<classes, `[...]`; one outside traps when the operation runs.
///   - weights: of the classes, `[classes]`; left out, 1. The mean is weighted by them.
///   - ignoreIndex: a label, of any value, that takes no part; PyTorch's is -100.
///   - reduction: of the values, one for each label.
public func nllLoss(
  _ logProbabilities: Tensor, _ labels: Tensor, weights: Tensor? = nil, ignoreIndex: Int? = nil,
  reduction: Reduction = .mean
) -> Tensor {
  let logs = logProbabilities.floating
  guard logs.filledAxis(-1, "nllLoss") != nil,
    let picked = LabelledLogs(logs, labels, weights, ignoreIndex, "nllLoss")
  else { return logs }
  return picked.loss(reduction)
}

/// Minus weighted logarithms at labels.
private struct LabelledLogs {
  /// 0 where labels are ignored.
  let values: Tensor
  /// Of the labels.
  let weights: Tensor
  private let isIgnored: Tensor?

  /// Nil after refusing labels or weights that do not fit.
  init?(
    _ logs: Tensor, _ labels: Tensor, _ classWeights: Tensor?, _ ignoreIndex: Int?,
    _ name: StaticString
  ) {
    guard logs.rank > 0, labels.shape.array == logs.shape.array.dropLast() else {
      _ = Tensor.classesRefused(name, logs, labels)
      return nil
    }
    let classes = logs.shape.last
    let isIgnored = ignoreIndex.map { labels .== $0 }
    let seen = isIgnored.map { .where($0, 0, labels) } ?? labels
    let isLabel = seen.marks(of: classes, comparedIn: logs.dtype, for: name)
    var weights = Tensor.ones(labels.shape, logs.dtype)
    if let classWeights {
      guard let row = classWeights.ofClasses(logs, name) else { return nil }
      weights = row.take(seen)
    }
    self.isIgnored = isIgnored
    if let isIgnored { weights = .where(isIgnored, 0, weights) }
    self.weights = weights
    var picked = -Tensor.where(isLabel, logs, 0).sum(axis: -1)
    // What is ignored may be infinite.
    if let isIgnored { picked = .where(isIgnored, 0, picked) }
    values = picked * weights
  }

  /// 0 where labels are ignored.
  func ignoring(_ values: Tensor) -> Tensor {
    isIgnored.map { .where($0, 0, values) } ?? values
  }

  func loss(_ reduction: Reduction, values: Tensor? = nil) -> Tensor {
    let values = values ?? self.values
    return reduction == .mean ? values.sum() / weights.sum() : values.reduced(by: reduction)
  }
}

extension Tensor {
  fileprivate static func classesRefused(
    _ name: StaticString, _ logits: Tensor, _ targets: Tensor
  ) -> Tensor {
    refuse(
      """
      \(name): labels of shape \(targets.shape) do not fit logits of shape \(logits.shape); \
      they must have its axes but the last, the classes
      """, logits, targets)
  }

  /// Weights of classes in the type of logarithms; nil after refusing others.
  fileprivate func ofClasses(_ logs: Tensor, _ name: StaticString) -> Tensor? {
    if shape == [logs.shape.last] { return cast(logs.dtype) }
    _ = Tensor.refuse(
      """
      \(name): weights of shape \(shape) do not fit logits of shape \(logs.shape); there is one for \
      each of \(logs.shape.last) classes
      """, logs, self)
    return nil
  }

  fileprivate func weighted(byClass weights: Tensor?, _ name: StaticString) -> Tensor? {
    guard let weights else { return self }
    return weights.ofClasses(self, name).map { self * $0 }
  }
}
