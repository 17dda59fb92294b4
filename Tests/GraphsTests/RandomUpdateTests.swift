import Backtape
import Testing

/// Functions and sessions that change variables in place: everything sees the values before the
/// run, whatever is handed out stays as it was, however values are fed.
@Suite("Random updates: in place as if not")
struct RandomUpdateTests {
  static let count = max(60, environment("BACKTAPE_FUZZ") ?? 0)

  /// Feeds as they come: without gaps, turned, repeated, flipped, with gaps, or another's result.
  struct Feeder {
    var random: SplitMix64
    let dtype: DType

    mutating func feed(_ shape: Shape, _ results: [Tensor]) -> Tensor {
      switch Int.random(in: 0..<7, using: &random) {
      case 0 where shape.rank == 2:
        return random.tensor([shape[1], shape[0]], dtype).transposed
      case 1 where shape.rank > 0:
        return random.tensor([shape.last], dtype).broadcast(to: shape)
      case 2: return random.tensor(shape, dtype).flip()
      case 3 where shape.rank > 0:
        return random.tensor(shape.with(3 * shape[0], at: 0), dtype)
          .slice(axis: 0, 1..<3 * shape[0], step: 3)
      case 4:
        return results.last { $0.shape == shape } ?? random.tensor(shape, dtype)
      default: return random.tensor(shape, dtype)
      }
    }
  }

  func isClose(_ a: Tensor, _ b: Tensor) -> Bool {
    a.isClose(to: b, a.dtype == .float64 ? 1e-9 : 2e-3)
  }

  @Test("by functions and sessions, several runs", arguments: 0..<count)
  func agree(seed: Int) throws {
    let drawn = RandomUpdates(seed: seed)
    let graph = Graph()
    let variables = drawn.variables.enumerated().map { graph.variable("v\($0)", $1) }
    let fed = drawn.feedShapes.enumerated().map { graph.placeholder("x\($0)", $1, drawn.dtype) }
    let outputs = drawn.outputs.map { $0(variables, fed) }
    let updates = drawn.updates.map { Update(variables[$0.variable], to: $0.value(variables, fed)) }
    let function = try Function(inputs: fed, outputs: outputs, updates: updates)
    let half = try Function(inputs: fed, outputs: [], updates: Array(updates.prefix(2)))
    let session = Session(graph)
    let usesSession = seed % 3 == 0

    var feeder = Feeder(random: SplitMix64(seed: UInt64(seed) + 9), dtype: drawn.dtype)
    var values = drawn.variables
    var kept: [(tensor: Tensor, bits: Bits)] = []
    for run in 0..<5 {
      var feeds = drawn.feedShapes.map { feeder.feed($0, kept.map(\.tensor)) }
      if run == 2 { feeds[1] = feeds[0] }
      let expected = drawn.simulate(values, feeds)
      let found =
        usesSession
        ? try session.run(outputs, feeding: Feeds(Array(zip(fed, feeds))), updating: updates)
        : try function(feeds[0], feeds[1], feeds[2])
      for (i, (a, b)) in zip(found, expected.outputs).enumerated() {
        #expect(isClose(a, b), "seed \(seed), run \(run), output \(i)")
      }
      values = expected.variables
      for (i, (variable, value)) in zip(variables, values).enumerated() {
        let now = usesSession ? try session.value(of: variable) : try graph.value(of: variable)
        #expect(isClose(now, value), "seed \(seed), run \(run), variable \(i)")
        values[i] = now
      }
      // What is written to fed values or results afterwards is the writer's alone.
      for i in feeds.indices where feeds[i].rank > 0 { feeds[i][0] = 1e6 }
      for (i, result) in found.enumerated() where i % 2 == run % 2 {
        kept.append((result, Bits(result)))
        var copy = result
        if copy.rank > 0 { copy[0] = -1e6 }
      }
      if run == 3 && !usesSession {
        // The plan reads the values that were fed, not what their owner made of them.
        try half(feeds[0], feeds[1], feeds[2])
        for i in values.indices { values[i] = try graph.value(of: variables[i]) }
        let next = drawn.simulate(values, feeds).variables
        for i in feeds.indices where feeds[i].rank > 0 { feeds[i][0] = 2e6 }
        half.plan.step()
        for update in drawn.updates.prefix(2) {
          let now = try graph.value(of: variables[update.variable])
          #expect(isClose(now, next[update.variable]), "seed \(seed), step")
        }
        for i in values.indices { values[i] = try graph.value(of: variables[i]) }
      }
      // Values stay in range.
      for i in values.indices {
        values[i] = tanh(values[i])
        if usesSession {
          try session.set(variables[i], to: values[i])
        } else {
          try graph.set(variables[i], to: values[i])
        }
      }
    }
    for (tensor, bits) in kept { #expect(Bits(tensor) == bits, "seed \(seed), kept") }
  }
}
