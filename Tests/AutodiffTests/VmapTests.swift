import Backtape
import BacktapeTensors
import Testing

/// Functions of many examples are what the function of one gives for each of them.
struct VmapTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Of one example: `[3, 4]`, `[4, 2]`, and integers `[3]` in 0..<3.
    let function: @Sendable (Tensor, Tensor, Tensor) -> Tensor

    init(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor, Tensor) -> Tensor) {
      testDescription = name
      self.function = function
    }
  }

  static let cases = [
    Case("elementwise of one") { x, _, _ in sin(x) + exp(-abs(x)) * tanh(x) + sigmoid(x).squared()
    },
    Case("elementwise of two") { x, y, _ in atan2(x, y.transposed[0]) + maximum(x, y.transposed[1])
    },
    Case("numbers on both sides") { x, _, _ in 2 / (3 + x * x) - 1 + (1 - x) },
    Case("select and comparisons") { x, y, _ in .where(x .> y.sum(), x * 2, y.mean()) },
    Case("types") { x, y, i in (x * i.expandDims(at: 1)).cast(.float32).cast(.float64) + y.sum() },
    Case("sum and mean") { x, y, _ in x.sum(axis: 0) + y.mean(axis: 1) + x.sum() },
    Case("max and min") { x, y, _ in x.max(axis: 1) + y.min() * x.max() },
    Case("argmax and argmin") { x, y, _ in
      (x.argmax(axis: 1) + y.argmin(axis: 0).sum()).cast(.float64) * x.sum(axis: 1)
    },
    Case("reshape and permute") { x, y, _ in
      x.reshape([2, 6]).transposed.reshape([3, 4]) * x + y.transposed.sum(axis: 0)
    },
    Case("broadcast") { x, y, _ in y.sum().broadcast(to: [3, 4]) * x[0].broadcast(to: [3, 4]) },
    Case("slices and flips") { x, y, _ in
      x[.every(-2), 1...] * 2 + y.flip(axes: [0])[1..<4].sum(axis: 1) + x[2, 3]
    },
    Case("pad and concatenate") { x, y, _ in
      Tensor.concatenate([x.pad(axis: 1, before: 1, after: 2), y.sum() * Tensor.ones([2, 7])])
    },
    Case("windows and fold") { x, y, _ in
      let windows = x.windows(axis: 1, size: 2, step: 1)
      return (windows * y[0]).fold(axis: 1, extent: 5, step: 1, dilation: 1)
    },
    Case("gather of both") { x, y, i in x.take(i) * y.transposed[0] },
    Case("gather by shared indices") { x, _, _ in x.take(Tensor([2, 2, 0, 1])) },
    Case("gather of shared rows") { x, _, i in
      Tensor([[1.0, 2], [3, 4], [5, 6]]).take(i) * x.sum()
    },
    Case("gather of shared columns") { _, _, i in
      Tensor([[1.0, 2, 7], [3, 4, 8]]).take(i, axis: 1)
    },
    Case("along an axis") { x, _, i in x.takeAlongAxis(i.expandDims(at: 1), axis: 1) },
    Case("along an axis, shared indices") { x, _, _ in
      x.takeAlongAxis(Tensor([[1, 3], [0, 0], [2, 1]]), axis: 1)
    },
    Case("along an axis, shared rows") { x, _, i in
      Tensor([[1.0, 2, 7], [3, 4, 8], [0, 5, 9]]).takeAlongAxis(i.expandDims(at: 1), axis: 1)
        * x.sum()
    },
    Case("scatter by the rule of gather") { x, _, i in
      gradient(at: x) { ($0.take(i) * $0.take(Tensor([1, 1, 2]))).sum() }
    },
    Case("scatter of shared cotangents") { x, _, i in
      gradient(at: Tensor.ones([3, 2], .float64)) { $0.take(i).sum() } * x.sum()
    },
    Case("dot of both") { x, y, _ in x.dot(y) },
    Case("dot with shared matrices") { x, y, _ in
      x.dot(Tensor([[1.0, 2], [3, 4], [5, 6], [7, 8]])) + Tensor([[1.0, 2, 3, 4]]).dot(y)
    },
    Case("matmul with batch axes") { x, y, _ in
      let stacked = Tensor.stack([x, 2 * x])
      let shared = Tensor.arange(0.0, 24.0, .float64).reshape([2, 4, 3])
      return stacked.matmul(shared).matmul(stacked) + shared.transposed.matmul(y).sum()
    },
    Case("shared matrices with batch axes on the left") { x, y, _ in
      Tensor.arange(0.0, 24.0, .float64).reshape([2, 3, 4]).matmul(Tensor.stack([y, y * 3]))
    },
    Case("a derivative inside") { x, y, _ in gradient(at: x) { sin($0.dot(y)).sum() } },
    Case("a Hessian inside") { x, y, _ in hessian(at: x[0]) { sin($0.dot(y)).sum() } },
    Case("a forward product inside") { x, y, _ in jvp(at: x, along: x * x) { exp($0.dot(y)) } },
    Case("a checkpoint inside") { x, y, _ in
      gradient(at: x) { x in checkpoint(x) { tanh($0.dot(y)) }.squared().sum() }
    },
    Case("a custom rule inside") { x, y, _ in
      gradient(at: x) { x in
        customGradient { p in (p[0].dot(p[1]), { g in [g.dot(p[1].transposed) * p[0], nil] }) }(
          [x, y]
        ).squared().sum()
      }
    },
    Case("a compiled function inside") { x, y, _ in
      compiled { (p: [Tensor]) in [sin(p[0]).dot(p[1])] }([x, y])[0]
    },
    Case("another map inside") { x, y, _ in
      vmap({ row in row.dot(y) * row.sum() })(x) + vmap({ $0.sum() }, inAxes: 1)(y)
    },
    Case("layers of networks inside") { x, y, _ in
      let image = x.expandDims(at: 0).expandDims(at: 3)
      let kernel = softplus(y[0] * Tensor.ones([2, 2, 1, 2], .float64))
      let features = maxPool2d(conv2d(image, kernel, padding: .same), size: 2)
      return layerNorm(features.reshape([2, 2]), scale: y[1], offset: y[2])
    },
    Case("kernels of convolutions inside") { x, y, _ in
      let image = x.expandDims(at: 0).expandDims(at: 3)
      return gradient(at: y.reshape([2, 2, 1, 2])) { k in conv2d(image, k).squared().sum() }
    },
    Case("nothing of the examples") { _, _, _ in Tensor([1.0, 2]) },
    Case("an argument") { x, _, _ in x },
  ]

  static let x = Tensor.randomNormal([5, 3, 4], key: RandomKey(seed: 1), .float64)
  static let y = Tensor.randomNormal([5, 4, 2], key: RandomKey(seed: 2), .float64)
  static let i = Tensor([[0, 1, 2], [2, 2, 2], [1, 0, 0], [0, 0, 1], [2, 0, 1]])

  /// Every example by itself.
  private func looped(
    _ function: (Tensor, Tensor, Tensor) -> Tensor, _ x: Tensor, _ y: Tensor, _ i: Tensor
  ) -> Tensor {
    .stack((0..<5).map { n in function(x[n], y[n], i[n]) })
  }

  private func mapped(
    _ function: @escaping (Tensor, Tensor, Tensor) -> Tensor, _ x: Tensor, _ y: Tensor, _ i: Tensor
  ) -> Tensor {
    vmap({ (p: [Tensor]) in [function(p[0], p[1], p[2])] })([x, y, i])[0]
  }

  @Test("Every primitive, with examples in all operands or in some", arguments: cases)
  func primitives(of aCase: Case) {
    let f = aCase.function
    let (x, y, i) = (Self.x, Self.y, Self.i)
    #expect(areClose(mapped(f, x, y, i), looped(f, x, y, i)))
    // One argument shared.
    let shared = vmap({ (p: [Tensor]) in [f(p[0], p[1], p[2])] }, inAxes: [0, nil, nil])
    #expect(areClose(shared([x, y[0], i[0]])[0], .stack((0..<5).map { f(x[$0], y[0], i[0]) })))
    // Differentiated, and the derivative once more.
    let slope = gradient(at: [x, y]) { p in sin(self.mapped(f, p[0], p[1], i)).sum() }
    let expected = gradient(at: [x, y]) { p in sin(self.looped(f, p[0], p[1], i)).sum() }
    for (a, b) in zip(slope, expected) { #expect(areClose(a, b)) }
    let second = gradient(at: x) { x in
      (gradient(at: x) { sin(self.mapped(f, $0, y, i)).sum() } * x).sum()
    }
    let secondExpected = gradient(at: x) { x in
      (gradient(at: x) { sin(self.looped(f, $0, y, i)).sum() } * x).sum()
    }
    #expect(areClose(second, secondExpected))
    // In a plan.
    let plan = compiled { (p: [Tensor]) in [self.mapped(f, p[0], p[1], p[2])] }
    #expect(areClose(plan([x, y, i])[0], looped(f, x, y, i)))
  }

  @Test("Axes of examples in arguments and results, counted from either end")
  func axes() {
    let x = Self.x.moveAxis(0, to: 2)
    let y = Self.y.moveAxis(0, to: 1)
    let mapped = vmap({ $0.dot($1) }, inAxes: (-1, 1), outAxes: 2)(x, y)
    #expect(areClose(mapped, Self.x.matmul(Self.y).moveAxis(0, to: 2)))
    let sums = vmap({ (x: Tensor) in x.sum() }, inAxes: 1)(Tensor([[1.0, 2, 3], [4, 5, 6]]))
    #expect(areClose(sums, Tensor([5.0, 7, 9])))
    let shared = vmap({ $0 * $1 }, inAxes: (nil, 0))(Tensor(3.0), Tensor([1.0, 2]))
    #expect(areClose(shared, Tensor([3.0, 6])))
    #expect(vmap({ (x: Tensor) in exp(x).sum() })(Tensor.zeros([0, 3], .float64)).shape == [0])
  }

  @Test("Gradients example by example, by parameters that they share")
  func gradientsOfExamples() {
    let w = Tensor.randomNormal([4, 2], key: RandomKey(seed: 3), .float64)
    let loss: (Tensor, Tensor, Tensor) -> Tensor = { w, x, y in (tanh(x.dot(w)) - y).squared().sum()
    }
    let x = Self.x[.all, 0]
    let y = Self.y[.all, 0]
    let slopes = vmap({ (p: [Tensor]) in [gradient(at: w) { loss($0, p[0], p[1]) }] })([x, y])[0]
    let expected = Tensor.stack((0..<5).map { n in gradient(at: w) { loss($0, x[n], y[n]) } })
    #expect(areClose(slopes, expected))
    // The parameters' own derivative of how large they are.
    let outer = gradient(at: w) { w in
      vmap({ (p: [Tensor]) in [gradient(at: w) { loss($0, p[0], p[1]) }.squared().sum()] })(
        [x, y])[0].sum()
    }
    let outerExpected = gradient(at: w) { w in
      (0..<5).map { n in gradient(at: w) { loss($0, x[n], y[n]) }.squared().sum() }.reduce(
        Tensor(0.0), +)
    }
    #expect(areClose(outer, outerExpected))
    let named = ["w": w]
    let byName = vmap({ (x: Tensor) in gradient(at: named) { loss($0["w"]!, x, y[0]) }["w"]! })(x)
    #expect(byName.shape == [5, 4, 2])
  }

  @Test("Forward products of mapped functions, and on a tape of one's own")
  func around() {
    let f: (Tensor) -> Tensor = { x in vmap({ sin($0).sum() * $0 })(x) }
    let g: (Tensor) -> Tensor = { x in sin(x).sum(axis: 1).expandDims(at: 1) * x }
    let x = Self.x[0]
    let v = Self.x[1]
    #expect(areClose(jvp(at: x, along: v, of: f), jvp(at: x, along: v, of: g)))
    #expect(areClose(hessian(at: x) { f($0).sum() }, hessian(at: x) { g($0).sum() }))
    let tape = Tape()
    let variable = tape.variable(x)
    let slope = tape.gradient(of: f(variable).sum(), withRespectTo: [variable])[0]
    #expect(areClose(slope, gradient(at: x) { g($0).sum() }))
    let mixed = vmap({ $0.dot($1) }, inAxes: (0, nil))(x, variable[0])
    let byShared = tape.gradient(of: mixed.sum(), withRespectTo: [variable])[0]
    #expect(areClose(byShared, gradient(at: x) { x in Self.x[0].dot(x[0]).sum() }))
  }

  @Test("Operations that give 8 axes are done for one example after the other")
  func allAxes() {
    let kernel = Tensor.randomNormal([2, 1, 2, 2, 1], key: RandomKey(seed: 1), .float64)
    let x = Tensor.randomNormal([3, 2, 3, 2, 3, 2], key: RandomKey(seed: 2), .float64)
    let functions: [@Sendable (Tensor) -> Tensor] = [
      { conv3d($0, kernel, padding: .same) },
      { maxPool3d($0, size: 2, stride: 1) * avgPool3d($0, size: 2, stride: 1) },
      { checkpoint($0) { tanh(conv3d($0, kernel)) } },
      { $0.reshape([2, 3, 2, 1, 1, 3, 1, 2]).flip(axes: [1]).sum(axis: 4) },
    ]
    for f in functions {
      let examples = (0..<3).map { x[$0] }
      #expect(vmap(f)(x).allClose(.stack(examples.map(f)), relative: 1e-14, absolute: 1e-14))
      let slope: (Tensor) -> Tensor = { x in gradient(at: x) { f($0).squared().sum() } }
      let slopes = Tensor.stack(examples.map(slope))
      #expect(vmap(slope)(x).allClose(slopes, relative: 1e-13, absolute: 1e-13))
      #expect(
        gradient(at: x) { vmap(f)($0).squared().sum() }.allClose(
          slopes, relative: 1e-13, absolute: 1e-13))
      #expect(compiled { vmap(slope)($0) }(x).allClose(slopes, relative: 1e-13, absolute: 1e-13))
      #expect(vmap(f)(x[0..<0]).shape[0] == 0)
    }
  }

  @Test("What does not fit is refused by name")
  func refusals() async throws {
    func text(_ result: ExitTest.Result?) throws -> String {
      String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    }
    let counts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap({ $0 + $1 })(Tensor([1.0, 2]), Tensor([1.0, 2, 3]))
    }
    #expect(
      try text(counts).contains(
        "vmap: argument 1 of shape [3] has 3 examples along axis 0, those before have 2"))
    let scalar = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap({ $0 + 1 })(Tensor(1.0))
    }
    #expect(try text(scalar).contains("vmap: axis 0 does not exist in argument 0 of shape []"))
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap({ [$0[0]] }, inAxes: [nil])([Tensor(1.0)])
    }
    #expect(try text(none).contains("vmap: no argument has an axis of examples"))
    let value = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap({ (x: Tensor) in x.item() > 0 ? x : -x })(Tensor([1.0, 2]))
    }
    #expect(try text(value).contains("the value of a traced tensor of shape [] was read"))
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = vmap({ (x: Tensor) in x.reshape([1, 1, 1, 1, 1, 1, 1, 1]) })(Tensor([1.0, 2]))
    }
    #expect(try text(rank).contains("vmap: one example gives shape [1, 1, 1, 1, 1, 1, 1, 1]"))
  }
}
