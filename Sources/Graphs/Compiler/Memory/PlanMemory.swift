import BacktapeKernels
import BacktapeTensors

/// Owns what a plan's instructions point at, and knows where in them addresses stand.
final class PlanMemory {
  /// A field that holds the address of a byte of a buffer.
  fileprivate struct Reference {
    let field: UnsafeMutableRawPointer
    let offset: Int

    func bind(to address: UnsafeMutableRawPointer?) {
      field.storeBytes(of: address.map { $0 + offset }, as: UnsafeMutableRawPointer?.self)
    }
  }

  private var blocks: [UnsafeMutableRawPointer] = []
  private var nodes: [Node] = []
  private var arena: Storage?
  private(set) var arenaBytes = 0
  /// To the plan's own buffers, until they have their places.
  private var own: [Reference] = []
  private var ownBuffers: [Int] = []
  /// To what every run brings, by number.
  private var fed: [[Reference]] = []
  private var outputs: [[Reference]] = []
  let sources: Sources

  init(_ sources: Sources) { self.sources = sources }

  deinit { for block in blocks { block.deallocate() } }

  /// Memory for values of a type without references, as long as the plan is there.
  func allocate<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
    let block = UnsafeMutablePointer<T>.allocate(capacity: Swift.max(values.count, 1))
    block.initialize(from: values, count: values.count)
    blocks.append(UnsafeMutableRawPointer(block))
    return block
  }

  /// Memory for whatever comes, on the boundary of a line of the caches.
  func scratch(bytes: Int) -> UnsafeMutablePointer<CChar> {
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    blocks.append(block)
    return block.assumingMemoryBound(to: CChar.self)
  }

  /// A descriptor laid out over memory that is still open.
  func descriptor(_ layout: Layout, _ dtype: DType) -> DescriptorPointer {
    let node = Node.makeView(shape: Shape(layout.extents), dtype: dtype)
    nodes.append(node)
    let descriptor = node.descriptor
    for axis in layout.extents.indices { descriptor.strides[axis] = layout.strides[axis] }
    descriptor.updateContiguity()
    return descriptor
  }

  /// A Swift number as an operand of a type.
  func number(_ number: Number, _ dtype: DType) -> DescriptorPointer {
    let cell = UnsafeMutablePointer<NumberCell>.allocate(capacity: 1)
    cell.initialize(to: NumberCell(number, as: dtype))
    blocks.append(UnsafeMutableRawPointer(cell))
    return cell.locate()
  }

  /// Notes a field that is to hold an address in a buffer.
  func refer(_ field: UnsafeMutableRawPointer, _ buffer: Lowering.Buffer, _ offset: Int) {
    let reference = Reference(field: field, offset: offset)
    switch buffer {
    case .own(let number):
      own.append(reference)
      ownBuffers.append(number)
    case .fed(let position): fed.append(reference, to: position)
    case .output(let number): outputs.append(reference, to: number)
    case .variable(let number):
      reference.bind(to: sources.variables[number].descriptor.pointee.address)
    case .constant(let number):
      reference.bind(to: sources.constants[number].descriptor.pointee.address)
    }
  }

  /// Writes the address of a value that is fed into all fields that refer to it.
  func bind(fed position: Int, to address: UnsafeMutableRawPointer?) {
    fed.bind(position, to: address)
  }

  /// Writes the address of an output into all fields that refer to it.
  func bind(output number: Int, to address: UnsafeMutableRawPointer?) {
    outputs.bind(number, to: address)
  }

  /// Gives the plan's own buffers their addresses.
  func place(_ offsets: [Int: Int], size: Int) {
    let arena = Storage(bytes: size)
    self.arena = arena
    arenaBytes = size
    for (buffer, reference) in zip(ownBuffers, own) {
      reference.bind(to: offsets[buffer].map { arena.address + $0 })
    }
    (own, ownBuffers) = ([], [])
  }
}

extension [[PlanMemory.Reference]] {
  fileprivate mutating func append(_ reference: PlanMemory.Reference, to number: Int) {
    while count <= number { append([]) }
    self[number].append(reference)
  }

  @inline(__always)
  fileprivate func bind(_ number: Int, to address: UnsafeMutableRawPointer?) {
    if number < count { for reference in self[number] { reference.bind(to: address) } }
  }
}
