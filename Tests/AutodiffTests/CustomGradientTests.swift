import Backtape
import BacktapeTensors
import Testing

/// Functions with a derivative of the user's.
struct CustomGradientTests {
  private static let x = Tensor([0.3, -0.7, 1.1])

  private func derivative(
    _ order: Int, at x: Tensor, _ function: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    if order == 0 { return function(x) }
    return gradient(at: x) { x in self.derivative(order - 1, at: x, function).sum() }
  }

  /// log(1 + exp(x)), whose derivative is written so that it does not overflow.
  private static func softplus(_ x: Tensor) -> Tensor {
    customGradient { x in (log(1 + exp(x)), { g in g * (1 - 1 / (1 + exp(x))) }) }(x)
  }

  @Test("The pullback is the derivative, of any order", arguments: 0...5)
  func anyOrder(order: Int) {
    let expected = derivative(order, at: Self.x) { log(1 + exp($0)) }
    let x = Self.x
    #expect(areClose(derivative(order, at: x, Self.softplus), expected))
    #expect(
      areClose(
        derivative(order, at: x) { Self.softplus(2 * $0) },
        derivative(order, at: x) { log(1 + exp(2 * $0)) }))
    let exponential = customGradient { x in
      let y = exp(x)
      return (y, { g in g * y })
    }
    #expect(areClose(derivative(order, at: x, exponential), exp(x)))
  }

  @Test("It need not be the derivative")
  func anyPullback() {
    let reversed = customGradient { x in (x, { g in -g }) }
    #expect(
      gradient(at: Self.x) { (reversed($0) * $0).sum() }.allClose(
        Tensor([0.0, 0, 0]), relative: 0, absolute: 0))
    let clipped = customGradient { x in (x, { g in g.clip(-1, 1) }) }
    #expect(
      gradient(at: Self.x) { (100 * clipped($0)).sum() }.allClose(
        Tensor([1.0, 1, 1]), relative: 0, absolute: 0))
    let constant = customGradient { x in (Tensor([1.0, 1, 1]), { g in 7 * g }) }
    #expect(
      gradient(at: Self.x) { constant($0).sum() }.allClose(
        Tensor([7.0, 7, 7]), relative: 0, absolute: 0))
    // The second derivative is that of the pullback, through what it uses of the function.
    let third = customGradient { x in (x * x * x, { g in g * sin(x) }) }
    let second = gradient(at: Self.x) { x in gradient(at: x) { third($0).sum() }.sum() }
    #expect(second.allClose(cos(Self.x), relative: 1e-14))
  }

  @Test("Several arguments, some without a derivative")
  func severalArguments() {
    let f = customGradient { p in
      let places = p[2]
      let rows = p[0].take(places) * p[1]
      return (rows, { g in [nil, g * 10, nil] })
    }
    let places = Tensor([2, 0])
    let slopes = gradient(at: [Self.x, Tensor([1.0, 2])]) { p in f([p[0], p[1], places]).sum() }
    #expect(slopes[0].allClose(Tensor.zeros([3], .float64), relative: 0, absolute: 0))
    #expect(slopes[1].allClose(Tensor([10.0, 10]), relative: 0, absolute: 0))
    #expect(
      f([Self.x, Tensor([1.0, 2]), places]).allClose(Tensor([1.1, 0.6]), relative: 0, absolute: 0))
  }

  @Test("Forward products, Hessians, checkpoints and compiled functions")
  func transformations() {
    let x = Self.x
    let v = Tensor([1.0, 0.5, -2])
    let f: (Tensor) -> Tensor = { x in log(1 + exp(x)) * x }
    let g: (Tensor) -> Tensor = { x in Self.softplus(x) * x }
    #expect(areClose(jvp(at: x, along: v, of: g), jvp(at: x, along: v, of: f)))
    #expect(
      areClose(hessian(at: x) { g($0).sum() }, hessian(at: x) { f($0).sum() }))
    let slope = gradient(at: x) { f($0).sum() }
    #expect(areClose(gradient(at: x) { x in checkpoint(x, g).sum() }, slope))
    #expect(areClose(compiled { (x: Tensor) in gradient(at: x) { g($0).sum() } }(x), slope))
    let inside = compiled(g)
    #expect(areClose(gradient(at: x) { inside($0).sum() }, slope))
    let second = gradient(at: x) { x in gradient(at: x) { f($0).sum() }.sum() }
    #expect(
      areClose(gradient(at: x) { x in gradient(at: x) { inside($0).sum() }.sum() }, second))
    let along = compiled { (p: [Tensor]) in [jvp(at: p[0], along: p[1], of: g)] }
    #expect(areClose(along([x, v])[0], slope * v))
    let nested = customGradient { x in
      (Self.softplus(x), { g in g * Self.softplus(x) })
    }
    #expect(
      areClose(
        gradient(at: x) { x in gradient(at: x) { nested($0).sum() }.sum() },
        gradient(at: x) { log(1 + exp($0)).sum() }))
    #expect(checkGradients(of: { g($0).sum() }, at: x, order: 2).agrees)
  }

  @Test("In a graph")
  func graph() throws {
    let graph = Graph()
    let x = graph.placeholder("x", [3], .float64)
    let y = (Self.softplus(x) * x).sum()
    let slope = graph.gradients(of: y, withRespectTo: [x])[0]
    let run = try Function(inputs: [x], outputs: [y, slope])
    let results = try run(Self.x)
    #expect(areClose(results[0], (Self.softplus(Self.x) * Self.x).sum()))
    #expect(areClose(results[1], gradient(at: Self.x) { (Self.softplus($0) * $0).sum() }))
  }

  @Test("A tensor of the tape that is no argument is refused, unless its derivative is stopped")
  func captures() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1.0, 2.0])) { w in
        customGradient { x in (x * w, { g in g * w }) }(Tensor([1.0, 1.0])).sum()
      }
    }
    #expect(
      String(decoding: try #require(result).standardErrorContent, as: UTF8.self).contains(
        "customGradient: the function uses a tensor of shape [2] of the tape that is none of its"))
    let slope = gradient(at: Self.x) { w in
      let fixed = w.stopGradient()
      return customGradient { x in (x * fixed, { g in g * fixed * 2 }) }(w).sum()
    }
    #expect(areClose(slope, 2 * Self.x))
    let plain = gradient(at: Self.x) { w in
      customGradient { x in (x * Self.x, { g in g * Self.x * 3 }) }(w).sum()
    }
    #expect(areClose(plain, 3 * Self.x))
  }

  @Test("A pullback of wrong shapes or too few cotangents is refused")
  func wrongPullbacks() async throws {
    let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1.0, 2.0])) { x in
        customGradient { x in (x * 2, { g in g.sum() }) }(x).sum()
      }
    }
    #expect(
      String(decoding: try #require(shapes).standardErrorContent, as: UTF8.self).contains(
        "customGradient: the pullback gives a cotangent of shape [] for argument 0 of shape [2]"))
    let counts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = gradient(at: Tensor([1.0, 2.0])) { x in
        customGradient { p in (p[0] * p[1], { g in [g] }) }([x, x]).sum()
      }
    }
    #expect(
      String(decoding: try #require(counts).standardErrorContent, as: UTF8.self).contains(
        "customGradient: the pullback gives 1 cotangents for 2 arguments"))
  }
}
