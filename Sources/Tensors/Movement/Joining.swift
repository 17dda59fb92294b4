// Many tensors into one, one into many.

extension Tensor {
  /// Tensors one after the other along an axis; their other extents are equal.
  public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else {
      fatalError("concatenate: no tensors were given; at least one is needed")
    }
    let tracked = tensors.first(where: \.isTracked) ?? first
    guard let axis = tracked.axis(axis, "concatenate") else { return tracked }
    let dtype = promotedType(tensors)
    let pattern = first.shape.with(0, at: axis)
    for (position, x) in tensors.enumerated()
    where x.rank != first.rank || x.shape.with(0, at: axis) != pattern {
      return tracked.refusing(
        """
        concatenate: shape \(x.shape) at position \(position) does not continue \(first.shape) \
        along axis \(axis); all other extents must be equal
        """, standIn: first.shape)
    }
    if tensors.count == 1 { return first.cast(dtype) }
    return apply(.concatenate(axis: UInt8(axis)), tensors.map { $0.cast(dtype) })
  }

  /// Tensors of one shape along a new axis.
  public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    guard let first = tensors.first else {
      fatalError("stack: no tensors were given; at least one is needed")
    }
    if let other = tensors.first(where: { $0.shape != first.shape }) {
      return (tensors.first(where: \.isTracked) ?? first).refusing(
        "stack: shapes \(first.shape) and \(other.shape) differ; all must be equal",
        standIn: first.shape)
    }
    let place = axis < 0 ? axis + first.rank + 1 : axis
    if place < 0 || place > first.rank || first.rank == Shape.maximumRank {
      return (tensors.first(where: \.isTracked) ?? first).refusing(
        "stack: no place \(axis) for an axis in \(first.shape) (at most \(Shape.maximumRank) axes)",
        standIn: first.shape)
    }
    return concatenate(tensors.map { $0.expandDims(at: axis) }, axis: axis)
  }

  /// The tensor cut into equal parts along an axis.
  public func split(_ parts: Int, axis: Int = 0) -> [Tensor] {
    guard let axis = self.axis(axis, "split") else { return [self] }
    if parts < 1 || shape[axis] % parts != 0 {
      let standIn = refusing(
        """
        split: axis \(axis) of \(shape) does not divide into \(parts) equal parts; give sizes: \
        split(sizes:axis:)
        """, standIn: shape)
      return [Tensor](repeating: standIn, count: Swift.min(Swift.max(parts, 1), 1024))
    }
    return split(sizes: [Int](repeating: shape[axis] / parts, count: parts), axis: axis)
  }

  /// The tensor cut into parts of given sizes along an axis.
  public func split(sizes: [Int], axis: Int = 0) -> [Tensor] {
    guard let axis = self.axis(axis, "split") else { return [self] }
    if sizes.contains(where: { $0 < 0 || $0 > shape[axis] }) || sizes.reduce(0, &+) != shape[axis] {
      let standIn = refusing(
        "split: sizes \(sizes) do not add up to axis \(axis) of \(shape)", standIn: shape)
      return [Tensor](repeating: standIn, count: Swift.max(sizes.count, 1))
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return slice(axis: axis, start..<start + size)
    }
  }

  /// The parts at each position of an axis, without it.
  public func unstack(axis: Int = 0) -> [Tensor] {
    guard let axis = self.axis(axis, "unstack") else { return [self] }
    let part = shape.removing(AxisMask(bits: 1 << UInt8(axis)))
    return (0..<shape[axis]).map { slice(axis: axis, $0..<$0 + 1).reshape(part) }
  }
}
