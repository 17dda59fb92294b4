import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors

/// What tracing at two batch sizes tells of a model: which axes grow with the batch.
struct Blueprint {
  /// Of one sample, in the order of the outputs.
  let outputs: [Shape]
  /// The layers that make them.
  let producers: [String]
  /// Layers in the order of their first calls, with symbolic shapes.
  let layers: [(row: LayerRow, output: String)]
  /// Paths of parameters that a ``Frozen`` layer holds.
  let frozen: Set<String>
}

extension Model {
  /// Creates the parameters by tracing the layers; done by whatever needs it first.
  ///
  /// - Throws: ``ModelError`` naming the layer that does not fit its input.
  public func build() throws(ModelError) { _ = try blueprintBuilt() }

  /// Traces the layers with batches of 2 and of 3: what differs is the batch.
  func blueprintBuilt() throws(ModelError) -> Blueprint {
    if let blueprint { return blueprint }
    if !dtype.isFloatingPoint {
      throw .argument(name: "dtype", message: "\(dtype) has no derivatives; use a floating type")
    }
    if inputShapes.isEmpty { throw .argument(name: "inputs", message: "there are none") }
    for shape in inputShapes where shape.rank >= Shape.maximumRank || shape.count == 0 {
      throw .argument(
        name: "input",
        message: "\(shape) must have elements and leave one of \(Shape.maximumRank) axes free")
    }
    let (two, pair) = try forward(batch: 2, of: store)
    let (three, triple) = try forward(batch: 3, of: two.store)
    let rows = two.rows.map { row in
      let other = three.rows.first { $0.path == row.path } ?? row
      return (row: row, output: Trace.symbolic(row.output, other.output))
    }
    let blueprint = Blueprint(
      outputs: pair.map { Shape($0.shape.array.dropFirst()) },
      producers: pair.map(two.producer), layers: rows,
      frozen: Set(two.bound.filter { !$0.value.isTrainable }.keys))
    for (index, (a, b)) in zip(pair, triple).enumerated()
    where Trace.batched(blueprint.outputs[index]) != Trace.symbolic(a.shape, b.shape) {
      throw .output(
        index: index,
        message: """
          of shape \(a.shape) for 2 samples and \(b.shape) for 3; its first axis must be the batch
          """)
    }
    store = three.store
    self.blueprint = blueprint
    return blueprint
  }

  private func forward(batch: Int, of store: Store) throws(ModelError) -> (Trace, [Tensor]) {
    let trace = Trace(store, seed: seed, dtype: dtype, isTraining: false)
    let inputs = inputShapes.map { trace.tape.placeholder($0.inserting(batch, at: 0), dtype) }
    return (trace, try trace.outputs(of: body, inputs))
  }
}

extension Trace {
  /// The outputs of a model; what could not be done is thrown.
  func outputs(
    of body: ([Tensor], Scope) -> [Tensor], _ inputs: [Tensor]
  ) throws(ModelError) -> [Tensor] {
    let outputs = run(body, inputs).map(\.strong)
    if let failure {
      throw .layer(
        path: failure.path, input: failure.input ?? .scalar, message: failure.message)
    }
    if outputs.isEmpty { throw .output(index: 0, message: "there is none") }
    for (index, output) in outputs.enumerated() {
      if output.isTracked && output.owner !== tape {
        throw .output(index: index, message: "is of another tape")
      }
      if output.rank == 0 || output.shape[0] != inputs[0].shape[0] {
        throw .output(
          index: index,
          message: """
            of shape \(output.shape) for \(inputs[0].shape[0]) samples; its first axis must be \
            the batch
            """)
      }
    }
    return outputs
  }

  /// A shape with what differs between batches of 2 and 3 written as it depends on the batch.
  static func symbolic(_ two: Shape, _ three: Shape) -> String {
    if two.rank != three.rank { return "\(two)" }
    let extents = zip(two.array, three.array).map { a, b in
      let slope = b - a
      let offset = a - 2 * slope
      if slope == 0 { return "\(a)" }
      let batch = slope == 1 ? "batch" : "\(slope) batch"
      return offset == 0 ? batch : "\(batch) \(offset < 0 ? "-" : "+") \(offset.magnitude)"
    }
    return "[" + extents.joined(separator: ", ") + "]"
  }

  /// The shape of a batch of samples of a shape.
  static func batched(_ sample: Shape) -> String {
    "[" + (["batch"] + sample.array.map { "\($0)" }).joined(separator: ", ") + "]"
  }
}
