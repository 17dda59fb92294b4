import BacktapeTensors

// The rules of functions of matrices. `'` is the transpose; matrices are in the last two axes.

extension Application {
  private var n: Int { a.shape.last }
  private var identity: Tensor { .eye(n, nil, g.dtype) }

  /// X with A' X = g.
  func solvedTransposed(_ part: MatrixPart) -> Tensor {
    .apply(.solve(part.transposed), a.transposed, g)
  }

  /// The elements of a matrix that the part names.
  func matrixPart(_ part: MatrixPart, of x: Tensor) -> Tensor {
    switch part {
    case .whole: x
    case .lower: x.tril()
    case .upper: x.triu()
    }
  }

  /// With L = y and P the lower triangle of L' g, its diagonal halved: the symmetric part of
  /// L⁻ᵀ P L⁻¹ (Murray, "Differentiation of the Cholesky decomposition", 2016).
  func cholesky() -> Tensor {
    let product = y.transposed.matmul(g)
    let half = (product.tril() + product.tril(-1)) / 2
    let left = Tensor.apply(.solve(.upper), y.transposed, half)
    let both = Tensor.apply(.solve(.upper), y.transposed, left.transposed)
    return (both + both.transposed) / 2
  }

  /// The sign is in steps; the logarithm has the derivative A⁻ᵀ.
  func logDeterminant() -> Tensor {
    g.lastAxis(1..<2).expandDims(at: -1)
      * Tensor.apply(.solve(.whole), a.transposed, identity.broadcast(to: a.shape))
  }

  /// With M = R gR' - gQ' Q: (gQ + Q sym(lower triangle of M)) R⁻ᵀ (Walter and Lehmann, 2018).
  func qr() -> Tensor {
    let m = a.shape[-2]
    let (q, r) = (y.rows(0..<m), y.rows(m..<m + n))
    let product = r.matmul(g.rows(m..<m + n).transposed) - g.rows(0..<m).transposed.matmul(q)
    let symmetric = product.tril() + product.tril(-1).transposed
    let sum = g.rows(0..<m) + q.matmul(symmetric)
    return Tensor.apply(.solve(.upper), r, sum.transposed).transposed
  }

  /// V (diag(gL) + skew(V' gV) / (L_j - L_i)) V'.
  func eigh() -> Tensor {
    let (values, vectors) = (y.rows(0..<1), y.rows(1..<n + 1))
    let turn = vectors.transposed.matmul(g.rows(1..<n + 1)).skew / 2
    let gap = values - values.transposed + identity
    let inner = Tensor.where(identity .== 1, g.rows(0..<1), turn * gap.inverseOrHuge)
    return vectors.matmul(inner).matmul(vectors.transposed)
  }

  /// U (diag(gS) + skew(U' gU) / E S + S skew(V' gV) / E) V' + (1 - U U') gU S⁻¹ V', with
  /// E = S_j² - S_i² (Townsend, "Differentiating the singular value decomposition", 2016).
  func svd() -> Tensor {
    let m = a.shape[-2]
    let (s, u, v) = (y.rows(0..<1), y.rows(1..<m + 1), y.rows(m + 1..<m + 1 + n))
    let (gU, gV) = (g.rows(1..<m + 1), g.rows(m + 1..<m + 1 + n))
    let gap = ((s - s.transposed) * (s + s.transposed) + identity).inverseOrHuge
    let product = u.transposed.matmul(gU)
    let turns = product.skew * gap * s + s.transposed * (v.transposed.matmul(gV).skew * gap)
    let inner = u.matmul(Tensor.where(identity .== 1, g.rows(0..<1), turns))
    let outside = m == n ? inner : inner + (gU - u.matmul(product)) * s.inverseOrHuge
    return outside.matmul(v.transposed)
  }

  /// The upper right of exp([A' g; 0 A']).
  func matrixExp() -> Tensor {
    let above = Tensor.concatenate([a.transposed, g], axis: -1)
    let below = Tensor.concatenate([.zeros(like: a), a.transposed], axis: -1)
    let all = Tensor.apply(.matrixExp, .concatenate([above, below], axis: -2))
    return all.rows(0..<n).lastAxis(n..<2 * n)
  }

  /// g times the minors of A with their signs: the transpose of its adjugate.
  func determinant() -> Tensor {
    let g = g.lastAxis(0..<1).expandDims(at: -1)
    if n <= 3 { return g * a.minors }
    // What elimination found: rank, sign of the exchanges, order of rows, order of columns.
    let found = y.stopGradient()
    let rank = found.lastAxis(1..<2).expandDims(at: -1)
    let sign = found.lastAxis(2..<3).expandDims(at: -1)
    let rows = found.lastAxis(3..<3 + n).cast(.int64)
    let columns = found.lastAxis(3 + n..<3 + 2 * n).cast(.int64)
    let batch = UInt8(a.rank - 2)
    let gather = Primitive.gather(axis: batch, batch: batch)
    let half = Tensor.apply(gather, a, rows).transposed
    let ordered = Tensor.apply(gather, half, columns).transposed
    let minors = g * sign * ordered.minorsByBlocks(isDegenerate: rank .< Double(n - 3))
    let halfBack = minors.scatterAdd(at: rows, batch, batch: batch, like: a).transposed
    return halfBack.scatterAdd(at: columns, batch, batch: batch, like: a).transposed
  }
}

extension Tensor {
  /// Some rows of matrices.
  fileprivate func rows(_ range: Range<Int>) -> Tensor { slice(axis: -2, range) }
  /// Some positions of the last axis.
  fileprivate func lastAxis(_ range: Range<Int>) -> Tensor { slice(axis: -1, range) }

  /// Minus its transpose.
  fileprivate var skew: Tensor { self - transposed }

  /// 1 / x, and at 0 the largest number: times 0 it is 0, times anything else as good as infinite.
  /// The derivative at 0 is NaN.
  fileprivate var inverseOrHuge: Tensor {
    let huge =
      dtype == .float32
      ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
    return .where(self .== 0, huge, 1 / self)
  }

  /// Of matrices up to 3 x 3, at every place the determinant of what is left without its row and
  /// column, with its sign: a polynomial.
  fileprivate var minors: Tensor {
    switch shape.last {
    case 0, 1: return .ones(like: self)
    case 2: return flip(axes: [rank - 2, rank - 1]) * Tensor([[1, -1], [-1, 1]])
    default:
      let following = [1, 2].map { Tensor.concatenate([rows($0..<3), rows(0..<$0)], axis: -2) }
      return following[0].cross(following[1])
    }
  }

  /// The same of larger matrices whose small pivots are at the end.
  ///
  /// With A = [B C; D E], E of 3 x 3, and S = E - D B⁻¹ C, det A = det B det S, and det S is a
  /// polynomial: nothing is divided by what may be 0. Where more than 3 pivots are 0 so are all
  /// minors and their first two derivatives.
  fileprivate func minorsByBlocks(isDegenerate: Tensor) -> Tensor {
    let n = shape.last
    let k = n - 3
    let identity = Tensor.eye(k, nil, dtype)
    let b = Tensor.where(isDegenerate, identity, rows(0..<k).lastAxis(0..<k))
    let (c, d) = (rows(0..<k).lastAxis(k..<n), rows(k..<n).lastAxis(0..<k))
    let inverse = Tensor.apply(.solve(.whole), b, identity.broadcast(to: b.shape))
    let (left, right) = (d.matmul(inverse), inverse.matmul(c))
    let s = rows(k..<n).lastAxis(k..<n) - left.matmul(c)
    let minors = s.minors
    let value = (s.rows(0..<1) * minors.rows(0..<1)).sum(axis: -1, keepDims: true)
    let above = left.transposed.matmul(minors)
    let corner = value * inverse.transposed + above.matmul(right.transposed)
    let upper = Tensor.concatenate([corner, -above], axis: -1)
    let lower = Tensor.concatenate([-minors.matmul(right.transposed), minors], axis: -1)
    let scale = Tensor.apply(.determinant, b).lastAxis(0..<1).expandDims(at: -1)
    return .where(isDegenerate, 0, scale * .concatenate([upper, lower], axis: -2))
  }
}
