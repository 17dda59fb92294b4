#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  /// The steps of a scan are a loop in its plan, and nothing changes by that.
  @Suite("Loops")
  struct LoopTests {
    /// A plan of a loss and its gradients.
    static func plan(
      _ inputs: [Tensor], without passes: Set<Plan.Pass> = [], joinsAll: Bool = false,
      gradients: Bool = true, _ body: ([Tensor]) -> [Tensor]
    ) throws -> Plan {
      let tape = Tape()
      let fed = inputs.map { tape.placeholder($0.shape, $0.dtype) }
      var outputs = body(fed)
      if gradients {
        outputs += tape.gradient(of: outputs[0], withRespectTo: fed, recording: true)
      }
      return try Plan(
        tape, bindings: .feeding(fed), outputs: outputs, updates: [],
        passes: Plan.Pass.all.subtracting(passes), joinsAll: joinsAll)
    }

    /// Plans with loops and without give the same bits.
    @discardableResult
    static func check(
      _ inputs: [Tensor], without passes: Set<Plan.Pass> = [], joinsAll: Bool = false,
      gradients: Bool = true, _ body: ([Tensor]) -> [Tensor]
    ) throws -> Plan {
      let plan = try plan(
        inputs, without: passes, joinsAll: joinsAll, gradients: gradients, body)
      let unrolled = try LoopTests.plan(
        inputs, without: passes.union([.loops]), joinsAll: joinsAll, gradients: gradients, body)
      for _ in 0..<2 {
        for (i, (a, b)) in zip(try plan.run(inputs), try unrolled.run(inputs)).enumerated() {
          let isSame = Bits(a) == Bits(b)
          #expect(isSame, "result \(i)")
        }
      }
      return plan
    }

    static func layer(
      _ batch: Int, _ time: Int, _ size: Int, _ units: Int, _ dtype: DType = .float32
    ) -> [Tensor] {
      var random = SplitMix64(seed: 7)
      return [
        random.tensor([batch, time, size], dtype), random.tensor([size, 4 * units], dtype),
        random.tensor([units, 4 * units], dtype), random.tensor([4 * units], dtype),
      ]
    }

    static func recurrent(_ x: [Tensor]) -> [Tensor] {
      let y = lstm(x[0], kernel: x[1], recurrentKernel: x[2], bias: x[3])
      return [y.outputs.squared().mean(), y.hidden]
    }

    @Test(
      "a recurrent layer",
      arguments: [(32, 20, 16, 32), (12, 9, 8, 8), (1, 30, 4, 4), (17, 12, 8, 40)])
    func recurrence(batch: Int, time: Int, size: Int, units: Int) throws {
      for dtype in [DType.float32, .float64] {
        for joinsAll in [false, true] {
          let inputs = LoopTests.layer(batch, time, size, units, dtype)
          let plan = try LoopTests.check(inputs, joinsAll: joinsAll, LoopTests.recurrent)
          #expect(plan.loops.inPhases.count + plan.loops.ofPhases.count >= 2)
          try LoopTests.check(inputs, joinsAll: joinsAll, gradients: false, LoopTests.recurrent)
          try LoopTests.check(inputs, without: [.placement, .grouping], LoopTests.recurrent)
        }
      }
    }

    @Test("A plan does not grow with the steps")
    func size() throws {
      for (batch, gradients) in [(32, true), (32, false), (3, true), (17, false)] {
        let counts = try [20, 40, 80].map { time in
          try LoopTests.plan(
            LoopTests.layer(batch, time, 16, 32), gradients: gradients, LoopTests.recurrent
          ).listing.count
        }
        #expect(counts.allSatisfy { $0 < 60 }, "\(batch), \(gradients): \(counts)")
      }
    }

    @Test("Steps that are shared out each by itself are a loop of phases")
    func phases() throws {
      let inputs = LoopTests.layer(17, 12, 64, 256)
      let plan = try LoopTests.check(
        inputs, without: [.chains], gradients: false, LoopTests.recurrent)
      #expect(!plan.loops.ofPhases.isEmpty)
      let derived = try LoopTests.check(inputs, without: [.chains], LoopTests.recurrent)
      #expect(derived.loops.ofPhases.count >= 2)
    }

    @Test("Loops need little more memory than what they stand for")
    func memory() throws {
      for (batch, time, gradients) in [(32, 40, true), (32, 200, false), (1, 100, false)] {
        let inputs = LoopTests.layer(batch, time, 16, 32)
        let plan = try LoopTests.plan(inputs, gradients: gradients, LoopTests.recurrent)
        let unrolled = try LoopTests.plan(
          inputs, without: [.loops], gradients: gradients, LoopTests.recurrent)
        #expect(
          Double(plan.memory.arenaBytes) < 1.25 * Double(unrolled.memory.arenaBytes) + 65536,
          "\(batch), \(time), \(gradients)")
      }
    }

    @Test("Fed values and variables move between runs")
    func rebinding() throws {
      let graph = Graph()
      let x = graph.placeholder("x", [2, 12, 3], .float64)
      let inputs = LoopTests.layer(2, 12, 3, 4, .float64)
      let weights = (1...3).map { graph.variable("w\($0)", inputs[$0]) }
      let loss = LoopTests.recurrent([x] + weights)[0]
      let gradients = graph.gradients(of: loss, withRespectTo: weights)
      let step = try Function(
        inputs: [x], outputs: [loss],
        updates: zip(weights, gradients).map { Update($0, to: $0 - 0.5 * $1) })
      #expect(step.plan.description.contains("rounds of"))
      var values = Array(inputs.dropFirst())
      for round in 0..<4 {
        let data = inputs[0] * (1 + Double(round) / 3)
        let expected = valueWithGradient(at: values) { LoopTests.recurrent([data] + $0)[0] }
        let found = try step(data)[0]
        #expect(found.allClose(expected.value, relative: 1e-12))
        values = zip(values, expected.gradient).map { $0 - 0.5 * $1 }
      }
    }

    @Test("a scan of any body", arguments: 0..<12)
    func bodies(seed: Int) throws {
      var random = SplitMix64(seed: UInt64(seed))
      let (time, rows) = (Int.random(in: 4...12, using: &random), [1, 3, 16][seed % 3])
      let dtype: DType = seed % 2 == 0 ? .float32 : .float64
      let inputs = [
        random.tensor([time, rows, 8], dtype), random.tensor([8, 8], dtype),
        random.tensor([rows, 8], dtype),
      ]
      try LoopTests.check(inputs, joinsAll: seed % 4 == 0) { x in
        let (state, outputs) = scan(x[0], initial: [x[2], x[2] * 0]) { state, row in
          let next = tanh(state[0].dot(x[1]) + row)
          let sum = state[1] + (seed % 5 == 0 ? next.flip() : next * row)
          return ([next, sum], seed % 3 == 0 ? sum.sum(axis: 0) : next.transposed)
        }
        return [state[1].sum() + outputs.squared().sum(), outputs]
      }
    }

    @Test("Its instructions, listed and timed, count all rounds")
    func listing() throws {
      let inputs = LoopTests.layer(32, 20, 16, 32)
      let plan = try LoopTests.plan(inputs, LoopTests.recurrent)
      let unrolled = try LoopTests.plan(inputs, without: [.loops], LoopTests.recurrent)
      _ = try (plan.run(inputs), unrolled.run(inputs))
      let (a, b) = (plan.profile(repetitions: 2), unrolled.profile(repetitions: 2))
      #expect(a.entries.count < b.entries.count)
      #expect(a.entries.reduce(0) { $0 + $1.flops } == b.entries.reduce(0) { $0 + $1.flops })
      #expect(a.entries.reduce(0) { $0 + $1.bytes } == b.entries.reduce(0) { $0 + $1.bytes })
      #expect(a.entries.reduce(0) { $0 + $1.rounds } == b.entries.count)
      #expect(plan.description.contains("18 rounds of"), "\(plan)")
    }

    @Test("What does not go on evenly stays as it is")
    func uneven() throws {
      var random = SplitMix64(seed: 1)
      let inputs = [random.tensor([64, 8], .float64), random.tensor([8, 8], .float64)]
      // Rows at squares.
      try LoopTests.check(inputs) { x in
        var y = x[0][0..<1]
        for i in 1..<8 { y = tanh((y + x[0][i * i..<i * i + 1]).dot(x[1])) }
        return [y.sum()]
      }
      // Of differing lengths.
      try LoopTests.check(inputs) { x in
        var sum = x[1].sum()
        for i in 1..<8 { sum = sum + sin(x[0][0..<i].dot(x[1])).sum() }
        return [sum]
      }
    }
  }
#endif
