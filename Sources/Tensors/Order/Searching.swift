// Places in what is in order, and what is there once.

extension Tensor {
  /// Where values belong in this ordered tensor, so that it stays in order; int64.
  ///
  /// NaN comes after all numbers, as ``sort(axis:descending:)`` and NumPy have it.
  /// - Parameters:
  ///   - values: of any shape if this is a vector, else `[..., m]` for `[..., n]`.
  ///   - right: behind elements that are equal, instead of before them.
  public func searchsorted(_ values: some TensorOperand, right: Bool = false) -> Tensor {
    let values = values.operand.strong
    let batch = shape.array.dropLast()
    guard rank == 1 || rank > 1 && values.rank == rank && values.shape.array.dropLast() == batch
    else {
      return Tensor.refuse(
        """
        searchsorted: values of shape \(values.shape) in \(shape); values have any shape in a \
        vector, else all axes before the last are equal
        """, values, self)
    }
    func isBefore(_ element: Tensor) -> Tensor {
      right
        ? (element .<= values) .| isnan(values)
        : (element .< values) .| (isnan(values) .& !isnan(element))
    }
    let extent = shape[-1]
    // How many elements are before, found bit by bit.
    var place = Tensor.zeros(values.shape, .int64)
    for bit in (0..<Int.bitWidth - extent.leadingZeroBitCount).reversed() {
      let further = place + 1 << bit
      let last = minimum(further, extent) - 1
      let element = rank == 1 ? take(last) : takeAlongAxis(last, axis: -1)
      place = .where((further .<= extent) .& isBefore(element), further, place)
    }
    return place
  }

  /// The different elements in order; where each element is among them, in this tensor's shape; and
  /// how often each is there. As in PyTorch, no NaN equals another, and values carry no derivative.
  ///
  /// How many there are depends on values, so graphs refuse it unless a size is given.
  /// - Parameter size: how many elements the result has: missing ones repeat the smallest, with a
  ///   count of 0, and what is too much is left out, as in JAX.
  public func unique(size: Int? = nil) -> (values: Tensor, inverse: Tensor, counts: Tensor) {
    let order = flatten().argsort(axis: 0)
    let sorted = flatten().take(order)
    let isNext =
      sorted.slice(axis: 0, Swift.min(1, count)..<count)
      .!= sorted.slice(axis: 0, 0..<Swift.max(count - 1, 0))
    let isFirst = Tensor.concatenate([.ones([Swift.min(1, count)], .bool), isNext])
    guard let size = isFirst.countOfTrue(size, "unique", of: self) else {
      return (self, self, self)
    }
    if count == 0 && size > 0 {
      let refused = refusing(
        "unique: \(shape) is empty and cannot fill \(size) places", standIn: [size])
      return (refused, refused, refused)
    }
    let starts = isFirst.places(size + 1, filledWith: count)
    let found = starts.slice(axis: 0, 0..<size)
    let group = isFirst.cumsum(axis: 0) - 1
    return (
      sorted.take(.where(found .< count, found, 0)).stopGradient(),
      group.take(order.argsort(axis: 0)).reshape(shape), starts.diff()
    )
  }
}
