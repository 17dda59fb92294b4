import Backtape
import Foundation
import Testing

/// `Tests/Golden/models.json`, written by `Tests/Golden/models.py` with Keras.
struct GoldenModels: Decodable {
  struct Header: Decodable {
    let generator: String
  }

  struct Training: Decodable, CustomTestStringConvertible, Sendable {
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

  let header: Header
  let trainings: [Training]
  let losses: [LossValue]

  static func load() throws -> GoldenModels {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/models.json")
    return try JSONDecoder().decode(GoldenModels.self, from: Data(contentsOf: file))
  }

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
  static func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-9) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(b))
  }

  @Test func valuesNameTheirOrigin() throws {
    let golden = try GoldenModels.load()
    #expect(golden.header.generator == "Tests/Golden/models.py")
    #expect(golden.trainings.count >= 13)
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
    let paths = try model.parameters.map(\.path)
    #expect(paths.count == golden.initial.count)
    for (path, values) in zip(paths, golden.initial) {
      model[path] = Tensor(values, model[path].shape)
    }
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

    #expect(Set(history.names) == Set(golden.history.keys))
    for (name, expected) in golden.history {
      let values = try #require(history[name])
      #expect(values.count == expected.count)
      for (a, b) in zip(values, expected) { #expect(Self.close(a, b), "\(name)") }
    }
    for (path, expected) in zip(paths, golden.final) {
      for (a, b) in zip(model[path].scalars(as: Double.self), expected) {
        #expect(Self.close(a, b), "\(path)")
      }
    }
    let evaluated = try model.evaluate(x, y, batchSize: 5, sampleWeight: w)
    #expect(Set(evaluated.names) == Set(golden.evaluated.keys))
    for (name, expected) in golden.evaluated {
      #expect(Self.close(try #require(evaluated[name]), expected), "\(name)")
    }
    let predicted = try model.predict(x, batchSize: 7).scalars(as: Double.self)
    for (a, b) in zip(predicted, golden.predicted) { #expect(Self.close(a, b)) }
  }

  @Test(
    "Losses, weighted or not, and their derivatives are those of Keras",
    arguments: try GoldenModels.load().losses)
  func losses(_ golden: GoldenModels.LossValue) throws {
    let loss = GoldenModels.losses[golden.name]!
    let shape = Shape(golden.shape)
    let y = Tensor(golden.targets, shape)
    let p = Tensor(golden.outputs, shape)
    #expect(Self.close(loss(y, p).item(), golden.value, 1e-13))
    #expect(Self.close(loss(y, p, weights: Tensor(golden.weights)).item(), golden.weighted, 1e-13))
    let derivative = gradient(at: p) { loss(y, $0) }.scalars(as: Double.self)
    for (i, (a, b)) in zip(derivative, golden.gradient).enumerated() {
      // At its kink the absolute value has no derivative; here it is 0, as in PyTorch.
      let isKink = golden.name == "meanAbsoluteError" && golden.targets[i] == golden.outputs[i]
      #expect(isKink ? a == 0 : Self.close(a, b, 1e-12), "element \(i)")
    }
  }
}
