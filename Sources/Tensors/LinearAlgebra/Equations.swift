// Equations with the matrices in the last two axes, and what comes of them. Integers become float32,
// float32 is computed in float64 and rounded once.

extension Tensor {
  /// The solution X of A X = B, where A is this tensor, as PyTorch's `linalg.solve`.
  ///
  /// `[..., n, n]` and `[..., n, k]` give `[..., n, k]`; the axes before broadcast. A right side
  /// `[n]`, or of the shape of A without its last axis, is one of vectors: `[..., n]` comes out.
  ///
  /// A matrix in which elimination meets a pivot of 0 is refused; where values are not known yet, in
  /// graphs, the solution is NaN.
  public func solve(_ b: Tensor) -> Tensor {
    solving(b, .whole, "solve").refusingSingular(self, "solve")
  }

  /// The solution X of T X = B, where T is a triangle of this tensor; the rest is not read.
  ///
  /// Shapes are those of ``solve(_:)``. A 0 on the diagonal gives infinity or NaN, as in PyTorch's
  /// `linalg.solve_triangular`.
  /// - Parameters:
  ///   - upper: whether the triangle above the diagonal is meant, else that below.
  ///   - transposed: whether to solve with the transpose of the triangle.
  ///   - unitDiagonal: whether the diagonal counts as ones and is not read.
  public func triangularSolve(
    _ b: Tensor, upper: Bool = false, transposed: Bool = false, unitDiagonal: Bool = false
  ) -> Tensor {
    guard isSquare("triangularSolve") else { return self }
    let n = shape.last
    var a = floating
    if unitDiagonal { a = .where(Tensor.eye(n, nil, .bool), 1, a) }
    let part = upper ? MatrixPart.upper : .lower
    return transposed
      ? a.transposed.solving(b, part.transposed, "triangularSolve")
      : a.solving(b, part, "triangularSolve")
  }

  /// The inverse of square matrices `[..., n, n]`.
  ///
  /// A matrix in which elimination meets a pivot of 0 is refused; where values are not known yet, in
  /// graphs, its inverse is NaN. To solve equations ``solve(_:)`` is quicker and more exact.
  public func inverse() -> Tensor {
    guard isSquare("inverse") else { return self }
    let identity = Tensor.eye(shape.last, nil, floating.dtype).broadcast(to: shape)
    return Tensor.apply(.solve(.whole), floating, identity).refusingSingular(self, "inverse")
  }

  /// The determinants of square matrices: `[..., n, n]` gives `[...]`; of 0 x 0 it is 1.
  ///
  /// Derivatives are made of minors and divide by nothing that may be 0: they are right for singular
  /// matrices too, of every order if at most 3 pivots are 0, else of orders 1 to 3.
  public func det() -> Tensor {
    guard isSquare("det") else { return self }
    return Tensor.apply(.determinant, floating).lastAxis(at: 0)
  }

  /// The sign of the determinant, and the logarithm of its magnitude, which neither overflows nor
  /// vanishes: `[..., n, n]` gives `[...]` twice.
  ///
  /// Of a singular matrix they are 0 and -infinity, and the derivative is NaN.
  public func logabsdet() -> (sign: Tensor, logabsdet: Tensor) {
    guard isSquare("logabsdet") else { return (self, self) }
    let both = Tensor.apply(.logDeterminant, floating)
    return (both.lastAxis(at: 0).stopGradient(), both.lastAxis(at: 1))
  }

  /// A matrix product repeated: `[..., n, n]` to an integer power, of the inverse if negative.
  public func matrixPower(_ exponent: Int) -> Tensor {
    guard isSquare("matrixPower") else { return self }
    if exponent < 0 {
      // Of the smallest exponent there is no negative: one factor is split off.
      let inverse = self.inverse()
      return exponent == -1 ? inverse : inverse.matmul(inverse.matrixPower(-(exponent + 1)))
    }
    if exponent == 0 { return Tensor.eye(shape.last, nil, strongType).broadcast(to: shape) }
    var square = strong
    var rest = exponent
    var product: Tensor?
    while true {
      if rest & 1 == 1 { product = product.map { $0.matmul(square) } ?? square }
      rest >>= 1
      if rest == 0 { return product.unsafelyUnwrapped }
      square = square.matmul(square)
    }
  }

  /// The exponential of square matrices `[..., n, n]`: 1 + A + A A / 2 + ...
  ///
  /// One that has an element which is not finite gives NaN.
  public func matrixExp() -> Tensor {
    guard isSquare("matrixExp") else { return self }
    return .apply(.matrixExp, floating)
  }

  // MARK: the way there

  private func solving(_ b: Tensor, _ part: MatrixPart, _ operation: StaticString) -> Tensor {
    guard isSquare(operation) else { return self }
    let isVector = b.rank == 1 || b.rank == rank - 1 && b.shape == Shape(shape.array.dropLast())
    let columns = isVector ? b.expandDims(at: -1) : b
    guard columns.rank >= 2, columns.shape[-2] == shape.last,
      let batch = Shape(shape.array.dropLast(2)).broadcast(
        with: Shape(columns.shape.array.dropLast(2)))
    else {
      return Tensor.refuse(
        """
        \(operation): matrices of shape \(shape) and a right side of shape \(b.shape) do not fit: \
        it has [..., n, columns] or [n], with axes before that broadcast
        """, self, b)
    }
    let dtype = Tensor.promotedType(floating, b.floating)
    let x = Tensor.apply(
      .solve(part), floating.cast(dtype).broadcast(to: Shape(batch.array + shape.array.suffix(2))),
      columns.floating.cast(dtype).broadcast(
        to: Shape(batch.array + columns.shape.array.suffix(2))))
    return isVector ? x.squeeze(axes: [-1]) : x
  }

  /// Itself, the solution with a matrix, after refusing it if that is singular.
  private func refusingSingular(_ a: Tensor, _ operation: StaticString) -> Tensor {
    if isAbstract || a.isAbstract || !hasNaN || a.hasInfinityOrNaN { return self }
    let pivots = Tensor.apply(.determinant, a.untracked.floating).lastAxis(at: 1)
    let n = a.shape.last
    let ranks = pivots.flatten().scalars(as: Double.self)
    guard let position = ranks.firstIndex(where: { $0 < Double(n) }) else { return self }
    return a.refusing(
      """
      \(operation): the matrix\(a.place(ofMatrix: position)) of shape [\(n), \(n)] is singular, of \
      rank \(Int(ranks[position])); use lstsq or pinv, or add a multiple of the identity
      """, standIn: shape)
  }
}

extension Tensor {
  /// One position of the last axis, without that axis.
  func lastAxis(at position: Int) -> Tensor {
    slice(axis: -1, position..<position + 1).squeeze(axes: [-1])
  }

  /// Whether the last two axes hold square matrices; if not, that has been refused.
  func isSquare(_ operation: StaticString) -> Bool {
    if rank >= 2 && shape[-1] == shape[-2] { return true }
    _ = refusing(
      """
      \(operation): shape \(shape) holds no square matrices; the last two axes must be equal
      """, standIn: shape)
    return false
  }

  /// Whether an element of a known value is NaN.
  var hasNaN: Bool { (untracked .!= untracked).any().item(as: Bool.self) }

  /// Whether an element of a known value is infinite or NaN.
  var hasInfinityOrNaN: Bool { (untracked * 0 .!= 0).any().item(as: Bool.self) }

  /// Where among many a matrix stands, for messages.
  func place(ofMatrix position: Int) -> String {
    rank == 2 ? "" : " at position \(position) of \(Shape(shape.array.dropLast(2)))"
  }
}
