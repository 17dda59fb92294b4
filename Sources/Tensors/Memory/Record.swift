/// One line of a tape: what was applied to which earlier lines, and the result.
///
/// It lies in the recorder's memory and never moves. Behind it come the extents and strides of its
/// descriptor, the indices of its operands (Int32), and the value if that is small.
package struct Record {
  package var primitive: Primitive
  /// The Swift number that stands in for the operand of index `Record.number`.
  package var number: Number?
  package var operandCount: Int32
  package var descriptor: Descriptor

  /// The descriptor is the last field.
  static let descriptorOffset = MemoryLayout<Record>.stride - MemoryLayout<Descriptor>.stride

  /// In place of an operand's index: the operand is the record's number.
  package static let number: Int32 = -1
}

package typealias RecordPointer = UnsafeMutablePointer<Record>

extension UnsafeMutablePointer<Record> {
  @inline(__always) package var descriptor: DescriptorPointer {
    (UnsafeMutableRawPointer(self) + Record.descriptorOffset)
      .assumingMemoryBound(to: Descriptor.self)
  }

  /// Indices of the operands.
  @inline(__always) package var operands: UnsafeMutablePointer<Int32> {
    descriptor.tail.assumingMemoryBound(to: Int32.self)
  }

  @inline(__always) package var operandCount: Int { Int(pointee.operandCount) }

  /// Bytes before the value.
  @inline(__always) package static func bytes(rank: Int, operands: Int) -> Int {
    let before = Record.descriptorOffset + DescriptorPointer.bytes(rank: rank)
    return (before + 4 * operands + 15) & ~15
  }
}
