import Backtape
import BacktapeTensors
import Testing

/// Differentiable primitives of float64 against central differences, to the second order.
struct FiniteDifferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let function: @Sendable ([Tensor]) -> Tensor

    init(_ name: String, _ function: @escaping @Sendable ([Tensor]) -> Tensor) {
      testDescription = name
      self.function = function
    }
  }

  /// Two matrices of positive numbers without ties.
  static let inputs = [
    Tensor([[0.3, 1.2, 0.7], [0.9, 0.45, 1.6]]), Tensor([[1.1, 0.35, 0.8], [0.6, 1.4, 0.25]]),
  ]

  static let cases = [
    Case("negate") { -$0[0] * $0[0] }, Case("abs") { abs($0[0] - 0.5) * $0[0] },
    Case("exp") { exp($0[0]) }, Case("expm1") { expm1($0[0]) }, Case("log") { log($0[0]) },
    Case("log1p") { log1p($0[0]) }, Case("sin") { sin($0[0]) }, Case("cos") { cos($0[0]) },
    Case("tan") { tan(0.5 * $0[0]) }, Case("tanh") { tanh($0[0]) },
    Case("sigmoid") { sigmoid($0[0]) }, Case("erf") { erf($0[0]) }, Case("sqrt") { sqrt($0[0]) },
    Case("rsqrt") { rsqrt($0[0]) },
    Case("add") { ($0[0] + $0[1]).squared() }, Case("subtract") { ($0[0] - $0[1]).squared() },
    Case("multiply") { $0[0] * $0[1] }, Case("divide") { $0[0] / $0[1] },
    Case("power") { $0[0].power($0[1]) }, Case("power of a number") { $0[0].power(2.5) },
    Case("number to a power") { pow(0.7, $0[0]) },
    Case("maximum") { maximum($0[0], $0[1]).squared() },
    Case("minimum") { minimum($0[0], $0[1]).squared() },
    Case("remainder") { ($0[0] % $0[1]).squared() }, Case("atan2") { atan2($0[0], $0[1]) },
    Case("atan2 with a number") { atan2($0[0], 0.3) },
    Case("select") { .where($0[0] .< $0[1], $0[0] * $0[1], exp($0[1])) },
    Case("sum") { $0[0].sum(axis: 0).squared() },
    Case("max, shared") { $0[0].max(axes: [0]).squared() },
    Case("max, first") { $0[0].max(axis: 1).squared() },
    Case("min, shared") { $0[0].min(axes: [0, 1]).squared() },
    Case("min, first") { $0[0].min(axis: 0).squared() },
    Case("reshape") { $0[0].reshape([3, 2]).squared() },
    Case("broadcast") {
      exp($0[0].broadcast(to: [2, 2, 3])) * Tensor.arange(12).reshape([2, 2, 3])
    },
    Case("permute") { $0[0].transposed.squared() * Tensor.arange(6).reshape([3, 2]) },
    Case("slice") { $0[0].slice(axis: 1, 0..<3, step: 2).squared() },
    Case("pad") { ($0[0].pad(axis: 1, before: 1, after: 2) + 1).power(3) },
    Case("flip") { $0[0].flip(axes: [1]).squared() * Tensor.arange(6).reshape([2, 3]) },
    Case("concatenate") { Tensor.concatenate([$0[0], $0[1], $0[0]], axis: 1).power(3) },
    Case("windows") { $0[0].windows(axis: 1, size: 2).power(3) },
    Case("windows with a step and a dilation") {
      Tensor.concatenate($0, axis: 1).windows(axis: 1, size: 2, step: 2, dilation: 3).power(3)
    },
    Case("fold") {
      Tensor.concatenate($0, axis: 0).reshape([2, 2, 3]).fold(axis: 1, extent: 5, step: 2).power(3)
    },
    Case("gather") { $0[0].take([[2, 0], [2, 2]], axis: 1).power(3) },
    Case("gather with a batch") {
      $0[0].takeAlongAxis([[2, 2, 1], [0, 1, 1]], axis: 1).power(3)
    },
    Case("scatterAdd") { x in
      gradient(at: x[1]) { ($0.take([1, 1, 0], axis: 0) * x[0][0] * $0.sum()).sum() } * 0.1
    },
    Case("dot") { $0[0].dot($0[1].transposed).squared() },
    Case("dot with a batch") {
      $0[0].reshape([2, 1, 3]).matmul($0[1].reshape([2, 3, 1])).squared()
    },
    Case("dropout") {
      dropout($0[0], rate: 0.5, uniforms: Tensor([[0.1, 0.9, 0.6], [0.7, 0.2, 0.8]])).squared()
    },
    Case("crossEntropies") { crossEntropies($0[0], [2, 0]) },
    Case("scan") { x in
      scan(x[0], initial: [x[1][0]]) { state, row in
        let next = sin(state[0]) * row
        return ([next], next)
      }.outputs
    },
    Case("dot of higher ranks") {
      $0[0].reshape([1, 2, 3]).dot($0[1].reshape([2, 3, 1])).squared()
    },
  ]

  @Test("Gradients equal differences", arguments: cases, [1, 2])
  func gradientsEqualDifferences(function: Case, order: Int) {
    let report = checkGradients(
      of: { (sin(function.function($0))).sum() }, at: Self.inputs, order: order)
    #expect(report.agrees, "\(report)")
    #expect(report.comparedCount == 12)
  }

  @Test("Hessians are symmetric, and equal differences along random directions")
  func hessiansAreSymmetric() {
    let x = Tensor([0.3, -0.7, 1.1])
    func function(_ x: Tensor) -> Tensor { (exp(x) * x.flip(axes: [0]) * sin(x[0])).sum() }
    let h = hessian(at: x, of: function)
    #expect(h.shape == [3, 3])
    #expect(h.allClose(h.transposed, relative: 1e-13, absolute: 1e-14))
    let v = Tensor([0.2, 0.5, -1.0])
    #expect(hessianVectorProduct(at: x, along: v, of: function).allClose(h.dot(v), relative: 1e-13))
    let report = checkGradients(
      of: function, at: x, directions: .random(5, key: RandomKey(seed: 1)), order: 2)
    #expect(report.agrees, "\(report)")
    #expect(report.comparedCount == 5)
  }

  @Test("A Jacobian has the value's axes before the input's")
  func jacobianHasBothShapes() {
    let x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    let j = jacobian(at: x) { $0.sum(axis: 1).squared() }
    #expect(j.shape == [2, 2, 3])
    #expect(j[0].allClose(Tensor([[12.0, 12, 12], [0, 0, 0]]), relative: 0, absolute: 0))
    #expect(j[1].allClose(Tensor([[0.0, 0, 0], [30, 30, 30]]), relative: 0, absolute: 0))
    #expect(jacobian(at: Tensor([2.0, 3.0])) { $0.sum() }.shape == [2])
    #expect(jacobian(at: Tensor(2.0)) { $0 * $0 }.item() == 4)
    #expect(jacobian(at: x) { $0[0..<0] }.shape == [0, 3, 2, 3])
  }

  @Test("<u, J v> equals <J^T u, v>", arguments: cases)
  func transposeOfTheJacobian(function: Case) {
    let x = Self.inputs
    let v = x.indices.map { i in
      Tensor.randomNormal(x[i].shape, key: RandomKey(seed: 3, step: UInt64(i)), .float64)
    }
    let (value, pullback) = valueWithPullback(at: x, of: function.function)
    let u = Tensor.randomNormal(value.shape, key: RandomKey(seed: 4), .float64)
    let forward = (jvp(at: x, along: v, of: function.function) * u).sum().item()
    let backward = zip(pullback(u), v).reduce(0.0) { $0 + ($1.0 * $1.1).sum().item() }
    #expect((forward - backward).magnitude <= 1e-13 * (1 + forward.magnitude))
  }
}
