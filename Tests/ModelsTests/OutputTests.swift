import Backtape
import BacktapeModels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What people read: the summary, progress, histories.
struct OutputTests {
  @Test("The summary lists layers, symbolic shapes and parameters, shared layers once")
  func summary() throws {
    let model = Model(inputs: [[4, 3]]) { inputs, scope in
      let encoder = scope.layer(Dense(5, activation: .tanh), name: "encoder")
      let left = encoder(inputs[0])
      let right = encoder(inputs[0] + 1)
      let rows = scope(Lambda("rows") { $0.reshape([$0.shape[0] * 4, 5]) }, left * right)
      let back = scope(Lambda("back") { $0.reshape([$0.shape[0] / 4, 20]) }, rows)
      let body = scope(Sequential([Frozen(Dense(100)), Dense(30, useBias: false)]), back)
      return [scope(Flatten(), body) * scope.parameter("scale", [30], .ones)]
    }
    let expected = """
      Layer               Type     Output         Parameters
      ------------------------------------------------------
      encoder             Dense    [batch, 4, 5]          20
      rows                Lambda   [4 batch, 5]            0
      back                Lambda   [batch, 20]             0
      sequential/dense    Frozen   [batch, 100]        2,100
      sequential/dense_1  Dense    [batch, 30]         3,000
      flatten             Flatten  [batch, 30]             0
      (model)                                             30
      ------------------------------------------------------
      Parameters: 5,150 (20,600 bytes of float32), trained: 3,050, not trained: 2,100
      """
    #expect(try model.summary() == expected)
    try model.freeze("encoder")
    #expect(try model.summary().hasSuffix("trained: 3,030, not trained: 2,120"))
  }

  @Test("The published network's summary")
  func series() throws {
    #expect(
      try Series.model().summary() == """
        Layer    Type   Output      Parameters
        --------------------------------------
        dense    Dense  [batch, 4]          12
        dense_1  Dense  [batch, 1]           4
        --------------------------------------
        Parameters: 16 (128 bytes of float64), trained: 16, not trained: 0
        """)
  }

  /// A clock that is moved by hand, and what was written.
  private final class Recorder {
    var time = 0.0
    var text = ""
  }

  private func write(_ style: Progress.Style, epochs: Int, steps: Int) throws -> String {
    let recorder = Recorder()
    var progress = Progress(
      style, epochs: epochs, steps: steps, now: { recorder.time },
      write: { recorder.text += $0 })
    let model = Series.model()
    model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    for callbackEpoch in 0..<epochs {
      let logs = try model.evaluate(Series.x, Series.y)
      progress.epochBegin(callbackEpoch)
      for step in 1...steps {
        recorder.time += 0.5
        progress.stepEnd(step, logs)
      }
      progress.epochEnd(callbackEpoch, logs)
    }
    return recorder.text
  }

  @Test("Lines: one for an epoch, no control characters")
  func lines() throws {
    #expect(
      try write(.lines, epochs: 2, steps: 4) == """
        Epoch 1/2 - 4/4 - 2s 500ms/step - loss: 0.2197
        Epoch 2/2 - 4/4 - 2s 500ms/step - loss: 0.2197

        """)
    #expect(try write(.lines, epochs: 1, steps: 2) == "2/2 - 1s 500ms/step - loss: 0.2197\n")
    #expect(try write(.silent, epochs: 3, steps: 2) == "")
  }

  @Test("The bar: twenty columns that fill, remaining time, then the time taken")
  func bar() throws {
    let full = String(repeating: "━", count: 20)
    let half = String(repeating: "━", count: 10) + String(repeating: " ", count: 10)
    #expect(
      try write(.bar(isColored: false), epochs: 1, steps: 2)
        == "\r1/2 \(half) ETA 0s 500ms/step - loss: 0.2197"
        + "\r2/2 \(full) 1s 500ms/step - loss: 0.2197    \n")
    let colored = try write(.bar(isColored: true), epochs: 2, steps: 10)
    #expect(colored.hasPrefix("Epoch 1/2\n\r 1/10 \u{1B}[32m━━\u{1B}[37m"))
    #expect(colored.contains("\r10/10 \u{1B}[32m\(full)\u{1B}[37m\u{1B}[0m 5s 500ms/step"))
  }

  @Test("A bar on terminals alone; NO_COLOR takes its colour")
  func styles() {
    func name(_ verbosity: Verbosity, _ isTerminal: Bool, _ hasNoColor: Bool) -> String {
      "\(verbosity.style(isTerminal: isTerminal, hasNoColor: hasNoColor))"
    }
    #expect(name(.automatic, false, false) == "lines")
    #expect(name(.automatic, true, false) == "bar(isColored: true)")
    #expect(name(.automatic, true, true) == "bar(isColored: false)")
    #expect(name(.bar, false, false) == "bar(isColored: true)")
    #expect(name(.lines, true, false) == "lines")
    #expect(name(.silent, true, false) == "silent")
  }

  @Test("fit writes its progress where the model says")
  func fitWrites() throws {
    let model = Problem.model()
    var text = ""
    model.progressOutput = { text += $0 }
    try model.fit(
      Problem.x, Problem.y, batchSize: 10, epochs: 2, validation: .split(0.5),
      verbosity: .lines)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2)
    let pattern =
      #/Epoch [12]/2 - 2/2 - 0s \d+(us|ms)/step - loss: \d\.\d{4} - val_loss: \d\.\d{4}/#
    for line in lines { #expect(line.wholeMatch(of: pattern) != nil, "\(line)") }
    text = ""
    try model.fit(Problem.x, Problem.y, verbosity: .bar)
    #expect(text.hasSuffix("\n") && text.contains("1/1 "))
    text = ""
    _ = try model.evaluate(Problem.x, Problem.y)
    #expect(text.isEmpty)
  }

  @Test("Histories and logs as text and by name")
  func histories() throws {
    let model = Problem.model()
    model.compile(
      optimizer: .sgd(learningRate: 0), loss: .meanSquaredError,
      metrics: [.meanAbsoluteError, Metric("tiny", mean: { 1e-5 + 0 * ($0 - $1) })])
    let history = try model.fit(Problem.x, Problem.y[.all, .newAxis], epochs: 2, verbosity: .silent)
    #expect(history.names == ["loss", "mean_absolute_error", "tiny"])
    #expect(history["tiny"]?.count == 2 && history["val_loss"] == nil)
    let logs = try model.evaluate(Problem.x, Problem.y[.all, .newAxis])
    #expect(logs["loss"] == logs.loss && logs["no"] == nil)
    #expect(logs.description.hasSuffix(" - tiny: 1.0000e-05"))
    #expect(history.description.hasPrefix("epoch 1 - loss: "))
  }

  #if os(Linux)
    @Test("Memory does not grow over many fits of many models")
    func memory() async {
      await #expect(processExitsWith: .success) {
        func resident() -> Int {
          guard let file = fopen("/proc/self/statm", "r") else { return 0 }
          defer { fclose(file) }
          var total = 0
          var pages = 0
          _ = withUnsafeMutablePointer(to: &total) { total in
            withUnsafeMutablePointer(to: &pages) { pages in
              withVaList([total, pages]) { vfscanf(file, "%ld %ld", $0) }
            }
          }
          return pages * 4096
        }
        func train(_ times: Int) throws {
          let kept = Problem.model()
          for round in 0..<times {
            try kept.fit(Problem.x, Problem.y, batchSize: 4, epochs: 2, verbosity: .silent)
            if round % 4 == 0 {
              try Problem.model(seed: UInt64(round)).fit(
                Problem.x, Problem.y, batchSize: 1 + round % 23, verbosity: .silent)
            }
          }
        }
        try train(100)
        let before = resident()
        try train(300)
        if before == 0 || resident() - before > 2_000_000 {
          fatalError("resident memory went from \(before) to \(resident())")
        }
      }
    }
  #endif
}
