import Backtape
import Testing

@Suite("Function: compiled parts of a graph that share its variables")
struct FunctionTests {
  @Test("train with one, predict with another")
  func sharedVariables() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [], .float64)
    let w = graph.variable("w", .full([], 1, .float64))
    let train = try Function(inputs: [x], outputs: [w], updates: [Update(w, to: w + x)])
    let predict = try Function(inputs: [x], outputs: [w * x])
    #expect(try predict(10)[0].item() == 10)
    #expect(try train(2)[0].item() == 1)
    #expect(try predict(10)[0].item() == 30)
    #expect(try graph.value(of: w).item() == 3)
    try graph.set(w, to: 0.5)
    #expect(try predict(10)[0].item() == 5)
    #expect(try train(1)[0].item() == 0.5)
    #expect(try graph.value(of: w).item() == 1.5)
  }

  @Test("values come in the inputs' order, whatever order they were declared in")
  func inputOrder() throws {
    let graph = Graph()
    let a = graph.placeholder("a", [2], .float64)
    let b = graph.placeholder("b", [2], .float64)
    let unused = graph.placeholder("unused", [3])
    let f = try Function(inputs: [b, unused, a], outputs: [a - b, b, a])
    let values = try f(Tensor([1.0, 2]), Tensor.zeros([3]), Tensor([10.0, 20]))
    #expect(values[0].scalars() == [9.0, 18])
    #expect(values[1].scalars() == [1.0, 2])
    #expect(values[2].scalars() == [10.0, 20])
  }

  @Test("numbers take the inputs' types")
  func literals() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [], .float64)
    let n = graph.placeholder("n", [], .int32)
    let f = try Function(inputs: [x, n], outputs: [x, n])
    let values = try f(0.1, 3)
    #expect(values[0].scalars() == [0.1])
    #expect(values[1].scalars() == [Int32(3)])
  }

  @Test("no inputs, no outputs, updates alone")
  func updatesAlone() throws {
    let graph = Graph()
    let n = graph.variable("n", Tensor(0))
    let count = try Function(inputs: [], outputs: [], updates: [Update(n, to: n + 1)])
    for _ in 0..<5 { #expect(try count().isEmpty) }
    #expect(try graph.value(of: n).item() == 5)
  }

  @Test("a value taken from the graph stays when the graph goes on")
  func valuesAreCopies() throws {
    let graph = Graph()
    let w = graph.variable("w", Tensor([1.0, 2]))
    let step = try Function(inputs: [], outputs: [w, w.flip()], updates: [Update(w, to: w * 2)])
    var before = try graph.value(of: w)
    let first = try step()
    try step()
    #expect(before.scalars() == [1.0, 2])
    #expect(first[0].scalars() == [1.0, 2] && first[1].scalars() == [2.0, 1])
    before[0] = Tensor(100.0)
    #expect(try graph.value(of: w).scalars() == [4.0, 8])
  }

  @Test("the initial value is the one given, whatever becomes of it")
  func initialValueIsACopy() throws {
    let graph = Graph()
    var initial = Tensor([1.0, 2])
    let w = graph.variable("w", initial)
    initial[0] = Tensor(9.0)
    #expect(try graph.value(of: w).scalars() == [1.0, 2])
    #expect(try Session(graph).value(of: w).scalars() == [1.0, 2])
  }

  @Test("a function keeps its graph alive")
  func lifetime() throws {
    func made() throws -> Function {
      let graph = Graph()
      let w = graph.variable("w", Tensor([1.0]))
      return try Function(inputs: [], outputs: [w], updates: [Update(w, to: w + 1)])
    }
    let f = try made()
    try f()
    #expect(try f()[0].item() == 2)
  }
}
