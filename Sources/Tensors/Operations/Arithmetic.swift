// Binary operations: promotion and broadcasting in one place, then the operators.

extension Tensor {
  /// A binary primitive on any two tensors.
  @inline(__always)
  package static func binary(
    _ primitive: Primitive, _ name: StaticString, _ a: consuming Tensor, _ b: Tensor
  ) -> Tensor {
    if a.dtype == .bool && b.dtype == .bool && primitive.isUndefinedForBool {
      return refuse("\(name): not defined for bool; cast to int64, or use .^ or .&", copy a, b)
    }
    if a.matches(b) {
      if case .binary(let operation) = primitive.kernel {
        return matched(primitive, operation, a, b)
      }
      return apply(primitive, a, b)
    }
    return mixed(primitive, name, a, b)
  }

  /// Whether two operands need neither a cast nor a broadcast to meet.
  @inline(__always)
  private func matches(_ other: Tensor) -> Bool {
    dtype == other.dtype && !isWeak && !other.isWeak && descriptor.hasShape(of: other.descriptor)
  }

  @inline(never)
  private static func mixed(
    _ primitive: Primitive, _ name: StaticString, _ a: Tensor, _ b: Tensor
  ) -> Tensor {
    if b.isWeak, !a.isWeak, let number = b.number { return binary(primitive, a, number) }
    if a.isWeak, !b.isWeak, let number = a.number {
      return binary(primitive, b, number, numberFirst: true)
    }
    guard let shape = a.shape.broadcast(with: b.shape) else { return broadcastRefused(name, a, b) }
    let dtype = promotedType(a, b)
    return apply(primitive, a.cast(dtype).broadcast(to: shape), b.cast(dtype).broadcast(to: shape))
  }

  private static func broadcastRefused(_ name: StaticString, _ a: Tensor, _ b: Tensor) -> Tensor {
    refuse(
      """
      \(name): shapes \(a.shape) and \(b.shape) do not broadcast; aligned at the last axis, \
      extents must be equal or 1: reshape, transpose or expandDims one of them
      """, a, b)
  }

  /// A function composed for two operands of one type, of which either may be a Swift number.
  static func composed(
    _ name: StaticString, _ a: Tensor, _ b: Tensor, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    if a.shape.broadcast(with: b.shape) == nil { return broadcastRefused(name, a, b) }
    let dtype = promotedType(a, b)
    return body(a.cast(dtype), b.cast(dtype))
  }

  /// A binary primitive on a tensor and a Swift number, which takes the tensor's type.
  @inline(__always)
  package static func binary(
    _ primitive: Primitive, _ a: consuming Tensor, _ number: Number, numberFirst: Bool = false
  ) -> Tensor {
    let dtype = promotedType(a, number)
    if dtype != a.dtype || a.isWeak { a = a.cast(dtype) }
    if case .binary(let operation) = primitive.kernel {
      return matched(primitive, operation, a, number, numberFirst: numberFirst)
    }
    return apply(primitive, a, number, numberFirst: numberFirst)
  }

  /// Reports what cannot be done to the recorder of an operand, or traps.
  ///
  /// - Returns: if the recorder goes on, a stand-in: the first operand.
  package static func refuse(_ message: String, _ operands: Tensor...) -> Tensor {
    guard let recorder = operands.lazy.compactMap(\.recorder).first else { fatalError(message) }
    recorder.refuse(message)
    return operands.first { $0.recorder != nil }!
  }

  /// Refuses like `refuse`, with a stand-in of a shape.
  package func refusing(_ message: String, standIn shape: Shape) -> Tensor {
    guard let recorder else { fatalError(message) }
    recorder.refuse(message)
    return recorder.placeholder(shape, dtype)
  }

  /// Elementwise sum; shapes broadcast.
  public static func + (a: consuming Tensor, b: Tensor) -> Tensor { binary(.add, "+", a, b) }
  /// Elementwise difference; shapes broadcast.
  public static func - (a: consuming Tensor, b: Tensor) -> Tensor { binary(.subtract, "-", a, b) }
  /// Elementwise product; shapes broadcast. For the product of matrices see ``dot(_:)``.
  public static func * (a: consuming Tensor, b: Tensor) -> Tensor { binary(.multiply, "*", a, b) }
  /// Elementwise quotient; shapes broadcast. Of two integers it is float32, as in PyTorch.
  public static func / (a: consuming Tensor, b: Tensor) -> Tensor {
    if a.dtype.isFloatingPoint || b.dtype.isFloatingPoint { return binary(.divide, "/", a, b) }
    return binary(.divide, "/", a.cast(.float32), b.cast(.float32))
  }
  /// Elementwise negation.
  public static prefix func - (a: consuming Tensor) -> Tensor {
    if a.dtype == .bool {
      return refuse("-: not defined for bool; cast to int64, or use !", copy a)
    }
    return arithmetic(.negate, a)
  }

  /// Replaces the tensor by the sum.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  /// Replaces the tensor by the difference.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  /// Replaces the tensor by the elementwise product.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  /// Replaces the tensor by the elementwise quotient.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  /// Quotient by a number: an integer tensor gives float32.
  @inline(__always)
  static func quotient(_ a: consuming Tensor, _ number: Number, numberFirst: Bool) -> Tensor {
    if !a.dtype.isFloatingPoint { a = a.cast(.float32) }
    return binary(.divide, a, number, numberFirst: numberFirst)
  }
}

// Operators with a Swift number. Generic on purpose: with overloads for Int, Double and Float the
// compiler tries every type for each integer literal, and gives up on expressions of thirty terms.

extension Tensor {
  /// Adds a number to every element.
  public static func + (a: consuming Tensor, b: some TensorNumber) -> Tensor {
    binary(.add, a, b.number)
  }
  /// Adds a number to every element.
  public static func + (a: some TensorNumber, b: consuming Tensor) -> Tensor {
    binary(.add, b, a.number, numberFirst: true)
  }
  /// Subtracts a number from every element.
  public static func - (a: consuming Tensor, b: some TensorNumber) -> Tensor {
    binary(.subtract, a, b.number)
  }
  /// Subtracts every element from a number.
  public static func - (a: some TensorNumber, b: consuming Tensor) -> Tensor {
    binary(.subtract, b, a.number, numberFirst: true)
  }
  /// Multiplies every element by a number.
  public static func * (a: consuming Tensor, b: some TensorNumber) -> Tensor {
    binary(.multiply, a, b.number)
  }
  /// Multiplies every element by a number.
  public static func * (a: some TensorNumber, b: consuming Tensor) -> Tensor {
    binary(.multiply, b, a.number, numberFirst: true)
  }
  /// Divides every element by a number.
  public static func / (a: consuming Tensor, b: some TensorNumber) -> Tensor {
    quotient(a, b.number, numberFirst: false)
  }
  /// Divides a number by every element.
  public static func / (a: some TensorNumber, b: consuming Tensor) -> Tensor {
    quotient(b, a.number, numberFirst: true)
  }

  /// Adds a number in place.
  public static func += (a: inout Tensor, b: some TensorNumber) { a = a + b }
  /// Subtracts a number in place.
  public static func -= (a: inout Tensor, b: some TensorNumber) { a = a - b }
  /// Multiplies by a number in place.
  public static func *= (a: inout Tensor, b: some TensorNumber) { a = a * b }
  /// Divides by a number in place.
  public static func /= (a: inout Tensor, b: some TensorNumber) { a = a / b }
}

extension Primitive {
  /// Whether two bools have no result, as in PyTorch.
  fileprivate var isUndefinedForBool: Bool {
    switch self {
    case .subtract, .power, .remainder: true
    default: false
    }
  }
}
