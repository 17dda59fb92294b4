import Backtape
import Testing

@Suite("compiled: derivatives through it, in it, and of it")
struct CompiledDerivativeTests {
  let x = Tensor([0.5, -1.25, 2])

  /// With known derivatives: sin(x) x^3 summed.
  func f(_ x: Tensor) -> Tensor { (sin(x) * x * x * x).sum() }

  var first: Tensor { gradient(at: x, of: f) }
  var second: Tensor { gradient(at: x) { gradient(at: $0, of: f).sum() } }

  @Test("the eager derivatives these tests compare with are right")
  func reference() {
    let s = sin(x)
    let c = cos(x)
    #expect(first.allClose(c * x * x * x + 3 * s * x * x, relative: 1e-14))
    #expect(second.allClose(-s * x * x * x + 6 * c * x * x + 6 * s * x, relative: 1e-13))
  }

  @Test("gradient of compiled, once and twice, from one trace")
  func gradientOfCompiled() {
    var traces = 0
    let g = compiled { (x: Tensor) -> Tensor in
      traces += 1
      return f(x)
    }
    #expect(Bits(g(x)) == Bits(f(x)))
    #expect(Bits(gradient(at: x) { g($0) }) == Bits(first))
    #expect(gradient(at: x) { gradient(at: $0) { g($0) }.sum() }.allClose(second, relative: 1e-14))
    #expect(traces == 1)
  }

  @Test("compiled of a gradient, and its gradient")
  func compiledOfGradient() {
    let g = compiled { (x: Tensor) in gradient(at: x) { f($0) } }
    #expect(Bits(g(x)) == Bits(first))
    #expect(Bits(g(x)) == Bits(first))
    #expect(gradient(at: x) { g($0).sum() }.allClose(second, relative: 1e-14))
  }

  @Test("compiled of a gradient of a gradient")
  func compiledOfSecondDerivative() {
    let h = compiled { (x: Tensor) in gradient(at: x) { gradient(at: $0) { f($0) }.sum() } }
    #expect(h(x).allClose(second, relative: 1e-14))
  }

  @Test("compiled inside compiled, and derivatives through both")
  func nested() {
    var traces = (inner: 0, outer: 0)
    let inner = compiled { (x: Tensor) -> Tensor in
      traces.inner += 1
      return sin(x) * x
    }
    let outer = compiled { (x: Tensor) -> Tensor in
      traces.outer += 1
      return (inner(x) * x * x).sum() + inner(x).sum() * 0
    }
    #expect(outer(x).allClose(f(x), relative: 1e-15))
    #expect(outer(x * 1).allClose(f(x), relative: 1e-15))
    #expect(gradient(at: x) { outer($0) }.allClose(first, relative: 1e-14))
    #expect(compiled { gradient(at: $0) { outer($0) } }(x).allClose(first, relative: 1e-14))
    #expect(traces.inner == 1 && traces.outer == 1)
  }

  @Test("arguments some of which are tracked")
  func mixedArguments() {
    let g = compiled { (x: [Tensor]) in [(x[0] * x[1]).sum(), x[1]] }
    let c = Tensor([2.0, 3, 4])
    let gradients = gradient(at: [x]) { g([$0[0], c])[0] }
    #expect(gradients[0].scalars() == [2.0, 3, 4])
    #expect(gradient(at: x) { g([c, $0])[1].sum() }.scalars() == [1.0, 1, 1])
  }

  @Test("jvp, pullback and Hessian products in it and through it")
  func products() {
    let v = Tensor([1.0, -2, 0.5])
    let tangent = first * v
    let g = compiled { (x: Tensor) in sin(x) * x * x * x }
    #expect(jvp(at: x, along: v) { g($0) }.allClose(tangent, relative: 1e-14))
    let inside = compiled { (p: [Tensor]) -> [Tensor] in
      let product = jvp(at: p[0], along: p[1]) { sin($0) * $0 * $0 * $0 }
      let (value, pullback) = valueWithPullback(at: [p[0]]) { [sin($0[0]) * $0[0]][0] }
      return [product, value, pullback(p[1])[0]]
    }
    let values = inside([x, v])
    #expect(values[0].allClose(tangent, relative: 1e-14))
    #expect(values[1].allClose(sin(x) * x, relative: 1e-15))
    #expect(values[2].allClose(v * (cos(x) * x + sin(x)), relative: 1e-14))
    let hessian = compiled { (x: Tensor) in hessianVectorProduct(at: x, along: v) { f($0) } }
    #expect(hessian(x).allClose(second * v, relative: 1e-13))
  }

  @Test("a gradient of a gradient over a tensor of the outer function")
  func perturbationConfusion() {
    // d/dx (x d/dy (x y)) is d/dx x², not d/dx x.
    let g = compiled { (x: Tensor) in
      gradient(at: x) { x in x * gradient(at: Tensor(2.0)) { x * $0 } }
    }
    #expect(g(Tensor(3.0)).item() == 6)
    let h = compiled { (x: Tensor) in x * gradient(at: Tensor(2.0)) { x * $0 } }
    #expect(gradient(at: Tensor(3.0)) { h($0) }.item() == 6)
  }

  @Test("called on a graph's tensors it becomes part of the graph")
  func inGraph() throws {
    let graph = Graph()
    let p = graph.placeholder("p", [3], .float64)
    let g = compiled { (x: Tensor) in (sin(x) * x * x * x).sum() }
    let derivative = graph.gradients(of: g(p), withRespectTo: [p])[0]
    #expect(Bits(try Session(graph).run(derivative, feeding: [p: x])) == Bits(first))
  }

  @Test("several losses of several tensors")
  func severalInputs() {
    let step = compiled { (p: [Tensor]) -> [Tensor] in
      let (loss, g) = valueWithGradient(at: p) { (($0[0].dot($0[1]) - 1) * 2).squared().sum() }
      return [loss] + zip(p, g).map { $0 - 0.01 * $1 }
    }
    var eager = [Tensor([[1.0, 2], [3, 4]]), Tensor([[0.5], [-0.5]])]
    var traced = eager
    for _ in 0..<5 {
      let (loss, g) = valueWithGradient(at: eager) {
        (($0[0].dot($0[1]) - 1) * 2).squared().sum()
      }
      eager = zip(eager, g).map { $0 - 0.01 * $1 }
      let values = step(traced)
      traced = Array(values[1...])
      #expect(Bits(values[0]) == Bits(loss))
      #expect(zip(eager, traced).allSatisfy { Bits($0) == Bits($1) })
    }
  }
}
