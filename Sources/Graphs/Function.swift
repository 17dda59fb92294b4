import BacktapeTensors

/// A compiled part of a graph, called like a function, in the manner of Theano.
///
/// Functions of one graph share its variables: train with one, predict with another.
///
/// ```swift
/// let train = try Function(inputs: [x, y], outputs: [loss], updates: [Update(w, to: w - dw)])
/// let predict = try Function(inputs: [x], outputs: [y])
/// let loss = try train(data, labels)[0]
/// ```
/// Once the graph is complete, functions may be called from several tasks: calls of those of one
/// graph run one after the other.
public final class Function: Sendable {
  let graph: Graph
  let inputs: [Tensor]
  /// What a call computes: outputs, and what variables become.
  let results: [Tensor]
  /// What a call runs: see its `description` and ``Plan/profile(repetitions:)``.
  public let plan: Plan

  /// - Parameters:
  ///   - inputs: placeholders of one graph, in the order of the values given at a call.
  ///   - outputs: what a call returns; it sees the variables' values before the call.
  ///   - updates: what variables become after it.
  /// - Throws: ``GraphError`` if tensors are of several graphs or an input is missing.
  public init(inputs: [Tensor], outputs: [Tensor], updates: [Update] = []) throws(GraphError) {
    let tensors = inputs + outputs + updates.map(\.variable)
    guard let graph = tensors.lazy.compactMap({ $0.recorder as? Graph }).first else {
      throw .foreign("a function whose inputs and outputs are of no graph")
    }
    self.graph = graph
    self.inputs = inputs
    results = outputs + updates.map(\.value)
    plan = try graph.plan(
      feeding: inputs, outputs: outputs, updates: updates, memory: { $0.shared },
      access: graph.access)
  }

  /// Computes the outputs and applies the updates.
  ///
  /// - Parameter values: one for each input, of its shape and type; a number takes the
  ///   input's type. Values are read: no derivative flows through a call, see `compiled` for that.
  /// - Throws: ``GraphError``, before anything has changed.
  @discardableResult
  public func callAsFunction(_ values: any TensorOperand...) throws(GraphError) -> [Tensor] {
    try plan.run(feeds(values))
  }

  /// The values of a call in the types of the inputs, after checking them.
  func feeds(_ values: [any TensorOperand]) throws(GraphError) -> [Tensor] {
    if values.count != inputs.count {
      throw .wrongCount(expected: inputs.count, given: values.count)
    }
    var feeds: [Tensor] = []
    feeds.reserveCapacity(values.count)
    for i in inputs.indices {
      let value = values[i].operand
      feeds.append(value.isWeak ? value.adapted(to: inputs[i]) : value)
      try graph.check(fed: feeds[i], to: inputs[i])
    }
    return feeds
  }
}
