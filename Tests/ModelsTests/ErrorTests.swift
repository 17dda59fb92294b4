import Backtape
import Testing

/// What comes from outside throws, says what is wrong, and changes nothing.
struct ErrorTests {
  private static func model() -> Model {
    let model = Model(input: [3], dtype: .float64) {
      Dense(4, activation: .sigmoid)
      Dense(1, activation: .sigmoid)
    }
    model.compile(
      optimizer: .sgd(learningRate: 1, momentum: 0.5), loss: .meanSquaredError,
      metrics: [.accuracy])
    return model
  }

  @Test("Data that do not fit are refused and parameters stay")
  func data() throws {
    let model = Self.model()
    let (x, y) = (Series.x, Series.y)
    let before = try model.parameters.map { $0.value.scalars(as: Double.self) }
    func fit(
      _ x: Tensor, _ y: Tensor, batchSize: Int = 2, epochs: Int = 1,
      validation: Validation = .none, weight: Tensor? = nil, initialEpoch: Int = 0
    ) throws {
      try model.fit(
        x, y, batchSize: batchSize, epochs: epochs, validation: validation, sampleWeight: weight,
        initialEpoch: initialEpoch, verbosity: .silent)
    }
    let wide = Tensor.zeros([4, 5], .float64)
    expectThrow("[batch, 3]", "[4, 5]") { try fit(wide, y) }
    expectThrow("[batch, 3]", "[12]") { try fit(x.flatten(), y) }
    expectThrow("[4, 3]", "[4, 1]", "'dense_1'") { try fit(x, Tensor.zeros([4, 3])) }
    expectThrow("[4, 1, 1]", "[4, 1]") { try fit(x, y.reshape([4, 1, 1])) }
    expectThrow("3 rows for 4") { try fit(x, y[0..<3]) }
    expectThrow("no samples") { try fit(x[0..<0], y[0..<0]) }
    expectThrow("batchSize", "0") { try fit(x, y, batchSize: 0) }
    expectThrow("epochs", "-1") { try fit(x, y, epochs: -1) }
    expectThrow("initialEpoch", "2") { try fit(x, y, initialEpoch: 2) }
    expectThrow("initialEpoch") { try fit(x, y, initialEpoch: -1) }
    expectThrow("sampleWeight", "3 rows for 4") { try fit(x, y, weight: Tensor([1.0, 1, 1])) }
    expectThrow("sampleWeight") { try fit(x, y, weight: Tensor.ones([4, 2])) }
    for fraction in [0.0, 1, -1, 2, .nan, 0.999, .infinity] {
      expectThrow("validation") { try fit(x, y, validation: .split(fraction)) }
    }
    expectThrow("needs one") { try fit(x[0..<1], y[0..<1], validation: .split(0.5)) }
    expectThrow("[4, 5]") { try fit(x, y, validation: .data(wide, y)) }
    expectThrow("[2, 1]", "[2, 4]") {
      try fit(x, y, validation: .data(x[0..<2], Tensor.zeros([2, 4])))
    }
    expectThrow("1 inputs", "2 were given") { _ = try model.predict(inputs: [x, x]) }
    expectThrow("1 outputs", "2 were given") { try model.fit(inputs: [x], targets: [y, y]) }
    expectThrow("[batch, 3]") { _ = try model.predict(wide) }
    expectThrow("no samples") { _ = try model.predict(x[0..<0]) }
    expectThrow("batchSize") { _ = try model.predict(x, batchSize: -3) }
    expectThrow("[4, 3]") { _ = try model.evaluate(x, x) }
    #expect(try model.parameters.map { $0.value.scalars(as: Double.self) } == before)
    #expect(model.iteration == 0)
    try fit(x, y.flatten())
    #expect(model.iteration == 2)
  }

  @Test("Rows that are not there, in any batch and in validation data, before the first step")
  func indices() throws {
    let model = Model(input: [2], dtype: .float64) {
      Embedding(4, 3)
      Flatten()
      Dense(1)
    }
    model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
    let right = Tensor((0..<20).map { $0 % 4 }, [10, 2])
    var wrong = right
    wrong[9, 1] = 4
    let y = Tensor.ones([10], .float64)
    let before = try model.parameters.map { $0.value.scalars(as: Double.self) }
    var negative = right
    negative[9, 1] = -2
    for x in [wrong, wrong.cast(.float32), wrong.cast(.uint8), negative] {
      let row = x[9, 1].cast(.int64).item(as: Int.self)
      func fit(_ x: Tensor, _ validation: Validation = .none) throws {
        try model.fit(x, y, batchSize: 3, epochs: 2, validation: validation, verbosity: .silent)
      }
      let parts = ["input 0 names row \(row)", "rows 0..<4"]
      expectThrow(parts[0], parts[1]) { try fit(x) }
      expectThrow(parts[0], parts[1]) { try fit(right, .data(x, y)) }
      expectThrow(parts[0]) { _ = try model.evaluate(x, y) }
      expectThrow(parts[0]) { _ = try model.predict(x, batchSize: 3) }
    }
    #expect(try model.parameters.map { $0.value.scalars(as: Double.self) } == before)
    #expect(model.iteration == 0)
    try model.fit(right, y, batchSize: 3, verbosity: .silent)
    #expect(model.iteration == 4)
  }

  @Test("Parameters: unknown paths, other shapes and types")
  func parameters() throws {
    let model = Self.model()
    expectThrow("'dense_2/kernel'", "dense/kernel, dense/bias, dense_1/kernel") {
      _ = try model.parameter("dense_2/kernel")
    }
    expectThrow("'x'") { try model.setParameter("x", to: Tensor(1.0)) }
    expectThrow("float64 [3, 4]", "float64 [4, 3]") {
      try model.setParameter("dense/kernel", to: .zeros([4, 3], .float64))
    }
    expectThrow("float32 [3, 4]") {
      try model.setParameter("dense/kernel", to: .zeros([3, 4], .float32))
    }
    try model.setParameter("dense/kernel", to: .ones([4, 3], .float64).transposed)
    #expect(model["dense/kernel"].scalars(as: Double.self) == [Double](repeating: 1, count: 12))
  }

  @Test("fit and evaluate before compile")
  func notCompiled() {
    let model = Model(input: [3]) { Dense(1) }
    expectThrow("compile") { try model.fit(Series.x, Series.y) }
    expectThrow("compile") { _ = try model.evaluate(Series.x, Series.y) }
  }

  @Test("Losses, metrics and optimizers that cannot be done")
  func objectives() throws {
    func fit(
      _ loss: Loss, _ metrics: [Metric] = [], weight: Tensor? = nil,
      optimizer: some Optimizer = SGD()
    ) throws {
      let model = Self.model()
      model.compile(optimizer: optimizer, loss: loss, metrics: metrics)
      try model.fit(Series.x, Series.y, sampleWeight: weight, verbosity: .silent)
    }
    expectThrow("loss 'wide'", "'dense_1'", "[4, 1]", "[7, 1]") {
      try fit(.custom("wide") { y, p in p + Tensor.ones([7, 1], .float64) })
    }
    expectThrow("weighted") {
      try fit(.custom("number") { y, p in (y - p).sum() }, weight: Tensor.ones([4]))
    }
    expectThrow("metric 'm'", "'dense_1'") {
      try fit(.meanSquaredError, [Metric("m", mean: { $0.dot($1) + Tensor.ones([7]) })])
    }
    expectThrow("'accuracy'") { try fit(.meanSquaredError, [.accuracy, .accuracy]) }
    try fit(.meanSquaredError, [.accuracy, .accuracy.named("again")])
    struct Odd: Optimizer {
      let learningRate = 1.0
      func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
        gradient.sum()
      }
    }
    expectThrow("'dense/kernel'", "[3, 4]", "[]") {
      try fit(.meanSquaredError, optimizer: Odd())
    }
    struct Forgetful: Optimizer {
      let learningRate = 1.0
      func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
        slots.update("nothing", to: gradient)
        return weight
      }
    }
    expectThrow("'dense/kernel'", "nothing") { try fit(.meanSquaredError, optimizer: Forgetful()) }
  }

  @Test("Programmers' mistakes trap: a path, a shape, the rate of a model not compiled")
  func traps() async {
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Model(input: [3]) { Dense(1) }["dense/krenel"]
    }.map { expectText($0, "'dense/krenel'") }
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Model(input: [3]) { Dense(1) }["dense/kernel"] = Tensor.ones([1, 3])
    }.map { expectText($0, "float32 [3, 1]") }
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      print(Model(input: [3]) { Dense(1) }.learningRate)
    }.map { expectText($0, "compile") }
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let graph = Graph()
      let x = graph.placeholder("x", [2])
      _ = SGD().minimize(x.sum(), in: graph)
    }.map { expectText($0, "no variable") }
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let graph = Graph()
      _ = SGD().minimize(graph.variable("w", Tensor([1.0, 2])), in: graph)
    }.map { expectText($0, "[2]") }
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      final class Recompiling: Callback {
        func trainBatchEnd(_ model: Model, batch: Int, logs: Logs) {
          model.compile(optimizer: .sgd(), loss: .meanSquaredError, metrics: [.accuracy])
        }
      }
      let model = Series.model()
      model.compile(optimizer: .sgd(), loss: .meanSquaredError)
      try model.fit(Series.x, Series.y, verbosity: .silent, callbacks: [Recompiling()])
    }.map { expectText($0, "compile: the model is in use") }
  }

  private func expectText(_ result: ExitTest.Result, _ part: String) {
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains(part), "\(text)")
  }

  @Test("Tensors without a value are refused, and change nothing")
  func tracedData() throws {
    let model = Model(input: [2]) { Dense(1) }
    model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    let traced = Graph().placeholder("x", [4, 2])
    let before = try model.parameter("dense/kernel")
    #expect(throws: ModelError.self) { try model.fit(traced, Tensor.zeros([4, 1])) }
    #expect(throws: ModelError.self) { try model.predict(traced) }
    #expect(throws: ModelError.self) {
      try model.setParameter("dense/kernel", to: Graph().placeholder("k", [2, 1]))
    }
    #expect(try model.parameter("dense/kernel").allClose(before, relative: 0, absolute: 0))
  }
}

/// Expects a model's error that says all of this.
func expectThrow(
  _ parts: String..., of run: () throws -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try run() }
  let text = error.map { "\($0)" } ?? ""
  for part in parts {
    #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
  }
}
