import Backtape
import Testing

/// Derivatives of linear algebra against differences and closed forms.
struct LinearDerivativeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let input: Tensor
    let function: @Sendable (Tensor) -> Tensor

    init(_ name: String, _ input: Tensor, _ function: @escaping @Sendable (Tensor) -> Tensor) {
      testDescription = name
      self.input = input
      self.function = function
    }
  }

  /// Numbers in -1...1 around a multiple of the identity.
  private static func matrix(_ shape: Shape, _ seed: Int, shift: Double = 0) -> Tensor {
    let noise = 2 * Tensor.random(shape, key: RandomKey(seed: UInt64(seed)), .float64) - 1
    return noise + shift * Tensor.eye(shape[-2], shape[-1], .float64)
  }

  /// A square matrix of a rank below its extent.
  private static func singular(_ n: Int, rank: Int) -> Tensor {
    matrix([n, rank], n).matmul(matrix([rank, n], n + rank))
  }

  private static func symmetric(_ x: Tensor) -> Tensor { (x + x.transposed) / 2 }
  private static func positive(_ x: Tensor) -> Tensor {
    x.matmul(x.transposed) + Tensor.eye(x.shape[-2], nil, .float64)
  }

  static let cases: [Case] = {
    let square = matrix([3, 3], 1, shift: 2)
    let batch = matrix([2, 2, 2], 2, shift: 1.5)
    let tall = matrix([4, 2], 3)
    let wide = matrix([2, 4], 4)
    let side = matrix([3, 2], 5)
    return [
      Case("solve by the matrix", square) { $0.solve(side) },
      Case("solve by the right side", side) { square.solve($0.squared()) },
      Case("solve by both, broadcast", batch) { $0.solve($0[0].squared()) },
      Case("triangularSolve, lower", square) { $0.triangularSolve($0.squared()) },
      Case("triangularSolve, upper, transposed", square) {
        $0.triangularSolve(side, upper: true, transposed: true)
      },
      Case("inverse", batch) { $0.inverse() }, Case("matrixPower", batch) { $0.matrixPower(-2) },
      Case("matrixExp", batch) { $0.matrixExp() },
      Case("matrixExp of zero", .zeros([2, 2], .float64)) { $0.matrixExp() },
      Case("cholesky", square) { positive($0).cholesky() },
      Case("logabsdet", batch) { $0.logabsdet().logabsdet },
      Case("det", batch) { $0.det() }, Case("det of 1 x 1", square[0..<1, 0..<1]) { $0.det() },
      Case("det of 5 x 5", matrix([5, 5], 6)) { $0.det() },
      Case("det of rank 1 of 2", singular(2, rank: 1)) { $0.det() },
      Case("det of rank 1 of 3", singular(3, rank: 1)) { $0.det() },
      Case("det of rank 4 of 5", singular(5, rank: 4)) { $0.det() },
      Case("det of rank 3 of 5", singular(5, rank: 3)) { $0.det() },
      Case("det of rank 4 of 6", singular(6, rank: 4)) { $0.det() },
      Case("det of zero", .zeros([5, 5], .float64)) { 1 + $0.det() },
      Case("qr, square", square) { x in x.qr().q * 2 + x.qr().r },
      Case("qr, tall", tall) { x in x.qr().q.sum(axis: 0) * x.qr().r },
      Case("qr, wide", wide) { x in x.qr().q.matmul(sin(x.qr().r)) },
      Case("eigvalsh", square) { symmetric($0).eigvalsh() },
      Case("eigh", square) { x in
        symmetric(x).eigh().eigenvectors.squared().matmul(sin(symmetric(x).eigvalsh()))
      },
      Case("svdvals", wide) { $0.svdvals() },
      Case("svd", tall) { x in
        let (u, s, vh) = x.svd()
        return (u * exp(s)).matmul(vh)
      },
      Case("pinv, tall", tall) { $0.pinv() }, Case("pinv, wide", wide) { $0.pinv() },
      Case("lstsq, tall", tall) { $0.lstsq(matrix([4, 1], 7).flatten()) },
      Case("lstsq, wide", wide) { $0.lstsq(matrix([2, 1], 8)) },
      Case("einsum of diagonals", square) { einsum("ii,ij,kjj->ki", $0, $0, .stack([$0, $0])) },
      Case("tensordot", batch) { $0.tensordot($0, axes: ([0, 2], [1, 0])) },
      Case("kron", tall) { $0.kron($0.transposed) },
      Case("cross", square) { $0.cross($0.transposed, axis: 0) },
    ]
  }()

  @Test("Gradients equal differences", arguments: cases, [1, 2])
  func gradientsEqualDifferences(function: Case, order: Int) {
    let report = checkGradients(
      of: { x in (sin(function.function(x))).sum() }, at: function.input, order: order)
    #expect(report.agrees, "\(report)")
    #expect(report.comparedCount == function.input.count)
  }

  @Test("<u, J v> equals <J^T u, v>", arguments: cases)
  func transposeOfTheJacobian(function: Case) {
    let x = function.input
    let v = Tensor.randomNormal(x.shape, key: RandomKey(seed: 3), .float64)
    let (value, pullback) = valueWithPullback(at: [x]) { function.function($0[0]) }
    let u = Tensor.randomNormal(value.shape, key: RandomKey(seed: 4), .float64)
    let forward = (jvp(at: x, along: v, of: function.function) * u).sum().item()
    let backward = (pullback(u)[0] * v).sum().item()
    #expect((forward - backward).magnitude <= 1e-11 * (1 + forward.magnitude))
  }

  @Test("Third derivatives equal differences of second ones")
  func thirdOrder() {
    let side = Self.matrix([3, 1], 5)
    let functions: [(Tensor) -> Tensor] = [
      { $0.solve(side) }, { $0.inverse() }, { $0.det() }, { $0.logabsdet().logabsdet },
      { $0.matrixExp() }, { Self.positive($0).cholesky() },
    ]
    for function in functions {
      let weights = Self.matrix([3, 3], 9)
      let report = checkGradients(
        of: { x in (gradient(at: x) { sin(function($0)).sum() } * weights).sum() },
        at: Self.matrix([3, 3], 1, shift: 2), order: 2)
      #expect(report.agrees, "\(report)")
    }
  }

  /// The derivative of an order of a function of a number.
  private func derivative(
    _ order: Int, at t: Tensor, of function: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    if order == 0 { return function(t) }
    return gradient(at: t) { t in self.derivative(order - 1, at: t, of: function) }
  }

  @Test("det(A + t B) is a polynomial, and its derivatives at singular A are its", arguments: 0...5)
  func polynomialOfDeterminants(order: Int) {
    func along(_ diagonal: [Double], _ direction: [Double]) -> Double {
      let n = diagonal.count
      // Rows and columns mixed by a matrix of determinant 1, so that nothing is 0 by its place.
      let mix = Tensor.eye(n, nil, .float64) + Tensor.eye(n + 1, nil, .float64)[1..., 0..<n]
      return derivative(order, at: Tensor(0.0)) { t in
        let middle = (Tensor(diagonal) + t * Tensor(direction)) * Tensor.eye(n, nil, .float64)
        return mix.matmul(middle).matmul(mix.transposed).det()
      }.item()
    }
    func near(_ value: Double, _ expected: [Double]) -> Bool {
      (value - expected[order]).magnitude <= 1e-12 * (1 + expected[order].magnitude)
    }
    #expect(near(along([0], [1]), [0, 1, 0, 0, 0, 0]))
    #expect(near(along([0, 0], [1, 2]), [0, 0, 4, 0, 0, 0]))
    #expect(near(along([0, 0, 0], [1, 1, 1]), [0, 0, 0, 6, 0, 0]))
    #expect(near(along([3, 0, 0, 0], [1, 1, 1, 1]), [0, 0, 0, 18, 24, 0]))
    #expect(near(along([2, 1, 0, 0, 0], [1, 0, 1, 1, 1]), [0, 0, 0, 12, 24, 0]))
    // (1 + t)(2 + t) t (1 - t) (3 + t)
    #expect(near(along([1, 2, 0, 1, 3], [1, 1, 1, -1, 1]), [0, 6, 10, -30, -24 * 5, -120]))
  }

  @Test("Equal eigenvalues: derivatives through the values, and none through the vectors")
  func equalEigenvalues() {
    let x = Tensor.eye(3, nil, .float64) * 2
    let weights = Tensor([1.0, 1.0, 1.0])
    let slope = gradient(at: x) { ($0.eigvalsh() * weights).sum() }
    #expect(slope.allClose(Tensor.eye(3, nil, .float64), relative: 1e-15, absolute: 1e-15))
    let squares = gradient(at: x) { $0.eigh().eigenvalues.squared().sum() }
    #expect(squares.allClose(2 * x, relative: 1e-14, absolute: 1e-14))
    // Of two equal ones among others the sum is smooth.
    let pair = Tensor([1.0, 4.0, 4.0]) * Tensor.eye(3, nil, .float64)
    let of = gradient(at: pair) { $0.eigvalsh()[1...].sum() }
    #expect(
      of.allClose(
        Tensor([0.0, 1.0, 1.0]) * Tensor.eye(3, nil, .float64), relative: 1e-15, absolute: 1e-15))
    let vectors = gradient(at: x) { ($0.eigh().eigenvectors * Self.matrix([3, 3], 1)).sum() }
    let mixed = vectors.scalars(as: Double.self)
    #expect(mixed.contains { !$0.isFinite || $0.magnitude > 1e200 })
    let second = hessian(at: x) { $0.eigvalsh().squared().sum() }
    #expect(second.scalars(as: Double.self).contains { $0.isNaN })
  }

  @Test("Equal singular values, and those of 0")
  func equalSingularValues() {
    let turn = Tensor([[0.6, -0.8], [0.8, 0.6]])
    let nuclear = gradient(at: 3 * turn) { $0.svdvals().sum() }
    #expect(nuclear.allClose(turn, relative: 1e-15, absolute: 1e-15))
    let tall = Tensor([[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]])
    let slope = gradient(at: tall) { $0.svdvals()[0] }
    let unit = Tensor([[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]]) / 5
    #expect(slope.allClose(unit, relative: 1e-15, absolute: 1e-15))
  }

  @Test("A gradient through a factor is symmetric, whatever triangle is read")
  func symmetricGradients() {
    let x = Self.positive(Self.matrix([3, 3], 1))
    for function in [
      { (x: Tensor) in x.cholesky() * Self.matrix([3, 3], 2) },
      { $0.eigh().eigenvectors.squared() * Self.matrix([3, 3], 2) },
    ] {
      let slope = gradient(at: x) { function($0).sum() }
      #expect(slope.allClose(slope.transposed, relative: 1e-12, absolute: 1e-14))
    }
  }

  @Test("Empty matrices and empty batches have empty gradients")
  func emptyGradients() {
    for shape: Shape in [[0, 0], [0, 3, 3], [2, 0, 0]] {
      let x = Tensor.zeros(shape, .float64)
      let functions: [(Tensor) -> Tensor] = [
        { $0.det() }, { $0.inverse() }, { $0.cholesky() }, { $0.eigvalsh() }, { $0.svdvals() },
        { $0.qr().q }, { $0.logabsdet().logabsdet }, { $0.matrixExp() }, { $0.solve($0) },
        { $0.pinv() }, { $0.lstsq($0) }, { $0.matrixPower(3) },
      ]
      for function in functions {
        #expect(gradient(at: x) { function($0).sum() }.shape == shape)
        #expect(hessianVectorProduct(at: x, along: x) { function($0).sum() }.shape == shape)
      }
    }
    #expect(Tensor.zeros([2, 0, 0], .float64).det().scalars(as: Double.self) == [1, 1])
  }

  @Test("Determinants of larger matrices, by their factors or by the choice among all elements")
  func largerDeterminants() {
    let n = 20
    let a = Self.matrix([n, n], 31, shift: 1)
    let v = Self.matrix([n, n], 32)
    let (sign, logarithm) = a.logabsdet()
    let det = sign * exp(logarithm)
    #expect(a.det().allClose(det, relative: 1e-12))
    let minors = a.inverse().transposed
    #expect(
      gradient(at: a) { $0.det() }.allClose(
        det * minors, relative: 0, absolute: 1e-10 * abs(det).item()))
    let curvature = det * ((minors * v).sum() * minors - minors.matmul(v.transposed).matmul(minors))
    let scale = abs(curvature).max().item() as Double
    #expect(
      hessianVectorProduct(at: a, along: v) { $0.det() }.allClose(
        curvature, relative: 0, absolute: 1e-9 * scale)
    )

    // Where one singular value is 0, the minors are those of its vectors.
    let singular = Self.singular(n, rank: n - 1)
    let (u, s, vh) = singular.svd()
    let size = s[0..<n - 1].product() * u.det() * vh.det()
    let expected = size * u[0..., n - 1].outer(vh[n - 1])
    let found = gradient(at: singular) { $0.det() }
    #expect(found.allClose(expected, relative: 0, absolute: 1e-9 * abs(expected).max().item()))
    // And all multiples, however small.
    #expect((1e-10 * a).det().allClose(1e-200 * det, relative: 1e-11))
  }
}
