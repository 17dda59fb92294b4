import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors

extension Optimizer {
  /// The updates of a graph's variables that make a loss smaller, in TensorFlow 1's manner.
  ///
  /// The gradients and what the optimizer remembers are appended to the graph; its memory is
  /// variables of the graph.
  ///
  /// ```swift
  /// let train = SGD(learningRate: 1).minimize(loss, in: graph)
  /// for _ in 0..<50 { try session.run([loss], feeding: feeds, updating: train) }
  /// ```
  /// - Parameters:
  ///   - loss: one number of the graph.
  ///   - variables: left out, all variables that the loss depends on.
  /// - Returns: updates for ``Session/run(_:feeding:updating:)->[Tensor]`` or a ``Function``; apply
  ///   all or none.
  public func minimize(
    _ loss: Tensor, in graph: Graph, variables: [Tensor]? = nil
  ) -> [Update] {
    guard loss.isTracked, loss.owner === graph else {
      fatalError("minimize: the loss, of shape \(loss.shape), is not of this graph")
    }
    let needed = Set(graph.needed(for: [loss]))
    let targets = variables ?? graph.allVariables.filter { needed.contains($0.index) }
    if targets.isEmpty {
      fatalError("minimize: the loss depends on no variable of the graph; there is nothing to do")
    }
    let memory = GraphSlots(graph)
    let gradients = graph.gradients(of: loss, withRespectTo: targets)
    let updates = zip(targets, gradients).map { variable, gradient in
      Update(
        variable,
        to: update(variable, gradient: gradient, memory.slots(of: variable, learningRate)))
    }
    return updates + memory.updates
  }
}

/// What an optimizer remembers, as variables of a graph.
private final class GraphSlots {
  private let graph: Graph
  private var slots: [String: Tensor] = [:]
  private var step: Tensor?
  private(set) var updates: [Update] = []

  init(_ graph: Graph) { self.graph = graph }

  func slots(of variable: Tensor, _ learningRate: Double) -> Slots {
    let path = graph.label(variable.index)
    return Slots(
      learningRate: Tensor(learningRate).cast(variable.dtype),
      currentStep: { self.currentStep() },
      slot: { self.slot("\(path)/\($0)", like: $1, initial: $2) },
      assign: { self.assign("\(path)/\($0)", $1) })
  }

  private func slot(_ path: String, like weight: Tensor, initial: Double) -> Tensor {
    if let known = slots[path] { return known }
    let slot = graph.variable(path, .full(weight.shape, initial, weight.dtype))
    slots[path] = slot
    return slot
  }

  private func assign(_ path: String, _ value: Tensor) {
    guard let slot = slots[path] else {
      fatalError("Optimizer: '\(path)' is updated, but was not asked for before")
    }
    updates.append(Update(slot, to: value))
  }

  private func currentStep() -> Tensor {
    if let step { return step }
    let counter = graph.variable("step", Tensor(0))
    let next = counter + 1
    updates.append(Update(counter, to: next))
    step = next
    return next
  }
}
