/// A tensor, values for it and where they go, with the axis they go along last; the tensor as far
/// as indices reach along the others.
struct IndexedLines {
  let whole: Tensor
  let values: Tensor
  let indices: Tensor
  private let axis: Int

  /// Nil after refusing.
  init?(
    _ x: Tensor, _ values: Tensor, _ indices: Tensor, _ axis: Int, _ operation: StaticString
  ) {
    guard let axis = x.axis(axis, operation) else { return nil }
    // As in PyTorch, values may be more than are asked for.
    let isEnough =
      values.rank == indices.rank
      && (0..<values.rank).allSatisfy { values.shape[$0] >= indices.shape[$0] }
    let values = isEnough ? values.reaching(indices.shape) : values
    guard indices.rank == x.rank,
      (0..<x.rank).allSatisfy({ $0 == axis || indices.shape[$0] <= x.shape[$0] }),
      values.shape.broadcast(with: indices.shape) == indices.shape
    else {
      _ = Tensor.refuse(
        """
        \(operation): values of shape \(values.shape) at indices of shape \(indices.shape) along \
        axis \(axis) of \(x.shape); values broadcast to the indices, which have as many axes as \
        the tensor and are not longer but along axis \(axis)
        """, x, values, indices)
      return nil
    }
    guard let places = indices.places(in: x.shape, axis, operation, x, values) else { return nil }
    self.axis = axis
    whole = x.strong.reaching(indices.shape, but: axis).moveAxis(axis, to: -1)
    self.values = values.cast(whole.dtype).broadcast(to: indices.shape).moveAxis(axis, to: -1)
    self.indices = places.moveAxis(axis, to: -1)
  }

  /// A result with the axes of the tensor, and what the indices did not reach as it was.
  func restored(_ result: Tensor, in x: Tensor) -> Tensor {
    let part = result.moveAxis(-1, to: axis)
    if part.shape == x.shape { return part }
    var restored = x.strong
    restored.assign(part, at: part.shape.array.map { 0..<$0 })
    return restored
  }
}

extension Tensor {
  /// As far as a shape goes along the axes, or along those but one.
  fileprivate func reaching(_ shape: Shape, but axis: Int? = nil) -> Tensor {
    (0..<rank).reduce(self) {
      $1 == axis ? $0 : $0.slice(axis: $1, 0..<shape[$1])
    }
  }
}
