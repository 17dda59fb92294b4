// Movement without moving: address and strides of a result that shares its operand's memory.

extension Primitive {
  /// Lays the result out over the operand's memory. False if strides cannot express it (a reshape
  /// of a view with gaps): then the elements must be copied.
  package func makeView(of source: DescriptorPointer, in result: DescriptorPointer) -> Bool {
    let size = source.dtype.size
    var offset = 0
    let strides = result.strides
    switch self {
    case .reshape:
      if source.pointee.isContiguous { break }
      guard reshapeStrides(source, result) else {
        // Axes before the one that failed have strides of the view that cannot be.
        result.initialize(shape: result.shape, dtype: result.dtype)
        return false
      }
    case .broadcast:
      let lead = result.rank - source.rank
      for axis in 0..<result.rank {
        let own = axis - lead
        let repeats = own < 0 || source.extents[own] != result.extents[axis]
        strides[axis] = repeats ? 0 : source.strides[own]
      }
    case .permute(let order):
      for axis in 0..<result.rank { strides[axis] = source.strides[order[axis]] }
    case .slice(let start, let step, let axis):
      for axis in 0..<result.rank { strides[axis] = source.strides[axis] }
      strides[Int(axis)] *= step
      if result.count > 0 { offset = start * source.strides[Int(axis)] }
    case .flip(let axes):
      for axis in 0..<result.rank {
        strides[axis] = source.strides[axis]
        if axes.contains(axis) && result.count > 0 {
          offset += (source.extents[axis] - 1) * source.strides[axis]
          strides[axis] = -strides[axis]
        }
      }
    case .windows(let step, let dilation, let windowed):
      let windowed = Int(windowed)
      for axis in 0..<source.rank {
        strides[axis <= windowed ? axis : axis + 1] = source.strides[axis]
      }
      strides[windowed + 1] = dilation * source.strides[windowed]
      strides[windowed] *= step
    default:
      for axis in 0..<result.rank { strides[axis] = source.strides[axis] }
    }
    result.pointee.address = source.pointee.address.map { $0 + offset * size }
    result.updateContiguity()
    return true
  }

  /// Strides of a reshape without a copy: the axes of both sides fall into groups of equal counts,
  /// and inside each group of the source there are no gaps.
  private func reshapeStrides(_ source: DescriptorPointer, _ result: DescriptorPointer) -> Bool {
    if source.count == 0 { return true }
    var from = 0
    var to = 0
    while from < source.rank || to < result.rank {
      var have = from < source.rank ? source.extents[from] : 1
      var want = to < result.rank ? result.extents[to] : 1
      var lastFrom = from
      var lastTo = to
      while have != want {
        if have < want {
          lastFrom += 1
          have *= source.extents[lastFrom]
        } else {
          lastTo += 1
          want *= result.extents[lastTo]
        }
      }
      var step = 0
      var inner = 0
      for axis in stride(from: Swift.min(lastFrom, source.rank - 1), through: from, by: -1)
      where source.extents[axis] != 1 {
        if step == 0 {
          inner = source.strides[axis]
        } else if source.strides[axis] != inner * step {
          return false
        }
        step = Swift.max(step, 1) * source.extents[axis]
      }
      var next = inner
      for axis in stride(from: Swift.min(lastTo, result.rank - 1), through: to, by: -1) {
        result.strides[axis] = next
        next *= result.extents[axis]
      }
      from = lastFrom + 1
      to = lastTo + 1
    }
    return true
  }
}
