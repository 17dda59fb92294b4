/// One line of a tape: what was applied to which earlier lines, and the result.
///
/// It lies in the recorder's memory and never moves. Behind it come the extents and strides of its
/// descriptor, the indices of its operands (Int32), and the value if that is small.
@usableFromInline package struct Record {
  @usableFromInline package var primitive: Primitive
  /// The Swift number that stands in for the operand of index `Record.number`.
  @usableFromInline package var number: Number?
  /// Which elementwise kernel made it, as ``Primitive/elementwiseCode``; `notElementwise` if none.
  @usableFromInline package var code: UInt8
  @usableFromInline package var operandCount: Int32
  @usableFromInline package var descriptor: Descriptor

  /// The descriptor is the last field.
  @inlinable @inline(__always) package static var descriptorOffset: Int {
    MemoryLayout<Record>.stride - MemoryLayout<Descriptor>.stride
  }

  /// In place of an operand's index: the operand is the record's number.
  @inlinable @inline(__always) package static var number: Int32 { -1 }

  @inlinable @inline(__always) package static var notElementwise: UInt8 { .max }
}

@usableFromInline package typealias RecordPointer = UnsafeMutablePointer<Record>

extension UnsafeMutablePointer<Record> {
  @inlinable @inline(__always) package var descriptor: DescriptorPointer {
    (UnsafeMutableRawPointer(self) + Record.descriptorOffset)
      .assumingMemoryBound(to: Descriptor.self)
  }

  /// Indices of the operands.
  @inlinable @inline(__always) package var operands: UnsafeMutablePointer<Int32> {
    descriptor.tail.assumingMemoryBound(to: Int32.self)
  }

  @inlinable @inline(__always) package var operandCount: Int { Int(pointee.operandCount) }

  /// Bytes before the value.
  @inline(__always) package static func bytes(rank: Int, operands: Int) -> Int {
    let before = Record.descriptorOffset + DescriptorPointer.bytes(rank: rank)
    return (before + 4 * operands + 15) & ~15
  }
}
