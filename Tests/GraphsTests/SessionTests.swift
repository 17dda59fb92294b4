import Backtape
import Testing

@Suite("Session: fetches, feeds and variables of its own")
struct SessionTests {
  let graph = Graph()
  let x: Tensor
  let w: Tensor

  init() {
    x = graph.placeholder("x", [2], .float64)
    w = graph.variable("w", Tensor([10.0, 20]))
  }

  @Test("fetches see the values before the run, with and without updates")
  func fetchesSeeTheValuesBefore() throws {
    let session = Session(graph)
    let next = w + x
    for run in 0..<3 {
      let values = try session.run(
        [w, next], feeding: [x: Tensor([1.0, 2])], updating: [Update(w, to: next)])
      #expect(values[0].scalars() == [10.0 + Double(run), 20 + 2 * Double(run)])
      #expect(values[1].scalars() == [11.0 + Double(run), 22 + 2 * Double(run)])
    }
    #expect(try session.value(of: w).scalars() == [13.0, 26])
  }

  @Test("two sessions of one graph are independent, and independent of the graph's own values")
  func independentSessions() throws {
    let first = Session(graph)
    let second = Session(graph)
    let step = [Update(w, to: w * 2)]
    try first.run([], updating: step)
    try first.run([], updating: step)
    try second.run([], updating: step)
    #expect(try first.value(of: w).scalars() == [40.0, 80])
    #expect(try second.value(of: w).scalars() == [20.0, 40])
    #expect(try graph.value(of: w).scalars() == [10.0, 20])
    #expect(try Session(graph).run(w).scalars() == [10.0, 20])
  }

  @Test("a session starts from initial values, whatever functions have made of theirs")
  func initialValues() throws {
    try graph.set(w, to: Tensor([7.0, 8]))
    #expect(try Session(graph).value(of: w).scalars() == [10.0, 20])
  }

  @Test("variables declared and operations recorded after a session was made take part")
  func graphThatGrows() throws {
    let session = Session(graph)
    #expect(try session.run(w * 1).scalars() == [10.0, 20])
    let late = graph.variable("late", Tensor([1.0, 1]))
    #expect(try session.run(w + late).scalars() == [11.0, 21])
  }

  @Test("variables, placeholders, constants and plain tensors can be fetched")
  func anythingCanBeFetched() throws {
    let session = Session(graph)
    let plain = Tensor([[1, 2], [3, 4]])
    let constant = Tensor([3.0, 4]) * w
    let values = try session.run(
      [w, x, constant, plain, plain.transposed, w], feeding: [x: Tensor([5.0, 6])])
    #expect(values[0].scalars() == [10.0, 20])
    #expect(values[1].scalars() == [5.0, 6])
    #expect(values[2].scalars() == [30.0, 80])
    #expect(values[3].scalars() == [1, 2, 3, 4])
    #expect(values[4].scalars() == [1, 3, 2, 4])
    #expect(values[5].scalars() == [10.0, 20])
  }

  @Test("the same tensor twice gives two values, and no two fetches share memory")
  func fetchedTwice() throws {
    let session = Session(graph)
    let y = w * 2
    var values = try session.run([y, y, w, w])
    values[0][0] = Tensor(-1.0)
    values[2][0] = Tensor(-1.0)
    #expect(values[1].scalars() == [20.0, 40])
    #expect(values[3].scalars() == [10.0, 20])
    #expect(try session.run([y, w]).map { $0.scalars(as: Double.self) } == [[20, 40], [10, 20]])
  }

  @Test("values stay what they were when the session runs on")
  func earlierValuesStay() throws {
    let session = Session(graph)
    let views = try session.run([w[.every(-1)], w.reshape([2, 1]), w])
    try session.run([], updating: [Update(w, to: w + 1)])
    #expect(views[0].scalars() == [20.0, 10])
    #expect(views[1].scalars() == [10.0, 20])
    #expect(views[2].scalars() == [10.0, 20])
  }

  @Test("one fetch gives one tensor, a list in brackets a list")
  func oneFetch() throws {
    let session = Session(graph)
    let one: Tensor = try session.run(w * 2)
    let list = try session.run([w * 2])
    #expect(one.shape == [2])
    #expect(list.count == 1 && list[0].shape == [2])
    #expect(type(of: list) == [Tensor].self)
    #expect(try session.run([]).isEmpty)
  }

  @Test("only the placeholders a fetch needs must be fed; others may be")
  func onlyNeededPlaceholders() throws {
    let other = graph.placeholder("other", [7])
    let session = Session(graph)
    #expect(try session.run(w + 1).scalars() == [11.0, 21])
    _ = other * 2
    let y = try session.run(x + w, feeding: [x: Tensor([1.0, 1]), other: Tensor.zeros([7])])
    #expect(y.scalars() == [11.0, 21])
  }

  @Test("feeds may be views, numbers, and come in any order")
  func feeds() throws {
    let a = graph.placeholder("a", [], .float64)
    let k = graph.placeholder("k", [], .int32)
    let rows = Tensor([[1.0, 2], [3, 4]])
    let session = Session(graph)
    let y = x * a + k.cast(.float64)
    #expect(try session.run(y, feeding: [x: rows[.all, 1], a: 0.1, k: 7]).scalars() == [7.2, 7.4])
    #expect(try session.run(y, feeding: [k: 7, a: 1, x: rows[1]]).scalars() == [10.0, 11])
    let pairs = [(x, rows[0]), (a, Tensor(2.0)), (k, Tensor(1).cast(.int32))]
    #expect(try session.run(y, feeding: Feeds(pairs)).scalars() == [3.0, 5])
  }

  @Test("a value from an eager tape is fed as it is")
  func fedFromATape() throws {
    let tape = Tape()
    let v = tape.variable(Tensor([1.0, 2]))
    #expect(try Session(graph).run(x * 2, feeding: [x: v + 1]).scalars() == [4.0, 6])
  }

  @Test("a session's variable can be set")
  func set() throws {
    let session = Session(graph)
    try session.set(w, to: Tensor([[1.0, 2], [3, 4]])[.all, 0])
    #expect(try session.run(w * 2).scalars() == [2.0, 6])
    let rate = graph.variable("rate", .full([], 0.1, .float64))
    try session.set(rate, to: 0.3)
    #expect(try session.value(of: rate).scalars() == [0.3])
  }

  @Test("more requests than a session keeps plans for give the same values")
  func manyRequests() throws {
    let session = Session(graph)
    let outputs = (0..<150).map { w * Double($0) }
    for round in 0..<2 {
      for (i, y) in outputs.enumerated() {
        #expect(try session.run(y).scalars() == [10 * Double(i), 20 * Double(i)], "\(round)")
      }
    }
  }

  @Test("a session keeps its graph alive")
  func lifetime() throws {
    func made() -> (Session, Tensor) {
      let graph = Graph()
      let w = graph.variable("w", Tensor([1.0]))
      return (Session(graph), w + 1)
    }
    let (session, y) = made()
    #expect(try session.run(y).item() == 2)
  }
}
