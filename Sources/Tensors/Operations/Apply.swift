// The doors every primitive goes through: find the recorder, run, record.

extension Tensor {
  /// Applies a primitive of one operand.
  @inline(__always)
  package static func apply(_ primitive: Primitive, _ a: Tensor, target: Target? = nil) -> Tensor {
    withExtendedLifetime(a) {
      withUnsafeTemporaryAllocation(of: DescriptorPointer.self, capacity: 1) { operands in
        operands[0] = a.descriptor
        let operands = UnsafeBufferPointer(operands)
        guard let recorder = a.recorder else {
          if case .view = primitive.kernel {
            return plainView(primitive, a, primitive.result(of: operands, target: target))
          }
          return plain(primitive, operands, target: target)
        }
        recorder.enter()
        defer { recorder.leave() }
        return recorder.apply(primitive, operands, target: target) { $0[0] = a.index }
      }
    }
  }

  /// Applies a primitive of two operands.
  @inline(__always)
  package static func apply(_ primitive: Primitive, _ a: Tensor, _ b: Tensor) -> Tensor {
    withExtendedLifetime((a, b)) {
      withUnsafeTemporaryAllocation(of: DescriptorPointer.self, capacity: 2) { operands in
        operands[0] = a.descriptor
        operands[1] = b.descriptor
        let operands = UnsafeBufferPointer(operands)
        guard let recorder = a.recorder ?? b.recorder else { return plain(primitive, operands) }
        recorder.enter()
        defer { recorder.leave() }
        let first = recorder.place(a)
        let second = recorder.place(b)
        return recorder.apply(primitive, operands) {
          $0[0] = first
          $0[1] = second
        }
      }
    }
  }

  /// Applies a primitive to a tensor and a Swift number, in either order.
  @inline(__always)
  package static func apply(
    _ primitive: Primitive, _ a: Tensor, _ number: Number, numberFirst: Bool
  ) -> Tensor {
    withExtendedLifetime(a) {
      withUnsafeTemporaryAllocation(of: DescriptorPointer.self, capacity: 2) { operands in
        var cell = NumberCell(number, as: a.dtype)
        return withUnsafeMutablePointer(to: &cell) { cell in
          operands[numberFirst ? 1 : 0] = a.descriptor
          operands[numberFirst ? 0 : 1] = cell.locate()
          let operands = UnsafeBufferPointer(operands)
          guard let recorder = a.recorder else { return plain(primitive, operands) }
          recorder.enter()
          defer { recorder.leave() }
          return recorder.apply(primitive, operands, number: number) {
            $0[numberFirst ? 1 : 0] = a.index
            $0[numberFirst ? 0 : 1] = Record.number
          }
        }
      }
    }
  }

  /// Applies a primitive of any number of operands.
  package static func apply(_ primitive: Primitive, _ list: [Tensor], target: Target? = nil)
    -> Tensor
  {
    if list.count == 1 { return apply(primitive, list[0], target: target) }
    return withExtendedLifetime(list) {
      let descriptors = list.map(\.descriptor)
      return descriptors.withUnsafeBufferPointer { operands in
        guard let recorder = list.lazy.compactMap(\.recorder).first else {
          return plain(primitive, operands, target: target)
        }
        recorder.enter()
        defer { recorder.leave() }
        let places = list.map { recorder.place($0) }
        return recorder.apply(primitive, operands, target: target) {
          for (position, place) in places.enumerated() { $0[position] = place }
        }
      }
    }
  }

  /// Runs a primitive whose operands are on no tape.
  @inline(__always)
  private static func plain(
    _ primitive: Primitive, _ operands: UnsafeBufferPointer<DescriptorPointer>,
    target: Target? = nil
  ) -> Tensor {
    let node: Node
    if let pattern = primitive.pattern(operands) {
      node = Node.make(like: operands[pattern], dtype: operands[pattern].dtype)
    } else {
      let result = primitive.result(of: operands, target: target)
      node = Node.make(shape: result.shape, dtype: result.dtype)
    }
    if operands.allSatisfy({ $0.pointee.address != nil }) {
      primitive.execute(operands, into: node.descriptor)
    } else {
      node.descriptor.pointee.address = nil
    }
    return Tensor(node)
  }

  private static func plainView(_ primitive: Primitive, _ a: Tensor, _ result: Target) -> Tensor {
    let source = a.descriptor
    let node = Node.makeView(shape: result.shape, dtype: result.dtype)
    guard primitive.makeView(of: source, in: node.descriptor) else {
      let copy = Node.make(shape: result.shape, dtype: result.dtype)
      source.copyElements(to: copy.descriptor)
      return Tensor(copy)
    }
    node.descriptor.pointee.owner = (source.pointee.owner ?? .passUnretained(a.owner)).retain()
    return Tensor(node, flags: a.flags.intersection(.weak))
  }
}

extension Recorder {
  /// Runs a primitive and records it. The busy flag is taken; `fill` writes the operands' indices.
  @inline(__always)
  fileprivate final func apply(
    _ primitive: Primitive, _ operands: UnsafeBufferPointer<DescriptorPointer>,
    number: Number? = nil, target: Target? = nil,
    _ fill: (UnsafeMutablePointer<Int32>) -> Void
  ) -> Tensor {
    let hasValue = operands.allSatisfy { $0.pointee.address != nil }
    let record: RecordPointer
    if let pattern = primitive.pattern(operands) {
      record = make(
        primitive, code: primitive.elementwiseCode, operands: operands.count,
        like: operands[pattern], hasValue: hasValue)
      if hasValue { primitive.execute(operands, into: record.descriptor) }
    } else {
      record = make(
        primitive, operands, hasValue: hasValue,
        primitive.result(of: operands, target: target))
    }
    record.pointee.number = number
    fill(record.operands)
    return tensor(at: Int(publish(record)))
  }

  /// A record of a contiguous result that has the shape and type of an operand.
  @inline(__always)
  final func make(
    _ primitive: Primitive, code: UInt8, operands: Int, like operand: DescriptorPointer,
    hasValue: Bool
  ) -> RecordPointer {
    let bytes = hasValue ? operand.count &* operand.dtype.size : 0
    let inline = bytes <= largestInline
    let (record, beside) = allocate(
      primitive, code: code, operands: operands, rank: operand.rank,
      valueBytes: inline ? bytes : 0)
    record.descriptor.initialize(like: operand, dtype: operand.dtype)
    if hasValue { record.descriptor.placeValue(bytes: bytes, beside: inline ? beside : nil) }
    return record
  }

  @inline(never)
  private final func make(
    _ primitive: Primitive, _ operands: UnsafeBufferPointer<DescriptorPointer>, hasValue: Bool,
    _ result: Target
  ) -> RecordPointer {
    var isView = false
    if case .view = primitive.kernel { isView = true }
    let mayCopy = !isView || primitive == .reshape && !operands[0].pointee.isContiguous
    let bytes = hasValue && mayCopy ? result.shape.count &* result.dtype.size : 0
    let inline = bytes <= largestInline
    let (record, beside) = allocate(
      primitive, code: primitive.elementwiseCode, operands: operands.count,
      rank: result.shape.rank, valueBytes: inline ? bytes : 0)
    let descriptor = record.descriptor
    descriptor.initialize(shape: result.shape, dtype: result.dtype)
    if isView && primitive.makeView(of: operands[0], in: descriptor) {
      // Memory of the tape itself needs no owner; other memory is shared.
      descriptor.pointee.owner = operands[0].pointee.owner.map { $0.retain() }
      return record
    }
    if hasValue {
      descriptor.placeValue(bytes: bytes, beside: inline ? beside : nil)
      primitive.execute(operands, into: descriptor)
    }
    return record
  }
}

extension Primitive {
  /// Which operand the result is shaped and typed like, if that needs no further thought.
  @inline(__always)
  fileprivate func pattern(_ operands: UnsafeBufferPointer<DescriptorPointer>) -> Int? {
    switch kernel {
    case .unary: 0
    case .binary: operands[0].rank < operands[1].rank ? 1 : 0
    default: nil
    }
  }
}

/// A Swift number as an operand of rank 0.
package struct NumberCell {
  private var descriptor: Descriptor
  fileprivate var element: UInt64

  package init(_ number: Number, as dtype: DType) {
    descriptor = Descriptor(
      address: nil, owner: nil, count: 1, dtype: dtype, rank8: 0, isContiguous: true)
    element = number.element(as: dtype)
  }
}

extension UnsafeMutablePointer<NumberCell> {
  /// The cell's descriptor, pointing at the cell's element: valid while the cell does not move.
  @inline(__always)
  package func locate() -> DescriptorPointer {
    let descriptor = UnsafeMutableRawPointer(self).assumingMemoryBound(to: Descriptor.self)
    descriptor.pointee.address =
      UnsafeMutableRawPointer(self) + MemoryLayout<NumberCell>.offset(of: \.element)!
    return descriptor
  }
}
