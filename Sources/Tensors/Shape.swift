/// The extents of a tensor's axes.
///
/// Held inline: a shape never allocates. At most ``Shape/maximumRank`` axes; extents are 64-bit and
/// their product must fit one, or the shape is refused.
public struct Shape: Sendable, Hashable {
  /// The largest number of axes a tensor may have.
  public static let maximumRank = 8

  /// Extents beyond `rank` are 0, so that equal shapes are equal bits.
  package var extents: SIMD8<Int>
  package var rank8: UInt8

  package init(extents: SIMD8<Int>, rank: Int) {
    self.extents = extents
    rank8 = UInt8(truncatingIfNeeded: rank)
  }

  /// A shape of the given extents.
  ///
  /// Traps if there are more than ``maximumRank``, if one is negative, or if elements of 8 bytes take
  /// more than 64 bits can count.
  public init(_ extents: some Collection<Int>) {
    let extents = Array(extents)
    if extents.count > Shape.maximumRank {
      fatalError(
        """
        Shape: \(extents) has \(extents.count) axes, a tensor has at most \
        \(Shape.maximumRank); merge axes with reshape
        """)
    }
    self.extents = .zero
    rank8 = UInt8(extents.count)
    for (axis, extent) in extents.enumerated() {
      if extent < 0 {
        fatalError("Shape: \(extents) has the negative extent \(extent) at axis \(axis)")
      }
      self.extents[axis] = extent
    }
    checkCount()
  }

  /// Traps if the elements are more than can be counted or addressed.
  package func checkCount() {
    if checkedCount == nil {
      fatalError(
        """
        Shape: the elements of \(self) take more bytes than 64 bits can count; make it smaller, or \
        work on parts
        """)
    }
  }

  /// Number of axes.
  public var rank: Int { Int(rank8) }

  /// The extents as an array.
  public var array: [Int] { array(of: extents) }

  /// A number for each axis as an array.
  package func array(of numbers: SIMD8<Int>) -> [Int] {
    var array: [Int] = []
    array.reserveCapacity(rank)
    for axis in 0..<rank { array.append(numbers[axis]) }
    return array
  }

  /// Number of elements: the product of the extents, 1 for rank 0.
  public var count: Int {
    var product = 1
    for axis in 0..<rank { product &*= extents[axis] }
    return product
  }

  /// The extent of an axis; a negative axis counts from the end.
  public subscript(axis: Int) -> Int {
    let position = axis < 0 ? axis + rank : axis
    if position < 0 || position >= rank {
      fatalError("Shape: axis \(axis) does not exist in \(self), which has rank \(rank)")
    }
    return extents[position]
  }

  /// The extent of the last axis, 1 for rank 0.
  public var last: Int { rank == 0 ? 1 : extents[rank - 1] }

  /// The number of elements, or nil if it overflows. Bytes are counted too, at 8 an element.
  package var checkedCount: Int? {
    var product = 1
    var isEmpty = false
    for axis in 0..<rank {
      if extents[axis] == 0 { isEmpty = true }
      let (next, overflow) = product.multipliedReportingOverflow(by: max(extents[axis], 1))
      if overflow { return nil }
      product = next
    }
    if product.multipliedReportingOverflow(by: 8).overflow { return isEmpty ? 0 : nil }
    return isEmpty ? 0 : product
  }

  package static let scalar = Shape(extents: .zero, rank: 0)
}

extension Shape: ExpressibleByArrayLiteral {
  /// `[2, 3]`: two axes, of 2 and 3.
  public init(arrayLiteral extents: Int...) { self.init(extents) }
}

extension Shape: CustomStringConvertible {
  /// `[2, 3]`.
  public var description: String { "\(array)" }
}
