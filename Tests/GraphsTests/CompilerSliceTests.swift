#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Slices and shared matrices, each pass alone")
  struct CompilerSliceTests {
    typealias Body = @Sendable ([Tensor]) -> [Tensor]

    /// What is left, on the left operands of [6, 8], [8] and [6, 8].
    static let taken: [(String, Body)] = [
      (
        "gates, split",
        { x in
          let gates = (x[0] + x[1]).split(2, axis: 1)
          return [sigmoid(gates[0]) * tanh(gates[1])]
        }
      ),
      (
        "through several operations",
        { x in
          let gates = (tanh(x[0] * x[2]) + x[1]).split(2, axis: 1)
          return [gates[0] * gates[1] + gates[0]]
        }
      ),
      (
        "rows one by one, then columns",
        { x in
          let y = x[0] + x[1]
          return [0, 3, 5].map { i in
            let gates = (y[i..<i + 1].reshape([8]) + x[1]).split(4, axis: -1)
            return gates[0] * gates[1] + gates[2] * gates[3]
          }
        }
      ),
      (
        "axes exchanged",
        { x in
          let y = (x[0].reshape([2, 3, 8]) + x[2].reshape([2, 3, 8])).permute([1, 0, 2])
          return [sin(y[0..<2]), cos(y[2..<3])]
        }
      ),
    ]
    /// The whole is needed anyhow, or as much would be computed twice.
    static let left: [(String, Body)] = [
      (
        "the whole is wanted",
        { x in
          let y = x[0] + x[1]
          return [y, sin(y[0..<3])]
        }
      ),
      (
        "the whole is used",
        { x in
          let y = x[0] + x[1]
          return [sin(y), cos(y[0..<3])]
        }
      ),
      (
        "slices overlap",
        { x in
          let y = tanh(x[0])
          return [sin(y[0..<4]), cos(y[2..<6])]
        }
      ),
      ("a slice is multiplied", { x in [tanh(x[0])[0..<3].dot(x[2].transposed)] }),
      ("a slice is handed out", { x in [tanh(x[0])[0..<3]] }),
      ("every second column", { x in [sin(tanh(x[0]).slice(axis: 1, 0..<8, step: 2))] }),
    ]

    static func traced(_ body: Body) throws -> Program {
      var traced = try TracedProgram([6, 8], [8], [6, 8], body: body)
      traced.program = traced.simplified
      return (traced.program.operatingOnSlices() ?? traced.program).simplified(traced.sources)
        .mergingCommonSubexpressions().removingDeadLines()
    }

    @Test("operations of which only slices are used are done on the slices", arguments: taken)
    func slices(name: String, body: @escaping Body) throws {
      let program = try CompilerSliceTests.traced(body)
      for line in program.lines where line.primitive?.isElementwise ?? false {
        #expect(line.shape.count < 48, "\(name): \(program)")
      }
    }

    @Test("others stay", arguments: left)
    func whole(name: String, body: @escaping Body) throws {
      let traced = try TracedProgram([6, 8], [8], [6, 8], body: body)
      #expect(traced.simplified.operatingOnSlices() == nil, "\(name)")
    }

    @Test("every bit is the same, on slices or not", arguments: taken + left)
    func bits(name: String, body: @escaping Body) throws {
      var random = SplitMix64(seed: 8)
      let x = [random.tensor([6, 8], .float32), random.tensor([8], .float32)]
      let inputs = x + [random.tensor([6, 8], .float32)]
      // Products are added up in one order by both.
      let plan = try Plan.traced(like: inputs, body)
      #expect(try plan.run(inputs).map { Bits($0) } == body(inputs).map { Bits($0) }, "\(name)")
    }

    @Test("a recurrent step is one product and one tile program")
    func step() throws {
      let tape = Tape()
      let shapes: [Shape] = [[4, 6, 16], [16, 128], [32, 128], [128]]
      let fed = shapes.map { tape.placeholder($0, .float32) }
      let outputs = lstm(fed[0], kernel: fed[1], recurrentKernel: fed[2], bias: fed[3]).outputs
      let plan = try Plan(tape, bindings: .feeding(fed), outputs: [outputs], updates: [])
      let kinds = plan.works.map { plan.note($0).kind }
      #expect(kinds.filter { $0 == "product" }.count == 7, "\(plan)")
      #expect(kinds.filter { $0 == "tile" }.count == 6, "\(plan)")
    }

    @Test(
      "a matrix of many products is laid out once",
      arguments: [(DType.float32, 4, 1), (.float32, 3, 0), (.float64, 6, 1)])
    func panels(dtype: DType, count: Int, copies: Int) throws {
      for isTurned in [false, true] {
        var random = SplitMix64(seed: 9)
        let inputs = [random.tensor([24, 96], dtype) * 0.1, random.tensor([96, 96], dtype) * 0.1]
        func body(_ x: [Tensor]) -> [Tensor] {
          let matrix = isTurned ? x[1].transposed : x[1]
          return [(0..<count).reduce(x[0]) { y, _ in tanh(y.dot(matrix)) }]
        }
        let plan = try Plan.traced(like: inputs, body)
        #expect(plan.works.filter { plan.note($0).kind == "copy" }.count == copies, "\(plan)")
        #expect(
          try plan.run(inputs)[0].isClose(to: body(inputs)[0], dtype == .float64 ? 1e-12 : 1e-5))
      }
    }
  }
#endif
