import BacktapeTensors

/// What training makes small: a function of targets and outputs.
///
/// Written with a leading dot, `.meanSquaredError`. A loss gives values for the samples of a batch,
/// which are then reduced to a number; sample weights multiply the values before that.
///
/// ```swift
/// extension Loss {
///   static let cubic = Loss("cubic") { y, p in (abs(y - p)).power(3).mean(axis: -1) }
/// }
/// ```
/// Losses never broadcast: targets have the outputs' shape, where `[n]` and `[n, 1]` are the same.
public struct Loss: Sendable {
  /// How the values of a batch, and the losses of an epoch's batches, become one number.
  public enum Reduction: Sendable, Hashable {
    /// The sum of the values by their number; with weights the sum of the weighted values by their
    /// number, as in Keras. The loss of an epoch is the mean over its samples, so a partial last
    /// batch counts for what it holds.
    case mean
    /// The sum of the values. The loss of an epoch is the sum over its samples, whatever the batch
    /// size (Keras shows the mean of the batches' sums).
    case sum
  }

  /// Which targets a loss takes.
  public enum Targets: Sendable, Hashable {
    /// Of the outputs' shape, and converted to their type.
    case likeOutputs
    /// Class numbers: whole numbers in 0..<classes, the outputs' last extent, of the outputs' shape
    /// without that axis, or with an extent of 1 there.
    case classes
    /// Any: the loss checks them itself.
    case any
  }

  /// For messages.
  public let name: String
  /// How values become one number.
  public let reduction: Reduction
  /// Which targets it takes.
  public let targets: Targets
  private let values: @Sendable (Tensor, Tensor) -> Tensor

  /// - Parameters:
  ///   - name: for messages.
  ///   - reduction: how the values become one number.
  ///   - targets: which targets it takes.
  ///   - values: of targets and outputs, `[batch, ...]` each: values `[batch]` or
  ///     `[batch, ...]`. One number alone is taken as the batch's loss; it can't be weighted.
  public init(
    _ name: String, reduction: Reduction = .mean, targets: Targets = .likeOutputs,
    _ values: @escaping @Sendable (_ targets: Tensor, _ outputs: Tensor) -> Tensor
  ) {
    self.name = name
    self.reduction = reduction
    self.targets = targets
    self.values = values
  }

  /// The loss of a batch, a tensor of rank 0.
  ///
  /// - Parameter weights: one for each sample, `[batch]`.
  public func callAsFunction(
    _ targets: Tensor, _ outputs: Tensor, weights: Tensor? = nil
  ) -> Tensor {
    var y = targets
    if self.targets == .likeOutputs {
      guard let matched = targets.matching(outputs, "loss \(name)") else { return outputs.sum() }
      y = matched
    }
    var each = values(y, outputs)
    let count = each.count
    if let weights {
      guard let weighted = each.weighted(by: weights, "loss \(name)") else { return each.sum() }
      each = weighted
    }
    let total = each.rank == 0 ? each : each.sum()
    return reduction == .sum || count == 1 ? total : total / Double(count)
  }

  /// (y - p)², the mean over everything.
  public static let meanSquaredError = Loss("mean_squared_error") { y, p in
    mseLoss(p, y, reduction: .none).meanOverFeatures
  }

  /// |y - p|, the mean over everything.
  public static let meanAbsoluteError = Loss("mean_absolute_error") { y, p in
    l1Loss(p, y, reduction: .none).meanOverFeatures
  }

  /// 0.5 (y - p)², summed over everything: the loss whose derivative is p - y.
  ///
  /// For `c` outputs and batches of `n` it is `n c / 2` times ``meanSquaredError``: what learns at
  /// a rate of 1 with this loss takes `n c / 2` with that one.
  public static let halfSquaredErrorSum = Loss("half_squared_error_sum", reduction: .sum) { y, p in
    0.5 * (y - p).squared()
  }

  /// -(y log p + (1 - y) log(1 - p)) of probabilities, the mean over everything.
  ///
  /// Probabilities are held within 1e-7 of 0 and 1, as in Keras.
  public static let binaryCrossEntropy = binaryCrossEntropy(fromLogits: false)

  /// ``binaryCrossEntropy`` of probabilities, or of what the sigmoid would make probabilities.
  ///
  /// - Parameter fromLogits: computed without overflow or loss of digits.
  public static func binaryCrossEntropy(fromLogits: Bool) -> Loss {
    Loss("binary_cross_entropy") { y, p in
      if fromLogits { return bceWithLogitsLoss(p, y, reduction: .none).meanOverFeatures }
      let p = p.clip(1e-7, 1 - 1e-7)
      return -(y * log(p) + (1 - y) * log(1 - p)).meanOverFeatures
    }
  }

  /// A loss of your own.
  public static func custom(
    _ name: String, reduction: Reduction = .mean,
    _ values: @escaping @Sendable (_ targets: Tensor, _ outputs: Tensor) -> Tensor
  ) -> Loss {
    Loss(name, reduction: reduction, values)
  }
}

extension Tensor {
  /// The mean over the last axis, unless that is the batch.
  var meanOverFeatures: Tensor { rank < 2 ? self : mean(axis: -1) }

  /// Targets in the shape and type of outputs; nil after refusing others.
  func matching(_ outputs: Tensor, _ user: String) -> Tensor? {
    guard shape.matches(outputs.shape) else {
      _ = Tensor.refuse(
        """
        \(user): targets of shape \(shape) and outputs of shape \(outputs.shape) must be alike; \
        nothing is broadcast
        """, self, outputs)
      return nil
    }
    return reshape(outputs.shape).cast(outputs.dtype)
  }

  /// Values for samples times the samples' weights; nil after refusing values without samples.
  func weighted(by weights: Tensor, _ user: String) -> Tensor? {
    guard rank > 0, weights.rank == 1, shape[0] == weights.shape[0] else {
      _ = Tensor.refuse(
        """
        \(user): values of shape \(shape) can't be weighted by weights of shape \
        \(weights.shape); give a value, or values, for each sample
        """, self, weights)
      return nil
    }
    let column = weights.reshape(
      Shape([shape[0]] + [Int](repeating: 1, count: rank - 1)))
    return self * column.cast(dtype)
  }
}

extension Shape {
  /// Whether targets of this shape fit outputs of another: equal, or `[n]` and `[n, 1]`.
  func matches(_ other: Shape) -> Bool {
    if self == other { return true }
    let (short, long) = rank < other.rank ? (self, other) : (other, self)
    return short.rank == 1 && long == Shape([short[0], 1])
  }
}
