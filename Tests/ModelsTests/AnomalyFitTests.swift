import Backtape
import Testing

/// Looking for what made a NaN while a model is trained.
struct AnomalyFitTests {
  private struct Logarithm: Layer {
    static let line = #line + 1
    func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor { log(x) }
  }

  private let x = Tensor([
    [1.0, 2], [3, 1], [2, 2], [1, 1], [-1, 2], [1, 3], [2, 1], [1, 1],
  ])
  private let y = Tensor([[1.0], [0], [1], [0], [1], [0], [1], [0]])

  private func model() -> Model {
    let model = Model(input: [2], dtype: .float64, seed: 4) {
      Logarithm()
      Dense(1)
    }
    model.compile(optimizer: .adam(learningRate: 0.1), loss: .meanSquaredError)
    return model
  }

  private func fit(_ model: Model, _ rows: Range<Int>) throws {
    try model.fit(
      x[rows], y[rows], batchSize: 2, epochs: 1, shuffle: false, verbosity: .silent)
  }

  @Test("A fit ends before the first step with an anomaly", arguments: [false, true])
  func endsBeforeStep(hasPlans: Bool) throws {
    let model = model()
    let twin = self.model()
    if hasPlans {
      try fit(model, 0..<4)
      try fit(twin, 0..<4)
    }
    let anomaly = try #require(
      #expect(throws: Anomaly.self) {
        try detectingAnomalies { try fit(model, 0..<8) }
      })
    #expect(anomaly.operation == "log" && anomaly.value.isNaN && anomaly.position == [0, 0])
    if let place = anomaly.calls.first?.line {
      #expect(place.contains("AnomalyFitTests.swift:\(Logarithm.line)"), "\(place)")
    }
    // Batches 0 and 1 have been learned, batch 2 has not.
    try fit(twin, 0..<4)
    for (found, expected) in zip(try model.parameters, try twin.parameters) {
      #expect(found.value.allClose(expected.value, relative: 0, absolute: 0))
    }
    // And on it goes with other data, without looking.
    try fit(model, 6..<8)
    try fit(twin, 6..<8)
    #expect(try model.predict(x[0..<4]).allClose(twin.predict(x[0..<4]), relative: 0, absolute: 0))
  }

  /// Writes down which batches and epochs there were.
  private final class Diary: Callback {
    var lines: [String] = []
    func trainBatchEnd(_ model: Model, batch: Int, logs: Logs) { lines.append("batch \(batch)") }
    func testBegin(_ model: Model) { lines.append("test") }
    func epochEnd(_ model: Model, epoch: Int, logs: Logs) { lines.append("epoch \(epoch)") }
    func trainEnd(_ model: Model, logs: Logs?) { lines.append("end \(logs == nil)") }
  }

  @Test("An epoch with an anomaly has no values", arguments: [0, 3])
  func noValues(row: Int) throws {
    let model = model()
    model.compile(
      optimizer: .adam(learningRate: 0.1), loss: .meanSquaredError, metrics: [.meanAbsoluteError])
    let diary = Diary()
    #expect(throws: Anomaly.self) {
      try detectingAnomalies {
        try model.fit(
          x[row..<8], y[row..<8], batchSize: 1, epochs: 2, validation: .data(x[0..<4], y[0..<4]),
          shuffle: false, verbosity: .silent, callbacks: [diary])
      }
    }
    #expect(diary.lines == (row..<4).map { "batch \($0 - row)" } + ["end true"])
  }

  @Test("Data that is no number is named", arguments: ["input 0", "target 0", "sample weight"])
  func names(of data: String) throws {
    let good = Tensor.ones([2], .float64)
    let bad = good / 0 - good / 0
    let anomaly = #expect(throws: Anomaly.self) {
      try detectingAnomalies {
        try model().fit(
          data == "input 0" ? x[0..<2] * bad : x[0..<2],
          data == "target 0" ? y[0..<2] * bad[0] : y[0..<2],
          sampleWeight: data == "sample weight" ? bad : good, verbosity: .silent)
      }
    }
    #expect(anomaly?.operation == "input '\(data)'")
  }

  @Test("A fit looks at its steps after an anomaly elsewhere, too")
  func anotherAnomaly() throws {
    let model = model()
    let before = try model.parameters.map(\.value)
    let anomaly = #expect(throws: Anomaly.self) {
      try detectingAnomalies {
        _ = gradient(at: Tensor([-1.0])) { sqrt($0).sum() }
        try fit(model, 4..<8)
      }
    }
    #expect(anomaly?.operation == "sqrt")
    for (found, expected) in zip(try model.parameters, before) {
      #expect(found.value.allClose(expected, absolute: 0))
    }
  }

  @Test("A fit without anomalies is what it is without looking")
  func withoutAnomalies() throws {
    let (model, twin) = (model(), model())
    try detectingAnomalies { try fit(model, 0..<4) }
    try fit(twin, 0..<4)
    #expect(try model.predict(x[0..<4]).allClose(twin.predict(x[0..<4]), relative: 0, absolute: 0))
  }
}
