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

  @Test("A fit without anomalies is what it is without looking")
  func withoutAnomalies() throws {
    let (model, twin) = (model(), model())
    try detectingAnomalies { try fit(model, 0..<4) }
    try fit(twin, 0..<4)
    #expect(try model.predict(x[0..<4]).allClose(twin.predict(x[0..<4]), relative: 0, absolute: 0))
  }
}
