/// The last few plain tensors a recorder met, by identity: the recorder keeps them alive.
struct ConstantCache {
  private static let size = 16
  private var entries = [(node: UnsafeRawPointer?, index: Int32)](
    repeating: (nil, 0), count: size)

  private func slot(_ node: UnsafeRawPointer) -> Int {
    Int(bitPattern: UInt(bitPattern: node) >> 4) & (ConstantCache.size - 1)
  }

  func index(of node: UnsafeRawPointer) -> Int32? {
    let entry = entries[slot(node)]
    return entry.node == node ? entry.index : nil
  }

  mutating func insert(_ node: UnsafeRawPointer, at index: Int32) {
    entries[slot(node)] = (node, index)
  }
}

extension Recorder {
  /// The record an operand stands at; an untracked tensor is put on the tape as a constant.
  @inline(__always)
  final func place(_ operand: borrowing Tensor) -> Int32 {
    if operand.isTracked && operand.owner === self { return operand.index }
    return placeConstant(copy operand)
  }

  @inline(never)
  private final func placeConstant(_ operand: Tensor) -> Int32 {
    if operand.isTracked {
      fatalError(
        """
        Tape: tensors of two unrelated tapes (of \(count) and \
        \(operand.recorder?.count ?? 0) records) meet in one operation; take one `.detached`, or \
        compute both on one tape
        """)
    }
    let node = UnsafeRawPointer(Unmanaged.passUnretained(operand.owner).toOpaque())
    let isNode = !operand.owner.isRecorder
    if isNode, let index = state.pointee.constants.index(of: node) { return index }
    let index = append(.constant, sharing: operand)
    // Only a node that the record keeps alive: the address of another may be used again.
    let kept = record(at: Int(index)).descriptor.pointee.owner
    if isNode, kept.map({ UnsafeRawPointer($0.toOpaque()) }) == node {
      state.pointee.constants.insert(node, at: index)
    }
    return index
  }

  /// Puts a value on the tape as the result of a record. The busy flag is taken.
  final func append(
    _ primitive: Primitive, sharing value: Tensor, operands: [Int32] = []
  ) -> Int32 {
    let source = value.descriptor
    let owner = value.owner
    // Memory of a tape is never retained by a tape: two could hold each other.
    let memory = source.pointee.owner
    let liesOnTape =
      memory.map { $0._withUnsafeGuaranteedRef { $0.isRecorder } } ?? owner.isRecorder
    let mustCopy = liesOnTape && (owner !== self || memory != nil)
    let bytes = mustCopy ? source.count * source.dtype.size : 0
    let inline = bytes <= largestInline
    let (record, beside) = allocate(
      primitive, operands: operands.count, rank: source.rank, valueBytes: inline ? bytes : 0)
    for (i, operand) in operands.enumerated() { record.operands[i] = operand }
    let descriptor = record.descriptor
    descriptor.initialize(like: source, dtype: source.dtype)
    if mustCopy && source.pointee.address != nil {
      descriptor.placeValue(bytes: bytes, beside: inline ? beside : nil)
      source.copyElements(to: descriptor)
    } else {
      let kept: Unmanaged<TensorOwner>? =
        liesOnTape
        ? nil
        : .passUnretained(
          owner.isRecorder ? memory!._withUnsafeGuaranteedRef { $0 } : owner)
      descriptor.adoptLayout(of: source, retaining: kept)
    }
    return publish(record)
  }

  /// A new input of the tape holding a value: what gradients are taken with respect to.
  package final func input(_ value: Tensor) -> Tensor {
    enter()
    defer { leave() }
    return tensor(at: Int(append(.input, sharing: value)))
  }

  /// A new input of the tape without a value.
  package final func placeholder(_ shape: Shape, _ dtype: DType) -> Tensor {
    enter()
    defer { leave() }
    let (record, _) = allocate(.input, operands: 0, rank: shape.rank, valueBytes: 0)
    record.descriptor.initialize(shape: shape, dtype: dtype)
    return tensor(at: Int(publish(record)))
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// Gives a contiguous value its memory: beside the descriptor if there is some, else on its own.
  @inline(__always)
  func placeValue(bytes: Int, beside: UnsafeMutableRawPointer?) {
    if let beside {
      pointee.address = beside
    } else {
      let storage = Storage(bytes: bytes)
      pointee.address = storage.address
      pointee.owner = .passRetained(storage)
    }
  }
}
