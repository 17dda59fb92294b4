// Shapes derived from shapes.

extension Shape {
  /// The shape two operands broadcast to, by NumPy's rule: aligned at the last axis, extents are
  /// equal or one of them is 1. Nil if they do not fit.
  package func broadcast(with other: Shape) -> Shape? {
    if self == other { return self }
    let rank = max(self.rank, other.rank)
    var result = Shape(extents: .zero, rank: rank)
    for axis in 0..<rank {
      let mine = axis - (rank - self.rank)
      let theirs = axis - (rank - other.rank)
      let a = mine >= 0 ? extents[mine] : 1
      let b = theirs >= 0 ? other.extents[theirs] : 1
      if a != b && a != 1 && b != 1 { return nil }
      result.extents[axis] = a == 1 ? b : a
    }
    return result.checkedCount == nil ? nil : result
  }

  /// The axes of `larger` that a broadcast from this shape filled, as a bit mask.
  package func axesFilled(in larger: Shape) -> AxisMask {
    var mask = AxisMask()
    let lead = larger.rank - rank
    for axis in 0..<larger.rank
    where axis < lead || extents[axis - lead] != larger.extents[axis] {
      mask.insert(axis)
    }
    return mask
  }

  /// With `extent` at the masked axes.
  package func replacing(_ axes: AxisMask, with extent: Int) -> Shape {
    var shape = self
    for axis in 0..<rank where axes.contains(axis) { shape.extents[axis] = extent }
    return shape
  }

  /// Without the masked axes. Traps if that makes too many elements.
  package func removing(_ axes: AxisMask) -> Shape {
    var rest = Shape.scalar
    for axis in 0..<rank where !axes.contains(axis) { rest.append(extents[axis]) }
    rest.checkCount()
    return rest
  }

  /// With one more axis at the end. The caller knows that the rank allows it.
  package mutating func append(_ extent: Int) {
    extents[rank] = extent
    rank8 += 1
  }

  /// With an extent put in before an axis.
  package func inserting(_ extent: Int, at axis: Int) -> Shape {
    Shape(array[..<axis] + [extent] + array[axis...])
  }

  /// With one extent changed. Traps if that makes too many elements.
  package func with(_ extent: Int, at axis: Int) -> Shape {
    var shape = self
    shape.extents[axis] = extent
    shape.checkCount()
    return shape
  }

  /// The steps, in elements, of a layout without gaps whose last axis runs fastest.
  package var contiguousStrides: SIMD8<Int> {
    var strides = SIMD8<Int>.zero
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      strides[axis] = step
      step &*= extents[axis]
      axis -= 1
    }
    return strides
  }
}

/// A set of axes, one bit each.
@usableFromInline package struct AxisMask: Sendable, Hashable {
  package var bits: UInt8 = 0
  package init() {}
  package init(bits: UInt8) { self.bits = bits }
  package init(firstAxes rank: Int) { bits = UInt8((1 << rank) - 1) }

  package func contains(_ axis: Int) -> Bool { bits & (1 << UInt8(axis)) != 0 }
  package mutating func insert(_ axis: Int) { bits |= 1 << UInt8(axis) }
  package var isEmpty: Bool { bits == 0 }
  package var axes: [Int] { (0..<8).filter(contains) }
}

/// An order of axes: axis `i` of the result is axis `self[i]` of the operand. Four bits each.
@usableFromInline package struct Permutation: Sendable, Hashable {
  package var nibbles: UInt32
  package init(_ axes: some Collection<Int>) {
    nibbles = axes.enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32(4 * $1.offset) }
  }
  package subscript(axis: Int) -> Int { Int(nibbles >> UInt32(4 * axis) & 15) }
  package func inverse(rank: Int) -> Permutation {
    var order = [Int](repeating: 0, count: rank)
    for axis in 0..<rank { order[self[axis]] = axis }
    return Permutation(order)
  }
  package func axes(rank: Int) -> [Int] { (0..<rank).map { self[$0] } }
}
