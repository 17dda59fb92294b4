/// A number of Swift met in an expression with a tensor, stored exactly.
///
/// It has no tensor, no record and no broadcast: an operation keeps it beside its operands.
public struct Number: Sendable, Hashable {
  /// The bits of an Int64 or of a Double.
  package let bits: UInt64
  /// Which of the two.
  package let isInteger: Bool

  package init(_ value: Int) {
    bits = UInt64(bitPattern: Int64(value))
    isInteger = true
  }

  package init(_ value: Double) {
    bits = value.bitPattern
    isInteger = false
  }

  package var double: Double {
    isInteger ? Double(Int64(bitPattern: bits)) : Double(bitPattern: bits)
  }

  /// Towards zero, saturating, NaN as 0: the conversion of `cast`.
  package var int: Int {
    if isInteger { return Int(Int64(bitPattern: bits)) }
    let value = Double(bitPattern: bits)
    if value.isNaN { return 0 }
    return Int(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
  }

  /// The number as one element of a type, in the low bytes (little endian).
  package func element(as dtype: DType) -> UInt64 {
    switch dtype {
    case .bool: isInteger ? (bits != 0 ? 1 : 0) : (double != 0 ? 1 : 0)
    case .uint8:
      isInteger ? UInt64(UInt8(truncatingIfNeeded: int)) : UInt64(UInt8(clamping: int))
    case .int32:
      UInt64(
        UInt32(
          bitPattern: isInteger ? Int32(truncatingIfNeeded: int) : Int32(clamping: int)))
    case .int64: UInt64(bitPattern: Int64(int))
    case .float32:
      UInt64((isInteger ? Float(Int64(bitPattern: bits)) : Float(double)).bitPattern)
    case .float64: double.bitPattern
    }
  }
}

extension Double {
  /// The natural logarithms of bases.
  package static let ln2 = 0.693147180559945309417
  package static let ln10 = 2.302585092994045684018
}

extension Number: CustomStringConvertible {
  /// The digits.
  public var description: String {
    isInteger ? "\(int)" : "\(double)"
  }
}
