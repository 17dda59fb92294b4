import Backtape
import Testing

@Suite("Updates: all at once, from the values before the run")
struct UpdateTests {
  let graph = Graph()
  let a: Tensor
  let b: Tensor

  init() {
    a = graph.variable("a", Tensor([[1.0, 2], [3, 4]]))
    b = graph.variable("b", Tensor([[5.0, 6], [7, 8]]))
  }

  /// The values of both variables after runs of the updates, in a session and by a function.
  func values(after runs: Int = 1, _ updates: [Update]) throws -> [[Double]] {
    let session = Session(graph)
    let function = try Function(inputs: [], outputs: [], updates: updates)
    for _ in 0..<runs {
      try session.run([], updating: updates)
      try function()
    }
    let values = try [a, b].map { try session.value(of: $0).scalars(as: Double.self) }
    #expect(try [a, b].map { try graph.value(of: $0).scalars(as: Double.self) } == values)
    return values
  }

  @Test("two variables are exchanged")
  func swap() throws {
    let updates = [Update(a, to: b), Update(b, to: a)]
    #expect(try values(updates) == [[5, 6, 7, 8], [1, 2, 3, 4]])
  }

  @Test("exchanged three times, they have changed places")
  func swapThrice() throws {
    let updates = [Update(b, to: a), Update(a, to: b)]
    #expect(try values(after: 3, updates) == [[5, 6, 7, 8], [1, 2, 3, 4]])
  }

  @Test("a variable becomes its transpose, the other its reverse")
  func viewsOfItself() throws {
    let updates = [Update(a, to: a.transposed), Update(b, to: b.flip())]
    #expect(try values(updates) == [[1, 3, 2, 4], [8, 7, 6, 5]])
  }

  @Test("views of views of each other")
  func viewsOfEachOther() throws {
    let updates = [
      Update(a, to: b.transposed.flip(axes: [0])), Update(b, to: a[0].broadcast(to: [2, 2])),
    ]
    #expect(try values(updates) == [[6, 8, 5, 7], [1, 2, 1, 2]])
  }

  @Test("a slice of itself, joined")
  func slices() throws {
    let shifted = Tensor.concatenate([a[1...], a[..<1]])
    #expect(try values([Update(a, to: shifted)])[0] == [3, 4, 1, 2])
  }

  @Test("reshaped through a vector: the same memory, looked at twice")
  func reshaped() throws {
    let rotated = Tensor.concatenate([a.flatten()[1...], a.flatten()[..<1]]).reshape([2, 2])
    #expect(try values(after: 2, [Update(a, to: rotated)])[0] == [3, 4, 1, 2])
  }

  @Test("to itself, and to a constant")
  func constants() throws {
    let constant = Tensor([[0.0, 1], [2, 3]])
    #expect(
      try values([Update(a, to: a), Update(b, to: constant)]) == [[1, 2, 3, 4], [0, 1, 2, 3]])
  }

  @Test("to a view of a constant, and to what the other was before")
  func viewOfConstant() throws {
    let constant = Tensor([[0.0, 1], [2, 3]])
    #expect(
      try values([Update(a, to: constant.transposed), Update(b, to: a + b)])
        == [[0, 2, 1, 3], [6, 8, 10, 12]])
  }

  @Test("one computed value for two variables")
  func sharedValue() throws {
    let sum = a + b
    #expect(
      try values([Update(a, to: sum), Update(b, to: sum)]) == [[6, 8, 10, 12], [6, 8, 10, 12]])
  }

  @Test("a fed value, and a view of one")
  func fed() throws {
    let x = graph.placeholder("x", [2, 2], .float64)
    let session = Session(graph)
    let data = Tensor([[1.0, 2], [3, 4]]) * 10
    let updates = [Update(a, to: x), Update(b, to: x.transposed)]
    let before = try session.run([a, x], feeding: [x: data], updating: updates)
    #expect(before[0].scalars() == [1.0, 2, 3, 4])
    #expect(try session.value(of: a).scalars() == [10.0, 20, 30, 40])
    #expect(try session.value(of: b).scalars() == [10.0, 30, 20, 40])
    try session.run([], feeding: [x: data + 1], updating: updates)
    #expect(try session.value(of: a).scalars() == [11.0, 21, 31, 41])
  }

  @Test("a number takes the variable's type")
  func literal() throws {
    let step = graph.variable("step", .full([], 1.5, .float64))
    let count = graph.variable("count", Tensor(3))
    let session = Session(graph)
    try session.run([], updating: [Update(step, to: 0.1), Update(count, to: 0)])
    #expect(try session.value(of: step).scalars() == [0.1])
    #expect(try session.value(of: count).scalars() == [0])
  }

  @Test("fetches of views see the values before")
  func fetchedViews() throws {
    let session = Session(graph)
    let fetched = try session.run(
      [a.transposed, a, a[1, 0]], updating: [Update(a, to: b), Update(b, to: a.transposed)])
    #expect(fetched[0].scalars() == [1.0, 3, 2, 4])
    #expect(fetched[1].scalars() == [1.0, 2, 3, 4])
    #expect(fetched[2].item() == 3)
    #expect(try session.value(of: b).scalars() == [1.0, 3, 2, 4])
  }

  @Test("many variables of all sizes, each with values of its own")
  func many() throws {
    let graph = Graph()
    var random = SplitMix64(seed: 21)
    // Those of middling size lie side by side, in several pieces.
    var values = (0..<60).map { number in
      random.tensor([[3], [64, 64], [300, 100], [200, 300], [600, 500]][number % 5], .float32)
    }
    let initial = values
    let variables = values.map { graph.variable("w", $0) }
    let session = Session(graph)
    let step = try Function(
      inputs: [], outputs: [], updates: variables.map { Update($0, to: $0 * 2 + 1) })
    for _ in 0..<2 {
      try step()
      values = values.map { $0 * 2 + 1 }
    }
    for (number, variable) in variables.enumerated() {
      #expect(Bits(try graph.value(of: variable)) == Bits(values[number]))
      #expect(Bits(try session.value(of: variable)) == Bits(initial[number]))
    }
  }
}
