import Backtape
import Testing

@Suite("Graph: what it declares and derives")
struct GraphTests {
  @Test("declared tensors have shape and type, and no value")
  func declarations() {
    let graph = Graph()
    let x = graph.placeholder("x", [4, 3])
    let w = graph.variable("w", Tensor([[1.0], [2.0], [3.0]]))
    let n = graph.variable("n", Tensor([1, 2]))
    #expect(x.shape == [4, 3] && x.dtype == .float32)
    #expect(w.shape == [3, 1] && w.dtype == .float64)
    #expect(n.dtype == .int64)
    #expect(graph.allVariables.map(\.shape) == [[3, 1], [2]])
    #expect("\(x)" == "Tensor(shape: [4, 3], dtype: float32, not yet computed)")
  }

  @Test("the description has one line for each record, with names, numbers and attributes")
  func description() {
    let graph = Graph()
    let x = graph.placeholder("x", [4, 3], .float64)
    let w = graph.variable("w", Tensor.zeros([3, 1], .float64))
    let l = sigmoid(x.dot(w))
    graph.name(l, "l")
    _ = (0.5 * l).sum(axis: 0)
    #expect(
      graph.description
        == """
        x = placeholder             [4, 3] float64
        w = variable                [3, 1] float64
        %2 = dot(x, w)              [4, 1] float64
        l = sigmoid(%2)             [4, 1] float64
        %4 = multiply(0.5, l)       [4, 1] float64
        %5 = sum(%4, axes: [0])     [1] float64
        """.replacingDoubleSpaces(graph.description))
  }

  @Test("a name that is taken gets a number")
  func repeatedNames() {
    let graph = Graph()
    _ = graph.placeholder("x", [1])
    _ = graph.placeholder("x", [2])
    _ = graph.variable("x", Tensor([1.0]))
    _ = graph.placeholder("x_1", [3])
    let names = graph.description.split(separator: "\n").map { $0.prefix { $0 != " " } }
    #expect(names == ["x", "x_1", "x_2", "x_1_1"])
  }

  @Test("gradients are more graph: they can be fetched, used and derived again")
  func secondDerivatives() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [3], .float64)
    let first = graph.gradients(of: (x * x * x).sum(), withRespectTo: [x])[0]
    let second = graph.gradients(of: first.sum(), withRespectTo: [x])[0]
    let third = graph.gradients(of: second.sum(), withRespectTo: [x])[0]
    let values = try Session(graph).run(
      [first, second, third], feeding: [x: Tensor([1.0, 2, -3])])
    #expect(values[0].scalars() == [3.0, 12, 27])
    #expect(values[1].scalars() == [6.0, 12, -18])
    #expect(values[2].scalars() == [6.0, 6, 6])
  }

  @Test("a Hessian's product with a fed vector, by a gradient of a gradient")
  func hessianVectorProduct() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [2], .float64)
    let v = graph.placeholder("v", [2], .float64)
    let f = x[0] * x[0] * x[1] + sin(x[1])
    let g = graph.gradients(of: f, withRespectTo: [x])[0]
    let product = graph.gradients(of: (g * v).sum(), withRespectTo: [x])[0]
    let value = try Session(graph).run(
      product, feeding: [x: Tensor([2.0, 3.0]), v: Tensor([1.0, 10.0])])
    // The Hessian is [[2 b, 2 a], [2 a, -sin b]] at (a, b).
    #expect(value.allClose(Tensor([6.0 + 40, 4 - 10 * 0.1411200080598672]), relative: 1e-14))
  }

  @Test("a loss that does not depend on a variable has zeros as its gradient")
  func unconnected() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [2])
    let w = graph.variable("w", Tensor.ones([3, 2]))
    let gradients = graph.gradients(of: x.sum(), withRespectTo: [w, x])
    let values = try Session(graph).run(gradients, feeding: [x: Tensor([Float(1), 2])])
    #expect(values[0].shape == [3, 2] && values[0].scalars() == [Float](repeating: 0, count: 6))
    #expect(values[1].scalars() == [Float(1), 1])
    #expect(
      graph.gradients(of: Tensor(1.0), withRespectTo: [w])[0].scalars(as: Float.self).allSatisfy {
        $0 == 0
      })
  }

  @Test("gradients with respect to a tensor between, and past stopGradient")
  func gradientsInside() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [2], .float64)
    let y = x * 3
    let loss = (y * y + y.stopGradient() * x).sum()
    let gradients = graph.gradients(of: loss, withRespectTo: [y, x])
    let values = try Session(graph).run(gradients, feeding: [x: Tensor([1.0, 2])])
    #expect(values[0].scalars() == [6.0, 12])
    #expect(values[1].scalars() == [21.0, 42])
  }

  @Test("the gradient functions work on placeholders, and give more graph")
  func gradientFunction() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [2], .float64)
    let g = gradient(at: x) { ($0 * $0 * $0).sum() }
    #expect(try Session(graph).run(g, feeding: [x: Tensor([1.0, 2])]).scalars() == [3.0, 12])
  }

  @Test("empty tensors, rank 0 and extents of 1 go through a graph")
  func degenerateShapes() throws {
    let graph = Graph()
    let empty = graph.placeholder("empty", [0, 3], .float64)
    let number = graph.placeholder("number", [], .float64)
    let one = graph.variable("one", Tensor([[2.0]]))
    let y = empty.sum() + number * one
    let gradients = graph.gradients(of: y.sum(), withRespectTo: [empty, number, one])
    let values = try Session(graph).run(
      [y] + gradients, feeding: [empty: Tensor.zeros([0, 3], .float64), number: 5])
    #expect(values.map(\.shape) == [[1, 1], [0, 3], [], [1, 1]])
    #expect(values[0].scalars() == [10.0])
    #expect(values[2].item() == 2 && values[3].item() == 5)
  }
}

extension String {
  /// The listing with its columns as wide as another's: the test is about words.
  fileprivate func replacingDoubleSpaces(_ other: String) -> String {
    func words(_ text: String) -> [[Substring]] {
      text.split(separator: "\n").map { $0.split(separator: " ") }
    }
    return words(self) == words(other) ? other : self
  }
}
