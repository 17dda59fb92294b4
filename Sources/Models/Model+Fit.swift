import BacktapeTensors

extension Model {
  /// Trains on data of one input and one output.
  ///
  /// - Parameters:
  ///   - x: `[n] +` the input's shape, of any type.
  ///   - y: targets, shaped like the model's output; `[n]` and `[n, 1]` are the same.
  ///   - batchSize: samples in a step; the last batch of an epoch takes what is left.
  ///   - epochs: number of the last epoch: training goes on from `initialEpoch` to there.
  ///   - validation: `.split(0.2)` or `.data(x, y)`.
  ///   - shuffle: whether samples are taken in another order each epoch, which follows from the
  ///     model's seed and the epoch's number alone.
  ///   - sampleWeight: `[n]`: how much each sample counts in the loss and the metrics.
  ///   - initialEpoch: where to go on.
  ///   - verbosity: a bar, lines, or nothing.
  ///   - callbacks: told what happens.
  /// - Returns: loss and metrics of every epoch.
  /// - Throws: ``ModelError``, before anything has changed.
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, epochs: Int = 1,
    validation: Validation = .none, shuffle: Bool = true, sampleWeight: Tensor? = nil,
    initialEpoch: Int = 0, verbosity: Verbosity = .automatic, callbacks: [any Callback] = []
  ) throws(ModelError) -> History {
    try fit(
      inputs: [x], targets: [y], batchSize: batchSize, epochs: epochs, validation: validation,
      shuffle: shuffle, sampleWeight: sampleWeight, initialEpoch: initialEpoch,
      verbosity: verbosity, callbacks: callbacks)
  }

  /// Trains on data of several inputs and outputs; see
  /// ``fit(_:_:batchSize:epochs:validation:shuffle:sampleWeight:initialEpoch:verbosity:callbacks:)``.
  @discardableResult
  public func fit(
    inputs: [Tensor], targets: [Tensor], batchSize: Int = 32, epochs: Int = 1,
    validation: Validation = .none, shuffle: Bool = true, sampleWeight: Tensor? = nil,
    initialEpoch: Int = 0, verbosity: Verbosity = .automatic, callbacks: [any Callback] = []
  ) throws(ModelError) -> History {
    guard let compilation else { throw .notCompiled }
    try check(batchSize: batchSize)
    if epochs < 0 { throw .argument(name: "epochs", message: "\(epochs) is below 0") }
    if initialEpoch < 0 || initialEpoch > epochs {
      throw .argument(
        name: "initialEpoch", message: "\(initialEpoch) is not within 0...\(epochs), the epochs")
    }
    let blueprint = try blueprintBuilt()
    let all = try Dataset(
      inputs: inputs, targets: targets, weights: sampleWeight, for: self, compilation.loss)
    let (data, held) = try split(all, validation, compilation.loss)
    let totals = try Totals(compilation, blueprint)
    // Every plan is made before the first step, so that nothing has changed if one cannot be.
    var batches = try batches(.training, data, batchSize)
    let heldBatches = try held.map { held throws(ModelError) in
      try self.batches(.evaluation, held, batchSize)
    }

    activeRuns += 1
    defer { activeRuns -= 1 }
    stopTraining = false
    var history = History()
    var last: Logs?
    var progress = Progress(
      verbosity.style(), epochs: epochs, steps: batches.count,
      write: progressOutput)
    for callback in callbacks { callback.trainBegin(self) }
    for epoch in initialEpoch..<epochs where !stopTraining {
      progress.epochBegin(epoch)
      for callback in callbacks { callback.epochBegin(self, epoch: epoch) }
      let order = shuffle ? self.order(of: data.count, epoch: epoch) : nil
      guard var logs = try train(data, &batches, order, totals, &progress, callbacks) else { break }
      if let held, let heldBatches {
        let values = try evaluate(held, heldBatches, totals, callbacks)
        logs = logs.appending(values, prefix: "val_")
      }
      progress.epochEnd(epoch, logs)
      history.append(logs, epoch: epoch)
      for callback in callbacks { callback.epochEnd(self, epoch: epoch, logs: logs) }
      last = logs
    }
    for callback in callbacks { callback.trainEnd(self, logs: last) }
    return history
  }

  /// The order in which an epoch takes samples.
  func order(of count: Int, epoch: Int) -> [Int] {
    RandomKey(seed: seed, stream: Streams.order, step: UInt64(epoch)).permutation(count: count)
  }

  /// The values of an epoch; nil if a step has an anomaly that is looked for.
  private func train(
    _ data: Dataset, _ batches: inout Batches, _ order: [Int]?, _ totals: Totals,
    _ progress: inout Progress, _ callbacks: [any Callback]
  ) throws(ModelError) -> Logs? {
    var totals = totals
    for number in 0..<batches.count {
      for callback in callbacks { callback.trainBatchBegin(self, batch: number) }
      // A callback may have frozen or freed parameters.
      if batches.version != stepsVersion {
        batches = try self.batches(.training, data, batches.size)
      }
      let range = batches[number]
      let feeds = feeds(data.batch(range, order: order))
      if batches.step(number).hasAnomaly(feeds) { return nil }
      totals.add(try batches.step(number).run(feeds), count: range.count)
      iteration += 1
      if progress.showsSteps { progress.stepEnd(number + 1, totals.logs) }
      if callbacks.isEmpty { continue }
      let logs = totals.logs
      for callback in callbacks { callback.trainBatchEnd(self, batch: number, logs: logs) }
      if stopTraining { break }
    }
    return totals.logs
  }

  /// What a training plan takes beside its data.
  private func feeds(_ batch: [Tensor]) -> [Tensor] {
    batch + [.full([], learningRate, dtype), .full([], iteration + 1, .int64)]
  }

  /// The data to train on and those held back.
  private func split(
    _ data: Dataset, _ validation: Validation, _ loss: Loss
  ) throws(ModelError) -> (Dataset, Dataset?) {
    switch validation.source {
    case .none: return (data, nil)
    case .data(let inputs, let targets, let weights):
      return (
        data, try Dataset(inputs: inputs, targets: targets, weights: weights, for: self, loss)
      )
    case .split(let fraction):
      guard fraction > 0, fraction < 1 else {
        throw .argument(name: "validation", message: "\(fraction) is not between 0 and 1")
      }
      let first = Int((Double(data.count) * (1 - fraction)).rounded(.down))
      if first == 0 || first == data.count {
        throw .argument(
          name: "validation",
          message: """
            a fraction of \(fraction) splits \(data.count) samples into \(first) and \
            \(data.count - first); each side needs one
            """)
      }
      return (data.rows(0..<first), data.rows(first..<data.count))
    }
  }

  func check(batchSize: Int) throws(ModelError) {
    if batchSize < 1 { throw .argument(name: "batchSize", message: "\(batchSize) is below 1") }
  }

  /// How data is taken in batches, all of which have their plans and name rows that are there.
  func batches(
    _ mode: Step.Mode, _ data: Dataset, _ batchSize: Int
  ) throws(ModelError) -> Batches {
    let size = min(batchSize, data.count), rest = data.count % size
    let step = try step(data.signature(mode, count: size))
    let last = rest == 0 ? step : try self.step(data.signature(mode, count: rest))
    let batches = Batches(
      samples: data.count, size: size, version: stepsVersion, step: step, last: last)
    for number in 0..<batches.count where step.plan.takesIndices {
      let batch = data.batch(batches[number], order: nil)
      try batches.step(number).check(mode == .training ? feeds(batch) : batch)
    }
    return batches
  }
}

/// The batches of an epoch: all of one size but the last.
struct Batches {
  let samples: Int
  let size: Int
  /// Of the model's plans.
  let version: Int
  fileprivate let step: Step
  fileprivate let last: Step

  var count: Int { (samples + size - 1) / size }

  /// The rows of a batch.
  subscript(number: Int) -> Range<Int> { number * size..<min((number + 1) * size, samples) }

  func step(_ number: Int) -> Step { number == count - 1 ? last : step }
}
