// Elements and blocks read by their positions.

extension Tensor {
  /// PyTorch's `gather`: `result[..., j, ...] = x[..., indices[..., j, ...], ...]`, of the shape of
  /// the indices.
  ///
  /// - Parameters:
  ///   - indices: integers inside the axis, of this rank, not longer along other axes. One outside
  ///     is refused.
  ///   - axis: counted from the end if negative.
  public func gather(_ indices: Tensor, axis: Int) -> Tensor {
    let none = Tensor.zeros([], strongType)
    guard let lines = IndexedLines(self, none, indices, axis, "gather") else { return self }
    return lines.whole.takeAlongAxis(lines.indices, axis: -1).moveAxis(-1, to: axis)
  }

  /// Elements or blocks by their positions, TensorFlow's `gather_nd`: at indices `[..., k]` stand
  /// positions along the first k axes, and `[n1, ..., nk, rest...]` gives `[..., rest...]`.
  ///
  /// - Parameter indices: integers inside their axes. One outside is refused.
  public func gatherND(_ indices: Tensor) -> Tensor {
    let known = indices.rank == 0 ? 0 : indices.shape.last
    guard indices.rank > 0, known <= rank, indices.rank - 1 + rank - known <= Shape.maximumRank
    else {
      return Tensor.refuse(
        """
        gatherND: indices of shape \(indices.shape) into \(shape); their last axis holds one \
        position for each of the first axes, and the result has at most \(Shape.maximumRank) axes
        """, self, indices)
    }
    let columns = (0..<known).map { indices[.ellipsis, $0] }
    let target = Shape(indices.shape.array.dropLast())
    guard let places = places(of: columns, along: Array(0..<known), target, "gatherND") else {
      return self
    }
    let extents = shape.array
    let blocks = Shape(extents[..<known]).count
    return strong.reshape(Shape([blocks] + extents[known...])).take(places)
  }

  /// Rows by number along an axis, PyTorch's `index_select`; see ``take(_:axis:)``.
  ///
  /// - Parameters:
  ///   - indices: a vector of integers inside the axis. One outside is refused.
  ///   - axis: counted from the end if negative.
  public func indexSelect(_ indices: Tensor, axis: Int) -> Tensor {
    guard let axis = self.axis(axis, "indexSelect") else { return self }
    if indices.rank != 1 {
      return Tensor.refuse(
        "indexSelect: indices of shape \(indices.shape); a vector is needed, see take", self,
        indices)
    }
    guard let places = indices.places(in: shape, axis, "indexSelect", self) else { return self }
    return take(places, axis: axis)
  }
}
