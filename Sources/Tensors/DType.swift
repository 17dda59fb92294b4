/// The type of a tensor's elements.
///
/// Types are dynamic, as in NumPy. ``Tensor`` values of different types meet by the rules of
/// ``DType/promoted(_:_:)``, which are PyTorch's.
public enum DType: UInt8, Sendable, Hashable, CaseIterable, Codable, CustomStringConvertible {
  /// One byte, 0 or 1.
  case bool
  /// Unsigned, 8 bits.
  case uint8
  /// Signed, 32 bits.
  case int32
  /// Signed, 64 bits: what integer literals become.
  case int64
  /// IEEE single precision: what creation without a type makes.
  case float32
  /// IEEE double precision.
  case float64

  /// Bytes of one element.
  @inlinable public var size: Int {
    switch self {
    case .bool, .uint8: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether elements are floating-point numbers: the only types with derivatives.
  @inlinable public var isFloatingPoint: Bool { rawValue >= DType.float32.rawValue }

  /// Whether elements are integers (bool is not).
  @inlinable public var isInteger: Bool { self != .bool && !isFloatingPoint }

  /// NumPy's name of the type.
  public var description: String {
    switch self {
    case .bool: "bool"
    case .uint8: "uint8"
    case .int32: "int32"
    case .int64: "int64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }
}

/// A Swift type whose values are elements of a tensor.
public protocol Scalar: TensorConvertible {
  /// The tensor type that stores this Swift type.
  static var dtype: DType { get }
}

extension Bool: Scalar {
  /// `DType.bool`.
  public static var dtype: DType { .bool }
}
extension UInt8: Scalar {
  /// `DType.uint8`.
  public static var dtype: DType { .uint8 }
}
extension Int32: Scalar {
  /// `DType.int32`.
  public static var dtype: DType { .int32 }
}
extension Int: Scalar {
  /// `DType.int64`.
  public static var dtype: DType { .int64 }
}
extension Float: Scalar {
  /// `DType.float32`.
  public static var dtype: DType { .float32 }
}
extension Double: Scalar {
  /// `DType.float64`.
  public static var dtype: DType { .float64 }
}
