// Products by other names: all are a contraction or an elementwise product of views.

extension Tensor {
  /// The sum of products over the last axes of this tensor and the first ones of the other, NumPy's
  /// and PyTorch's `tensordot`.
  ///
  /// `[a..., k...]` with `[k..., b...]` gives `[a..., b...]`.
  /// - Parameter axes: how many; with 0 every element meets every other.
  public func tensordot(_ other: Tensor, axes: Int = 2) -> Tensor {
    guard axes >= 0, axes <= Swift.min(rank, other.rank) else {
      return Tensor.refuse(
        "tensordot: shapes \(shape) and \(other.shape) have no \(axes) axes to meet over", self,
        other)
    }
    return tensordot(other, axes: (Array(rank - axes..<rank), Array(0..<axes)))
  }

  /// The sum of products over pairs of axes; what is left of this tensor's axes comes before what is
  /// left of the other's.
  ///
  /// - Parameter axes: those of this tensor and, in the same order, those of the other they meet.
  public func tensordot(_ other: Tensor, axes: ([Int], [Int])) -> Tensor {
    guard let mine = axisMask(axes.0, "tensordot"),
      let theirs = other.axisMask(axes.1, "tensordot")
    else { return self }
    let pairs = zip(axes.0, axes.1).map {
      ($0 < 0 ? $0 + rank : $0, $1 < 0 ? $1 + other.rank : $1)
    }
    guard axes.0.count == axes.1.count, pairs.allSatisfy({ shape[$0] == other.shape[$1] }) else {
      return Tensor.refuse(
        """
        tensordot: axes \(axes.0) of \(shape) do not meet axes \(axes.1) of \(other.shape); they \
        must be as many, of equal extents
        """, self, other)
    }
    // As labels: an axis of the other has that of the axis it meets, or one of its own.
    var labels = (0..<other.rank).map { rank + $0 }
    for (a, b) in pairs { labels[b] = a }
    let kept = (0..<rank).filter { !mine.contains($0) }
    let theirKept = (0..<other.rank).filter { !theirs.contains($0) }.map { rank + $0 }
    return Tensor.contract(
      "tensordot", [Labelled(self, Array(0..<rank)), Labelled(other, labels)], kept + theirKept)
  }

  /// Every element of this tensor times every one of the other, both flattened: `[n, m]`, NumPy's
  /// `outer`.
  public func outer(_ other: Tensor) -> Tensor {
    flatten().expandDims(at: 1) * other.flatten()
  }

  /// The sum of products over the last axes of both: `[a..., k]` with `[b..., k]` gives
  /// `[a..., b...]`, NumPy's `inner`. A number multiplies.
  public func inner(_ other: Tensor) -> Tensor {
    if rank == 0 || other.rank == 0 { return self * other }
    if shape.last != other.shape.last {
      return Tensor.refuse(
        "inner: the last axes of \(shape) and \(other.shape) do not meet; they must be equal", self,
        other)
    }
    return tensordot(other, axes: ([-1], [-1]))
  }

  /// The sum of products of all elements, both flattened.
  public func vdot(_ other: Tensor) -> Tensor { flatten().dot(other.flatten()) }

  /// Every element of this tensor times the whole other one, side by side along every axis, NumPy's
  /// and PyTorch's `kron`.
  ///
  /// `[a, b]` with `[c, d]` gives `[a c, b d]`; the tensor of fewer axes gets some in front. Four
  /// axes at most.
  public func kron(_ other: Tensor) -> Tensor {
    let rank = Swift.max(self.rank, other.rank)
    if 2 * rank > Shape.maximumRank {
      return Tensor.refuse(
        """
        kron: shapes \(shape) and \(other.shape) have more than \(Shape.maximumRank / 2) axes; \
        merge some with reshape
        """, self, other)
    }
    let mine = [Int](repeating: 1, count: rank - self.rank) + shape.array
    let theirs = [Int](repeating: 1, count: rank - other.rank) + other.shape.array
    let product =
      reshape(Shape(mine.flatMap { [$0, 1] })) * other.reshape(Shape(theirs.flatMap { [1, $0] }))
    return product.reshape(Shape(zip(mine, theirs).map { $0 * $1 }))
  }

  /// The vector product of vectors of 3 along an axis; the other axes broadcast.
  public func cross(_ other: Tensor, axis: Int = -1) -> Tensor {
    guard let mine = self.axis(axis, "cross"), let theirs = other.axis(axis, "cross") else {
      return self
    }
    if shape[mine] != 3 || other.shape[theirs] != 3 {
      return Tensor.refuse(
        """
        cross: axis \(axis) of shapes \(shape) and \(other.shape) must have extent 3, for three \
        dimensions
        """, self, other)
    }
    let (a, b) = (turned(mine), other.turned(theirs))
    return (self * b - a * other).turned(axis < 0 ? axis : Swift.max(mine, theirs))
  }

  /// Of three positions along an axis, the second first and the first last.
  private func turned(_ axis: Int) -> Tensor {
    .concatenate([slice(axis: axis, 1..<3), slice(axis: axis, 0..<1)], axis: axis)
  }
}
