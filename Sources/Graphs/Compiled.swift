import BacktapeAutodiff
import BacktapeTensors

/// A function traced once for every combination of shapes and types it meets, then replayed.
///
/// As `jax.jit`: inside, tensors have no values, so a choice by value is written with
/// ``Tensor/where(_:_:_:)``. Differentiable like any function.
///
/// ```swift
/// let f = compiled { x in [tanh(x[0]) * x[1]] }
/// let y = f([a, b])[0]
/// ```
/// - Parameter function: must depend on its arguments alone; other tensors it uses are constants.
/// - Returns: the function, to be called from one task at a time. It keeps 64 traces, the oldest
///   goes first.
public func compiled(_ function: @escaping ([Tensor]) -> [Tensor]) -> ([Tensor]) -> [Tensor] {
  let traces = Traces(function)
  return { traces.call($0) }
}

/// A function of one tensor, traced once for every shape and type it meets.
public func compiled(_ function: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
  let traces = Traces { [function($0[0])] }
  return { traces.call([$0])[0] }
}

/// The traces of one compiled function, by signature.
private final class Traces {
  private struct Signature: Hashable {
    let shapes: [Shape]
    let dtypes: [DType]
  }
  private struct Trace {
    let tape: Tape
    let inputs: [Tensor]
    let outputs: [Tensor]
    let plan: Plan
  }
  private static let capacity = 64
  private let function: ([Tensor]) -> [Tensor]
  private var traces: [Signature: Trace] = [:]
  private var order: [Signature] = []

  init(_ function: @escaping ([Tensor]) -> [Tensor]) { self.function = function }

  func call(_ values: [Tensor]) -> [Tensor] {
    let values = values.map(\.strong)
    let trace = trace(like: values)
    if values.contains(where: { $0.isTracked || $0.isAbstract }) {
      return trace.tape.replay(inputs: trace.inputs, values, outputs: trace.outputs)
    }
    trace.tape.reportAnomalies(
      in: trace.outputs,
      knowing: Dictionary(uniqueKeysWithValues: zip(trace.inputs.map { Int($0.index) }, values)))
    do throws(GraphError) {
      return try trace.plan.run(values)
    } catch {
      fatalError("compiled: \(error)")
    }
  }

  private func trace(like values: [Tensor]) -> Trace {
    let signature = Signature(shapes: values.map(\.shape), dtypes: values.map(\.dtype))
    if let known = traces[signature] { return known }
    let tape = Tape()
    let inputs = values.enumerated().map {
      tape.placeholder($1.shape, $1.dtype, name: "argument \($0)")
    }
    let outputs = tape.open { function(inputs) }.map(\.strong)
    let plan: Plan
    do throws(GraphError) {
      plan = try Plan(tape, bindings: .feeding(inputs), outputs: outputs, updates: [])
    } catch {
      fatalError("compiled: \(error)")
    }
    let trace = Trace(tape: tape, inputs: inputs, outputs: outputs, plan: plan)
    if order.count == Traces.capacity { traces[order.removeFirst()] = nil }
    order.append(signature)
    traces[signature] = trace
    return trace
  }
}
