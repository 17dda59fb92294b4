// Number literals as tensors: they adapt to the type of what they meet.

extension Tensor: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// `let x: Tensor = 2`: a tensor of rank 0 that takes the type of what it meets, int64 alone.
  public init(integerLiteral value: Int) { self.init(Number(value)) }

  /// `let x: Tensor = 0.5`: a tensor of rank 0 that takes the type of what it meets, float32 alone.
  public init(floatLiteral value: Double) { self.init(Number(value)) }

  /// A weak tensor holding a number exactly.
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

  /// The tensor with a type of its own: a floating literal becomes float32.
  package var strong: Tensor { isWeak ? cast(weakType) : self }
}
