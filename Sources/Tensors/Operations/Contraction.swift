// Products of matrices: one primitive, for every combination of ranks.

extension Tensor {
  /// NumPy's `dot`: the last axis of this tensor against the last but one of the other.
  ///
  /// `[n] . [n]` gives a number, `[m, k] . [k, n]` gives `[m, n]`, `[..., k] . [k]` gives `[...]`,
  /// and `[a..., k] . [b..., k, n]` gives `[a..., b..., n]`. A number multiplies.
  public func dot(_ other: Tensor) -> Tensor {
    if rank == 0 || other.rank == 0 { return self * other }
    let axis = other.rank == 1 ? 0 : other.rank - 2
    if shape.last != other.shape[axis] {
      return Tensor.productRefused("dot", self, other, axis)
    }
    if rank + other.rank - 2 > Shape.maximumRank {
      return Tensor.refuse(
        """
        dot: shapes \(shape) and \(other.shape) give \(rank + other.rank - 2) axes, a tensor has \
        at most \(Shape.maximumRank); use matmul, or merge axes with reshape
        """, self, other)
    }
    let dtype = Tensor.promotedType(self, other)
    return .apply(
      .dot(batch: 0, contracted: 1), cast(dtype), other.cast(dtype).moveAxis(axis, to: 0))
  }

  /// NumPy's `matmul`: matrices in the last two axes, the axes before them broadcast.
  ///
  /// A vector on the left is a row, on the right a column, and loses that axis again.
  public func matmul(_ other: Tensor) -> Tensor {
    if rank == 0 || other.rank == 0 {
      return Tensor.refuse(
        """
        matmul: shapes \(shape) and \(other.shape): a tensor of rank 0 is no matrix; multiply \
        with *
        """, self, other)
    }
    if rank == 1 && other.rank == 1 { return dot(other) }
    if rank == 1 { return expandDims(at: 0).matmul(other).squeeze(axes: [-2]) }
    if other.rank == 1 { return matmul(other.expandDims(at: 1)).squeeze(axes: [-1]) }
    if shape[-1] != other.shape[-2] {
      return Tensor.productRefused("matmul", self, other, other.rank - 2)
    }
    let dtype = Tensor.promotedType(self, other)
    let a = cast(dtype)
    let b = other.cast(dtype)
    if rank == 2 && other.rank == 2 { return .apply(.dot(batch: 0, contracted: 1), a, b) }
    guard
      let batch = Shape(shape.array.dropLast(2)).broadcast(
        with: Shape(other.shape.array.dropLast(2)))
    else {
      return Tensor.refuse(
        """
        matmul: the axes before the last two of \(shape) and \(other.shape) do not broadcast; \
        extents must be equal or 1
        """, self, other)
    }
    return .apply(
      .dot(batch: UInt8(batch.rank), contracted: 1),
      a.broadcast(to: Shape(batch.array + shape.array.suffix(2))),
      b.broadcast(to: Shape(batch.array + other.shape.array.suffix(2))))
  }

  private static func productRefused(
    _ name: StaticString, _ a: Tensor, _ b: Tensor, _ axis: Int
  ) -> Tensor {
    let columns = a.shape.last
    let rows = b.shape[axis]
    let hint =
      b.rank > 1 && b.shape.last == columns
      ? "the right one fits transposed"
      : a.rank > 1 && a.shape[-2] == rows
        ? "the left one fits transposed" : "they must be equal"
    let message = """
      \(name): shapes \(a.shape) and \(b.shape) do not fit: \(columns) columns on the left, \
      \(rows) rows on the right; \(hint)
      """
    guard a.isTracked || b.isTracked else { fatalError(message) }
    let plausible = a.shape.array.dropLast() + (b.rank > 1 ? [b.shape.last] : [])
    return (a.isTracked ? a : b).refusing(message, standIn: Shape(plausible.prefix(8)))
  }
}
