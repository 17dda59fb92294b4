/// What functions take where a tensor or a Swift number may stand.
///
/// A number takes the type of the tensor it meets, and is stored exactly.
public protocol TensorOperand: Sendable {
  /// The operand as a tensor; a number as one of rank 0 that has no type of its own yet.
  var operand: Tensor { get }
}

extension Tensor: TensorOperand {
  /// Itself.
  public var operand: Tensor { self }
}
/// A number of Swift that operators take beside a tensor.
public protocol TensorNumber: TensorOperand {
  /// The number, stored exactly.
  var number: Number { get }
}

extension TensorNumber {
  /// The number.
  public var operand: Tensor { Tensor(number) }
}

extension Int: TensorNumber {
  /// The integer.
  public var number: Number { Number(self) }
}
extension Double: TensorNumber {
  /// The number.
  public var number: Number { Number(self) }
}
extension Float: TensorNumber {
  /// The number.
  public var number: Number { Number(Double(self)) }
}

extension Tensor {
  /// A weak tensor holding a number exactly: it adapts to the type of what it meets.
  package init(_ number: Number) {
    let node = Node.make(shape: .scalar, dtype: number.isInteger ? .int64 : .float64)
    node.descriptor.pointee.address?.storeBytes(of: number.bits, as: UInt64.self)
    self.init(node, flags: .weak)
  }

  /// The number a weak tensor of rank 0 holds.
  package var number: Number? {
    guard isWeak, rank == 0 else { return nil }
    return withExtendedLifetime(self) {
      let address = descriptor.pointee.address.unsafelyUnwrapped
      return dtype == .int64
        ? Number(address.load(as: Int.self)) : Number(address.load(as: Double.self))
    }
  }

  /// The tensor with a type of its own: a floating-point number becomes float32.
  package var strong: Tensor { isWeak ? cast(weakType) : self }
}
