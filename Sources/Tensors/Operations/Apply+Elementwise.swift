import BacktapeKernels

// The short way for elementwise operations whose result is laid out like an operand. That operand
// is handed over: if nobody else refers to it the result is written in its place, and if it is on
// a tape its reference to the tape becomes the result's.

extension Tensor {
  /// Applies a primitive to one operand.
  @inline(never)
  static func matched(
    _ primitive: Primitive, _ operation: bt_unary_operation, _ a: consuming Tensor
  ) -> Tensor {
    if a.isTracked {
      a.index = a.recorded(primitive, operation)
      return a
    }
    let x = a.descriptor
    guard x.pointee.address != nil else { return Tensor(.makeAbstract(like: x)) }
    if a.isUnique {
      primitive.execute(operation, x, into: x)
      return a
    }
    let node = Node.make(like: x, dtype: x.dtype)
    primitive.execute(operation, x, into: node.descriptor)
    extendLifetime(a)
    return Tensor(node)
  }

  /// Applies a primitive to two operands of equal shape and type.
  @inline(never)
  static func matched(
    _ primitive: Primitive, _ operation: bt_binary_operation, _ a: consuming Tensor, _ b: Tensor
  ) -> Tensor {
    if a.isTracked {
      a.index = a.recorded(primitive, operation, a, b)
      return a
    }
    if b.isTracked {
      var result = b
      result.index = b.recorded(primitive, operation, a, b)
      return result
    }
    let x = a.descriptor
    let y = b.descriptor
    guard x.pointee.address != nil, y.pointee.address != nil else {
      return Tensor(.makeAbstract(like: x))
    }
    if a.isUnique {
      primitive.execute(operation, x, y, into: x)
      return a
    }
    let node = Node.make(like: x, dtype: x.dtype)
    primitive.execute(operation, x, y, into: node.descriptor)
    extendLifetime(a)
    return Tensor(node)
  }

  /// Applies a primitive to a tensor and a Swift number, in either order.
  @inline(never)
  static func matched(
    _ primitive: Primitive, _ operation: bt_binary_operation, _ a: consuming Tensor,
    _ number: Number, numberFirst: Bool
  ) -> Tensor {
    var cell = NumberCell(number, as: a.dtype)
    if a.isTracked {
      a.index = a.recorded(primitive, operation, number, &cell, numberFirst: numberFirst)
      return a
    }
    let x = a.descriptor
    guard x.pointee.address != nil else { return Tensor(.makeAbstract(like: x)) }
    if a.isUnique {
      primitive.execute(operation, x, &cell, numberFirst: numberFirst, into: x)
      return a
    }
    let node = Node.make(like: x, dtype: x.dtype)
    primitive.execute(operation, x, &cell, numberFirst: numberFirst, into: node.descriptor)
    extendLifetime(a)
    return Tensor(node)
  }
}

extension Primitive {
  @inline(__always)
  fileprivate func execute(
    _ operation: bt_binary_operation, _ x: DescriptorPointer,
    _ cell: UnsafeMutablePointer<NumberCell>, numberFirst: Bool, into result: DescriptorPointer
  ) {
    let y = cell.locate()
    execute(operation, numberFirst ? y : x, numberFirst ? x : y, into: result)
  }
}

// Recorded on the tape that `self` is on; the index of the result's record.
extension Tensor {
  @inline(never)
  private borrowing func recorded(
    _ primitive: Primitive, _ operation: bt_unary_operation
  ) -> Int32 {
    let recorder = unsafeDowncast(owner, to: Recorder.self)
    recorder.enter()
    let x = descriptor
    let hasValue = x.pointee.address != nil
    let record = recorder.make(
      primitive, code: Primitive.code(operation), operands: 1, like: x, hasValue: hasValue)
    record.operands[0] = index
    if hasValue { primitive.execute(operation, x, into: record.descriptor) }
    let place = recorder.publish(record)
    recorder.leave()
    return place
  }

  @inline(never)
  private borrowing func recorded(
    _ primitive: Primitive, _ operation: bt_binary_operation, _ a: borrowing Tensor,
    _ b: borrowing Tensor
  ) -> Int32 {
    let recorder = unsafeDowncast(owner, to: Recorder.self)
    recorder.enter()
    let first = recorder.place(a)
    let second = recorder.place(b)
    let x = a.descriptor
    let y = b.descriptor
    let hasValue = x.pointee.address != nil && y.pointee.address != nil
    let record = recorder.make(
      primitive, code: Primitive.code(operation), operands: 2, like: x, hasValue: hasValue)
    record.operands[0] = first
    record.operands[1] = second
    if hasValue { primitive.execute(operation, x, y, into: record.descriptor) }
    let place = recorder.publish(record)
    recorder.leave()
    return place
  }

  @inline(never)
  private borrowing func recorded(
    _ primitive: Primitive, _ operation: bt_binary_operation, _ number: Number,
    _ cell: UnsafeMutablePointer<NumberCell>, numberFirst: Bool
  ) -> Int32 {
    let recorder = unsafeDowncast(owner, to: Recorder.self)
    recorder.enter()
    let x = descriptor
    let hasValue = x.pointee.address != nil
    let record = recorder.make(
      primitive, code: Primitive.code(operation), operands: 2, like: x, hasValue: hasValue)
    record.pointee.number = number
    record.operands[numberFirst ? 1 : 0] = index
    record.operands[numberFirst ? 0 : 1] = Record.number
    if hasValue {
      primitive.execute(operation, x, cell, numberFirst: numberFirst, into: record.descriptor)
    }
    let place = recorder.publish(record)
    recorder.leave()
    return place
  }
}
