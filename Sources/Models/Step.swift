import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors

/// What a model does with a batch of one shape, as one plan.
struct Step {
  enum Mode: Hashable { case training, evaluation, prediction }

  /// Everything a plan depends on.
  struct Signature: Hashable {
    let mode: Mode
    let shapes: [Shape]
    let dtypes: [DType]
    let inputCount: Int
    let isWeighted: Bool
  }

  /// What a plan was made of: kept where anomalies are looked for.
  struct Source {
    let tape: Tape
    let bindings: [Int: Plan.Binding]
    let results: [Tensor]
  }

  let plan: Plan
  let source: Source?

  /// Whether anomalies are looked for, and the step has one, which then has been reported.
  func hasAnomaly(_ feeds: [Tensor]) -> Bool {
    guard let source, Tape.looksForAnomalies else { return false }
    let values = source.bindings.mapValues { binding in
      switch binding {
      case .fed(let position): feeds[position]
      case .variable(let variable): variable.value
      }
    }
    return source.tape.reportAnomalies(in: source.results, knowing: values)
  }

  func run(_ feeds: [Tensor]) throws(ModelError) -> [Tensor] {
    do throws(GraphError) {
      return try plan.run(feeds)
    } catch {
      throw ModelError(error)
    }
  }

  /// Throws if data name rows that are not there.
  func check(_ feeds: [Tensor]) throws(ModelError) {
    do throws(GraphError) {
      try plan.checkIndices(feeds)
    } catch {
      throw ModelError(error)
    }
  }
}

extension ModelError {
  fileprivate init(_ error: GraphError) {
    switch error {
    case .wrongIndex(let input, let index, let extent):
      self = .wrongIndex(of: input, index: index, extent: extent)
    default: self = .output(index: 0, message: "\(error)")
    }
  }
}

extension Model {
  /// Traces a batch: forward pass, and as the mode asks loss, metrics, gradient and updates.
  ///
  /// Feeds of the plan, in order: inputs, targets, weights, learning rate, number of the step.
  /// Outputs: the model's, or the loss and then the totals of the metrics for each output.
  func makeStep(_ signature: Step.Signature) throws(ModelError) -> Step {
    let trace = Trace(store, seed: seed, dtype: dtype, isTraining: signature.mode == .training)
    let tape = trace.tape
    let fed = signature.shapes.indices.map { i in
      let target = i - signature.inputCount
      let isWeight = signature.isWeighted && i == signature.shapes.count - 1
      return tape.placeholder(
        signature.shapes[i], signature.dtypes[i],
        name: target < 0 ? "input \(i)" : isWeight ? "sample weight" : "target \(target)")
    }
    let inputs = fed.prefix(signature.inputCount).map { $0.cast(dtype) }
    let outputs = try trace.outputs(of: body, inputs)
    var results = outputs
    var updates: [(variable: Variable, value: Tensor)] = []
    var bindings = [Int: Plan.Binding].feeding(fed)
    var slots = self.slots
    if signature.mode != .prediction {
      guard let compilation else { throw .notCompiled }
      let targets = fed.dropFirst(signature.inputCount).prefix(outputs.count)
      let weights = signature.isWeighted ? fed.last?.cast(dtype) : nil
      results = try objectives(compilation, trace, Array(targets), outputs, weights)
      if signature.mode == .training {
        let rate = tape.placeholder([], dtype, name: "learning_rate")
        let step = tape.placeholder([], .int64, name: "step")
        bindings[Int(rate.index)] = .fed(fed.count)
        bindings[Int(step.index)] = .fed(fed.count + 1)
        let memory = ModelSlots(slots, trace, rate: rate, step: step)
        updates = try descent(compilation, trace, of: results[0], memory)
        slots = memory.variables
        for (path, input) in memory.inputs { bindings[Int(input.index)] = .variable(slots[path]!) }
      }
    }
    for (path, bound) in trace.bound {
      bindings[Int(bound.input.index)] = .variable(trace.store.entries[path]!.variable)
    }
    let plan: Plan
    do throws(GraphError) {
      plan = try Plan(tape, bindings: bindings, outputs: results, updates: updates)
    } catch {
      throw ModelError(error)
    }
    store = trace.store
    self.slots = slots
    let source = Step.Source(
      tape: tape, bindings: bindings, results: results + updates.map(\.value))
    return Step(plan: plan, source: Tape.looksForAnomalies ? source : nil)
  }

  /// The loss, and the totals of every metric of every output.
  private func objectives(
    _ compilation: Compilation, _ trace: Trace, _ targets: [Tensor], _ outputs: [Tensor],
    _ weights: Tensor?
  ) throws(ModelError) -> [Tensor] {
    let loss = compilation.loss
    var total: Tensor?
    var totals: [Tensor] = []
    for (target, output) in zip(targets, outputs) {
      let layer = trace.producer(of: output)
      let part = trace.within("", input: nil) {
        trace.tape.open { loss(target, output, weights: weights) }
      }
      if let failure = trace.failure {
        throw .loss(
          name: loss.name, layer: layer, message: failure.message(without: "loss \(loss.name): "))
      }
      if part.rank != 0 {
        throw .loss(
          name: loss.name, layer: layer, message: "it gave \(part.shape), which is no number")
      }
      total = total.map { $0 + part } ?? part
      for metric in compilation.metrics {
        totals.append(
          trace.within("", input: nil) {
            trace.tape.open { metric.totals(target, output.stopGradient(), weights) }
          })
        if let failure = trace.failure {
          throw .metric(
            name: metric.name, layer: layer,
            message: failure.message(without: "metric \(metric.name): "))
        }
      }
    }
    return [total ?? Tensor.zeros([], dtype)] + totals
  }

  /// Gradients, and what the optimizer makes of them.
  private func descent(
    _ compilation: Compilation, _ trace: Trace, of loss: Tensor, _ memory: ModelSlots
  ) throws(ModelError) -> [(variable: Variable, value: Tensor)] {
    let tape = trace.tape
    let paths = trace.trainable(except: isFrozen)
    let weights = paths.map { trace.bound[$0]!.input }
    let gradients = trace.within("", input: nil) {
      loss.isTracked
        ? tape.gradient(of: loss, withRespectTo: weights, recording: true)
        : weights.map { Tensor.zeros($0.shape, $0.dtype) }
    }
    if let failure = trace.failure {
      throw .loss(name: compilation.loss.name, layer: "", message: failure.message)
    }
    var updates: [(variable: Variable, value: Tensor)] = trace.updated.map {
      (trace.store.entries[$0]!.variable, trace.bound[$0]!.current)
    }
    for (path, (weight, gradient)) in zip(paths, zip(weights, gradients)) {
      let value = trace.within("", input: nil) {
        compilation.optimizer.update(weight, gradient: gradient, memory.slots(of: path))
      }
      if let failure = trace.failure ?? memory.failure {
        throw .optimizer(parameter: path, message: failure.message)
      }
      if value.shape != weight.shape || value.dtype != weight.dtype {
        throw .optimizer(
          parameter: path,
          message: """
            it is \(weight.dtype) \(weight.shape), its update is \(value.dtype) \(value.shape)
            """)
      }
      updates.append((trace.store.entries[path]!.variable, value))
    }
    return updates + memory.updates
  }
}

/// What an optimizer remembers, as variables of a model.
private final class ModelSlots {
  private(set) var variables: [String: Variable]
  private(set) var inputs: [String: Tensor] = [:]
  private(set) var failure: Trace.Failure?
  private var assigned: [(path: String, value: Tensor)] = []
  private let trace: Trace
  private let rate: Tensor
  private let step: Tensor

  init(_ variables: [String: Variable], _ trace: Trace, rate: Tensor, step: Tensor) {
    self.variables = variables
    self.trace = trace
    self.rate = rate
    self.step = step
  }

  var updates: [(variable: Variable, value: Tensor)] {
    assigned.map { (variables[$0.path]!, $0.value) }
  }

  func slots(of path: String) -> Slots {
    Slots(
      learningRate: rate, currentStep: { self.step },
      slot: { self.slot("\(path)/\($0)", like: $1, initial: $2) },
      assign: { self.assign("\(path)/\($0)", $1) })
  }

  private func slot(_ path: String, like weight: Tensor, initial: Double) -> Tensor {
    if let known = inputs[path] { return known }
    if variables[path] == nil {
      variables[path] = Variable(.full(weight.shape, initial, weight.dtype))
    }
    let input = trace.tape.placeholder(weight.shape, weight.dtype, name: path)
    inputs[path] = input
    return input
  }

  private func assign(_ path: String, _ value: Tensor) {
    guard let input = inputs[path], input.shape == value.shape, input.dtype == value.dtype else {
      failure = Trace.Failure(
        path: path, input: nil,
        message: """
          its slot '\(path)' is updated to \(value.dtype) \(value.shape), but is \
          \(inputs[path].map { "\($0.dtype) \($0.shape)" } ?? "not there")
          """)
      return
    }
    assigned.removeAll { $0.path == path }
    assigned.append((path, value))
  }
}
