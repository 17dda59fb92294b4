import Backtape
import Foundation

/// A small GPT, written with operations on a list of parameters.
struct Transformer: Sendable {
  var batch = 16
  var context = 64
  var tokens = 65
  var width = 128
  var heads = 4
  var layers = 4

  static let full = Transformer()
  static let smoke = Transformer(batch: 2, context: 8, width: 16, heads: 2, layers: 1)

  /// Operations of the products forward, for a token.
  var flops: Double {
    let dense = 12 * width * width
    // Scores and mixed values of all positions, as nobody leaves out those that are masked.
    let attention = 2 * context * width
    return Double(2 * (layers * (dense + attention) + width * tokens))
  }

  /// Tables of tokens and positions; of every layer norms, heads, projection, widening and
  /// narrowing; the last norm and the output.
  func parameters() -> [Tensor] {
    var stream: UInt32 = 0
    func normal(_ rows: Int, _ columns: Int, _ scale: Double) -> Tensor {
      stream += 1
      return scale * .randomNormal([rows, columns], key: RandomKey(seed: 8, stream: stream))
    }
    func dense(_ rows: Int, _ columns: Int) -> [Tensor] {
      [normal(rows, columns, 1 / Double(rows).squareRoot() / 4), .zeros([columns])]
    }
    let norm = [Tensor.ones([width]), .zeros([width])]
    var parameters = [normal(tokens, width, 0.02), normal(context, width, 0.02)]
    for _ in 0..<layers {
      parameters += norm + dense(width, 3 * width) + dense(width, width)
      parameters += norm + dense(width, 4 * width) + dense(4 * width, width)
    }
    return parameters + norm + dense(width, tokens)
  }

  /// Batches of tokens, and the tokens that follow them.
  func data(_ count: Int) -> [(x: Tensor, y: Tensor)] {
    (0..<count).map { step in
      let key = RandomKey(seed: 8, step: UInt64(step))
      let all = (Double(tokens) * Tensor.random([batch, context + 1], key: key)).cast(.int64)
      return (
        all.slice(axis: 1, 0..<context) + 0, all.slice(axis: 1, 1..<context + 1) + 0
      )
    }
  }

  /// The mean cross-entropy of the tokens that follow.
  func loss(_ parameters: [Tensor], _ x: Tensor, _ y: Tensor) -> Tensor {
    var rest = parameters[...]
    func next() -> Tensor { rest.removeFirst() }
    func dense(_ x: Tensor) -> Tensor { x.dot(next()) + next() }
    func norm(_ x: Tensor) -> Tensor { layerNorm(x, scale: next(), offset: next()) }

    var h = embedding(x, next()) + next()
    for _ in 0..<layers {
      let parts = dense(norm(h))
        .reshape([batch, context, 3 * heads, width / heads]).permute([0, 2, 1, 3])
        .split(3, axis: 1)
      let mixed = scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true)
      h += dense(mixed.permute([0, 2, 1, 3]).reshape([batch, context, width]))
      h += dense(gelu(dense(norm(h)), .tanh))
    }
    return crossEntropy(dense(norm(h)), y)
  }

  /// A step of training: tokens and those that follow, to the loss before it.
  func trainingStep(_ parameters: [Tensor]) throws -> Function {
    let graph = Graph()
    let variables = parameters.map { graph.variable("parameter", $0) }
    let x = graph.placeholder("x", [batch, context], .int64)
    let y = graph.placeholder("y", [batch, context], .int64)
    let loss = loss(variables, x, y)
    let optimizer = Adam(learningRate: 3e-4, weightDecay: 0.01)
    return try Function(
      inputs: [x, y], outputs: [loss], updates: optimizer.minimize(loss, in: graph))
  }
}
