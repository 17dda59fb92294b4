// Factors of the matrices in the last two axes. Integers become float32, float32 is computed in
// float64 and rounded once. What is not finite gives NaN.

extension Tensor {
  /// The lower triangular L with A = L Lᵀ, for symmetric positive definite A `[..., n, n]`.
  ///
  /// The lower triangle of A is read, and its derivative is symmetric, as PyTorch's. A matrix that
  /// is not positive definite is refused by its first leading minor that is not positive; where
  /// values are not known yet, in graphs, L is NaN.
  public func cholesky() -> Tensor {
    guard isSquare("cholesky") else { return self }
    let factor = Tensor.apply(.cholesky, floating)
    if factor.isAbstract || !factor.hasNaN { return factor }
    return factor.refusingIndefinite(self)
  }

  /// Q with orthonormal columns and upper triangular R, with A = Q R: `[..., m, n]` gives
  /// `[..., m, k]` and `[..., k, n]`, where k is the smaller of m and n.
  ///
  /// Signs are LAPACK's. The derivative needs the first k columns to be independent, else it is
  /// infinite or NaN.
  /// - Parameter full: whether Q is square, `[..., m, m]`, and R `[..., m, n]`. Columns of Q beyond the
  ///   nth are any that complete it, LAPACK's, and carry no derivative.
  public func qr(full: Bool = false) -> (q: Tensor, r: Tensor) {
    guard isMatrix("qr") else { return (self, self) }
    let (m, n) = (shape[-2], shape[-1])
    if full && m > n {
      let (q, r) = qr()
      return (
        .concatenate([q, floating.complement], axis: -1), r.pad(axis: -2, before: 0, after: m - n)
      )
    }
    if m < n {
      let (q, r) = slice(axis: -1, 0..<m).qr()
      let rest = q.transposed.matmul(floating.slice(axis: -1, m..<n))
      return (q, .concatenate([r, rest], axis: -1))
    }
    let both = Tensor.apply(.qr, floating)
    return (both.slice(axis: -2, 0..<m), both.slice(axis: -2, m..<m + n))
  }

  /// The ascending eigenvalues `[..., n]` of symmetric matrices `[..., n, n]`, and eigenvectors as
  /// the columns of `[..., n, n]`.
  ///
  /// The lower triangle is read, and its derivative is symmetric. Signs of eigenvectors, and which
  /// are chosen for equal eigenvalues, say nothing. Where eigenvalues are equal the derivative
  /// through the values is right; that through the vectors is infinite or NaN, as in PyTorch, where
  /// it is not 0, and so is every second derivative.
  public func eigh() -> (eigenvalues: Tensor, eigenvectors: Tensor) {
    guard isSquare("eigh") else { return (self, self) }
    let n = shape.last
    let both = Tensor.apply(.eigh, floating)
    return (both.slice(axis: -2, 0..<1).squeeze(axes: [-2]), both.slice(axis: -2, 1..<1 + n))
  }

  /// The ascending eigenvalues `[..., n]` of symmetric matrices `[..., n, n]`: those of ``eigh()``.
  public func eigvalsh() -> Tensor { eigh().eigenvalues }

  /// U, S and Vᵀ with A = U diag(S) Vᵀ: `[..., m, n]` gives `[..., m, k]`, `[..., k]` and
  /// `[..., k, n]`, where k is the smaller of m and n.
  ///
  /// Columns of U and rows of Vᵀ are orthonormal; the singular values in S descend. Signs say
  /// nothing. Where singular values are equal or 0, derivatives are as those of ``eigh()``.
  /// - Parameter full: whether U and Vᵀ are square, `[..., m, m]` and `[..., n, n]`. What completes
  ///   them carries no derivative.
  public func svd(full: Bool = false) -> (u: Tensor, s: Tensor, vh: Tensor) {
    guard isMatrix("svd") else { return (self, self, self) }
    let (m, n) = (shape[-2], shape[-1])
    if m < n {
      let (v, s, uh) = transposed.svd(full: full)
      return (uh.transposed, s, v.transposed)
    }
    if full && m > n {
      let (u, s, vh) = svd()
      return (.concatenate([u, u.complement], axis: -1), s, vh)
    }
    let all = Tensor.apply(.svd, floating)
    return (
      all.slice(axis: -2, 1..<1 + m), all.slice(axis: -2, 0..<1).squeeze(axes: [-2]),
      all.slice(axis: -2, 1 + m..<1 + m + n).transposed
    )
  }

  /// The descending singular values `[..., k]` of matrices `[..., m, n]`: those of ``svd(full:)``.
  public func svdvals() -> Tensor { svd().s }

  /// The pseudo-inverse (Moore, Penrose) of matrices: `[..., m, n]` gives `[..., n, m]`.
  ///
  /// Singular values up to `tolerance` times the largest count as 0; left out, it is the larger of m
  /// and n times the type's epsilon, as in PyTorch. Where singular values are equal, derivatives are
  /// as those of ``svd(full:)``; ``lstsq(_:)`` has no such places.
  public func pinv(tolerance: Double? = nil) -> Tensor {
    guard isMatrix("pinv") else { return self }
    if count == 0 { return transposed.floating }
    let (u, s, vh) = svd()
    let epsilon = s.dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    let least = (tolerance ?? Double(Swift.max(shape[-1], shape[-2])) * epsilon) * s[..., 0..<1]
    let inverses = Tensor.where(s .> least, 1 / Tensor.where(s .> least, s, 1), 0)
    return (vh.transposed * inverses.expandDims(at: -2)).matmul(u.transposed)
  }

  /// The X for which A X is nearest to B, where A is this tensor: `[..., m, n]` and `[..., m, k]`, or
  /// `[..., m]`, give `[..., n, k]` or `[..., n]`.
  ///
  /// With fewer rows than columns it is the shortest X with A X = B. A has full rank: if not, the
  /// solution is infinite, NaN or very large; `pinv` takes such matrices.
  public func lstsq(_ b: Tensor) -> Tensor {
    guard isMatrix("lstsq") else { return self }
    if b.rank == 1 || b.rank == rank - 1 && b.shape == Shape(shape.array.dropLast()) {
      return lstsq(b.expandDims(at: -1)).squeeze(axes: [-1])
    }
    if b.rank < 2 || b.shape[-2] != shape[-2] {
      return Tensor.refuse(
        """
        lstsq: matrices of shape \(shape) and a right side of shape \(b.shape) do not fit: it has \
        [..., m, columns] or [m], for matrices [..., m, n]
        """, self, b)
    }
    if shape[-2] >= shape[-1] {
      let (q, r) = qr()
      return r.triangularSolve(q.transposed.matmul(b.floating), upper: true)
    }
    let (q, r) = transposed.qr()
    return q.matmul(r.triangularSolve(b, upper: true, transposed: true))
  }

  // MARK: the way there

  /// Orthonormal columns `[..., m, m - n]`, orthogonal to those of `[..., m, n]`: reflections stop
  /// at columns of zeros.
  private var complement: Tensor {
    let (m, n) = (shape[-2], shape[-1])
    let square = stopGradient().pad(axis: -1, before: 0, after: m - n)
    return Tensor.apply(.qr, square).slice(axis: -2, 0..<m).slice(axis: -1, n..<m).stopGradient()
  }

  private func isMatrix(_ operation: StaticString) -> Bool {
    if rank >= 2 { return true }
    _ = refusing(
      "\(operation): shape \(shape) holds no matrices; they are in the last two of two axes or more",
      standIn: shape)
    return false
  }

  /// Itself, the factor of a matrix, after refusing that.
  private func refusingIndefinite(_ a: Tensor) -> Tensor {
    let n = shape.last
    let first = untracked.reshape([-1, n * n]).slice(axis: 1, 0..<1).flatten()
    let isLost = (first .!= first).scalars(as: Bool.self)
    guard let position = isLost.firstIndex(of: true) else { return self }
    let matrix = a.untracked.reshape([-1, n, n]).slice(axis: 0, position..<position + 1)
    if matrix.hasInfinityOrNaN { return self }
    let minor = (1...n).first { k in
      Tensor.apply(
        .cholesky, matrix.slice(axis: 1, 0..<k).slice(axis: 2, 0..<k).floating
      ).hasNaN
    }
    return a.refusing(
      """
      cholesky: the matrix\(a.place(ofMatrix: position)) of shape [\(n), \(n)] is not positive \
      definite: its leading minor of order \(minor ?? n) is not positive; add a multiple of the \
      identity, or use eigh
      """, standIn: shape)
  }
}
