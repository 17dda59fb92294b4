import Backtape
import Testing

/// Two layers whose values are computed again for the derivative.
private struct Recomputed: Layer {
  let isCheckpointed: Bool

  func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    let layers: (Tensor) -> Tensor = { x in
      scope(Dense(3, activation: .tanh), scope(Dense(4, activation: .sigmoid), x))
    }
    return isCheckpointed ? checkpoint(x, layers) : layers(x)
  }
}

struct CheckpointLayerTests {
  @Test("A model trains through a checkpoint, in which parameters are declared")
  func training() throws {
    func losses(_ isCheckpointed: Bool) throws -> [Double] {
      let model = Model(input: [3], dtype: .float64) {
        Recomputed(isCheckpointed: isCheckpointed)
        Dense(1)
      }
      var random = NumPyRandomState(seed: 3)
      for (path, value) in try model.parameters {
        try model.setParameter(path, to: random.randomSample(value.shape) - 0.5)
      }
      model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
      let x: Tensor = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]
      let y: Tensor = [[0], [1], [1], [0]]
      let history = try model.fit(
        x.cast(.float64), y.cast(.float64), epochs: 20, verbosity: .silent)
      return try #require(history["loss"])
    }
    let plain = try losses(false)
    let again = try losses(true)
    #expect(plain.count == 20 && plain[19] < plain[0])
    for (a, b) in zip(plain, again) { #expect((a - b).magnitude <= 1e-12 * a) }
  }
}
