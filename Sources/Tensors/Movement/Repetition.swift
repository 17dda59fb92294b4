// Tensors repeated, rolled and turned.

extension Tensor {
  /// The tensor laid out several times along its axes, as NumPy's `tile`.
  ///
  /// - Parameter counts: how often, for the last axes; more than there are give new axes in front.
  public func tile(_ counts: [Int]) -> Tensor {
    let rank = Swift.max(rank, counts.count)
    guard rank <= Shape.maximumRank else {
      return refusing(
        "tile: \(counts) has \(counts.count) axes, a tensor has at most \(Shape.maximumRank)",
        standIn: shape)
    }
    let whole = reshape(Shape([Int](repeating: 1, count: rank - self.rank) + shape.array))
    return counts.enumerated().reduce(whole) { x, count in
      let axis = rank - counts.count + count.offset
      return x.repeated(count.element, axis, blocks: 1, "tile")
    }
  }

  /// Every element several times along an axis, as NumPy's `repeat` and PyTorch's
  /// `repeat_interleave`.
  ///
  /// - Parameters:
  ///   - count: how often.
  ///   - axis: counted from the end if negative; left out, the elements are flattened.
  public func `repeat`(_ count: Int, axis: Int? = nil) -> Tensor {
    guard let axis else { return flatten().repeat(count, axis: 0) }
    guard let axis = self.axis(axis, "repeat") else { return self }
    return repeated(count, axis, blocks: shape[axis], "repeat")
  }

  /// Every position of an axis as often as said; see ``repeat(_:axis:)-(Int,_)``.
  public func `repeat`(_ counts: [Int], axis: Int) -> Tensor {
    guard let axis = self.axis(axis, "repeat") else { return self }
    if counts.count != shape[axis] || counts.contains(where: { $0 < 0 }) {
      return refusing(
        """
        repeat: counts \(counts) for axis \(axis) of \(shape); there must be one of 0 or more for \
        each position
        """, standIn: shape)
    }
    var total = 0
    for count in counts {
      let (sum, overflow) = total.addingReportingOverflow(count)
      if overflow {
        return refusing(
          "repeat: counts \(counts) for axis \(axis) of \(shape) are more than 64 bits can count",
          standIn: shape)
      }
      total = sum
    }
    var (place, left) = (-1, 0)
    let places = Tensor.listing(total) { _ in
      while left == 0 {
        place += 1
        left = counts[place]
      }
      left -= 1
      return place
    }
    return take(places, axis: axis)
  }

  /// The positions of an axis in so many blocks, each block several times.
  private func repeated(
    _ count: Int, _ axis: Int, blocks: Int, _ operation: StaticString
  ) -> Tensor {
    let (extent, overflow) = shape[axis].multipliedReportingOverflow(by: count)
    if count < 0 || overflow {
      return refusing(
        """
        \(operation): \(count) times axis \(axis) of \(shape); there are 0 or more times, and no \
        more elements than 64 bits can count
        """, standIn: shape)
    }
    if count == 1 { return self }
    let result = shape.with(extent, at: axis)
    let outer = shape.array[..<axis].reduce(1, *) * blocks
    let block = outer == 0 ? 0 : self.count / outer
    return reshape([outer, 1, block]).broadcast(to: [outer, count, block]).reshape(result)
  }

  /// Elements moved along an axis, those that leave at one end coming in at the other.
  ///
  /// - Parameters:
  ///   - shift: how far, towards the end; backwards if negative.
  ///   - axis: counted from the end if negative; left out, elements move as if flattened.
  public func roll(_ shift: Int, axis: Int? = nil) -> Tensor {
    guard let axis else { return flatten().roll(shift, axis: 0).reshape(shape) }
    guard let axis = self.axis(axis, "roll") else { return self }
    let extent = shape[axis]
    if extent == 0 { return self }
    let cut = (extent - shift % extent) % extent
    if cut == 0 { return self }
    return .concatenate(
      [slice(axis: axis, cut..<extent), slice(axis: axis, 0..<cut)], axis: axis)
  }

  /// Elements moved along several axes, one shift for each; see ``roll(_:axis:)``.
  public func roll(_ shifts: [Int], axes: [Int]) -> Tensor {
    if shifts.count != axes.count {
      return refusing(
        "roll: \(shifts.count) shifts for \(axes.count) axes of \(shape); give one for each",
        standIn: shape)
    }
    return zip(shifts, axes).reduce(self) { $0.roll($1.0, axis: $1.1) }
  }

  /// The tensor turned by right angles in the plane of two axes, from the first towards the second.
  ///
  /// - Parameters:
  ///   - times: how often; the other way if negative.
  ///   - axes: two different ones.
  public func rot90(_ times: Int = 1, axes: (Int, Int) = (0, 1)) -> Tensor {
    guard axisMask([axes.0, axes.1], "rot90") != nil else { return self }
    return switch times & 3 {
    case 1: flip(axes: [axes.1]).swapAxes(axes.0, axes.1)
    case 2: flip(axes: [axes.0, axes.1])
    case 3: swapAxes(axes.0, axes.1).flip(axes: [axes.1])
    default: self
    }
  }
}
