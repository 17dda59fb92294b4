// Tensors with some elements or rows replaced, or added to.

extension Tensor {
  /// The tensor with values put where indices say along an axis, PyTorch's `scatter`: for every
  /// place `[..., j, ...]` of the indices, `result[..., indices[..., j, ...], ...] = values[...,
  /// j, ...]`.
  ///
  /// Where several name one place the last is put there, and it alone gets the derivative.
  /// - Parameters:
  ///   - values: that broadcast to the shape of the indices, or a number.
  ///   - indices: integers inside the axis, of this rank, not longer along other axes. One outside
  ///     is refused.
  ///   - axis: counted from the end if negative.
  public func scatter(_ values: some TensorOperand, at indices: Tensor, axis: Int) -> Tensor {
    guard let lines = IndexedLines(self, values.operand, indices, axis, "scatter") else {
      return self
    }
    if indices.count == 0 { return strong }
    let extent = lines.whole.shape.last
    let order = lines.indices.argsort()
    let sorted = lines.indices.takeAlongAxis(order, axis: -1)
    let winner = Tensor.winners(sorted, order, extent, batch: UInt8(rank - 1))
    let placed = lines.values.takeAlongAxis(maximum(winner - 1, 0), axis: -1)
    return lines.restored(.where(winner .> 0, placed, lines.whole), in: self)
  }

  /// The tensor with values added where indices say along an axis, PyTorch's `scatter_add`; where
  /// several name one place all are added. See ``scatter(_:at:axis:)``.
  public func scatterAdd(_ values: some TensorOperand, at indices: Tensor, axis: Int) -> Tensor {
    guard let lines = IndexedLines(arithmetic, values.operand, indices, axis, "scatterAdd") else {
      return self
    }
    let last = UInt8(rank - 1)
    let added = lines.values.scatterAdd(at: lines.indices, last, batch: last, like: lines.whole)
    return lines.restored(lines.whole + added, in: arithmetic)
  }

  /// The tensor with rows along an axis replaced: `result[..., indices[j], ...] = values[..., j,
  /// ...]`.
  ///
  /// Where several name one row the last is put there, and it alone gets the derivative.
  /// - Parameters:
  ///   - values: that broadcast to this shape with as many rows as there are indices, or a number.
  ///   - indices: a vector of integers inside the axis. One outside is refused.
  ///   - axis: counted from the end if negative.
  public func indexCopy(_ values: some TensorOperand, at indices: Tensor, axis: Int = 0) -> Tensor {
    copied(values.operand, at: indices, axis: axis, for: "indexCopy")
  }

  /// ``indexCopy(_:at:axis:)`` for an operation that messages name.
  func copied(
    _ values: Tensor, at indices: Tensor, axis: Int, for operation: StaticString
  ) -> Tensor {
    guard let (axis, values, indices) = rows(strong, values, indices, axis, operation) else {
      return self
    }
    if indices.count == 0 { return strong }
    let order = indices.argsort()
    let winner = Tensor.winners(indices.take(order), order, shape[axis], batch: 0)
    let placed = values.take(maximum(winner - 1, 0), axis: axis)
    let isPlaced = (winner .> 0)
      .reshape(Shape((0..<rank).map { $0 == axis ? shape[axis] : 1 }))
    return .where(isPlaced, placed, strong)
  }

  /// The tensor with values added to rows along an axis; where several name one row all are added.
  /// See ``indexCopy(_:at:axis:)``.
  public func indexAdd(_ values: some TensorOperand, at indices: Tensor, axis: Int = 0) -> Tensor {
    added(values.operand, at: indices, axis: axis, for: "indexAdd")
  }

  /// ``indexAdd(_:at:axis:)`` for an operation that messages name.
  private func added(
    _ values: Tensor, at indices: Tensor, axis: Int, for operation: StaticString
  ) -> Tensor {
    let x = arithmetic
    guard let (axis, values, indices) = rows(x, values, indices, axis, operation) else {
      return self
    }
    return x + values.scatterAdd(at: indices, UInt8(axis), batch: 0, like: x)
  }

  /// The tensor with elements replaced, counted as if flattened: NumPy's and PyTorch's `put`.
  ///
  /// - Parameters:
  ///   - values: that broadcast to the shape of the indices, or a number.
  ///   - indices: integers in 0..<count, of any shape. One outside is refused.
  ///   - accumulate: whether values are added instead.
  public func put(
    _ values: some TensorOperand, at indices: Tensor, accumulate: Bool = false
  ) -> Tensor {
    let values = values.operand
    guard values.shape.broadcast(with: indices.shape) == indices.shape else {
      return Tensor.refuse(
        "put: values of shape \(values.shape) do not broadcast to indices of \(indices.shape)",
        self, values, indices)
    }
    let list = values.cast(strongType).broadcast(to: indices.shape).flatten()
    let places = indices.flatten()
    let whole = strong.flatten()
    let result =
      accumulate
      ? whole.added(list, at: places, axis: 0, for: "put")
      : whole.copied(list, at: places, axis: 0, for: "put")
    return result.reshape(shape)
  }

  /// Sums of rows with the same number: `[k, ...]` with numbers `[k]` gives `[count, ...]`. Integers
  /// and bools are summed as int64; a number that is not there has a sum of 0.
  ///
  /// - Parameters:
  ///   - ids: integers in 0..<count, in any order. One outside is refused.
  ///   - count: of sums.
  public func segmentSum(_ ids: Tensor, count: Int) -> Tensor {
    let x = dtype.isFloatingPoint ? strong : cast(.int64)
    if rank == 0 || count < 0 {
      return refusing(
        "segmentSum: \(count) sums of rows of shape \(shape); there must be an axis, and 0 or more",
        standIn: shape)
    }
    let sums = Tensor.zeros(x.shape.with(count, at: 0), x.dtype)
    guard let (_, values, ids) = x.rows(sums, x, ids, 0, "segmentSum") else { return self }
    return values.scatterAdd(at: ids, 0, batch: 0, like: sums)
  }

  // MARK: the way there

  /// For places along the last axis the position, counted from 1, of the last of the indices that
  /// name them; 0 where none does.
  ///
  /// - Parameters:
  ///   - sorted: the indices in their order.
  ///   - order: their positions.
  private static func winners(
    _ sorted: Tensor, _ order: Tensor, _ extent: Int, batch: UInt8
  ) -> Tensor {
    let isLast = Tensor.concatenate(
      [
        sorted.slice(axis: -1, 1..<sorted.shape.last)
          .!= sorted.slice(axis: -1, 0..<sorted.shape.last - 1),
        .ones(sorted.shape.with(1, at: sorted.rank - 1), .bool),
      ], axis: -1)
    return Tensor.apply(
      .scatterAdd(axis: batch, batch: batch), [.where(isLast, order + 1, 0), sorted],
      target: Target(shape: sorted.shape.with(extent, at: sorted.rank - 1), dtype: .int64))
  }

  /// An axis, rows for it that fit, and where they go; nil after refusing.
  private func rows(
    _ whole: Tensor, _ values: Tensor, _ indices: Tensor, _ axis: Int, _ operation: StaticString
  ) -> (axis: Int, values: Tensor, indices: Tensor)? {
    guard let axis = whole.axis(axis, operation) else { return nil }
    let shape = whole.shape.with(indices.count, at: axis)
    guard indices.rank == 1, values.shape.broadcast(with: shape) == shape else {
      _ = Tensor.refuse(
        """
        \(operation): values of shape \(values.shape) at indices of shape \(indices.shape) along \
        axis \(axis) of \(whole.shape); indices are a vector, values as many rows
        """, self, values, indices)
      return nil
    }
    guard let places = indices.places(in: whole.shape, axis, operation, self) else { return nil }
    return (axis, values.cast(whole.dtype).broadcast(to: shape), places)
  }
}
