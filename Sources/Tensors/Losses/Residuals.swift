// Losses of numbers: how far outputs are from targets.

/// (outputs - targets)².
public func mseLoss(
  _ outputs: Tensor, _ targets: Tensor, reduction: Reduction = .mean
) -> Tensor {
  .loss("mseLoss", outputs, targets, reduction) { ($0 - $1).squared() }
}

/// |outputs - targets|.
public func l1Loss(
  _ outputs: Tensor, _ targets: Tensor, reduction: Reduction = .mean
) -> Tensor {
  .loss("l1Loss", outputs, targets, reduction) { abs($0 - $1) }
}

/// r² / 2 of residuals up to δ, δ (|r| - δ / 2) of larger ones (Huber 1964).
public func huberLoss(
  _ outputs: Tensor, _ targets: Tensor, delta: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  .loss("huberLoss", outputs, targets, reduction) { huber($0 - $1, delta: delta) }
}

/// ``huberLoss(_:_:delta:reduction:)`` with δ = β, by β: r² / (2 β) of residuals below β, |r| - β / 2
/// of larger ones. With β = 0 it is ``l1Loss(_:_:reduction:)``.
public func smoothL1Loss(
  _ outputs: Tensor, _ targets: Tensor, beta: Double = 1, reduction: Reduction = .mean
) -> Tensor {
  .loss("smoothL1Loss", outputs, targets, reduction) { outputs, targets in
    beta == 0 ? abs(outputs - targets) : huber(outputs - targets, delta: beta) / beta
  }
}

private func huber(_ residual: Tensor, delta: Double) -> Tensor {
  let isNear = abs(residual) .< delta
  // The square of what is far could overflow.
  let near = Tensor.where(isNear, residual, 0)
  return .where(isNear, 0.5 * near.squared(), delta * (abs(residual) - 0.5 * delta))
}

/// -log of Poisson's probability of counts, without what does not depend on the outputs.
///
/// - Parameters:
///   - outputs: logarithms of rates, or rates.
///   - targets: counts.
///   - logInput: whether outputs are logarithms: then it is exp(x) - t x, else x - t log(x + ε).
///   - full: whether the rest is added by Stirling's formula, for counts above 1.
///   - epsilon: keeps the logarithm of rates finite.
///   - reduction: of the values.
public func poissonNLLLoss(
  _ outputs: Tensor, _ targets: Tensor, logInput: Bool = true, full: Bool = false,
  epsilon: Double = 1e-8, reduction: Reduction = .mean
) -> Tensor {
  .loss("poissonNLLLoss", outputs, targets, reduction) { x, t in
    let loss = logInput ? exp(x) - t * x : x - t * log(x + epsilon)
    if !full { return loss }
    let isLarge = t .> 1
    let n = Tensor.where(isLarge, t, 2)
    return loss + .where(isLarge, n * log(n) - n + 0.5 * log(2 * Double.pi * n), 0)
  }
}

/// -log of the normal distribution's density, (log v + (x - t)² / v) / 2.
///
/// - Parameters:
///   - outputs: expectations.
///   - targets: what was found.
///   - variances: of the outputs' shape, or with an extent of 1 along the last axis, or without it.
///     Below ε they count as ε; their derivative passes, as in PyTorch.
///   - full: whether log(2π) / 2 is added.
///   - epsilon: the least variance.
///   - reduction: of the values.
public func gaussianNLLLoss(
  _ outputs: Tensor, _ targets: Tensor, _ variances: Tensor, full: Bool = false,
  epsilon: Double = 1e-6, reduction: Reduction = .mean
) -> Tensor {
  let shape = outputs.shape
  let forRows = Shape(shape.array.dropLast())
  if variances.shape != shape && shape.rank > 0 && variances.shape == forRows {
    return gaussianNLLLoss(
      outputs, targets, variances.expandDims(at: -1), full: full, epsilon: epsilon,
      reduction: reduction)
  }
  if variances.shape != shape && (shape.rank == 0 || variances.shape.array != forRows.array + [1]) {
    return Tensor.refuse(
      """
      gaussianNLLLoss: variances of shape \(variances.shape) do not fit outputs of shape \(shape); \
      they have that shape, or an extent of 1 along the last axis, or not that axis
      """, outputs, targets, variances)
  }
  return .loss("gaussianNLLLoss", outputs, targets, reduction) { x, t in
    let given = variances.cast(x.dtype)
    let v = given + (given.clip(min: epsilon) - given).stopGradient()
    let loss = 0.5 * (log(v) + (x - t).squared() / v)
    // log(2π) / 2.
    return full ? loss + 0.918938533204672741780 : loss
  }
}
