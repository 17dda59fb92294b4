import Backtape
import Testing

/// `Tests/Golden/networks.json`, written by `Tests/Golden/networks.py` with Keras.
struct GoldenNetworks: Decodable {
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
      case "GRU":
        if case .flag(let sequences) = arguments[1], case .flag(let after) = arguments[2] {
          return GRU(number(0), returnSequences: sequences, resetAfter: after)
        }
        return nil
      case "Embedding": return Embedding(number(0), number(1))
      case "LayerNormalization": return LayerNormalization()
      default: return nil
      }
    }
  }

  struct Training: GoldenTraining, Decodable, CustomTestStringConvertible, Sendable {
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

  let header: GoldenHeader
  let trainings: [Training]
  let losses: [LossValue]

  static func load() throws -> GoldenNetworks { try loadGolden("networks") }

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
    try golden.begin(model)
    model.compile(
      optimizer: GoldenNetworks.optimizer(golden.optimizer, golden.rate),
      loss: GoldenNetworks.losses[golden.loss]!, metrics: golden.metric ? [.accuracy] : [])
    let x = Tensor(golden.x, Shape([golden.samples] + golden.input))
    let y = Tensor(golden.y, Shape(golden.targets))
    let history = try model.fit(
      x, y, batchSize: golden.batch, epochs: golden.epochs, shuffle: false, verbosity: .silent)

    try golden.expectEnd(model, history)
    expectClose(try model.predict(x, batchSize: 6).scalars(), golden.predicted)
  }

  @Test(
    "Losses over classes, weighted or not, and their derivatives are those of Keras",
    arguments: try GoldenNetworks.load().losses)
  func losses(_ golden: GoldenNetworks.LossValue) throws {
    let loss = GoldenNetworks.losses[golden.name]!
    let y = Tensor(golden.targets, Shape(golden.targetShape))
    let p = Tensor(golden.outputs, Shape(golden.shape))
    let values = [loss(y, p).item(), loss(y, p, weights: Tensor(golden.weights)).item()]
    expectClose(values, [golden.value, golden.weighted], 1e-13)
    expectClose(gradient(at: p) { loss(y, $0) }.scalars(), golden.gradient, 1e-12)
  }

  @Test("Class numbers may stand in a column")
  func columns() throws {
    let loss = Loss.sparseCategoricalCrossEntropy(fromLogits: true)
    let p = Tensor([[1.0, 2, 3], [0.5, 0, 1]])
    #expect(loss(Tensor([2, 0]), p).item() == loss(Tensor([[2], [0]]), p).item())
  }

  @Test("Accuracies of class numbers and of one-hot rows go by Keras's names")
  func accuracies() throws {
    let x = Tensor([[2.0, 1], [0, 3], [5, 4]])
    let cases: [(Loss, Metric, Tensor, String)] = [
      (
        .sparseCategoricalCrossEntropy(fromLogits: true), .sparseCategoricalAccuracy,
        Tensor([0, 1, 1]), "sparse_categorical_accuracy"
      ),
      (
        .categoricalCrossEntropy(fromLogits: true), .categoricalAccuracy,
        Tensor([[1.0, 0], [0, 1], [0, 1]]), "categorical_accuracy"
      ),
    ]
    for (loss, metric, targets, name) in cases {
      let model = Model(input: [2], dtype: .float64) { Activation.linear }
      model.compile(optimizer: .sgd(), loss: loss, metrics: [metric])
      #expect(try model.evaluate(x, targets)[name] == 2.0 / 3)
    }
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
    #expect(try model.parameter("dense/kernel").allClose(before, relative: 0, absolute: 0))
  }

  @Test("Layers refuse inputs they cannot take")
  func layers() {
    let mistakes: [(Shape, any Layer, String)] = [
      ([4], Conv2D(2, 3), "no batch of images"), ([4, 4, 1], Conv2D(0, 3), "0 filters"),
      ([2, 5, 1], Conv2D(2, 3), "do not fit an input of shape [2, 2, 5, 1]"),
      ([4, 4], MaxPooling2D(), "must have 4 axes"), ([1, 4, 2], MaxPooling2D(), "do not fit"),
      ([3], LSTM(2), "no batch of series"), ([3, 2], LSTM(0), "0 units"),
      ([3, 2], LSTM(.max), "\(Int.max) units"), ([3], GRU(2), "no batch of series"),
      ([3, 2], GRU(-1), "-1 units"),
      ([3], Embedding(0, 2), "0 rows"), ([], LayerNormalization(), "declare `input: [features]`"),
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
      #expect(
        product.allClose(.eye(min(rows, columns), nil, .float64), relative: 1e-14, absolute: 1e-14))
    }
  }

  @Test("A GRU has the parameters that Keras's has")
  func gatedUnits() throws {
    for (after, bias) in [(true, Shape([2, 9])), (false, [9])] {
      let model = Model(input: [4, 2], dtype: .float64) { GRU(3, resetAfter: after) }
      let names = ["gru/kernel", "gru/recurrent_kernel", "gru/bias"]
      #expect(try model.parameters.map(\.path) == names)
      #expect(try model.parameter("gru/bias").shape == bias)
      #expect(try model.parameter("gru/recurrent_kernel").shape == [3, 9])
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
