// Elements and rows chosen by a tensor of integers.

extension Tensor {
  /// Rows by number, NumPy's `take`: `[a..., n, b...]` at indices `[k...]` gives `[a..., k..., b...]`.
  ///
  /// - Parameters:
  ///   - indices: integers in 0..<n, of any shape. One outside traps when the operation runs,
  ///     before anything is read; a negative one too, as it most often is a mistake.
  ///   - axis: that of n, counted from the end if negative.
  public func take(_ indices: Tensor, axis: Int = 0) -> Tensor {
    take(indices, axis: axis, for: "take")
  }

  /// ``take(_:axis:)`` for an operation that messages name.
  func take(_ indices: Tensor, axis: Int = 0, for operation: StaticString) -> Tensor {
    guard let axis = self.axis(axis, operation) else { return self }
    let indices = indices.strong
    guard indices.dtype.isInteger else {
      return Tensor.refuse(
        "\(operation): the indices are \(indices.dtype) and must be integers; cast them to int64",
        self, indices)
    }
    if rank - 1 + indices.rank > Shape.maximumRank {
      return Tensor.refuse(
        """
        \(operation): shape \(shape) at indices of shape \(indices.shape) gives \
        \(rank - 1 + indices.rank) axes, a tensor has at most \(Shape.maximumRank)
        """, self, indices)
    }
    return .apply(.gather(axis: UInt8(axis), batch: 0), strong, indices.wideIndices)
  }

  /// For every row along an axis the elements that its row of indices names:
  /// `[a..., n, b...]` at `[a..., k, b...]` gives `[a..., k, b...]`.
  ///
  /// - Parameters:
  ///   - indices: integers in 0..<n, of this rank; axes but the one broadcast, as in NumPy. One
  ///     outside traps when the operation runs, before anything is read.
  ///   - axis: counted from the end if negative.
  public func takeAlongAxis(_ indices: Tensor, axis: Int) -> Tensor {
    guard let axis = self.axis(axis, "takeAlongAxis") else { return self }
    let others = shape.with(1, at: axis)
    guard indices.dtype.isInteger, indices.rank == rank,
      let all = others.broadcast(with: indices.shape.with(1, at: axis))
    else {
      return Tensor.refuse(
        """
        takeAlongAxis: indices of \(indices.dtype) \(indices.shape) do not fit shape \(shape): \
        they must be integers, with extents that are equal or 1 but along axis \(axis)
        """, self, indices)
    }
    let rows = strong.broadcast(to: all.with(shape[axis], at: axis)).moveAxis(axis, to: -1)
    let places = indices.wideIndices.broadcast(to: all.with(indices.shape[axis], at: axis))
      .moveAxis(axis, to: -1)
    let last = UInt8(rank - 1)
    return Tensor.apply(.gather(axis: last, batch: last), rows, places).moveAxis(-1, to: axis)
  }

  /// Zeros of the shape of `whole` with the rows of this tensor added at indices: what transposes
  /// `take`.
  package func scatterAdd(at indices: Tensor, _ axis: UInt8, batch: UInt8, like whole: Tensor)
    -> Tensor
  {
    .apply(
      .scatterAdd(axis: axis, batch: batch), [self, indices],
      target: Target(shape: whole.shape, dtype: dtype))
  }

  /// Integers of a width the kernels read, after a look that they are inside an axis; nil after
  /// refusing. In a graph, a lookup stands for the look.
  func places(
    in shape: Shape, _ axis: Int, _ operation: StaticString, _ operands: Tensor...
  ) -> Tensor? {
    let indices = strong
    let recorder = (operands + [self]).first(where: \.isTracked) ?? self
    if !indices.dtype.isInteger {
      _ = recorder.refusing(
        "\(operation): the indices are \(dtype) and must be integers; cast them to int64",
        standIn: shape)
      return nil
    }
    let wide = indices.wideIndices
    if wide.isAbstract { return .arange(shape[axis]).take(wide) }
    if let outside = wide.untracked.firstIndex(outside: shape[axis]) {
      _ = recorder.refusing(
        """
        \(operation): index \(outside.index), at position \(outside.position) of indices of shape \
        \(self.shape), is outside axis \(axis) of \(shape), which has positions \
        0..<\(shape[axis]); to count from the end, add the extent
        """, standIn: shape)
      return nil
    }
    return wide
  }

  /// Where elements are, counted along several axes as if they were one; nil after refusing.
  ///
  /// - Parameters:
  ///   - positions: integers for each of the axes, that broadcast to `shape`.
  func places(
    of positions: [Tensor], along axes: [Int], _ shape: Shape, _ operation: StaticString
  ) -> Tensor? {
    let steps = Shape(axes.map { self.shape[$0] }).contiguousStrides
    var places = Tensor.zeros(shape, .int64)
    for (i, axis) in axes.enumerated() {
      guard let known = positions[i].places(in: self.shape, axis, operation, self) else {
        return nil
      }
      places = places + known.cast(.int64) * steps[i]
    }
    return places
  }

  /// Integers of a width the kernels read.
  var wideIndices: Tensor { dtype == .uint8 ? cast(.int64) : self }
}
