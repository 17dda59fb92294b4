import BacktapeTensors

extension Model {
  /// The loss and the metrics of data of one input and one output, with the parameters as they are.
  ///
  /// - Parameters:
  ///   - x: `[n] +` the input's shape.
  ///   - y: targets, shaped like the model's output.
  ///   - batchSize: how many samples are computed at once; it changes nothing else.
  ///   - sampleWeight: `[n]`: how much each sample counts.
  ///   - verbosity: what to write.
  ///   - callbacks: told what happens.
  /// - Throws: ``ModelError``.
  public func evaluate(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, sampleWeight: Tensor? = nil,
    verbosity: Verbosity = .silent, callbacks: [any Callback] = []
  ) throws(ModelError) -> Logs {
    try evaluate(
      inputs: [x], targets: [y], batchSize: batchSize, sampleWeight: sampleWeight,
      verbosity: verbosity, callbacks: callbacks)
  }

  /// The loss and the metrics of data of several inputs and outputs; see
  /// ``evaluate(_:_:batchSize:sampleWeight:verbosity:callbacks:)``.
  public func evaluate(
    inputs: [Tensor], targets: [Tensor], batchSize: Int = 32, sampleWeight: Tensor? = nil,
    verbosity: Verbosity = .silent, callbacks: [any Callback] = []
  ) throws(ModelError) -> Logs {
    guard let compilation else { throw .notCompiled }
    try check(batchSize: batchSize)
    let blueprint = try blueprintBuilt()
    let data = try Dataset(
      inputs: inputs, targets: targets, weights: sampleWeight, for: self, compilation.loss)
    let batches = try batches(.evaluation, data, batchSize)
    var progress = Progress(
      verbosity.style(), epochs: 1, steps: batches.count, write: progressOutput)
    progress.epochBegin(0)
    let totals = try Totals(compilation, blueprint)
    let logs = try evaluate(data, batches, totals, callbacks)
    progress.epochEnd(0, logs)
    return logs
  }

  func evaluate(
    _ data: Dataset, _ batches: Batches, _ totals: Totals, _ callbacks: [any Callback]
  ) throws(ModelError) -> Logs {
    activeRuns += 1
    defer { activeRuns -= 1 }
    var totals = totals
    for callback in callbacks { callback.testBegin(self) }
    for number in 0..<batches.count {
      for callback in callbacks { callback.testBatchBegin(self, batch: number) }
      let range = batches[number]
      let results = try batches.step(number).run(data.batch(range, order: nil))
      totals.add(results, count: range.count)
      if callbacks.isEmpty { continue }
      let logs = totals.logs
      for callback in callbacks { callback.testBatchEnd(self, batch: number, logs: logs) }
    }
    let logs = totals.logs
    for callback in callbacks { callback.testEnd(self, logs: logs) }
    return logs
  }

  /// The model's output for data of one input.
  ///
  /// - Parameters:
  ///   - x: `[n] +` the input's shape.
  ///   - batchSize: how many samples are computed at once.
  /// - Throws: ``ModelError``.
  public func predict(_ x: Tensor, batchSize: Int = 32) throws(ModelError) -> Tensor {
    let outputs = try predict(inputs: [x], batchSize: batchSize)
    if outputs.count != 1 {
      throw .wrongCount(of: "outputs", expected: outputs.count, given: 1)
    }
    return outputs[0]
  }

  /// The model's outputs for data of several inputs; see ``predict(_:batchSize:)``.
  public func predict(inputs: [Tensor], batchSize: Int = 32) throws(ModelError) -> [Tensor] {
    try check(batchSize: batchSize)
    let data = try Dataset(inputs: inputs, targets: nil, weights: nil, for: self, nil)
    var parts: [[Tensor]] = []
    let batches = try batches(.prediction, data, batchSize)
    for number in 0..<batches.count {
      parts.append(try batches.step(number).run(data.batch(batches[number], order: nil)))
    }
    if parts.count == 1 { return parts[0] }
    return parts[0].indices.map { output in .concatenate(parts.map { $0[output] }) }
  }
}
