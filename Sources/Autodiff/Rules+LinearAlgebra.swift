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
    case .lower: x.lowerTriangle()
    case .upper: x.transposed.lowerTriangle().transposed
    }
  }

  /// With L = y and P the lower triangle of L' g, its diagonal halved: the symmetric part of
  /// L⁻ᵀ P L⁻¹ (Murray, "Differentiation of the Cholesky decomposition", 2016).
  func cholesky() -> Tensor {
    let product = y.transposed.matmul(g)
    let half = (product.lowerTriangle() + product.lowerTriangle(-1)) / 2
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
    let symmetric = product.lowerTriangle() + product.lowerTriangle(-1).transposed
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

  /// g times the minors of A with their signs, the transpose of its adjugate.
  ///
  /// In the order of rows and columns that elimination chose, what is small is at the end. So let
  /// A = [B C; D E] with E of 3 x 3, and S = E - D B⁻¹ C: then det A = det B det S, and det S is a
  /// polynomial. Nothing is divided by what may be 0, unless more than 3 pivots are; then all minors
  /// are 0, and their first two derivatives.
  func determinant() -> Tensor {
    let g = g.lastAxis(0..<1).expandDims(at: -1)
    if n <= 3 { return g * a.minors }
    let found = y.stopGradient()
    let k = n - 3
    let rows = found.lastAxis(3..<3 + n).cast(.int64)
    let columns = found.lastAxis(3 + n..<3 + 2 * n).cast(.int64)
    let sign = found.lastAxis(2..<3).expandDims(at: -1)
    let isLost = found.lastAxis(1..<2).expandDims(at: -1) .< Double(k)
    let batch = UInt8(a.rank - 2)
    let gather = Primitive.gather(axis: batch, batch: batch)
    let ordered = Tensor.apply(
      gather, Tensor.apply(gather, a, rows).transposed, columns
    ).transposed

    let (above, below) = (ordered.rows(0..<k), ordered.rows(k..<n))
    let b = Tensor.where(isLost, Tensor.eye(k, nil, g.dtype), above.lastAxis(0..<k))
    let right = Tensor.apply(.solve(.whole), b, above.lastAxis(k..<n))
    let left = Tensor.apply(
      .solve(.whole), b.transposed, below.lastAxis(0..<k).transposed
    ).transposed
    let minors = (below.lastAxis(k..<n) - left.matmul(above.lastAxis(k..<n))).minors
    let small = (below.lastAxis(k..<n) - left.matmul(above.lastAxis(k..<n)))
    let scale = g * sign * Tensor.apply(.determinant, b).lastAxis(0..<1).expandDims(at: -1)
    let value = (small.rows(0..<1) * minors.rows(0..<1)).sum(axis: -1, keepDims: true)
    let corner = Tensor.apply(
      .solve(.whole), b.transposed, Tensor.eye(k, nil, g.dtype).broadcast(to: b.shape))
    let upper = Tensor.concatenate(
      [
        value * corner + left.transposed.matmul(minors).matmul(right.transposed),
        -left.transposed.matmul(minors),
      ], axis: -1)
    let lower = Tensor.concatenate([-minors.matmul(right.transposed), minors], axis: -1)
    let all = Tensor.where(isLost, 0, scale * Tensor.concatenate([upper, lower], axis: -2))
    let backRows = all.scatterAdd(at: rows, batch, batch: batch, like: a)
    return backRows.transposed.scatterAdd(at: columns, batch, batch: batch, like: a).transposed
  }
}

extension Tensor {
  /// Some rows of matrices.
  fileprivate func rows(_ range: Range<Int>) -> Tensor { slice(axis: -2, range) }
  /// Some positions of the last axis.
  fileprivate func lastAxis(_ range: Range<Int>) -> Tensor { slice(axis: -1, range) }

  /// Elements up to a diagonal, others 0.
  fileprivate func lowerTriangle(_ diagonal: Int = 0) -> Tensor {
    let rows = Tensor.arange(shape[-2]).expandDims(at: 1) + diagonal
    return .where(Tensor.arange(shape[-1]) .<= rows, self, 0)
  }

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

  /// Of matrices up to 3 x 3, at every place what is left without its row and column: a polynomial.
  fileprivate var minors: Tensor {
    switch shape.last {
    case 0, 1: return .ones(like: self)
    case 2: return flip(axes: [rank - 2, rank - 1]) * Tensor([[1, -1], [-1, 1]])
    default:
      let following = [1, 2].map {
        Tensor.concatenate([rows($0..<3), rows(0..<$0)], axis: -2)
      }
      return following[0].cross(following[1])
    }
  }
}
