// Elements chosen by conditions. How many there are depends on values.

extension Tensor {
  /// The elements where a condition holds, in reading order: `[n]`.
  ///
  /// How many there are depends on values, so graphs refuse it unless a size is given.
  /// - Parameters:
  ///   - mask: a bool tensor; both broadcast.
  ///   - size: how many elements the result has: zeros are added, or elements left out.
  public func maskedSelect(_ mask: Tensor, size: Int? = nil) -> Tensor {
    guard let shape = shape.broadcast(with: mask.shape) else {
      return Tensor.refuse(
        """
        maskedSelect: shapes \(self.shape) and \(mask.shape) do not broadcast; aligned at the last \
        axis, extents must be equal or 1
        """, self, mask)
    }
    let isChosen = mask.cast(.bool).broadcast(to: shape).flatten()
    let elements = strong.broadcast(to: shape).flatten()
    guard let count = isChosen.countOfTrue(size, "maskedSelect", of: mask) else { return self }
    if elements.count == 0 { return .zeros([count], elements.dtype) }
    let places = isChosen.places(count, filledWith: elements.count)
    if size == nil { return elements.take(places) }
    let isThere = places .< elements.count
    let chosen = elements.take(.where(isThere, places, 0))
    return .where(isThere, chosen, Tensor.zeros([], elements.dtype))
  }

  /// The tensor with elements where a condition holds replaced by values, one after the other.
  ///
  /// - Parameters:
  ///   - mask: a bool tensor that broadcasts to this one.
  ///   - values: at least as many as there are places; more than needed are left.
  public func maskedScatter(_ mask: Tensor, _ values: Tensor) -> Tensor {
    guard mask.shape.broadcast(with: shape) == shape else {
      return Tensor.refuse(
        "maskedScatter: a mask of shape \(mask.shape) does not broadcast to \(shape)", self, mask)
    }
    let isChosen = mask.cast(.bool).broadcast(to: shape).flatten()
    if !isChosen.isAbstract, case let count = isChosen.untracked.countNonzero().item(as: Int.self),
      count > values.count
    {
      return Tensor.refuse(
        "maskedScatter: \(values.count) values for \(count) places of a mask of \(mask.shape)",
        self, values)
    }
    if values.count == 0 || count == 0 { return strong }
    let places = Tensor.where(isChosen, isChosen.cumsum(axis: 0) - 1, 0)
    let placed = values.cast(strongType).flatten().take(places)
    return .where(isChosen.reshape(shape), placed.reshape(shape), strong)
  }

  /// The positions of elements that are not 0, in reading order: `[n, axes]`, int64.
  ///
  /// How many there are depends on values, so graphs refuse it unless a size is given.
  /// - Parameter size: how many rows the result has: rows of zeros are added, or rows left out.
  public func nonzero(size: Int? = nil) -> Tensor {
    let isChosen = cast(.bool).flatten()
    guard let found = isChosen.countOfTrue(size, "nonzero", of: self) else { return self }
    if rank == 0 { return .zeros([found, 0], .int64) }
    if count == 0 { return .zeros([found, rank], .int64) }
    let places = isChosen.places(found, filledWith: 0)
    let steps = shape.contiguousStrides
    return .stack(
      (0..<rank).map { axis in
        // Whole numbers of steps: a division without a remainder.
        let inside = places % (steps[axis] * shape[axis])
        return ((inside - inside % steps[axis]).cast(.float64) / Double(steps[axis])).cast(.int64)
      }, axis: -1)
  }

  /// How many places a result has: the size that was given, or, where the condition has a value, as
  /// many as hold. Nil after refusing.
  func countOfTrue(_ size: Int?, _ operation: StaticString, of operand: Tensor) -> Int? {
    if let size {
      // One more must still be counted.
      if size >= 0, size < .max / 8 { return size }
      _ = operand.refusing(
        "\(operation): a size of \(size); it must not be negative, nor more than memory can hold",
        standIn: operand.shape)
      return nil
    }
    if !isAbstract { return untracked.countNonzero().item(as: Int.self) }
    _ = operand.refusing(
      """
      \(operation): how many elements of \(operand.shape) there are depends on values, and a graph \
      has none yet; give a size, or compute it at once
      """, standIn: operand.shape)
    return nil
  }

  /// The first places of a vector of conditions that hold, in order; `filling` where there are no
  /// more.
  func places(_ size: Int, filledWith filling: Int) -> Tensor {
    let known = Swift.min(size, count)
    let order = argsort(axis: 0, descending: true).slice(axis: 0, 0..<known)
    let places = Tensor.where(.arange(known) .< countNonzero(), order, filling)
    return size == known
      ? places : .concatenate([places, .full([size - known], filling, .int64)])
  }
}
