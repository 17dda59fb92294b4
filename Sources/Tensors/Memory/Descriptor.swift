/// Where a value lies and how it is laid out.
///
/// A descriptor never moves. Behind it in memory come `rank` extents and `rank` strides (in
/// elements); whoever owns the descriptor owns those too.
@usableFromInline package struct Descriptor {
  /// The first element; nil while a value is unknown (traced, not run).
  @usableFromInline package var address: UnsafeMutableRawPointer?
  /// What keeps the address alive, if not the owner of the descriptor itself.
  @usableFromInline package var owner: Unmanaged<TensorOwner>?
  @usableFromInline package var count: Int
  @usableFromInline package var dtype: DType
  @usableFromInline package var rank8: UInt8
  /// Elements lie without gaps, the last axis fastest.
  @usableFromInline package var isContiguous: Bool
}

@usableFromInline package typealias DescriptorPointer = UnsafeMutablePointer<Descriptor>

extension UnsafeMutablePointer<Descriptor> {
  @inlinable @inline(__always) package var rank: Int { Int(pointee.rank8) }
  @inlinable @inline(__always) package var dtype: DType { pointee.dtype }
  @inlinable @inline(__always) package var count: Int { pointee.count }

  @inlinable @inline(__always) package var extents: UnsafeMutablePointer<Int> {
    UnsafeMutableRawPointer(self + 1).assumingMemoryBound(to: Int.self)
  }
  @inlinable @inline(__always) package var strides: UnsafeMutablePointer<Int> { extents + rank }

  /// The first byte behind extents and strides.
  @inlinable @inline(__always) package var tail: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(strides + rank)
  }

  package var shape: Shape {
    var shape = Shape(extents: .zero, rank: rank)
    for axis in 0..<rank { shape.extents[axis] = extents[axis] }
    return shape
  }

  @inline(__always) package func hasShape(of other: DescriptorPointer) -> Bool {
    if pointee.rank8 != other.pointee.rank8 { return false }
    for axis in 0..<rank where extents[axis] != other.extents[axis] { return false }
    return true
  }

  /// Bytes a descriptor of a rank takes with its extents and strides.
  @inline(__always) package static func bytes(rank: Int) -> Int {
    MemoryLayout<Descriptor>.stride + 2 * rank * MemoryLayout<Int>.stride
  }

  /// Describes a value without gaps, its address still unknown.
  @inline(__always)
  package func initialize(shape: borrowing Shape, dtype: DType) {
    let rank = shape.rank
    initialize(
      to: Descriptor(
        address: nil, owner: nil, count: 1, dtype: dtype, rank8: shape.rank8, isContiguous: true))
    let extents = self.extents
    let strides = self.strides
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      extents[axis] = shape.extents[axis]
      strides[axis] = step
      step &*= shape.extents[axis]
      axis -= 1
    }
    pointee.count = step
  }

  /// Describes a value laid out like a contiguous one of another descriptor's shape.
  @inline(__always)
  package func initialize(like other: DescriptorPointer, dtype: DType) {
    initialize(
      to: Descriptor(
        address: nil, owner: nil, count: other.pointee.count, dtype: dtype,
        rank8: other.pointee.rank8, isContiguous: true))
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      extents[axis] = other.extents[axis]
      strides[axis] = step
      step &*= other.extents[axis]
      axis -= 1
    }
  }

  /// Looks again whether the strides leave no gaps.
  package func updateContiguity() {
    var step = 1
    var axis = rank - 1
    pointee.isContiguous = true
    if count == 0 { return }
    while axis >= 0 {
      if extents[axis] != 1 {
        if strides[axis] != step { pointee.isContiguous = false }
        step &*= extents[axis]
      }
      axis -= 1
    }
  }
}
