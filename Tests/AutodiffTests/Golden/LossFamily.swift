import Backtape

extension GoldenFamily {
  /// Losses.
  static let losses = GoldenFamily("calculus_losses", least: 90, functions)
}

extension GoldenSettings {
  fileprivate var reduction: Reduction {
    switch text("reduction") {
    case "none": .none
    case "sum": .sum
    case "batchmean": .batchMean
    default: .mean
    }
  }
  fileprivate var targets: Tensor { tensor("targets").cast(.float64) }
}

private let functions: [String: GoldenFamily.Function] = [
  "mse": { mseLoss($1[0], $1[1], reduction: $0.reduction) },
  "l1": { l1Loss($1[0], $1[1], reduction: $0.reduction) },
  "huber": {
    huberLoss($1[0], $1[1], delta: $0.number("delta") ?? 1, reduction: $0.reduction)
  },
  "smoothL1": {
    smoothL1Loss($1[0], $1[1], beta: $0.number("beta") ?? 1, reduction: $0.reduction)
  },
  "bce": {
    bceLoss($1[0], $0.has("targets") ? $0.targets : $1[1], reduction: $0.reduction)
  },
  "bceWeighted": {
    bceLoss($1[0], $1[1], weights: $0.tensor("weights"), reduction: $0.reduction)
  },
  "bceWithLogits": {
    bceWithLogitsLoss(
      $1[0], $1[1], positiveWeight: $0.has("positive") ? $0.tensor("positive") : nil,
      reduction: $0.reduction)
  },
  "klDiv": {
    klDivLoss($1[0], $1[1], logTarget: $0.isTrue("log_target"), reduction: $0.reduction)
  },
  "hinge": { hingeLoss($1[0], $0.targets, reduction: $0.reduction) },
  "hingeEmbedding": {
    hingeEmbeddingLoss(
      $1[0], $0.targets, margin: $0.number("margin") ?? 1, reduction: $0.reduction)
  },
  "poisson": {
    poissonNLLLoss(
      $1[0], $0.targets, logInput: !$0.has("log_input"), full: $0.isTrue("full"),
      reduction: $0.reduction)
  },
  "gaussian": {
    gaussianNLLLoss(
      $1[0], $1[1], $1[2], full: $0.isTrue("full"), epsilon: $0.number("eps") ?? 1e-6,
      reduction: $0.reduction)
  },
  "crossEntropy": { s, x in
    crossEntropy(
      x[0], s.has("labels") ? s.tensor("labels") : x[1],
      weights: s.has("weights") ? s.tensor("weights") : nil, ignoreIndex: s.int("ignore"),
      labelSmoothing: s.number("smoothing") ?? 0, reduction: s.reduction)
  },
  "nll": { s, x in
    nllLoss(
      x[0], s.tensor("labels"), weights: s.has("weights") ? s.tensor("weights") : nil,
      ignoreIndex: s.int("ignore"), reduction: s.reduction)
  },
  "cosineSimilarity": { cosineSimilarity($1[0], $1[1], axis: $0.int("axis") ?? -1) },
  "cosineEmbedding": {
    cosineEmbeddingLoss(
      $1[0], $1[1], $0.targets, margin: $0.number("margin") ?? 0, reduction: $0.reduction)
  },
  "pairwiseDistance": {
    pairwiseDistance($1[0], $1[1], p: $0.number("p")!, epsilon: $0.number("eps") ?? 1e-6)
  },
  "tripletMargin": {
    tripletMarginLoss(
      $1[0], $1[1], $1[2], margin: $0.number("margin") ?? 1, p: $0.number("p") ?? 2,
      swap: $0.isTrue("swap"), reduction: $0.reduction)
  },
  "marginRanking": {
    marginRankingLoss(
      $1[0], $1[1], $0.targets, margin: $0.number("margin") ?? 0, reduction: $0.reduction)
  },
]
