import Backtape
import Testing

/// Rows that inputs name by number: looked at before anything changes.
@Suite("Indices that are fed")
struct IndexTests {
  let graph = Graph()
  let ids: Tensor
  let table: Tensor
  let updates: [Update]
  let rows: Tensor

  init() {
    ids = graph.placeholder("ids", [2, 3], .int64)
    table = graph.variable("table", Tensor((0..<10).map(Double.init), [5, 2]))
    rows = embedding(ids, table)
    let slope = graph.gradients(of: rows.squared().sum(), withRespectTo: [table])[0]
    updates = [Update(table, to: table - slope)]
  }

  private func ids(_ last: Int) -> Tensor { Tensor([0, 4, 1, 1, 0, last], [2, 3]) }

  @Test("one outside is thrown by name, and variables stay", arguments: [5, -1, Int.max, Int.min])
  func outside(index: Int) throws {
    let before = Bits(try graph.value(of: table))
    let step = try Function(inputs: [ids], outputs: [rows], updates: updates)
    let session = Session(graph)
    for error in [
      graphError { () throws(GraphError) in try step(ids(index)) },
      graphError { () throws(GraphError) in
        try session.run(rows, feeding: [ids: ids(index)], updating: updates)
      },
    ] {
      #expect(error == .wrongIndex(input: "ids", index: index, extent: 5))
      #expect(
        error?.description == """
          'ids' names row \(index), and there are rows 0..<5; to count from the end, add the extent
          """)
    }
    #expect(Bits(try graph.value(of: table)) == before)
    #expect(Bits(try session.value(of: table)) == before)
    #expect(try step(ids(2))[0].scalars(as: Double.self).suffix(2) == [4, 5])
  }

  @Test("after a failure a plan steps on what it was fed before")
  func stepAfterFailure() throws {
    let count = graph.variable("count", Tensor(0.0))
    let step = try Function(
      inputs: [ids], outputs: [], updates: [Update(count, to: count + rows.sum())])
    try step(ids(0))
    let once = try graph.value(of: count).item()
    #expect(throws: GraphError.self) { try step(ids(9)) }
    step.plan.step()
    #expect(try graph.value(of: count).item() == 2 * once)
  }

  @Test("through conversions and movements, where only some elements are used")
  func movements() throws {
    let x = graph.placeholder("x", [3, 4], .float32)
    let places = x.transposed[1].flip().reshape([1, 3]).cast(.uint8)
    let f = try Function(inputs: [x], outputs: [table.take(places)])
    var data = Tensor.full([3, 4], 1e9, .float32)
    data[.all, 1] = Tensor([0, 1, 4]).cast(.float32)
    #expect(try f(data)[0].scalars(as: Double.self) == [8, 9, 2, 3, 0, 1])
    data[1, 1] = 5
    let error = graphError { () throws(GraphError) in try f(data) }
    #expect(error == .wrongIndex(input: "x", index: 5, extent: 5))
  }

  @Test("variables as indices, labels of a loss, and rows along other axes")
  func others() throws {
    let choice = graph.variable("choice", Tensor([0, 1]))
    let chosen = try Function(
      inputs: [], outputs: [table.take(choice, axis: 1)], updates: [Update(choice, to: choice + 1)])
    try chosen()
    let error = graphError { () throws(GraphError) in try chosen() }
    #expect(error == .wrongIndex(input: "choice", index: 2, extent: 2))
    #expect(try graph.value(of: choice).scalars(as: Int.self) == [1, 2])

    let labels = graph.placeholder("labels", [5], .int32)
    let loss = try Function(inputs: [labels], outputs: [crossEntropy(table, labels)])
    let wrong = graphError { () throws(GraphError) in
      try loss(Tensor([0, 1, 1, 2, 0]).cast(.int32))
    }
    #expect(wrong == .wrongIndex(input: "labels", index: 2, extent: 2))

    let picked = Tensor.zeros([2, 4]).takeAlongAxis(ids, axis: 1)
    let along = try Function(inputs: [ids], outputs: [picked])
    let fourth = graphError { () throws(GraphError) in try along(ids(4)) }
    #expect(fourth == .wrongIndex(input: "ids", index: 4, extent: 4))
  }

  @Test("a feed on a tape, and one with gaps")
  func unusualFeeds() throws {
    let f = try Function(inputs: [ids], outputs: [rows])
    let tracked = Tape().variable(ids(3))
    #expect(try f(tracked)[0].shape == [2, 3, 2])
    let turned = Tensor([0, 1, 7, 2, 3, 4], [3, 2]).transposed
    let error = graphError { () throws(GraphError) in try f(turned) }
    #expect(error == .wrongIndex(input: "ids", index: 7, extent: 5))
  }

  @Test("plans without such inputs have nothing to look at")
  func free() throws {
    let x = graph.placeholder("x", [2, 3], .int64)
    #expect(try Function(inputs: [ids], outputs: [rows]).plan.takesIndices)
    #expect(try !Function(inputs: [x], outputs: [x * 2, table]).plan.takesIndices)
    // Numbers computed in the run, and those known before it.
    #expect(try !Function(inputs: [x], outputs: [table.take(x % 5)]).plan.takesIndices)
    #expect(try !Function(inputs: [], outputs: [table.take([0, 1])]).plan.takesIndices)
  }

  @Test("compiled traps by the argument's number, before it runs")
  func compiledFunctions() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let f = compiled { [embedding($0[1], $0[0])] }
      _ = f([Tensor.zeros([5, 2]), Tensor([0, 5])])
    }
    let text = result.map { String(decoding: $0.standardErrorContent, as: UTF8.self) } ?? ""
    #expect(text.contains("compiled: 'argument 1' names row 5, and there are rows 0..<5"))
  }
}
