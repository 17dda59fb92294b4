import Backtape
import Testing

/// Writes down what it is told.
private final class Diary: Callback {
  var lines: [String] = []
  var losses: [Double] = []
  var stopAfterBatch = Int.max
  var stopAtEpoch = Int.max
  func trainBegin(_ model: Model) { lines.append("train begin") }
  func epochBegin(_ model: Model, epoch: Int) {
    lines.append("epoch \(epoch) begin")
    if epoch == stopAtEpoch { model.stopTraining = true }
  }
  func trainBatchBegin(_ model: Model, batch: Int) { lines.append("batch \(batch) begin") }
  func trainBatchEnd(_ model: Model, batch: Int, logs: Logs) {
    lines.append("batch \(batch) end")
    losses.append(logs.loss)
    if batch == stopAfterBatch { model.stopTraining = true }
  }
  func testBegin(_ model: Model) { lines.append("test begin") }
  func testBatchBegin(_ model: Model, batch: Int) { lines.append("test batch \(batch) begin") }
  func testBatchEnd(_ model: Model, batch: Int, logs: Logs) {
    lines.append("test batch \(batch) end")
  }
  func testEnd(_ model: Model, logs: Logs) { lines.append("test end \(logs.names)") }
  func epochEnd(_ model: Model, epoch: Int, logs: Logs) {
    lines.append("epoch \(epoch) end \(logs.names)")
  }
  func trainEnd(_ model: Model, logs: Logs?) { lines.append("train end \(logs?.names ?? [])") }
}

/// A problem of 23 samples, and a model for it.
enum Problem {
  static let x = Tensor(RandomKey(seed: 5).normals(count: 23 * 3), [23, 3])
  static var y: Tensor { tanh(x[.all, 0] - 2 * x[.all, 1] * x[.all, 2]) }

  static func model(
    seed: UInt64 = 7, momentum: Double = 0.9, loss: Loss = .meanSquaredError
  ) -> Model {
    let model = Model(input: [3], dtype: .float64, seed: seed) {
      Dense(5, activation: .tanh)
      Dense(1)
    }
    model.compile(optimizer: .sgd(learningRate: 0.05, momentum: momentum), loss: loss)
    return model
  }

  static func weights(_ model: Model) throws -> [UInt64] {
    try model.parameters.flatMap { $0.value.scalars(as: Double.self).map(\.bitPattern) }
  }
}

struct FitTests {
  private let x = Problem.x
  private let y = Problem.y

  @Test("The same seed gives the same bits, another seed others")
  func deterministic() throws {
    func run(_ seed: UInt64) throws -> (History, [UInt64]) {
      let model = Problem.model(seed: seed)
      let history = try model.fit(x, y, batchSize: 4, epochs: 5, verbosity: .silent)
      return (history, try Problem.weights(model))
    }
    let (first, second, other) = (try run(7), try run(7), try run(8))
    #expect(first.0 == second.0 && first.1 == second.1)
    #expect(first.0 != other.0 && first.1 != other.1)
  }

  @Test("Going on from an epoch gives the bits of a run in one piece")
  func resumed() throws {
    let whole = Problem.model()
    let history = try whole.fit(x, y, batchSize: 4, epochs: 6, verbosity: .silent)
    let parts = Problem.model()
    let first = try parts.fit(x, y, batchSize: 4, epochs: 2, verbosity: .silent)
    let rest = try parts.fit(x, y, batchSize: 4, epochs: 6, initialEpoch: 2, verbosity: .silent)
    #expect(first.loss + rest.loss == history.loss)
    #expect(rest.epochs == [2, 3, 4, 5])
    #expect(try Problem.weights(parts) == Problem.weights(whole))
    #expect(parts.iteration == whole.iteration && whole.iteration == 36)
  }

  @Test("Shuffling takes every sample once an epoch, in another order each time")
  func shuffled() throws {
    // Without learning, the epoch's loss does not depend on the order beyond rounding.
    let model = Problem.model()
    model.learningRate = 0
    let diaries = (0..<2).map { _ in Diary() }
    let expected = try model.evaluate(x, y).loss
    for (epoch, diary) in diaries.enumerated() {
      let history = try model.fit(
        x, y, batchSize: 1, epochs: epoch + 1, initialEpoch: epoch, verbosity: .silent,
        callbacks: [diary])
      #expect(abs(history.loss[0] - expected) < 1e-14)
    }
    #expect(diaries[0].losses.count == 23 && diaries[0].losses != diaries[1].losses)
  }

  @Test("A loss that is a sum adds up to the loss of all data, whatever the batch size")
  func sums() throws {
    let model = Problem.model(loss: .halfSquaredErrorSum)
    model.learningRate = 0
    let expected = try model.evaluate(x, y, batchSize: 23).loss
    let prediction = try model.predict(x).flatten()
    #expect(abs(expected - 0.5 * (y - prediction).squared().sum().item()) < 1e-12)
    for size in [1, 4, 22, 23, 100] {
      #expect(abs(try model.evaluate(x, y, batchSize: size).loss - expected) < 1e-12)
      let history = try model.fit(x, y, batchSize: size, verbosity: .silent)
      #expect(abs(history.loss[0] - expected) < 1e-12)
    }
  }

  @Test("Hooks are called in the order of Keras")
  func hooks() throws {
    let diary = Diary()
    try Problem.model().fit(
      x, y, batchSize: 12, epochs: 1, validation: .data(x[0..<3], y[0..<3]), verbosity: .silent,
      callbacks: [diary])
    #expect(
      diary.lines == [
        "train begin", "epoch 0 begin", "batch 0 begin", "batch 0 end", "batch 1 begin",
        "batch 1 end", "test begin", "test batch 0 begin", "test batch 0 end",
        #"test end ["loss"]"#, #"epoch 0 end ["loss", "val_loss"]"#,
        #"train end ["loss", "val_loss"]"#,
      ])
  }

  @Test("A callback ends training after a batch; the next run goes on")
  func stopped() throws {
    let diary = Diary()
    diary.stopAfterBatch = 1
    let model = Problem.model()
    let history = try model.fit(
      x, y, batchSize: 4, epochs: 3, verbosity: .silent, callbacks: [diary])
    #expect(history.loss.count == 1 && model.iteration == 2)
    #expect(diary.lines.last == #"train end ["loss"]"#)
    #expect(try model.fit(x, y, epochs: 3, verbosity: .silent).loss.count == 3)
  }

  @Test("A callback ends training as an epoch begins: after its first batch")
  func stoppedAtEpoch() throws {
    let diary = Diary()
    diary.stopAtEpoch = 1
    let model = Problem.model()
    model.compile(
      optimizer: .sgd(learningRate: 0.05), loss: .meanSquaredError, metrics: [.meanAbsoluteError])
    let history = try model.fit(
      x, y, batchSize: 8, epochs: 3, verbosity: .silent, callbacks: [diary])
    #expect(history.loss.count == 2 && model.iteration == 4)
    #expect(history.loss.allSatisfy { $0.isFinite })
  }

  @Test("No epochs: nothing happens")
  func noEpochs() throws {
    let model = Problem.model()
    let before = try Problem.weights(model)
    let history = try model.fit(x, y, epochs: 0, verbosity: .silent)
    #expect(history.loss.isEmpty && history["loss"] == nil && history.description.isEmpty)
    #expect(try Problem.weights(model) == before)
  }

  @Test("The learning rate changes without another plan")
  func learningRate() throws {
    let model = Problem.model(momentum: 0)
    try model.fit(x, y, batchSize: 23, verbosity: .silent)
    let plans = model.stepCount
    let before = try Problem.weights(model)
    model.learningRate = 0
    try model.fit(x, y, batchSize: 23, verbosity: .silent)
    #expect(try Problem.weights(model) == before)
    model.learningRate = 0.5
    try model.fit(x, y, batchSize: 23, verbosity: .silent)
    #expect(try Problem.weights(model) != before)
    #expect(model.stepCount == plans)
  }

  @Test("Compiling anew forgets what the optimizer remembered, not the parameters")
  func recompiled() throws {
    let (model, fresh) = (Problem.model(), Problem.model())
    try model.fit(x, y, epochs: 2, verbosity: .silent)
    for (path, value) in try model.parameters { fresh[path] = value }
    model.compile(
      optimizer: .sgd(learningRate: 0.05, momentum: 0.9), loss: .meanSquaredError)
    #expect(model.iteration == 0)
    try model.fit(x, y, epochs: 2, verbosity: .silent)
    try fresh.fit(x, y, epochs: 2, verbosity: .silent)
    #expect(try Problem.weights(model) == Problem.weights(fresh))
  }

  @Test("Data of any type, view or shape of targets give the same training")
  func conversions() throws {
    let whole = Tensor([[1, 0, 3], [0, 2, 1], [4, 1, 0], [1, 1, 1], [2, 5, 1]])
    let labels = Tensor([0, 1, 1, 0, 1])
    func run(_ x: Tensor, _ y: Tensor) throws -> [UInt64] {
      let model = Problem.model()
      try model.fit(x, y, batchSize: 2, epochs: 2, verbosity: .silent)
      return try Problem.weights(model)
    }
    let expected = try run(whole.cast(.float64), labels.cast(.float64).expandDims(at: 1))
    #expect(try run(whole, labels) == expected)
    #expect(try run(whole.cast(.uint8), labels.cast(.bool)) == expected)
    #expect(try run(whole.transposed.cast(.float32).transposed, labels.cast(.int32)) == expected)
    #expect(try run(whole.flip(axes: [0]).flip(axes: [0]), labels) == expected)
    let tape = Tape()
    let tracked = tape.variable(whole.cast(.float64))
    #expect(try run(tracked, labels) == expected)
    #expect(tape.count <= 2)
  }

  @Test("Several inputs and outputs: losses add up, metrics carry the layers' names")
  func functional() throws {
    let model = Model(inputs: [[3], [2]], dtype: .float64) { inputs, scope in
      let hidden = scope(Dense(4, activation: .tanh), inputs[0])
      return [
        scope.layer(Dense(1), name: "left")(hidden),
        scope.layer(Dense(2), name: "right")(Tensor.concatenate([hidden, inputs[1]], axis: 1)),
      ]
    }
    model.compile(
      optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError, metrics: [.meanAbsoluteError])
    let more = x[.all, 0..<2]
    let history = try model.fit(
      inputs: [x, more], targets: [y, more], batchSize: 8, epochs: 20, verbosity: .silent)
    #expect(
      history.names == ["loss", "left_mean_absolute_error", "right_mean_absolute_error"])
    #expect(history.loss[19] < history.loss[0])
    let outputs = try model.predict(inputs: [x, more], batchSize: 10)
    #expect(outputs.map(\.shape) == [[23, 1], [23, 2]])
    let errors = zip([y.expandDims(at: 1), more], outputs).map { ($0 - $1).squared().mean().item() }
    let logs = try model.evaluate(inputs: [x, more], targets: [y, more])
    #expect(abs(logs.loss - errors[0] - errors[1]) < 1e-12)
  }

  @Test("NaN in the data goes through without harm")
  func notANumber() throws {
    let model = Problem.model()
    var holed = x
    holed[3, 1] = Tensor(Double.nan)
    let history = try model.fit(holed, y, epochs: 2, verbosity: .silent)
    #expect(history.loss[1].isNaN)
    #expect(history.description.contains("loss: nan"))
  }

  @Test("Two models trained in two tasks give the bits they give alone")
  func concurrent() async throws {
    @Sendable func run(_ seed: UInt64) throws -> [UInt64] {
      let model = Problem.model(seed: seed)
      try model.fit(Problem.x, Problem.y, batchSize: 3, epochs: 8, verbosity: .silent)
      return try Problem.weights(model)
    }
    let alone = try (1...4).map { try run($0) }
    let together = try await withThrowingTaskGroup(of: (Int, [UInt64]).self) { group in
      for seed in 1...4 { group.addTask { (seed, try run(UInt64(seed))) } }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for seed in 1...4 { #expect(together[seed] == alone[seed - 1]) }
  }

  @Test("Predictions do not depend on the batch size; old plans go")
  func batches() throws {
    let model = Problem.model()
    let expected = try model.predict(x, batchSize: 23).scalars(as: Double.self)
    for size in 1...40 {
      let values = try model.predict(x, batchSize: size).scalars(as: Double.self)
      for (a, b) in zip(values, expected) { #expect(abs(a - b) < 1e-14) }
    }
    #expect(model.stepCount <= 16)
  }
}
