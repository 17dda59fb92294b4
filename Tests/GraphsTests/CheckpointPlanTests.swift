#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  /// Checkpoints in plans: the same numbers from less memory.
  struct CheckpointPlanTests {
    private static let width = 64
    private static let batch = 256

    /// The gradient of a deep network by its input and all weights, in blocks of so many layers.
    private static func network(
      depth: Int, block: Int, isCheckpointed: Bool
    ) -> ([Tensor]) -> [Tensor] {
      { inputs in
        let (loss, slopes) = valueWithGradient(at: inputs) { p in
          var x = p[0]
          for start in stride(from: 0, to: depth, by: block) {
            let layers: (Tensor) -> Tensor = { x in
              (start..<start + block).reduce(x) { x, i in tanh(x.dot(p[1 + i])) + sin(x) }
            }
            x = isCheckpointed ? checkpoint(x, layers) : layers(x)
          }
          return (x * x).mean()
        }
        return [loss] + slopes
      }
    }

    private static func inputs(depth: Int) -> [Tensor] {
      [Tensor.randomNormal([batch, width], key: RandomKey(seed: 1), .float64)]
        + (0..<depth).map {
          Tensor.randomNormal([width, width], key: RandomKey(seed: 2, step: UInt64($0)), .float64)
            * 0.1
        }
    }

    @Test("A plan with checkpoints needs memory for one block and what lies between blocks")
    func memory() throws {
      let depth = 32
      let block = 4
      let inputs = Self.inputs(depth: depth)
      func plan(_ isCheckpointed: Bool) throws -> Plan {
        try Plan.traced(
          like: inputs, Self.network(depth: depth, block: block, isCheckpointed: isCheckpointed))
      }
      let plain = try plan(false)
      let again = try plan(true)
      let value = Self.batch * Self.width * 8
      // Two values of every layer are kept without.
      #expect(plain.memory.arenaBytes > 2 * depth * value)
      #expect(again.memory.arenaBytes < (depth / block + 3 * block + 2) * value)
      for (a, b) in zip(try plain.run(inputs), try again.run(inputs)) { #expect(a.isClose(to: b)) }
    }

    @Test("Derivatives of checkpoints in compiled functions, and of compiled functions with them")
    func compiledFunctions() {
      let x = Tensor([0.3, -0.7, 1.1])
      let v = Tensor([1.0, 0.5, -2])
      let f: (Tensor) -> Tensor = { x in sin(exp(x) * x) }
      let g: (Tensor) -> Tensor = { x in checkpoint(x, f) }
      let slope = gradient(at: x) { f($0).sum() }
      let second = gradient(at: x) { x in gradient(at: x) { f($0).sum() }.sum() }
      let compiledSlope = compiled { (x: Tensor) in gradient(at: x) { g($0).sum() } }
      #expect(compiledSlope(x).isClose(to: slope))
      #expect(gradient(at: x) { compiledSlope($0).sum() }.isClose(to: second))
      let compiledSecond = compiled { (x: Tensor) in
        gradient(at: x) { x in gradient(at: x) { g($0).sum() }.sum() }
      }
      #expect(compiledSecond(x).isClose(to: second))
      let along = compiled { (p: [Tensor]) in [jvp(at: p[0], along: p[1], of: g)] }
      #expect(along([x, v])[0].isClose(to: slope * v))
      let inside = compiled(g)
      #expect(gradient(at: x) { inside($0).sum() }.isClose(to: slope))
    }

    @Test("A graph with checkpoints trains like one without")
    func graph() throws {
      func losses(_ isCheckpointed: Bool) throws -> [Double] {
        let graph = Graph()
        let x = graph.placeholder("x", [4, 3], .float64)
        let w = graph.variable("w", Tensor.randomNormal([3, 3], key: RandomKey(seed: 3), .float64))
        let layers: ([Tensor]) -> [Tensor] = { p in
          let hidden = tanh(p[0].dot(w))
          return [hidden, hidden.dot(w).sum(axis: 0)]
        }
        let y = isCheckpointed ? checkpoint(layers)([x]) : layers([x])
        let loss = (y[0] * y[0]).sum() + (y[1] * y[1]).sum()
        let slope = graph.gradients(of: loss, withRespectTo: [w])[0]
        let train = try Function(
          inputs: [x], outputs: [loss], updates: [Update(w, to: w - 0.05 * slope)])
        let data = Tensor.randomNormal([4, 3], key: RandomKey(seed: 4), .float64)
        return try (0..<5).map { _ in try train(data)[0].item() }
      }
      for (a, b) in zip(try losses(false), try losses(true)) {
        #expect((a - b).magnitude < 1e-12 * a)
      }
    }

    @Test("Variables that a checkpoint declares are differentiated")
    func declaredInside() throws {
      let graph = Graph()
      let x = graph.placeholder("x", [4, 3], .float64)
      let initial = Tensor.randomNormal([3, 3], key: RandomKey(seed: 3), .float64)
      let y = checkpoint(x) { x in tanh(x.dot(graph.variable("w", initial))) }
      let slope = graph.gradients(of: (y * y).sum(), withRespectTo: graph.allVariables)[0]
      let data = Tensor.randomNormal([4, 3], key: RandomKey(seed: 4), .float64)
      let found = try Session(graph).run(slope, feeding: [x: data])
      #expect(found.isClose(to: gradient(at: initial) { tanh(data.dot($0)).squared().sum() }))
    }
  }
#endif
