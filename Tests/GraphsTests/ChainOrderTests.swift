#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeKernels
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  /// Chunks of a phase run in any order, one ahead of another by any number of instructions: what a
  /// chunk must not read, or must not overwrite yet, shows.
  @Suite("Chains: chunks in any order")
  struct ChainOrderTests {
    /// Runs a plan with the chunks of each phase interleaved at random.
    static func run(_ plan: Plan, _ values: [Tensor], _ random: inout SplitMix64) -> [Tensor] {
      plan.exchange.pointee.take(values, in: plan.memory)
      plan.exchange.pointee.prepareResults(in: plan.memory)
      for phase in UnsafeBufferPointer(start: plan.phases, count: plan.phaseCount) {
        var next = [Int64](repeating: 0, count: Int(phase.chunks))
        var open = Array(next.indices)
        // Mostly one far ahead of the others, now and then all mixed.
        let isMixed = Bool.random(using: &random)
        var chunk = open.randomElement(using: &random)
        while let current = chunk {
          let instruction = plan.instructions[Int(phase.first + next[current])]
          let (extent, number) = (instruction.extent, Int64(current))
          instruction.run(
            instruction.body, extent * number / phase.chunks,
            extent * (number + 1) / phase.chunks, number)
          next[current] += 1
          let isDone = next[current] == phase.count
          if isDone { open.removeAll { $0 == current } }
          if isDone || isMixed { chunk = open.randomElement(using: &random) }
        }
      }
      return plan.exchange.pointee.outcome()
    }

    static func plan(
      _ inputs: [Tensor], _ extent: Chains.Extent, isLooping: Bool = false,
      _ body: ([Tensor]) -> [Tensor]
    ) throws -> Plan {
      let tape = Tape()
      let fed = inputs.map { tape.placeholder($0.shape, $0.dtype) }
      var outputs = body(fed)
      outputs += tape.gradient(
        of: outputs[outputs.count - 1], withRespectTo: fed, recording: true)
      return try Plan(
        tape, bindings: .feeding(fed), outputs: outputs, updates: [],
        passes: extent == .none
          ? Plan.Pass.all.subtracting([.chains, .loops])
          : isLooping ? Plan.Pass.all : Plan.Pass.all.subtracting([.loops]),
        joinsAll: extent == .possible)
    }

    static func check(
      _ inputs: [Tensor], _ message: String, _ random: inout SplitMix64,
      _ body: ([Tensor]) -> [Tensor]
    ) throws {
      let expected = try plan(inputs, .none, body).run(inputs).map { Bits($0) }
      func check(_ found: [Tensor], _ turn: String) {
        for (i, (a, b)) in zip(found, expected).enumerated() {
          let isSame = Bits(a) == b
          #expect(isSame, "\(message), \(turn): output \(i)")
        }
      }
      for extent in [Chains.Extent.worthwhile, .possible] {
        for isLooping in [false, true] {
          let plan = try plan(inputs, extent, isLooping: isLooping, body)
          let name = "\(extent)\(isLooping ? ", in loops" : "")"
          checkPlaces(plan, message)
          check(try plan.run(inputs), "\(name), in order")
          if !plan.loops.ofPhases.isEmpty { continue }
          for turn in 0..<3 { check(run(plan, inputs, &random), "\(name), turn \(turn)") }
        }
      }
    }

    /// Buffers in one place are either needed at different phases, or chunks share them alike and
    /// are done with one before they begin the other.
    static func checkPlaces(_ plan: Plan, _ message: String) {
      let lifetimes = Lifetimes(
        plan.lowering.lifetimes(plan.works), plan.lowering.bytes, plan.joined, plan.loops.stacks)
      let offsets = lifetimes.offsets(
        Arena(bytes: lifetimes.bytes, lifetimes: lifetimes.ranges))
      let phaseOf = plan.joined.enumerated().flatMap { n, phase in phase.works.map { _ in n } }
      struct Buffer {
        var bytes: Range<Int>
        var works: [Int]
      }
      var buffers: [Int: Buffer] = [:]
      for (index, work) in plan.works.enumerated() {
        for buffer in plan.lowering.ownBuffers(of: work) {
          let offset = offsets[buffer]!
          let bytes = offset..<offset + plan.lowering.bytes[buffer]!
          buffers[buffer, default: Buffer(bytes: bytes, works: [])].works.append(index)
        }
      }
      for (a, first) in buffers {
        for (b, second) in buffers where a < b && first.bytes.overlaps(second.bytes) {
          let (x, y) = (
            first.works.first!...first.works.last!, second.works.first!...second.works.last!
          )
          #expect(!x.overlaps(y), "\(message): buffers \(a) and \(b)")
          let phasesOfX = Set(x.map { phaseOf[$0] })
          for phase in Set(y.map { phaseOf[$0] }).intersection(phasesOfX) {
            guard let chain = plan.joined[phase].chain else { continue }
            #expect(first.bytes == second.bytes, "\(message): buffers \(a) and \(b)")
            let slab = chain.slabs[.own(a)]
            #expect(slab != nil && slab == chain.slabs[.own(b)], "\(message): \(a) and \(b)")
          }
        }
      }
    }

    @Test("random programs and their derivatives", arguments: 0..<40)
    func programs(seed: Int) throws {
      let mixture: RandomProgram.Mixture = seed % 3 == 0 ? .large : seed % 3 == 1 ? .layers : .small
      let program = RandomProgram(
        seed: 900 + seed, dtype: seed % 2 == 0 ? .float32 : .float64, steps: 25, mixture)
      var random = SplitMix64(seed: UInt64(seed))
      try ChainOrderTests.check(program.inputs, "seed \(seed)", &random) { program.run($0) }
    }

    @Test("a recurrent layer", arguments: [(32, 5, 16, 32), (12, 3, 8, 8), (100, 2, 32, 40)])
    func recurrence(batch: Int, time: Int, size: Int, units: Int) throws {
      var random = SplitMix64(seed: 3)
      let inputs = [
        random.tensor([batch, time, size], .float32), random.tensor([size, 4 * units], .float32),
        random.tensor([units, 4 * units], .float32), random.tensor([4 * units], .float32),
      ]
      try ChainOrderTests.check(inputs, "\(batch) by \(time)", &random) { x in
        let y = lstm(x[0], kernel: x[1], recurrentKernel: x[2], bias: x[3])
        return [y.outputs, y.outputs.squared().mean()]
      }
    }

    @Test("layers, one after the other", arguments: [16, 36, 50])
    func layers(batch: Int) throws {
      var random = SplitMix64(seed: 4)
      let inputs = [
        random.tensor([batch, 8, 8, 3], .float32), random.tensor([3, 3, 3, 8], .float32),
        random.tensor([72, 32], .float32), random.tensor([32], .float32),
        random.tensor([32, 5], .float32),
      ]
      try ChainOrderTests.check(inputs, "batch \(batch)", &random) { x in
        let h = maxPool2d(relu(conv2d(x[0], x[1])), size: 2)
        let y = softmax(relu(h.reshape([batch, 72]).dot(x[2]) + x[3]).dot(x[4]))
        return [y, y.squared().sum()]
      }
    }

    /// In a process of its own: the number of threads is everybody's.
    @Test("any number of threads")
    func threads() async {
      await #expect(processExitsWith: .success) {
        var random = SplitMix64(seed: 5)
        let inputs = [
          random.tensor([32, 6, 48], .float32), random.tensor([48, 512], .float32),
          random.tensor([128, 512], .float32), random.tensor([512], .float32),
        ]
        func body(_ x: [Tensor]) -> [Tensor] {
          let y = lstm(x[0], kernel: x[1], recurrentKernel: x[2], bias: x[3])
          return [y.outputs, y.outputs.squared().mean()]
        }
        let expected = try ChainOrderTests.plan(inputs, .none, body).run(inputs)
        let plan = try ChainOrderTests.plan(inputs, .worthwhile, body)
        if !plan.joined.contains(where: { $0.works.count > 10 && $0.chain != nil }) {
          fatalError("the steps are no chain: \(plan)")
        }
        for count in [1, 2, 4, 8] {
          Machine.threadCount = count
          for _ in 0..<5 {
            if try plan.run(inputs).map({ Bits($0) }) != expected.map({ Bits($0) }) {
              fatalError("other bits with \(count) threads")
            }
          }
        }
      }
    }
  }
#endif
