import BacktapeTensors

/// A number that tells how good outputs are; nothing is trained by it.
///
/// Written with a leading dot, `.accuracy`. A metric gives totals that add up over batches, and
/// makes its number of them at the end: so a mean, a ratio and a curve are all exact whatever the
/// batch size.
public struct Metric: Sendable {
  /// What it is called in histories and logs.
  public let name: String
  let totals: @Sendable (Tensor, Tensor, Tensor?) -> Tensor
  let result: @Sendable ([Double]) -> Double

  /// A metric of totals.
  ///
  /// - Parameters:
  ///   - name: what it is called in histories and logs.
  ///   - totals: of targets, outputs and weights (`[batch]`, or nil) of a batch: a tensor of rank
  ///     1.
  ///   - result: of the totals, summed over batches.
  public init(
    _ name: String,
    totals:
      @escaping @Sendable (_ targets: Tensor, _ outputs: Tensor, _ weights: Tensor?) -> Tensor,
    result: @escaping @Sendable ([Double]) -> Double
  ) {
    self.name = name
    self.totals = totals
    self.result = result
  }

  /// The mean of values for samples; with weights the weighted mean.
  ///
  /// - Parameters:
  ///   - name: what it is called in histories and logs.
  ///   - values: of targets and outputs, `[batch, ...]` each: values `[batch]` or `[batch, ...]`.
  public init(
    _ name: String,
    mean values: @escaping @Sendable (_ targets: Tensor, _ outputs: Tensor) -> Tensor
  ) {
    let totals: @Sendable (Tensor, Tensor, Tensor?) -> Tensor = { targets, outputs, weights in
      let each = values(targets, outputs)
      let ones = Tensor.ones(each.shape, each.dtype)
      guard let weights else { return .stack([each.sum(), ones.sum()]) }
      guard let weighted = each.weighted(by: weights, "metric \(name)"),
        let total = ones.weighted(by: weights, "metric \(name)")
      else { return .stack([each.sum(), each.sum()]) }
      return .stack([weighted.sum(), total.sum()])
    }
    self.init(name, totals: totals, result: { $0[0] / $0[1] })
  }

  /// The same metric with another name.
  public func named(_ name: String) -> Metric { Metric(name, totals: totals, result: result) }

  /// The share of right answers.
  ///
  /// For one output, whether it is above 0.5 as the target; for several, whether the largest is
  /// that of the targets: one-hot rows of the outputs' shape, or class numbers `[n]` or `[n, 1]`.
  public static let accuracy = Metric(
    "accuracy",
    mean: { targets, outputs in
      if outputs.rank < 2 || outputs.shape.last == 1 {
        guard let y = targets.matching(outputs, "metric accuracy") else { return outputs }
        let isRight = (outputs .> 0.5).cast(outputs.dtype) .== y
        return isRight.cast(outputs.dtype).meanOverFeatures
      }
      let answers = outputs.argmax(axis: -1)
      if targets.shape == outputs.shape {
        return (targets.argmax(axis: -1) .== answers).cast(outputs.dtype)
      }
      if targets.shape != answers.shape
        && targets.shape != Shape(answers.shape.array + [1])
      {
        _ = targets.matching(outputs, "metric accuracy")
        return outputs
      }
      return (targets.reshape(answers.shape) .== answers).cast(outputs.dtype)
    })

  /// |y - p|, the mean over everything.
  public static let meanAbsoluteError = Metric(
    "mean_absolute_error",
    mean: { targets, outputs in
      guard let y = targets.matching(outputs, "metric mean_absolute_error") else { return outputs }
      return abs(y - outputs).meanOverFeatures
    })

  /// (y - p)², the mean over everything.
  public static let meanSquaredError = Metric(
    "mean_squared_error",
    mean: { targets, outputs in
      guard let y = targets.matching(outputs, "metric mean_squared_error") else { return outputs }
      return (y - outputs).squared().meanOverFeatures
    })
}
