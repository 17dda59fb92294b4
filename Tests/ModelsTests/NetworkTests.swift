import Backtape
import Foundation
import Testing

/// `Tests/Golden/networks.json`, written by `Tests/Golden/networks.py` with Keras.
struct GoldenNetworks: Decodable {
  struct Header: Decodable {
    let generator: String
  }

  /// A layer's name and its arguments as Keras takes them.
  struct LayerSettings: Decodable, Sendable {
    enum Argument: Decodable, Sendable {
      case number(Int)
      case flag(Bool)
      case word(String)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
          self = .flag(flag)
        } else if let number = try? container.decode(Int.self) {
          self = .number(number)
        } else {
          self = .word(try container.decode(String.self))
        }
      }
    }
    let name: String
    let arguments: [Argument]

    init(from decoder: any Decoder) throws {
      var values = try decoder.unkeyedContainer()
      name = try values.decode(String.self)
      var arguments: [Argument] = []
      while !values.isAtEnd { arguments.append(try values.decode(Argument.self)) }
      self.arguments = arguments
    }

    func number(_ place: Int) -> Int {
      if case .number(let number) = arguments[place] { number } else { 0 }
    }
    func word(_ place: Int) -> String {
      if case .word(let word) = arguments[place] { word } else { "" }
    }

    var layer: (any Layer)? {
      switch name {
      case "Conv2D":
        return Conv2D(
          number(0), number(1), stride: number(2), padding: word(3) == "same" ? .same : .valid,
          activation: GoldenModels.activations[word(4)]!)
      case "MaxPooling2D": return MaxPooling2D(number(0))
      case "AveragePooling2D": return AveragePooling2D(number(0))
      case "Flatten": return Flatten()
      case "Dense": return Dense(number(0), activation: GoldenModels.activations[word(1)]!)
      case "LSTM":
        if case .flag(let sequences) = arguments[1] {
          return LSTM(number(0), returnSequences: sequences)
        }
        return nil
      case "Embedding": return Embedding(number(0), number(1))
      case "LayerNormalization": return LayerNormalization()
      default: return nil
      }
    }
  }

  struct Training: Decodable, CustomTestStringConvertible, Sendable {
    let name: String
    let input: [Int]
    let layers: [LayerSettings]
    let loss: String
    let optimizer: String
    let rate: Double
    let metric: Bool
    let samples: Int
    let batch: Int
    let epochs: Int
    let x: [Double]
    let y: [Double]
    let targets: [Int]
    let initial: [[Double]]
    let final: [[Double]]
    let history: [String: [Double]]
    let predicted: [Double]
    var testDescription: String { name }
  }

  struct LossValue: Decodable, CustomTestStringConvertible, Sendable {
    let name: String
    let shape: [Int]
    let targets: [Double]
    let targetShape: [Int]
    let outputs: [Double]
    let weights: [Double]
    let value: Double
    let weighted: Double
    let gradient: [Double]
    var testDescription: String { name }
  }

  let header: Header
  let trainings: [Training]
  let losses: [LossValue]

  static func load() throws -> GoldenNetworks {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Golden/networks.json")
    return try JSONDecoder().decode(GoldenNetworks.self, from: Data(contentsOf: file))
  }

  static let losses: [String: Loss] = [
    "meanSquaredError": .meanSquaredError, "sparse": .sparseCategoricalCrossEntropy,
    "sparseFromLogits": .sparseCategoricalCrossEntropy(fromLogits: true),
    "categorical": .categoricalCrossEntropy,
    "categoricalFromLogits": .categoricalCrossEntropy(fromLogits: true),
  ]

  static func optimizer(_ name: String, _ rate: Double) -> any Optimizer {
    switch name {
    case "adam": .adam(learningRate: rate)
    case "adamW": .adamW(learningRate: rate)
    default: .sgd(learningRate: rate)
    }
  }
}

struct NetworkTests {
  @Test func valuesNameTheirOrigin() throws {
    let golden = try GoldenNetworks.load()
    #expect(golden.header.generator == "Tests/Golden/networks.py")
    #expect(golden.trainings.count >= 6)
    #expect(golden.losses.count == 4)
  }

  @Test(
    "Losses of every epoch, accuracies and final weights are those of Keras",
    arguments: try GoldenNetworks.load().trainings)
  func training(_ golden: GoldenNetworks.Training) throws {
    let layers = try golden.layers.map { try #require($0.layer) }
    let model = Model(input: Shape(golden.input), dtype: .float64) { layers }
    let paths = try model.parameters.map(\.path)
    #expect(paths.count == golden.initial.count)
    for (path, values) in zip(paths, golden.initial) {
      model[path] = Tensor(values, model[path].shape)
    }
    model.compile(
      optimizer: GoldenNetworks.optimizer(golden.optimizer, golden.rate),
      loss: GoldenNetworks.losses[golden.loss]!, metrics: golden.metric ? [.accuracy] : [])
    let x = Tensor(golden.x, Shape([golden.samples] + golden.input))
    let y = Tensor(golden.y, Shape(golden.targets))
    let history = try model.fit(
      x, y, batchSize: golden.batch, epochs: golden.epochs, shuffle: false, verbosity: .silent)

    #expect(Set(history.names) == Set(golden.history.keys))
    for (name, expected) in golden.history {
      let values = try #require(history[name])
      #expect(values.count == expected.count)
      for (a, b) in zip(values, expected) { #expect(GoldenTests.close(a, b), "\(name)") }
    }
    for (path, expected) in zip(paths, golden.final) {
      for (a, b) in zip(model[path].scalars(as: Double.self), expected) {
        #expect(GoldenTests.close(a, b), "\(path)")
      }
    }
    let predicted = try model.predict(x, batchSize: 6).scalars(as: Double.self)
    #expect(predicted.count == golden.predicted.count)
    for (a, b) in zip(predicted, golden.predicted) { #expect(GoldenTests.close(a, b)) }
  }

  @Test(
    "Losses over classes, weighted or not, and their derivatives are those of Keras",
    arguments: try GoldenNetworks.load().losses)
  func losses(_ golden: GoldenNetworks.LossValue) throws {
    let loss = GoldenNetworks.losses[golden.name]!
    let y = Tensor(golden.targets, Shape(golden.targetShape))
    let p = Tensor(golden.outputs, Shape(golden.shape))
    #expect(GoldenTests.close(loss(y, p).item(), golden.value, 1e-13))
    let weighted = loss(y, p, weights: Tensor(golden.weights)).item()
    #expect(GoldenTests.close(weighted, golden.weighted, 1e-13))
    let derivative = gradient(at: p) { loss(y, $0) }.scalars(as: Double.self)
    for (a, b) in zip(derivative, golden.gradient) { #expect(GoldenTests.close(a, b, 1e-12)) }
  }

  @Test("Class numbers may stand in a column")
  func columns() throws {
    let loss = Loss.sparseCategoricalCrossEntropy(fromLogits: true)
    let p = Tensor([[1.0, 2, 3], [0.5, 0, 1]])
    #expect(loss(Tensor([2, 0]), p).item() == loss(Tensor([[2], [0]]), p).item())
  }

  @Test("Targets that name no class are refused, and parameters stay")
  func wrongClasses() throws {
    let model = Model(input: [2]) { Dense(3) }
    model.compile(
      optimizer: .adam(), loss: .sparseCategoricalCrossEntropy(fromLogits: true))
    let x = Tensor.ones([4, 2])
    let before = try model.parameter("dense/kernel")
    for (targets, words) in [
      (Tensor([0, 1, 2, 3]), "3.0 is no class; there are 3"),
      (Tensor([0, -1, 2, 1]), "-1.0 is no class"), (Tensor([0.5, 0, 0, 0]), "0.5 is no class"),
      (Tensor([Double.nan, 0, 0, 0]), "nan is no class"),
      (Tensor.zeros([4, 3]), "[4, 3] do not name classes of outputs of shape [4, 3]"),
    ] {
      let error = #expect(throws: ModelError.self) { try model.fit(x, targets, verbosity: .silent) }
      #expect(error.map { "\($0)".contains(words) } == true, "\(String(describing: error))")
    }
    #expect(try model.parameter("dense/kernel").allClose(before))
  }

  @Test("Layers refuse inputs they cannot take")
  func layers() {
    let mistakes: [(Shape, any Layer, String)] = [
      ([4], Conv2D(2, 3), "no batch of images"), ([4, 4, 1], Conv2D(0, 3), "0 filters"),
      ([2, 5, 1], Conv2D(2, 3), "do not fit an input of shape [2, 2, 5, 1]"),
      ([4, 4], MaxPooling2D(), "must have 4 axes"), ([1, 4, 2], MaxPooling2D(), "do not fit"),
      ([3], LSTM(2), "no batch of series"), ([3, 2], LSTM(0), "0 units"),
      ([3], Embedding(0, 2), "0 rows"), ([], LayerNormalization(), "no axis of features"),
    ]
    for (input, layer, words) in mistakes {
      let model = Model(input: input) { layer }
      let error = #expect(throws: ModelError.self) { try model.build() }
      #expect(error.map { "\($0)".contains(words) } == true, "\(String(describing: error))")
    }
  }

  @Test("Orthogonal kernels have orthonormal rows or columns")
  func orthogonal() {
    for shape in [[5, 5], [3, 12], [12, 3], [2, 3, 4], [1, 1]] {
      let q = Initializer.orthogonal(Shape(shape), .float64, key: RandomKey(seed: 3))
      #expect(q.shape == Shape(shape))
      let matrix = q.reshape([-1, shape.last!])
      let (rows, columns) = (matrix.shape[0], matrix.shape[1])
      let product = rows < columns ? matrix.dot(matrix.transposed) : matrix.transposed.dot(matrix)
      #expect(product.allClose(.eye(min(rows, columns), nil, .float64), absolute: 1e-14))
    }
  }

  @Test("An LSTM starts with open forget gates")
  func forgetGates() throws {
    let model = Model(input: [4, 2], dtype: .float64) { LSTM(3) }
    #expect(
      try model.parameters.map(\.path) == [
        "lstm/kernel", "lstm/recurrent_kernel", "lstm/bias",
      ])
    #expect(
      try model.parameter("lstm/bias").scalars(as: Int.self)
        == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
  }
}
