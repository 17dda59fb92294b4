#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Recomputation: what is cheap to make again is not kept")
  struct CompilerRecomputationTests {
    /// Rows in another order: no part of a tile program, and no element changes.
    static func turned(_ x: Tensor) -> Tensor {
      x.take(Tensor((0..<x.shape[0]).map { ($0 * 5 + 3) % x.shape[0] }), axis: 0)
    }

    struct Case: Sendable, CustomTestStringConvertible {
      let testDescription: String
      let shape: Shape
      /// How often this operation is in the program after the pass.
      let operation: String
      let count: Int
      let body: @Sendable (Tensor) -> Tensor

      init(
        _ name: String, shape: Shape = [32, 32], of operation: String = "negate", _ count: Int,
        _ body: @escaping @Sendable (Tensor) -> Tensor
      ) {
        testDescription = name
        self.shape = shape
        self.operation = operation
        self.count = count
        self.body = body
      }
    }

    static let cases = [
      Case("from a value that is read there too", 2) { x in
        let h = cos(x)
        return turned(sin(-h)) + -h + h
      },
      Case("from what is fed", 2) { x in turned(sin(-x)) + -x },
      Case("by several operations", shape: [64, 16], of: "multiply", 4) { x in
        let h = cos(x)
        let a = 2 - -h * h * 0.5
        return turned(sin(a)) + a - h
      },
      Case("by eight operations", of: "minimum", 16) { x in
        let h = cos(x)
        let a = (0..<8).reduce(h) { minimum($0, Double($1)) }
        return turned(sin(a)) + a - h
      },
      Case("not by nine", of: "minimum", 9) { x in
        let h = cos(x)
        let a = (0..<9).reduce(h) { minimum($0, Double($1)) }
        return turned(sin(a)) + a - h
      },
      Case("not by nine beside each other", of: "multiply", 9) { x in
        let h = cos(x)
        let a = (1..<6).map { h * Double($0 + 1) }
        let b = (a[0] * a[1]) * (a[2] * a[3]) * a[4]
        return turned(sin(b)) + b + h
      },
      Case("a gate", of: "sigmoid", 2) { x in
        let h = cos(x)
        return turned(h * sigmoid(h)) + sigmoid(h) * (1 - sigmoid(h)) + h
      },
      Case("with a value of each row", 2) { x in
        let h = cos(x)
        let a = -(h - h.max(axis: 1, keepDims: true))
        return turned(sin(a)) + a - h
      },
      Case("once for two that use it", 2) { x in
        let h = cos(x)
        return (turned(sin(-h)) + -h) * h - -h
      },
      Case("what is below 0 from the result of relu", of: "lessEqual", 2) { x in
        let h = floor(x)
        return .where(h .<= 0, turned(relu(h)), 7)
      },
      Case("a slope of relu", of: "lessEqual", 2) { x in
        gradient(at: x) { (turned(relu(floor($0) + $0)) * $0).sum() }
      },
      Case("not from a value that nobody keeps", 1) { x in
        let h = cos(x)
        return turned(sin(-h)) + -h
      },
      Case("not from two", 1) { x in
        let (h, k) = (cos(x), exp(x))
        let a = -(h * k)
        return turned(sin(a)) + a + h + k
      },
      Case("not what is in memory anyway", 1) { x in
        let h = cos(x)
        return turned(sin(-h)) + -h + h + turned(-h)
      },
      Case("not what takes long", of: "exp", 1) { x in
        let h = cos(x)
        return turned(sin(exp(h))) + exp(h) + h
      },
      Case("not what is small", shape: [31, 33], 1) { x in
        let h = cos(x)
        return turned(sin(-h)) + -h + h
      },
      Case("not for who may be in one tile program with it", 1) { x in
        let h = cos(x)
        return turned(sin(-h) + -h) + h
      },
    ]

    @Test("What is made again", arguments: cases)
    func count(_ example: Case) throws {
      var traced = try TracedProgram(example.shape) { [example.body($0[0])] }
      traced.program = traced.simplified.mergingCommonSubexpressions()
      let program = traced.program.recomputingCheapValues().removingDeadLines()
      #expect(program.names.filter { $0 == example.operation }.count == example.count, "\(program)")
    }

    @Test("Every bit stays", arguments: cases)
    func bits(_ example: Case) {
      var random = SplitMix64(seed: 7)
      var x = random.tensor(example.shape, .float32)
      let special: [(Double, Double)] = [
        (1.9, .infinity), (1.7, -.infinity), (1.5, .nan), (1.3, -0.0), (1.1, 0),
      ]
      for (limit, value) in special { x = .where(x .> limit, value, x) }
      let expected = withoutPayloads(example.body(x))
      #expect(Bits(withoutPayloads(compiled(example.body)(x))) == Bits(expected))
    }

    /// With one bit pattern for what is not a number.
    private func withoutPayloads(_ x: Tensor) -> Tensor { .where(x .== x, x, Double.nan) }

    @Test("A variable is read before it is overwritten, not made something of again")
    func variables() throws {
      let graph = Graph()
      var random = SplitMix64(seed: 8)
      var value = random.tensor([32, 32], .float32)
      let w = graph.variable("w", value)
      func next(_ w: Tensor) -> Tensor {
        Self.turned(sin(-w)) + -w
      }
      let step = try Function(inputs: [], outputs: [], updates: [Update(w, to: next(w))])
      for _ in 0..<3 {
        try step()
        value = next(value)
        #expect(Bits(try graph.value(of: w)) == Bits(value))
      }
      let lines = step.plan.lowering.program.lines
      #expect(lines.filter { $0.primitive == .negate }.count == 1, "\(step.plan)")
    }

    @Test("Memory: of a deep network with relu only the results stay")
    func memory() throws {
      let tape = Tape()
      let (depth, width, batch) = (12, 64, 64)
      let inputs = (0...depth).map {
        tape.placeholder($0 == 0 ? [batch, width] : [width, width], .float32)
      }
      var h = inputs[0]
      for w in inputs.dropFirst() { h = relu(h.dot(w)) }
      let slopes = tape.gradient(
        of: h.sum(), withRespectTo: Array(inputs.dropFirst()), recording: true)
      let bindings = inputs.enumerated().map { (Int($1.index), Plan.Binding.fed($0)) }
      let plan = try Plan(
        tape, bindings: Dictionary(uniqueKeysWithValues: bindings), outputs: slopes, updates: [])
      // One value of each layer, and a few at work.
      #expect(plan.memory.arenaBytes < (depth + 3) * (batch * width * 4 + 1024))
    }
  }
#endif
