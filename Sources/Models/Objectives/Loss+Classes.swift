import BacktapeTensors

// Losses over classes, which lie along the outputs' last axis.

extension Loss {
  /// -log p of the right class, the mean over everything; targets are class numbers.
  ///
  /// `[batch, ..., classes]` with targets `[batch, ...]` or `[batch, ..., 1]`: whole numbers in
  /// 0..<classes of any type. Probabilities are divided by their sum, then held within 1e-7 of 0
  /// and 1, as in Keras.
  /// - Parameter fromLogits: whether outputs are what a softmax would make probabilities; then it
  ///   is computed without overflow or loss of digits.
  public static func sparseCategoricalCrossEntropy(fromLogits: Bool = false) -> Loss {
    let name = "sparse_categorical_cross_entropy"
    return Loss(name, targets: .classes) { targets, outputs in
      guard let labels = targets.classNumbers(for: outputs, "loss \(name)") else { return outputs }
      if fromLogits { return crossEntropies(outputs, labels) }
      let isLabel = labels.marks(
        of: outputs.shape.last, comparedIn: outputs.dtype, for: "crossEntropy")
      let share = Tensor.where(isLabel, outputs, 0).sum(axis: -1) / outputs.sum(axis: -1)
      return -log(share.clip(1e-7, 1 - 1e-7))
    }
  }

  /// -Σ y log p over the classes, the mean over everything; targets are probabilities, as of one-hot
  /// rows.
  ///
  /// Outputs are divided by their sum, then held within 1e-7 of 0 and 1, as in Keras.
  /// - Parameter fromLogits: whether outputs are what a softmax would make probabilities; then it
  ///   is computed without overflow or loss of digits.
  public static func categoricalCrossEntropy(fromLogits: Bool = false) -> Loss {
    Loss("categorical_cross_entropy") { y, p in
      if fromLogits { return crossEntropy(p, y, reduction: .none) }
      let shares = p / p.sum(axis: -1, keepDims: true)
      return -(y * log(shares.clip(1e-7, 1 - 1e-7))).sum(axis: -1)
    }
  }

  /// ``sparseCategoricalCrossEntropy(fromLogits:)`` of probabilities.
  public static let sparseCategoricalCrossEntropy = sparseCategoricalCrossEntropy(fromLogits: false)
  /// ``categoricalCrossEntropy(fromLogits:)`` of probabilities.
  public static let categoricalCrossEntropy = categoricalCrossEntropy(fromLogits: false)
}

extension Metric {
  /// ``accuracy`` under the name it has for class numbers.
  public static let sparseCategoricalAccuracy = accuracy.named("sparse_categorical_accuracy")
  /// ``accuracy`` under the name it has for one-hot rows.
  public static let categoricalAccuracy = accuracy.named("categorical_accuracy")
}

extension Tensor {
  /// Targets as integers of the outputs' shape without the classes; nil after refusing others.
  func classNumbers(for outputs: Tensor, _ user: String) -> Tensor? {
    if let message = shape.refusal(asClassesOf: outputs.shape) {
      _ = Tensor.refuse("\(user): \(message)", self, outputs)
      return nil
    }
    return indices.reshape(Shape(outputs.shape.array.dropLast()))
  }

  /// Numbers of any type as integers.
  var indices: Tensor { dtype.isInteger ? self : cast(.int64) }
}

extension Shape {
  /// Why class numbers of this shape do not fit outputs of another; nil if they do.
  func refusal(asClassesOf outputs: Shape) -> String? {
    if outputs.rank >= 2 {
      let samples = Shape(outputs.array.dropLast())
      if self == samples || self == samples.inserting(1, at: samples.rank) { return nil }
    }
    return """
      targets of shape \(self) do not name classes of outputs of shape \(outputs): they have its \
      axes but the last, or an extent of 1 there
      """
  }
}
