// Class numbers: as rows of zeros and a one, as rows of a table, as labels.

/// Rows with a 1 at the place each integer names and zeros elsewhere: `[...]` gives
/// `[..., count]`.
///
/// - Parameters:
///   - indices: integers in 0..<count; one outside traps when the operation runs.
///   - count: of places.
///   - dtype: of the result.
public func oneHot(_ indices: Tensor, _ count: Int, _ dtype: DType = .float32) -> Tensor {
  indices.marks(of: count, comparedIn: dtype).cast(dtype)
}

/// Rows of a table by number: `[...]` with a table `[n, width]` gives `[..., width]`.
///
/// - Parameters:
///   - indices: integers in 0..<n; one outside traps when the operation runs.
///   - table: a row for every number.
public func embedding(_ indices: Tensor, _ table: Tensor) -> Tensor { table.take(indices) }

/// The mean of -log(softmax(logits)) at the labels, computed without overflow.
///
/// - Parameters:
///   - logits: `[..., classes]`.
///   - labels: integers in 0..<classes, `[...]`; one outside traps when the operation runs.
/// - Returns: a number; see ``crossEntropies(_:_:)`` for one of each sample.
public func crossEntropy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  crossEntropies(logits, labels).mean()
}

/// -log(softmax(logits)) at the labels, computed without overflow: `[..., classes]` with labels
/// `[...]` gives `[...]`.
public func crossEntropies(_ logits: Tensor, _ labels: Tensor) -> Tensor {
  guard logits.rank > 0, labels.shape.array == logits.shape.array.dropLast() else {
    return Tensor.refuse(
      """
      crossEntropy: labels of shape \(labels.shape) do not fit logits of shape \(logits.shape); \
      they must have its axes but the last, the classes
      """, logits, labels)
  }
  let x = logits.floating
  let shifted = x - x.max(axis: -1, keepDims: true).stopGradient()
  let isLabel = labels.marks(of: x.shape.last, comparedIn: x.dtype)
  return log(exp(shifted).sum(axis: -1)) - Tensor.where(isLabel, shifted, 0).sum(axis: -1)
}

extension Tensor {
  /// `[...]` integers as `[..., count]` conditions: whether a place is the one named.
  ///
  /// The lookup converts, and refuses integers outside, at once.
  package func marks(of count: Int, comparedIn dtype: DType) -> Tensor {
    let places = Tensor.places(count, comparedIn: dtype)
    return places .== places.take(self).expandDims(at: -1)
  }

  /// 0..<count in the floating type of what surrounds them if that counts so far, else int64.
  package static func places(_ count: Int, comparedIn dtype: DType) -> Tensor {
    let isExact = dtype == .float64 || dtype == .float32 && count <= 1 << 24
    return arange(count).cast(isExact ? dtype : .int64)
  }
}
