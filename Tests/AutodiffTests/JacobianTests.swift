import Backtape
import BacktapeTensors
import Testing

/// Whole matrices of derivatives, and products with them, by several inputs and by name.
struct JacobianTests {
  private static let a = Tensor([[0.3, -0.7, 1.1], [0.9, 0.2, -0.4]])
  private static let b = Tensor([0.5, -1.5])

  /// Row by row, from pullbacks.
  private func rows(
    at inputs: [Tensor], of function: ([Tensor]) -> Tensor
  ) -> [Tensor] {
    let (value, pullback) = valueWithPullback(at: inputs, of: function)
    let rows = (0..<value.count).map { position in
      pullback(
        (Tensor.arange(value.count) .== Tensor(position)).cast(.float64).reshape(value.shape))
    }
    return inputs.indices.map { i in
      Tensor.stack(rows.map { $0[i] }).reshape(Shape(value.shape.array + inputs[i].shape.array))
    }
  }

  static let functions: [@Sendable ([Tensor]) -> Tensor] = [
    // [3], fewer than the inputs have, and [5, 2, 3], more.
    { p in (sin(p[0]) * p[1].expandDims(at: 1)).sum(axis: 0) },
    { p in Tensor.stack((1...5).map { tanh(Double($0) * p[0] * p[1].sum()) }) },
    // One number; nothing of the second; nothing at all; of an axis of none.
    { p in (p[0] * p[0]).sum() * p[1].product() },
    { p in exp(p[0]).max(axis: 1) },
    { _ in Tensor([1.0, 2]) },
    { p in p[0][.all, 3...] * p[1].sum() },
    { p in p[1] },
    { p in Tensor.concatenate([p[0].flatten().take(Tensor([5, 5, 0])), p[1], p[1] * p[0][0, 0]]) },
  ]

  @Test("Values and inputs of 8 axes have Jacobians where the other is a number")
  func manyAxes() {
    let wide: Shape = [2, 1, 1, 1, 1, 1, 1, 3]
    let x = Self.a.reshape(wide)
    let byInput = jacobian(at: x) { sin($0).sum() }
    #expect(byInput.shape == wide && areClose(byInput, cos(x)))
    let ofValue = jacobian(at: Tensor(0.5)) { $0 * x }
    #expect(ofValue.shape == wide && areClose(ofValue, x))
    let one = jacobian(at: Tensor(0.5)) { $0.squared().reshape([1, 1, 1, 1, 1, 1, 1, 1]) }
    #expect(one.rank == 8 && one.item() == 1)
  }

  @Test("Jacobians are the pullbacks of unit vectors", arguments: functions.indices)
  func jacobians(index: Int) {
    let f = Self.functions[index]
    let points = [Self.a, Self.b]
    let whole = jacobian(at: points, of: f)
    if f(points).count > 0 {
      for (whole, rows) in zip(whole, rows(at: points, of: f)) { #expect(areClose(whole, rows)) }
    }
    #expect(whole[0].shape == Shape(f(points).shape.array + [2, 3]))
    let compiledWhole = compiled { (p: [Tensor]) in jacobian(at: p, of: f) }(points)
    for (a, b) in zip(whole, compiledWhole) { #expect(areClose(a, b)) }
    // Differentiated again, from both sides.
    let slope = gradient(at: Self.a) { a in jacobian(at: [a, Self.b], of: f)[0].squared().sum() }
    let expected = gradient(at: Self.a) { a in
      let value = f([a, Self.b])
      return (0..<value.count).map { i in
        gradient(at: a) { f([$0, Self.b]).flatten()[i] }.squared().sum()
      }.reduce(Tensor(0.0), +)
    }
    #expect(areClose(slope, expected))
  }

  @Test("A large Jacobian is made in blocks")
  func blocks() {
    let x = Tensor.arange(0.0, 2100.0, .float64) / 2100
    let whole = jacobian(at: x) { sin($0) }
    #expect(areClose(whole.sum(axis: 1), cos(x)))
    #expect(areClose(whole[2099, 2099], cos(x)[2099]))
  }

  @Test("Hessians by several inputs, and products with them")
  func hessians() {
    let f: ([Tensor]) -> Tensor = { p in (sin(p[0]) * exp(p[1]).expandDims(at: 1)).sum() * p[1][0] }
    let blocks = hessian(at: [Self.a, Self.b], of: f)
    #expect(blocks[0][1].shape == [2, 3, 2])
    #expect(areClose(blocks[0][0], hessian(at: Self.a) { f([$0, Self.b]) }))
    #expect(areClose(blocks[1][1], hessian(at: Self.b) { f([Self.a, $0]) }))
    #expect(areClose(blocks[0][1].permute([2, 0, 1]), blocks[1][0]))
    let u = Self.a * 2
    let v = Self.b - 1
    #expect(hessianVectorProduct(at: [], along: []) { _ in Tensor(1.0) }.isEmpty)
    let product = hessianVectorProduct(at: [Self.a, Self.b], along: [u, v], of: f)
    let first =
      (blocks[0][0] * u).sum(axes: [2, 3]) + (blocks[0][1] * v).sum(axis: 2)
    #expect(areClose(product[0], first))
    #expect(
      areClose(product[1], (blocks[1][0] * u).sum(axes: [1, 2]) + (blocks[1][1] * v).sum(axis: 1)))
  }

  @Test("Everything by name")
  func names() {
    let f: ([String: Tensor]) -> Tensor = { p in tanh(p["a"]!) * p["b"]!.expandDims(at: 1) }
    let g: ([Tensor]) -> Tensor = { p in f(["a": p[0], "b": p[1]]) }
    let named = ["a": Self.a, "b": Self.b]
    let list = [Self.a, Self.b]
    let along = jvp(at: named, along: ["b": Self.b * 3], of: f)
    #expect(areClose(along, jvp(at: list, along: [.zeros([2, 3], .float64), Self.b * 3], of: g)))
    let back = vjp(at: named, along: Self.a, of: f)
    #expect(areClose(back["b"]!, vjp(at: list, along: Self.a, of: g)[1]))
    #expect(areClose(vjp(at: Self.a, along: Self.a) { sin($0) }, cos(Self.a) * Self.a))
    #expect(areClose(jacobian(at: named, of: f)["b"]!, jacobian(at: list, of: g)[1]))
    let loss: ([String: Tensor]) -> Tensor = { f($0).squared().sum() }
    let blocks = hessian(at: named, of: loss)
    #expect(areClose(blocks["a"]!["b"]!, hessian(at: list) { g($0).squared().sum() }[0][1]))
    let product = hessianVectorProduct(at: named, along: ["a": Self.a], of: loss)
    #expect(areClose(product["b"]!, (blocks["b"]!["a"]! * Self.a).sum(axes: [1, 2])))
    let (value, slope) = valueWithGradient(at: named, of: loss)
    #expect(areClose(value, loss(named)))
    #expect(areClose(slope["a"]!, gradient(at: Self.a) { loss(["a": $0, "b": Self.b]) }))
    let (before, derivative) = valueWithDerivative(at: list, along: list, of: g)
    #expect(areClose(before, g(list)) && areClose(derivative, jvp(at: list, along: list, of: g)))
  }

  @Test("The transposed Jacobian and the Jacobian are transposes")
  func transposes() {
    for f in Self.functions {
      let points = [Self.a, Self.b]
      let directions = [Self.b.expandDims(at: 1) * Self.a, Self.b * 2]
      let along = jvp(at: points, along: directions, of: f)
      let cotangent = Tensor.randomNormal(along.shape, key: RandomKey(seed: 8), .float64)
      let back = vjp(at: points, along: cotangent, of: f)
      let left = (along * cotangent).sum()
      let right = (back[0] * directions[0]).sum() + (back[1] * directions[1]).sum()
      #expect((left - right).item() as Double == 0 || left.allClose(right, relative: 1e-12))
    }
  }

  @Test("A gradient by an intermediate value, and through a stop")
  func intermediates() {
    let tape = Tape()
    let x = tape.variable(Self.b)
    let hidden = sin(x)
    let y = (hidden * hidden * x).sum()
    let slopes = tape.gradient(of: y, withRespectTo: [hidden, x])
    #expect(areClose(slopes[0], 2 * sin(Self.b) * Self.b))
    #expect(areClose(slopes[1], sin(Self.b) * (sin(Self.b) + 2 * cos(Self.b) * Self.b)))
    let stopped = gradient(at: Self.b) { x in (sin(x).stopGradient() * x).sum() }
    #expect(areClose(stopped, sin(Self.b)))
    let second = gradient(at: Self.b) { x in
      gradient(at: x) { x in (x.stopGradient() * x * x).sum() }.sum()
    }
    #expect(areClose(second, 2 * Self.b))
  }

  @Test("A Jacobian by many inputs is one walk")
  func manyInputs() {
    func records(_ n: Int) -> Int {
      let tape = Tape()
      let inputs = (0..<n).map { tape.variable(Tensor([Double($0), 1])) }
      _ = jacobian(at: inputs) { x in x.dropFirst().reduce(x[0]) { tanh($0 + $1) } }
      return tape.count
    }
    #expect(records(80) < 5 * records(20))
  }
}
