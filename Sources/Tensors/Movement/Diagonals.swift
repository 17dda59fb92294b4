// Diagonals of matrices and what lies below and above, in the last two axes unless said; and grids.

extension Tensor {
  /// Matrices with zeros above a diagonal: the main one, the one `offset` above it, or below if
  /// negative.
  public func tril(_ offset: Int = 0) -> Tensor {
    triangle("tril") { $0 + Swift.max(Swift.min(offset, $1), -$1) .>= $2 }
  }

  /// Matrices with zeros below a diagonal: the main one, the one `offset` above it, or below if
  /// negative.
  public func triu(_ offset: Int = 0) -> Tensor {
    triangle("triu") { $0 + Swift.max(Swift.min(offset, $1), -$1) .<= $2 }
  }

  /// A diagonal of the matrices in two axes, as the last axis of the result; as in NumPy and
  /// PyTorch.
  ///
  /// - Parameters:
  ///   - offset: how far above the main diagonal, or below if negative.
  ///   - axes: those of rows and columns.
  public func diagonal(_ offset: Int = 0, axes: (Int, Int) = (0, 1)) -> Tensor {
    guard let mask = axisMask([axes.0, axes.1], "diagonal") else { return self }
    let others = (0..<rank).filter { !mask.contains($0) }
    let pair = [axes.0, axes.1].map { $0 < 0 ? $0 + rank : $0 }
    let matrices = permute(others + pair)
    let (rows, columns) = (shape[pair[0]], shape[pair[1]])
    let above = Swift.min(Swift.max(offset, 0), columns)
    let below = Swift.min(Swift.max(-Swift.max(offset, -rows), 0), rows)
    let count = Swift.min(rows - below, columns - above)
    let start = below * columns + above
    let range = count == 0 ? 0..<0 : start..<start + (count - 1) * (columns + 1) + 1
    return matrices.reshape(Shape(others.map { shape[$0] } + [rows * columns]))
      .slice(axis: -1, range, step: columns + 1)
  }

  /// A matrix with a vector on a diagonal and zeros elsewhere, or a diagonal of a matrix, as NumPy's
  /// and PyTorch's `diag`.
  ///
  /// - Parameter offset: how far above the main diagonal, or below if negative.
  public func diag(_ offset: Int = 0) -> Tensor {
    if rank == 1 { return diagEmbed(offset) }
    if rank == 2 { return diagonal(offset) }
    return refusing(
      "diag: shape \(shape) is no vector and no matrix; see diagonal and diagEmbed",
      standIn: shape)
  }

  /// Matrices with the vectors along the last axis on a diagonal and zeros elsewhere: `[..., n]`
  /// gives `[..., m, m]`, where m is n and the offset's magnitude.
  ///
  /// - Parameter offset: how far above the main diagonal, or below if negative.
  public func diagEmbed(_ offset: Int = 0) -> Tensor {
    if rank == 0 || rank == Shape.maximumRank || offset.magnitude > 1 << 31 {
      return refusing(
        """
        diagEmbed: shape \(shape) at offset \(offset); there must be an axis, and room for one more \
        of at most \(Shape.maximumRank)
        """, standIn: shape)
    }
    let extent = shape.last + Int(offset.magnitude)
    let shape = Shape(shape.array.dropLast() + [extent, extent])
    return pad(
      axis: rank - 1, start: offset < 0 ? -offset * extent : offset, step: extent + 1,
      total: extent * extent
    ).reshape(shape)
  }

  /// The sum of a diagonal of the matrices in two axes; see ``diagonal(_:axes:)``.
  public func trace(_ offset: Int = 0, axes: (Int, Int) = (0, 1)) -> Tensor {
    guard axisMask([axes.0, axes.1], "trace") != nil else { return self }
    return diagonal(offset, axes: axes).sum(axis: -1)
  }

  /// Zeros where a row, the larger extent and a column do not fit.
  private func triangle(
    _ operation: StaticString, _ isKept: (_ row: Tensor, _ extent: Int, _ column: Tensor) -> Tensor
  ) -> Tensor {
    if rank < 2 {
      return refusing(
        "\(operation): shape \(shape) is no matrix; there must be two axes at least",
        standIn: shape)
    }
    let (rows, columns) = (shape[-2], shape[-1])
    let isInside = isKept(
      Tensor.arange(rows).expandDims(at: 1), Swift.max(rows, columns), .arange(columns))
    return .where(isInside, self, Tensor.zeros([], strongType))
  }

  /// How the axes of a grid follow its coordinates.
  public enum GridIndexing: Sendable {
    /// In their order, as matrices are indexed.
    case ij
    /// The first two exchanged, as pictures are drawn: NumPy's default.
    case xy
  }

  /// Coordinates of the points of a grid: a tensor for each axis, of the shape of the grid.
  ///
  /// - Parameters:
  ///   - vectors: the coordinates along each axis.
  ///   - indexing: in which order the axes come; as they are given unless said, as in PyTorch.
  public static func meshgrid(_ vectors: [Tensor], indexing: GridIndexing = .ij) -> [Tensor] {
    let rank = vectors.count
    guard vectors.allSatisfy({ $0.rank <= 1 }), rank <= Shape.maximumRank else {
      let refused = (vectors.first(where: \.isTracked) ?? vectors[0]).refusing(
        """
        meshgrid: shapes \(vectors.map(\.shape)) as axes of a grid; all must be vectors, at most \
        \(Shape.maximumRank)
        """, standIn: vectors[0].shape)
      return [Tensor](repeating: refused, count: rank)
    }
    var order = Array(0..<rank)
    if indexing == .xy && rank > 1 { order.swapAt(0, 1) }
    let shape = Shape(order.map { vectors[$0].count })
    return vectors.indices.map { i in
      vectors[i].strong.reshape(Shape(order.map { $0 == i ? vectors[i].count : 1 }))
        .broadcast(to: shape)
    }
  }
}
