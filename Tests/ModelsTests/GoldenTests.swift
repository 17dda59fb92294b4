import Backtape
import Testing

/// `Tests/Golden/models.json`, written by `Tests/Golden/models.py` with Keras.
struct GoldenModels: Decodable {
  struct Training: GoldenTraining, Decodable, CustomTestStringConvertible, Sendable {
    struct LayerSettings: Decodable, Sendable {
      let units: Int
      let activation: String
      let useBias: Bool

      init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        units = try values.decode(Int.self)
        activation = try values.decode(String.self)
        useBias = try values.decode(Bool.self)
      }
    }
    let name: String
    let samples: Int
    let input: Int
    let layers: [LayerSettings]
    let loss: String
    let rate: Double
    let momentum: Double
    let nesterov: Bool
    let batch: Int
    let epochs: Int
    let split: Double
    let metrics: [String]
    let rates: [Double]
    let x: [Double]
    let y: [Double]
    let w: [Double]?
    let initial: [[Double]]
    let final: [[Double]]
    let history: [String: [Double]]
    let evaluated: [String: Double]
    let predicted: [Double]
    var testDescription: String { name }
  }

  struct LossValue: Decodable, CustomTestStringConvertible, Sendable {
    let name: String
    let shape: [Int]
    let targets: [Double]
    let outputs: [Double]
    let weights: [Double]
    let value: Double
    let weighted: Double
    let gradient: [Double]
    var testDescription: String { "\(name) \(shape)" }
  }

  let header: GoldenHeader
  let trainings: [Training]
  let losses: [LossValue]

  static func load() throws -> GoldenModels { try loadGolden("models") }

  static let losses: [String: Loss] = [
    "meanSquaredError": .meanSquaredError, "meanAbsoluteError": .meanAbsoluteError,
    "binaryCrossEntropy": .binaryCrossEntropy,
    "binaryCrossEntropyFromLogits": .binaryCrossEntropy(fromLogits: true),
  ]
  static let metrics: [String: Metric] = [
    "accuracy": .accuracy, "meanAbsoluteError": .meanAbsoluteError,
    "meanSquaredError": .meanSquaredError,
  ]
  static let activations: [String: Activation] = [
    "linear": .linear, "sigmoid": .sigmoid, "tanh": .tanh, "relu": .relu, "softmax": .softmax,
  ]
}

/// Sets the rate of every epoch.
private final class Rates: Callback {
  let rates: [Double]
  init(_ rates: [Double]) { self.rates = rates }
  func epochBegin(_ model: Model, epoch: Int) { model.learningRate = rates[epoch] }
}

struct GoldenTests {
  @Test func valuesNameTheirOrigin() throws {
    let golden = try GoldenModels.load()
    #expect(golden.header.generator == "Tests/Golden/models.py")
    #expect(golden.trainings.count >= 13)
    #expect(Set(golden.losses.map(\.name)) == Set(GoldenModels.losses.keys))
  }

  @Test(
    "Losses of every epoch, metrics and final weights are those of Keras",
    arguments: try GoldenModels.load().trainings)
  func training(_ golden: GoldenModels.Training) throws {
    let model = Model(input: [golden.input], dtype: .float64) {
      for layer in golden.layers {
        Dense(
          layer.units, activation: GoldenModels.activations[layer.activation]!,
          useBias: layer.useBias)
      }
    }
    try golden.begin(model)
    model.compile(
      optimizer: .sgd(
        learningRate: golden.rate, momentum: golden.momentum, nesterov: golden.nesterov),
      loss: GoldenModels.losses[golden.loss]!,
      metrics: golden.metrics.map { GoldenModels.metrics[$0]! })
    let x = Tensor(golden.x, [golden.samples, golden.input])
    let y = Tensor(golden.y, [golden.samples, golden.layers.last!.units])
    let w = golden.w.map { Tensor($0) }
    let history = try model.fit(
      x, y, batchSize: golden.batch, epochs: golden.epochs,
      validation: golden.split == 0 ? .none : .split(golden.split), shuffle: false,
      sampleWeight: w, verbosity: .silent,
      callbacks: golden.rates.isEmpty ? [] : [Rates(golden.rates)])

    try golden.expectEnd(model, history)
    let evaluated = try model.evaluate(x, y, batchSize: 5, sampleWeight: w)
    #expect(Set(evaluated.names) == Set(golden.evaluated.keys))
    for (name, expected) in golden.evaluated {
      expectClose([try #require(evaluated[name])], [expected], 1e-9, name)
    }
    expectClose(try model.predict(x, batchSize: 7).scalars(), golden.predicted)
  }

  @Test(
    "Losses, weighted or not, and their derivatives are those of Keras",
    arguments: try GoldenModels.load().losses)
  func losses(_ golden: GoldenModels.LossValue) throws {
    let loss = GoldenModels.losses[golden.name]!
    let shape = Shape(golden.shape)
    let y = Tensor(golden.targets, shape)
    let p = Tensor(golden.outputs, shape)
    let values = [loss(y, p).item(), loss(y, p, weights: Tensor(golden.weights)).item()]
    expectClose(values, [golden.value, golden.weighted], 1e-13)
    // At its kink the absolute value has no derivative; here it is 0, as in PyTorch.
    let slopes = golden.gradient.indices.map { i in
      let isKink = golden.name == "meanAbsoluteError" && golden.targets[i] == golden.outputs[i]
      return isKink ? 0 : golden.gradient[i]
    }
    expectClose(gradient(at: p) { loss(y, $0) }.scalars(), slopes, 1e-12)
  }
}
