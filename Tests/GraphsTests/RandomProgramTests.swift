import Backtape
import Testing

/// The four ways to run one computation agree, values and derivatives alike: plans add sums up in
/// an order of their own, everything else has the same bits.
@Suite("Random programs: eager, session, function and compiled agree")
struct RandomProgramTests {
  static let cases: [(seed: Int, dtype: DType)] = (0..<36).map { (i: Int) in
    (i, i % 2 == 0 ? DType.float64 : .float32)
  }

  func compare(_ found: [Tensor], _ expected: [Tensor], _ what: Comment) {
    #expect(found.count == expected.count, what)
    for (i, (a, b)) in zip(found, expected).enumerated() {
      #expect(a.isClose(to: b), "\(what.rawValue), result \(i)")
    }
  }

  @Test("values and derivatives", arguments: cases)
  func agree(seed: Int, dtype: DType) throws {
    let program = RandomProgram(seed: seed, dtype: dtype, steps: 40)
    let inputs = program.inputs
    let expected = program.withSlopes(inputs)
    let count = expected.count - inputs.count
    #expect(expected[count - 1].item().isFinite)
    compare(program.run(inputs), Array(expected[..<count]), "plain")

    let graph = Graph()
    let fed = inputs.enumerated().map { graph.placeholder("x\($0)", $1.shape, $1.dtype) }
    let values = program.run(fed)
    let fetches = values + graph.gradients(of: values[count - 1], withRespectTo: fed)
    let session = Session(graph)
    let other = inputs.map { $0 * 0.75 - 0.125 }
    let feeds = Feeds(Array(zip(fed, inputs)))
    compare(try session.run(fetches, feeding: feeds), expected, "session")
    compare(
      try session.run(fetches, feeding: Feeds(Array(zip(fed, other)))), program.withSlopes(other),
      "session, other values")
    compare(try session.run(fetches, feeding: feeds), expected, "session again")

    // Any one of them alone needs fewer records.
    for (fetch, value) in zip(fetches, expected) {
      #expect(try session.run(fetch, feeding: feeds).isClose(to: value))
    }
  }

  @Test("with variables, and updates by their own gradients", arguments: cases[..<12])
  func descend(seed: Int, dtype: DType) throws {
    let program = RandomProgram(seed: seed, dtype: dtype, steps: 30)
    let graph = Graph()
    let variables = program.inputs.enumerated().map { graph.variable("w\($0)", $1) }
    let values = program.run(variables)
    let gradients = graph.gradients(of: values[values.count - 1], withRespectTo: variables)
    let step = try Function(
      inputs: [], outputs: values + gradients,
      updates: zip(variables, gradients).map { Update($0, to: $0 - 0.1 * $1) })
    var weights = program.inputs
    for _ in 0..<3 {
      let expected = program.withSlopes(weights)
      compare(try step(), expected, "function")
      weights = zip(weights, expected.suffix(weights.count)).map { $0 - 0.1 * $1 }
      compare(try variables.map { try graph.value(of: $0) }, weights, "variables")
    }
  }

  @Test("compiled, and derivatives in it and through it", arguments: cases[..<24])
  func compiledPrograms(seed: Int, dtype: DType) {
    let program = RandomProgram(seed: seed, dtype: dtype, steps: 40)
    let inputs = program.inputs
    let expected = program.withSlopes(inputs)
    let count = expected.count - inputs.count
    let f = compiled(program.run)
    for _ in 0..<2 { compare(f(inputs), Array(expected[..<count]), "compiled") }
    compare(program.withSlopes(inputs), expected, "eager again")

    let inside = compiled { x in gradient(at: x) { program.run($0)[count - 1] } }
    compare(inside(inputs), Array(expected[count...]), "gradient in compiled")
    let through = gradient(at: inputs) { f($0)[count - 1] }
    compare(through, Array(expected[count...]), "gradient of compiled")
  }

  @Test("second derivatives along a direction", arguments: cases[..<12])
  func secondDerivatives(seed: Int, dtype: DType) throws {
    let program = RandomProgram(seed: seed, dtype: .float64, steps: 20)
    let inputs = program.inputs
    func directional(_ x: [Tensor], _ gradient: ([Tensor]) -> [Tensor]) -> Tensor {
      gradient(x).map { ($0 * 0.5).sum() }.reduce(Tensor.zeros([], .float64), +)
    }
    func loss(_ x: [Tensor]) -> Tensor { program.run(x).last! }
    let expected = gradient(at: inputs) { x in directional(x) { gradient(at: $0, of: loss) } }

    let graph = Graph()
    let fed = inputs.enumerated().map { graph.placeholder("x\($0)", $1.shape, $1.dtype) }
    let slope = directional(fed) { graph.gradients(of: loss($0), withRespectTo: $0) }
    let second = graph.gradients(of: slope, withRespectTo: fed)
    let values = try Session(graph).run(second, feeding: Feeds(Array(zip(fed, inputs))))
    for (a, b) in zip(values, expected) {
      #expect(a.allClose(b, relative: 1e-9, absolute: 1e-11))
    }
  }

  @Test("programs are long, mixed in rank and use every input")
  func variety() {
    let programs = RandomProgramTests.cases.map {
      RandomProgram(seed: $0.seed, dtype: $0.dtype, steps: 40)
    }
    #expect(programs.allSatisfy { $0.steps.count == 40 })
    let used = programs.map { Set($0.steps.flatMap(\.operands)) }
    #expect((0..<4).allSatisfy { input in used.contains { $0.contains(input) } })
    let ranks = Set(programs.flatMap { program in program.run(program.inputs).map(\.rank) })
    #expect(ranks.isSuperset(of: [0, 1, 2, 3]))
  }
}
