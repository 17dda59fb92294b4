import Backtape
import BacktapeTensors
import Testing

/// Derivatives of derivatives, and derivatives inside functions that are differentiated.
struct HigherOrderTests {
  /// The derivative of an order of an elementwise function.
  private func derivative(
    _ order: Int, at x: Tensor, of function: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    if order == 0 { return function(x) }
    return gradient(at: x) { x in self.derivative(order - 1, at: x, of: function).sum() }
  }

  @Test("x^5, sin and exp to the fifth order", arguments: 0...5)
  func fiveOrders(order: Int) {
    let x = Tensor([0.7, -1.2, 2.0])
    let falling = (0..<order).reduce(1.0) { $0 * Double(5 - $1) }
    #expect(
      derivative(order, at: x) { $0.power(5) }.allClose(
        falling * x.power(5 - order), relative: 1e-13))
    #expect(
      derivative(order, at: x) { $0 * $0 * $0 * $0 * $0 }.allClose(
        falling * x.power(5 - order), relative: 1e-13))
    let sines = [sin(x), cos(x), -sin(x), -cos(x)]
    #expect(derivative(order, at: x) { sin($0) }.allClose(sines[order % 4], relative: 1e-13))
    #expect(derivative(order, at: x) { exp($0) }.allClose(exp(x), relative: 1e-13))
  }

  @Test("The inner variable is not confused with the outer one")
  func perturbationsStayApart() {
    let one = gradient(at: Tensor(1.0)) { x in x * gradient(at: Tensor(1.0)) { y in x + y } }
    #expect(one.item() == 1)
    // The inner derivative is x², so the whole x³.
    let cubic = gradient(at: Tensor(2.0)) { x in x * gradient(at: Tensor(5.0)) { y in x * x * y } }
    #expect(cubic.item() == 12)
    let along = jvp(at: Tensor(1.0), along: Tensor(1.0)) { x in
      x * jvp(at: Tensor(1.0), along: Tensor(1.0)) { y in x + y }
    }
    #expect(along.item() == 1)
  }

  @Test("An inner gradient at the outer variable")
  func innerGradientAtTheOuterVariable() {
    let x = Tensor([1.0, 2.0])
    let slope = gradient(at: x) { x in
      let inner = gradient(at: x) { ($0 * $0 * $0).sum() }
      return (inner * x).sum()
    }
    #expect(slope.allClose(9 * x * x, relative: 1e-15))
    let three = gradient(at: x) { x in
      gradient(at: x) { y in (y * y * x).sum() }.sum()  // 2 y x at y = x; by the x in it, too
    }
    #expect(three.allClose(4 * x, relative: 1e-15))
  }

  @Test("A closure over the outer variable and over plain tensors")
  func closuresOverOuterTensors() {
    let a = Tensor(3.0)
    let slope = gradient(at: Tensor(2.0)) { x in
      let inner = gradient(at: a) { b in x * b * b }  // 2 x a
      return inner * inner  // 4 x² a²
    }
    #expect(slope.item() == 8 * 2 * 9)
  }

  @Test("Forward products inside gradients, and gradients inside forward products")
  func mixedModes() {
    let x = Tensor([0.4, -0.9])
    let v = Tensor([1.5, 0.5])
    let slope = gradient(at: x) { x in jvp(at: x, along: v) { sin($0) }.sum() }  // cos(x) v
    #expect(slope.allClose(-sin(x) * v, relative: 1e-14))
    let along = jvp(at: x, along: v) { x in gradient(at: x) { sin($0).sum() } }
    #expect(along.allClose(-sin(x) * v, relative: 1e-14))
    let byDirection = gradient(at: v) { v in jvp(at: x, along: v) { sin($0) }.sum() }
    #expect(byDirection.allClose(cos(x), relative: 1e-14))
    let product = gradient(at: x) { x in
      hessianVectorProduct(at: x, along: v) { ($0 * $0 * $0).sum() }.sum()
    }
    #expect(product.allClose(6 * v, relative: 1e-14))
  }

  @Test("A pullback is linear, and differentiable in its cotangent")
  func pullbackOfAPullback() {
    let x = Tensor([0.4, -0.9])
    let (value, pullback) = valueWithPullback(at: [x]) { exp($0[0]) }
    #expect(value.allClose(exp(x), relative: 1e-15))
    #expect(pullback(2 * x)[0].allClose(2 * x * exp(x), relative: 1e-15))
    #expect(pullback(x)[0].allClose(x * exp(x), relative: 1e-15))
    let byCotangent = gradient(at: x) { u in pullback(u)[0].sum() }
    #expect(byCotangent.allClose(exp(x), relative: 1e-15))
  }

  @Test("Gradients in compiled closures, and of them")
  func compiledClosures() {
    let x = Tensor([0.4, -0.9, 1.3])
    let slope = compiled { (x: Tensor) in gradient(at: x) { ($0 * sin($0)).sum() } }
    let expected = sin(x) + x * cos(x)
    for _ in 0..<3 { #expect(slope(x).allClose(expected, relative: 1e-14)) }
    #expect(slope(x[0]).allClose(expected[0], relative: 1e-14))
    let function = compiled { (x: Tensor) in x * sin(x) }
    #expect(gradient(at: x) { function($0).sum() }.allClose(expected, relative: 1e-14))
    let second = gradient(at: x) { slope($0).sum() }
    #expect(second.allClose(2 * cos(x) - x * sin(x), relative: 1e-14))
    let hessians = compiled { (x: Tensor) in hessian(at: x) { $0.power(3).sum() } }
    #expect(hessians(x).allClose(6 * x * Tensor.eye(3, nil, .float64), relative: 1e-14))
  }

  @Test("A Newton step inside a function is differentiated through")
  func newtonStep() {
    // One step for y² = a from y0 = 1: (1 + a) / 2.
    let slope = gradient(at: Tensor(3.0)) { a in
      let y = Tensor(1.0)
      let miss: (Tensor) -> Tensor = { $0 * $0 - a }
      return y - miss(y) / gradient(at: y, of: miss)
    }
    #expect(slope.item() == 0.5)
  }
}
