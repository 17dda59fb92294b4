import Backtape

extension GoldenFamily {
  /// What the networks of the benchmarks are made of.
  static let neural = GoldenFamily("neural", least: 59, functions)
}

private let functions: [String: GoldenFamily.Function] = [
  "conv1d": GoldenFamily.networks.operations["conv"]!,
  "conv2d": GoldenFamily.networks.operations["conv"]!,
  "maxPool2d": GoldenFamily.networks.operations["maxPool"]!,
  "avgPool2d": GoldenFamily.networks.operations["avgPool"]!,
  "windows": {
    $1[0].windows(
      axis: $0.int("axis")!, size: $0.int("size")!, step: $0.int("step") ?? 1,
      dilation: $0.int("dilation") ?? 1)
  },
  "take": { $1[0].take($0.tensor("indices"), axis: $0.int("axis")!) },
  "takeAlongAxis": { $1[0].takeAlongAxis($0.tensor("indices"), axis: $0.int("axis")!) },
  "embedding": { embedding($0.tensor("indices"), $1[0]) },
  "layerNorm": {
    layerNorm(
      $1[0], scale: $1.count > 1 ? $1[1] : nil, offset: $1.count > 1 ? $1[2] : nil,
      epsilon: $0.number("epsilon")!)
  },
  "gelu": { gelu($1[0], $0.text("form") == "tanh" ? .tanh : .exact) },
  "silu": { silu($1[0]) }, "softplus": { softplus($1[0]) },
  "leakyRelu": { leakyRelu($1[0], slope: $0.number("slope")!) },
  "logSumExp": {
    logSumExp($1[0], axis: $0.int("axis")!, keepDims: $0.isTrue("keepDims"))
  },
  "crossEntropy": { crossEntropy($1[0], $0.tensor("labels")) },
  "attention": {
    scaledDotProductAttention($1[0], $1[1], $1[2], isCausal: $0.isTrue("isCausal"))
  },
  "lstm": { lstm($1[0], kernel: $1[1], recurrentKernel: $1[2], bias: $1[3]).outputs },
  "gpt": {
    languageModelLoss(
      $1, $0.tensor("indices"), heads: $0.int("size")!, epsilon: $0.number("epsilon")!)
  },
]

/// The loss of a language model of one block: pre-norm, causal, with GPT-2's gelu.
private func languageModelLoss(
  _ w: [Tensor], _ tokens: Tensor, heads: Int, epsilon: Double
) -> Tensor {
  let width = w[0].shape[1]
  func normed(_ x: Tensor, _ first: Int) -> Tensor {
    layerNorm(x, scale: w[first], offset: w[first + 1], epsilon: epsilon)
  }
  func linear(_ x: Tensor, _ first: Int) -> Tensor { x.dot(w[first]) + w[first + 1] }

  var x = embedding(tokens.slice(axis: 1, 0..<tokens.shape[1] - 1), w[0]) + w[1]
  let shape = x.shape
  let parts = linear(normed(x, 2), 4).split(3, axis: -1).map {
    $0.reshape([shape[0], shape[1], heads, width / heads]).swapAxes(1, 2)
  }
  let seen = scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true)
  x = x + linear(seen.swapAxes(1, 2).reshape(shape), 6)
  x = x + linear(gelu(linear(normed(x, 8), 10), .tanh), 12)
  return crossEntropy(linear(normed(x, 14), 16), tokens[.all, 1...])
}
