import Backtape
import BacktapeTensors
import Testing

/// What golden cases leave: sizes, types, views, and matrices that are hard.
struct LinearAlgebraTests {
  private static func normal(_ shape: Shape, _ seed: Int = 1) -> Tensor {
    .randomNormal(shape, key: RandomKey(seed: UInt64(seed)), .float64)
  }

  private static func identity(_ n: Int) -> Tensor { .eye(n, nil, .float64) }

  /// The largest element of a difference.
  private func distance(_ a: Tensor, _ b: Tensor) -> Double {
    #expect(a.shape == b.shape)
    return a.count == 0 ? 0 : abs(a - b).max().item()
  }

  static let shapes: [Shape] = [
    [0, 0], [0, 4, 3], [3, 0, 0], [2, 3, 0], [2, 0, 3], [1, 1], [1, 5], [5, 1], [7, 7],
    [2, 3, 9, 4], [40, 33], [33, 40],
  ]

  @Test("Q is orthonormal, R triangular, and their product the matrix", arguments: shapes)
  func qr(shape: Shape) {
    let a = Self.normal(shape)
    let (q, r) = a.qr()
    let k = min(shape[-1], shape[-2])
    #expect(q.shape == Shape(shape.array.dropLast() + [k]))
    #expect(r.shape == Shape(shape.array.dropLast(2) + [k, shape[-1]]))
    #expect(distance(q.matmul(r), a) < 1e-13)
    #expect(distance(r.triu(), r) == 0)
    let product = q.transposed.matmul(q)
    #expect(distance(product, Self.identity(k).broadcast(to: product.shape)) < 1e-13)
  }

  @Test("Singular values descend, vectors are orthonormal, and give the matrix", arguments: shapes)
  func svd(shape: Shape) {
    let a = Self.normal(shape)
    let (u, s, vh) = a.svd()
    let k = min(shape[-1], shape[-2])
    #expect(s.shape == Shape(shape.array.dropLast(2) + [k]))
    #expect(distance((u * s.expandDims(at: -2)).matmul(vh), a) < 1e-12)
    let values = s.scalars(as: Double.self)
    for row in 0..<values.count / max(k, 1) {
      let own = values[row * k..<(row + 1) * k]
      #expect(own.allSatisfy { $0 >= 0 } && own.elementsEqual(own.sorted(by: >)))
    }
    for product in [u.transposed.matmul(u), vh.matmul(vh.transposed)] {
      #expect(distance(product, Self.identity(k).broadcast(to: product.shape)) < 1e-13)
    }
    #expect(a.pinv().shape == a.transposed.shape)
    #expect(distance(a.matmul(a.pinv()).matmul(a), a) < 1e-11)
  }

  @Test("Square matrices: what factors and inverses promise", arguments: [0, 1, 2, 5, 33, 70])
  func square(n: Int) {
    let a = Self.normal([2, n, n]) + Double(n) * Self.identity(n)
    let one = Self.identity(n).broadcast(to: a.shape)
    #expect(distance(a.matmul(a.inverse()), one) < 1e-12)
    let positive = a.matmul(a.transposed) + one
    let factor = positive.cholesky()
    #expect(distance(factor.tril(), factor) == 0)
    #expect(distance(factor.matmul(factor.transposed), positive) < 1e-12 * Double(n * n + 1))
    let (sign, logarithm) = a.logabsdet()
    #expect((sign * exp(logarithm)).allClose(a.det(), relative: 1e-11))
    #expect(a.transposed.det().allClose(a.det(), relative: 1e-11))
    let symmetric = (a + a.transposed) / 2
    let (values, vectors) = symmetric.eigh()
    #expect(
      distance(symmetric.matmul(vectors), vectors * values.expandDims(at: -2))
        < 1e-13 * Double(n * n + 1))
    #expect(distance(vectors.transposed.matmul(vectors), one) < 1e-13)
    #expect(distance(values[..., 0..<n], values.sort(axis: -1)) == 0)
    let small = a / Double(n + 1)
    #expect(distance(small.matrixExp().matmul((-small).matrixExp()), one) < 1e-11)
    #expect(distance(small.matrixPower(3), small.matmul(small).matmul(small)) < 1e-13 * 20)
  }

  @Test("float32 is computed in float64 and rounded")
  func float32() {
    let a = Self.normal([3, 12, 12]).cast(.float32)
    let b = Self.normal([12, 2], 2).cast(.float32)
    let wide = a.cast(.float64)
    let pairs = [
      (a.solve(b), wide.solve(b.cast(.float64))), (a.inverse(), wide.inverse()),
      (a.det(), wide.det()), (a.qr().r, wide.qr().r), (a.svdvals(), wide.svdvals()),
      (a.matrixExp(), wide.matrixExp()), (a.logabsdet().logabsdet, wide.logabsdet().logabsdet),
    ]
    for (ours, exact) in pairs {
      #expect(ours.dtype == .float32)
      #expect(ours.cast(.float64).allClose(exact, relative: 6e-8))
    }
    #expect(a.solve(wide[0]).dtype == .float64)
    #expect(einsum("bij,jk->bik", a, wide[0]).dtype == .float64)
  }

  @Test("Integers and bools leave the integers where a matrix is factored, and not in products")
  func integers() {
    let a: Tensor = [[4, 2], [2, 3]]
    for x in [a, a.cast(.int32), a.cast(.uint8)] {
      #expect(x.det().dtype == .float32 && x.det().item() == 8)
      #expect(x.inverse().dtype == .float32 && x.cholesky().dtype == .float32)
      #expect(x.solve(Tensor([2, 3])).dtype == .float32)
      #expect(x.matrixPower(2).dtype == x.dtype && x.matrixPower(0).dtype == x.dtype)
      #expect(einsum("ij->i", x).dtype == x.dtype)
      #expect(einsum("ij,jk->ik", x, x).scalars(as: Int.self) == [20, 14, 14, 13])
      #expect(x.kron(x).dtype == x.dtype && x.outer(x).dtype == x.dtype)
    }
    #expect(a.matrixPower(5).scalars(as: Int.self) == [3308, 2578, 2578, 2019])
    #expect(a.tensordot(a, axes: 2).item() == 33)
    #expect(Tensor([1, 2, 3]).cross(Tensor([4, 5, 6])).scalars(as: Int.self) == [-3, 6, -3])
    #expect(Tensor([[true, false], [true, true]]).det().item() == 1)
  }

  @Test("Views give what copies give")
  func views() {
    let block = Self.normal([6, 4, 6])
    let views = [
      block[..., 1, .all].flip(), block.permute([1, 0, 2])[2].transposed,
      block[.every(2), 0, 1..<4],
      block[0..<1, 0, 0..<1].broadcast(to: [3, 3]) + 2 * Self.identity(3),
    ]
    for view in views {
      let copy = Tensor(view.scalars(as: Double.self), view.shape)
      #expect(distance(view.inverse(), copy.inverse()) == 0)
      #expect(distance(view.svdvals(), copy.svdvals()) == 0)
      #expect(distance(view.det(), copy.det()) == 0)
      #expect(distance(view.solve(view), copy.solve(copy)) == 0)
      #expect(distance(view.triangularSolve(view), copy.triangularSolve(copy)) == 0)
    }
  }

  @Test("What is not finite ends, and in NaN", arguments: [Double.nan, .infinity, -.infinity])
  func notFinite(bad: Double) {
    for n in [1, 3, 40] {
      var a = Self.normal([n, n]) + Double(2 * n) * Self.identity(n)
      a[n - 1, 0] = bad
      let (q, r) = a.qr()
      for result in [
        q.matmul(r), a.matrixExp(), a.svd().u, a.svd().s, a.svd().vh, a.eigh().eigenvectors,
        a.eigvalsh(), a.cholesky(), a.matmul(a.inverse()), a.logabsdet().logabsdet, a.det(),
      ] {
        #expect(result.scalars(as: Double.self).contains { !$0.isFinite })
      }
    }
  }

  @Test("Hard matrices: scales, ranks, clusters")
  func hardMatrices() {
    for scale in [0x1p-1030, 1e-160, 1e150, 1e300] {
      let a = Self.normal([6, 4])
      #expect((a * scale).svdvals().allClose(a.svdvals() * scale, relative: 1e-12))
      let symmetric = a.transposed.matmul(a)
      let values = (symmetric * scale).eigvalsh()
      #expect(values.allClose(symmetric.eigvalsh() * scale, relative: 1e-10))
      let q = (a * scale).qr().q
      #expect(distance(q.transposed.matmul(q), Self.identity(4)) < 1e-14)
    }
    let low = Self.normal([9, 2]).matmul(Self.normal([2, 9], 2))
    let (u, s, vh) = low.svd()
    #expect(s[2...].max().item() < 1e-14)
    #expect(distance(u.transposed.matmul(u), Self.identity(9)) < 1e-13)
    #expect(distance(vh.matmul(vh.transposed), Self.identity(9)) < 1e-13)
    #expect(distance(low.matmul(low.pinv()).matmul(low), low) < 1e-12)
    // The determinant of a large scaled matrix leaves the range of numbers, its logarithm does not.
    let huge = 1e3 * Self.identity(200)
    #expect(huge.det().item() == .infinity)
    #expect(huge.logabsdet().logabsdet.allClose(Tensor(200 * 6.907755278982137), relative: 1e-15))
    #expect((1e3 * Self.identity(100) * (1e-3 * Self.identity(100))).det().item() == 1)
    // Wilkinson's W21: pairs of eigenvalues that agree in many digits.
    let side = Tensor.eye(22, nil, .float64)[1..., 0..<21]
    let wilkinson =
      abs(Tensor.arange(21) - 10).cast(.float64) * Self.identity(21) + side + side.transposed
    #expect(wilkinson.eigvalsh()[20].allClose(Tensor(10.746194182903393), relative: 1e-14))
    let turn = Tensor([[0.0, 100], [-100, 0]]).matrixExp()
    #expect(turn[0, 0].allClose(Tensor(0.8623188722876839), relative: 1e-12, absolute: 1e-12))
    let power = Tensor([[0.0, 1.0], [1.0, 0.0]])
    #expect(distance(power.matrixPower(.min), Self.identity(2)) == 0)
    #expect(distance(power.matrixPower(.max), power) == 0)
  }

  @Test("Equations with one triangle do not read the other")
  func triangles() {
    let a = Self.normal([4, 4]) + 4 * Self.identity(4)
    let noise = Tensor.full([4, 4], .nan, .float64)
    let lower = Tensor.where(Tensor.ones([4, 4], .bool).tril(), a, noise)
    let b = Self.normal([4, 3], 2)
    #expect(distance(a.tril().matmul(lower.triangularSolve(b)), b) < 1e-14)
    #expect(
      distance(a.tril().transposed.matmul(lower.triangularSolve(b, transposed: true)), b) < 1e-14)
    let strict = Tensor.where(Tensor.ones([4, 4], .bool).triu(1), a / 4, noise)
    let x = strict.triangularSolve(b[..., 0], upper: true, unitDiagonal: true)
    #expect(distance(((a / 4).triu(1) + Self.identity(4)).matmul(x), b[..., 0]) < 1e-14)
    #expect(Tensor([[0.0]]).triangularSolve(Tensor([1.0])).item() == .infinity)
    let symmetric = Tensor.where(Tensor.ones([4, 4], .bool).tril(), a + a.transposed, noise)
    #expect(symmetric.eigvalsh().allClose((a + a.transposed).eigvalsh(), relative: 1e-14))
    #expect(symmetric.cholesky().allClose((a + a.transposed).cholesky(), relative: 1e-14))
  }

  @Test("einsum multiplies in the cheapest order")
  func orderOfProducts() {
    let tape = Tape()
    let long = tape.placeholder([1000, 2], .float64)
    let product = einsum("ij,kj,kl->il", long, long, long)
    #expect(product.shape == [1000, 2])
    let lines = tape.listing(of: [product]).split(separator: "\n")
    #expect(lines.contains { $0.contains("dot") && $0.contains("[2, 2]") })
    #expect(!lines.contains { $0.contains("[1000, 1000]") })
    // Many factors: two by two they stay small, all at once they would have 2^20 positions.
    let links = [Tensor](repeating: Tensor([[1.0, 1.0], [1.0, 0.0]]), count: 20)
    let letters = Array("abcdefghijklmnopqrstu")
    let terms = (0..<20).map { "\(letters[$0])\(letters[$0 + 1])" }.joined(separator: ",")
    #expect(einsum(terms + "->au", links).scalars(as: Int.self) == [10946, 6765, 6765, 4181])
  }

  @Test(
    "Full factors are square and complete the others", arguments: [[3, 1], [4, 2], [2, 5, 3]])
  func fullFactors(shape: [Int]) {
    let a = Tensor.randomNormal(Shape(shape), key: RandomKey(seed: 5), .float64)
    let (m, n) = (a.shape[-2], a.shape[-1])
    let one = Tensor.eye(m, nil, .float64).broadcast(to: Shape(shape.dropLast(2) + [m, m]))
    let (q, r) = a.qr(full: true)
    #expect(r.shape == a.shape && q[..., 0..<n].allClose(a.qr().q, relative: 0, absolute: 0))
    #expect(q.matmul(r).allClose(a, relative: 1e-14, absolute: 1e-14))
    #expect(q.matmul(q.transposed).allClose(one, relative: 1e-14, absolute: 1e-14))
    let (u, s, vh) = a.svd(full: true)
    #expect(
      vh.shape[-2] == n && u[..., 0..<n].allClose(a.svd().u, relative: 0, absolute: 0)
        && s.allClose(a.svd().s, relative: 0, absolute: 0))
    #expect(u.matmul(u.transposed).allClose(one, relative: 1e-14, absolute: 1e-14))
    let (_, _, wide) = a.transposed.svd(full: true)
    #expect(wide.matmul(wide.transposed).allClose(one, relative: 1e-14, absolute: 1e-14))
    // Of what is unique there is the derivative.
    let slope = gradient(at: a) { a in
      let (q, r) = a.qr(full: true)
      return sin(q[..., 0..<n]).sum() + cos(r).sum()
    }
    let expected = gradient(at: a) { a in
      let (q, r) = a.qr()
      return sin(q).sum() + cos(r).sum()
    }
    #expect(slope.allClose(expected, relative: 1e-12, absolute: 1e-12))
  }

  @Test("The columns that complete Q are LAPACK's")
  func completedColumns() {
    let (q, r) = Tensor([[3.0], [4]]).qr(full: true)
    #expect(q.allClose(Tensor([[-0.6, -0.8], [-0.8, 0.6]]), relative: 1e-15, absolute: 1e-15))
    #expect(r.allClose(Tensor([[-5.0], [0]]), relative: 1e-15, absolute: 1e-15))
    let wide = Tensor([[1.0, 2, 3], [4, 5, 6]])
    #expect(wide.qr(full: true).r.shape == [2, 3] && wide.qr(full: true).q.shape == [2, 2])
    #expect(
      Tensor.zeros([3, 0], .float64).qr(full: true).q.allClose(
        .eye(3, nil, .float64), relative: 0, absolute: 0))
  }
}
