import Backtape
import Testing

/// Functions and sessions called from several tasks: as if one after the other.
@Suite("Plans in several tasks")
struct PlanConcurrencyTests {
  /// A network with its training function, its weights in a graph of its own.
  struct Trained: Sendable {
    let graph = Graph()
    let weights: [Tensor]
    let train: Function

    init(_ seed: UInt64, side: Int = 40) throws {
      var random = SplitMix64(seed: seed)
      let x = graph.placeholder("x", [64, side], .float64)
      let first = graph.variable("a", random.tensor([side, side], .float64) * 0.1)
      let second = graph.variable("b", random.tensor([side, side], .float64) * 0.1)
      weights = [first, second]
      let loss = tanh(tanh(x.dot(first)).dot(second)).squared().mean()
      let slopes = graph.gradients(of: loss, withRespectTo: weights)
      train = try Function(
        inputs: [x], outputs: [loss],
        updates: zip(weights, slopes).map { Update($0, to: $0 - 0.5 * $1) })
    }

    func values() throws -> [Bits] { try weights.map { Bits(try graph.value(of: $0)) } }
  }

  static func data(_ seed: UInt64, side: Int = 40) -> Tensor {
    var random = SplitMix64(seed: seed)
    return random.tensor([64, side], .float64)
  }

  @Test("one function from many tasks: every call sees whole values")
  func oneFunction() async throws {
    let graph = Graph()
    let w = graph.variable("w", Tensor.zeros([30_000], .float64))
    let x = graph.placeholder("x", [30_000], .float64)
    let add = try Function(inputs: [x], outputs: [w, w + x], updates: [Update(w, to: w + x)])
    let ones = Tensor.ones([30_000], .float64)
    let seen = try await withThrowingTaskGroup(of: [Double].self) { group in
      for _ in 0..<4 {
        group.addTask {
          try (0..<25).map { _ in
            let found = try add(ones)
            // All elements are of one run, though others go on meanwhile.
            #expect(found[0].min().item() == found[0].max().item())
            #expect(found[1].min().item() == found[0].max().item() + 1)
            return found[0].max().item()
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(seen.sorted() == (0..<100).map(Double.init))
    #expect(try graph.value(of: w).min().item() == 100)
  }

  @Test("two functions of one graph, and looks at its variables")
  func twoFunctions() async throws {
    let graph = Graph()
    let a = graph.variable("a", Tensor.zeros([20_000]))
    let b = graph.variable("b", Tensor.zeros([20_000]))
    let up = try Function(
      inputs: [], outputs: [a - b], updates: [Update(a, to: a + 1), Update(b, to: b + 1)])
    let down = try Function(
      inputs: [], outputs: [b - a], updates: [Update(b, to: a - 1), Update(a, to: b - 1)])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for function in [up, down, up, down] {
        group.addTask {
          for _ in 0..<50 {
            let found = try function()
            #expect(abs(found[0]).max().item() == 0)
          }
        }
      }
      group.addTask {
        for _ in 0..<50 {
          let value = try graph.value(of: a)
          #expect(value.min().item() == value.max().item())
        }
      }
      try await group.waitForAll()
    }
    let last = try graph.value(of: a)
    #expect(abs(last).max().item() == 0)
  }

  @Test("one session from many tasks")
  func oneSession() async throws {
    let graph = Graph()
    let w = graph.variable("w", Tensor.zeros([5000], .float64))
    let session = Session(graph)
    let fetches = (0..<8).map { w * Double($0) }
    let update = Update(w, to: w + 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          for i in 0..<20 {
            let found = try session.run(fetches[(i + task) % 8], updating: [update])
            #expect(found.min().item() == found.max().item())
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try session.value(of: w).min().item() == 80)
  }

  @Test("two models at once have the results of one after the other")
  func twoModels() async throws {
    func trained(_ seed: UInt64) throws -> [Bits] {
      let model = try Trained(seed)
      for step in 0..<30 {
        try model.train(PlanConcurrencyTests.data(seed &+ UInt64(step)))
      }
      return try model.values()
    }
    let expected = try [trained(1), trained(2)]
    try await withThrowingTaskGroup(of: (Int, [Bits]).self) { group in
      for task in 0..<4 { group.addTask { (task % 2, try trained(UInt64(task % 2) + 1)) } }
      for try await (model, values) in group { #expect(values == expected[model]) }
    }
  }
}
