import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Every pass keeps results: random programs run with all passes, without each, and without any.
@Suite("Passes keep results")
struct PassTests {
  static let options: [Plan.Options] = [
    [], .keepsIdentities, .keepsDuplicates, .isUnfused, [.keepsIdentities, .keepsDuplicates],
    [.keepsIdentities, .keepsDuplicates, .isUnfused], .isUnchained, .chainsAll,
  ]

  /// Values of a random program and of its derivatives: at once, and by a plan.
  ///
  /// - Parameter scale: of the inputs. Where a long program differs, it runs once more on inputs a
  ///   little apart: a tie that rounding has decided for a derivative is none there.
  static func compare(
    seed: Int, dtype: DType, steps: Int, _ options: Plan.Options,
    _ mixture: RandomProgram.Mixture = .small, scale: Double = 1
  ) throws {
    let program = RandomProgram(seed: seed, dtype: dtype, steps: steps, mixture)
    let inputs = program.inputs.map { $0 * scale }
    let eager = Tape()
    let variables = inputs.map { eager.variable($0) }
    let values = program.run(variables)
    let expected =
      values + eager.gradient(of: values[values.count - 1], withRespectTo: variables)

    let tape = Tape()
    let fed = program.inputs.map { tape.placeholder($0.shape, $0.dtype) }
    let traced = program.run(fed)
    let outputs =
      traced + tape.gradient(of: traced[traced.count - 1], withRespectTo: fed, recording: true)
    let bindings = fed.enumerated().map { ($1.index, Plan.Binding.fed($0)) }
    let plan = try Plan(
      tape, bindings: Dictionary(uniqueKeysWithValues: bindings), outputs: outputs, updates: [],
      options: options)
    for _ in 0..<2 {
      let found = plan.run(inputs)
      for (i, (a, b)) in zip(found, expected).enumerated() {
        // Sums in another order, through many steps.
        let isClose =
          mixture == .small && steps < 100
          ? a.isClose(to: b) : a.isClose(to: b, dtype == .float64 ? 1e-9 : 2e-3)
        if !isClose, scale == 1, steps >= 100 {
          return try compare(
            seed: seed, dtype: dtype, steps: steps, options, mixture, scale: 1 + 1e-6)
        }
        #expect(
          isClose,
          """
          \(mixture) \(dtype), seed \(seed), \(options): result \(i) of \(found.count): \(a), not \(b)
          """)
      }
    }
  }

  @Test("of values and derivatives", arguments: 0..<40)
  func agree(seed: Int) throws {
    for options in PassTests.options {
      try PassTests.compare(
        seed: seed, dtype: seed % 2 == 0 ? .float64 : .float32, steps: 40, options)
    }
  }
}
