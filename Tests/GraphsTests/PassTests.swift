import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Every pass keeps results: random programs and their derivatives run with all passes, with none,
/// with each alone and with all but each.
@Suite("Passes keep results")
struct PassTests {
  static let choices: [Set<Plan.Pass>] =
    [Plan.Pass.all, []] + Plan.Pass.allCases.map { [$0] }
    + Plan.Pass.allCases.map { Plan.Pass.all.subtracting([$0]) }

  /// All, none, and by the seed one alone and all but one: programs take turns.
  static func choices(_ seed: Int) -> [Set<Plan.Pass>] {
    let passes = Plan.Pass.allCases
    let (alone, missing) = (passes[seed % passes.count], passes[(seed + 4) % passes.count])
    return [Plan.Pass.all, [], [alone], Plan.Pass.all.subtracting([missing])]
  }

  /// Compares plans of a random program and its derivatives with the tape.
  ///
  /// Passes may add sums up in another order, and a few dozen steps and their derivatives multiply
  /// what rounding does then: 170 ulps of the largest element are allowed in float32 (2e-5), 4500
  /// in float64 (1e-12); after layers or hundreds of steps 2e-3 and 1e-9.
  /// - Parameter scale: of the inputs. Where a long program differs, it runs once more on inputs a
  ///   little apart: a tie that rounding has decided for a derivative is none there.
  static func compare(
    seed: Int, steps: Int, _ choices: [Set<Plan.Pass>], _ mixture: RandomProgram.Mixture = .small,
    scale: Double = 1
  ) throws {
    let dtype: DType = seed % 2 == 0 ? .float64 : .float32
    let program = RandomProgram(seed: seed, dtype: dtype, steps: steps, mixture)
    let inputs = program.inputs.map { $0 * scale }
    let expected = program.withSlopes(inputs)
    let isShort = mixture == .small && steps < 100
    let tolerance: Double? = isShort ? nil : dtype == .float64 ? 1e-9 : 2e-3
    for passes in choices {
      let plan = try Plan.traced(like: inputs, by: passes, program.withSlopes)
      for _ in 0..<2 {
        for (i, (a, b)) in zip(try plan.run(inputs), expected).enumerated() {
          let isClose = a.isClose(to: b, tolerance)
          if !isClose, scale == 1, steps >= 100 {
            return try compare(seed: seed, steps: steps, [passes], mixture, scale: 1 + 1e-6)
          }
          #expect(
            isClose,
            """
            \(mixture) \(dtype), seed \(seed), \(passes): result \(i) of \(expected.count): \(a), \
            not \(b)
            """)
        }
      }
    }
  }

  @Test("of values and derivatives", arguments: 0..<40)
  func agree(seed: Int) throws {
    try PassTests.compare(seed: seed, steps: 40, PassTests.choices(seed))
  }

  @Test("bit by bit where nothing is added up", arguments: 0..<max(45, RandomLayerTests.count))
  func bits(seed: Int) throws {
    let dtype: DType = seed % 2 == 0 ? .float64 : .float32
    let program = RandomProgram(seed: seed, dtype: dtype, steps: 60, .exact)
    func run(_ inputs: [Tensor]) -> [Tensor] { program.run(inputs).dropLast() }
    let expected = run(program.inputs).map { Bits($0) }
    for passes in PassTests.choices(seed) {
      let plan = try Plan.traced(like: program.inputs, by: passes, run)
      for (i, (a, b)) in zip(try plan.run(program.inputs), expected).enumerated() {
        let isSame = Bits(a).isSame(as: b)
        #expect(isSame, "\(dtype), seed \(seed), \(passes): result \(i): \(a), not \(b)")
      }
    }
  }

  @Test("of variables that are updated, some in place", arguments: 0..<24)
  func updates(seed: Int) throws {
    let drawn = RandomUpdates(seed: seed)
    let feeds = drawn.feedShapes.map { Tensor.ones($0, drawn.dtype) * 0.5 }
    for passes in PassTests.choices(seed) {
      let tape = Tape()
      let variables = drawn.variables.map { Variable($0) }
      let inputs = drawn.variables.map { tape.placeholder($0.shape, $0.dtype) }
      let fed = feeds.map { tape.placeholder($0.shape, $0.dtype) }
      var bindings = [Int: Plan.Binding].feeding(fed)
      for (input, variable) in zip(inputs, variables) {
        bindings[Int(input.index)] = .variable(variable)
      }
      let plan = try Plan(
        tape, bindings: bindings, outputs: drawn.outputs.map { $0(inputs, fed) },
        updates: drawn.updates.map { (variables[$0.variable], $0.value(inputs, fed)) },
        passes: passes)
      let expected = drawn.simulate(drawn.variables, feeds)
      let found = try plan.run(feeds) + variables.map(\.value)
      for (i, (a, b)) in zip(found, expected.outputs + expected.variables).enumerated() {
        let isClose = a.isClose(to: b, drawn.dtype == .float64 ? 1e-9 : 2e-3)
        #expect(isClose, "seed \(seed), \(passes): output or variable \(i)")
      }
    }
  }

  @Test("of a variable that two records stand for", arguments: choices)
  func sharedVariable(passes: Set<Plan.Pass>) throws {
    let start = Tensor((0..<40).map(Double.init), [40])
    let tape = Tape()
    let variable = Variable(start)
    let (a, b) = (tape.placeholder([40], .float64), tape.placeholder([40], .float64))
    let plan = try Plan(
      tape,
      bindings: [Int(a.index): .variable(variable), Int(b.index): .variable(variable)],
      outputs: [b * 3], updates: [(variable, a - 0.5 * b.flip())], passes: passes)
    #expect(try Bits(plan.run([])[0]) == Bits(start * 3))
    #expect(Bits(variable.value) == Bits(start - 0.5 * start.flip()))
  }

  @Test("what is computed twice has the same bits once")
  func duplicates() throws {
    for seed in 0..<12 {
      let program = RandomProgram(seed: seed, dtype: .float32, steps: 40, .layers)
      let once = try Plan.traced(
        like: program.inputs, by: [.commonSubexpressions], program.withSlopes)
      let twice = try Plan.traced(like: program.inputs, by: [], program.withSlopes)
      let found = try once.run(program.inputs).map { Bits($0) }
      #expect(try found == twice.run(program.inputs).map { Bits($0) })
    }
  }
}
