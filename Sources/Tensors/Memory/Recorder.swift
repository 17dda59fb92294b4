import Synchronization

/// Keeps what operations tell it they did: an append-only list of records and their memory.
///
/// The operations know this class alone; the tape, one layer up, is a recorder that can walk its
/// records backwards. A published record never changes or moves, so reading one needs no lock;
/// appending takes a busy flag that traps if two threads meet in it.
open class Recorder: TensorOwner, @unchecked Sendable {
  /// Behind one raw pointer: mutable stored properties of a class cost an exclusivity check each.
  struct State {
    var count = 0
    var chunks = Chunks()
    /// Records whose descriptor holds a reference.
    var owning: [RecordPointer] = []
    /// Where lately used plain tensors stand on the tape, so that a loop records one once.
    var constants = ConstantCache()
    /// The innermost layer or region at work, for messages.
    var note = ""
    /// Values of at most so many bytes lie in the chunks.
    var largestInline = Chunks.largestValue
  }
  let state: UnsafeMutablePointer<State>
  /// Segment `s` holds the addresses of 64 << s records.
  @usableFromInline
  package let segments: UnsafeMutablePointer<UnsafeMutablePointer<RecordPointer>?>
  private let busy = Atomic<Bool>(false)

  private static let segmentCount = 26  // 64 << 26 records: more than an Int32 index reaches
  @usableFromInline package static var firstSegment: Int {
    @inlinable @inline(__always) get { 64 }
  }

  private static func segmentBytes(_ segment: Int) -> Int {
    (firstSegment << segment) * MemoryLayout<RecordPointer>.stride
  }

  /// An empty recorder.
  public init() {
    state = .allocate(capacity: 1)
    segments = .allocate(capacity: Recorder.segmentCount)
    segments.initialize(repeating: nil, count: Recorder.segmentCount)
    state.initialize(to: State())
    super.init(isRecorder: true)
  }

  deinit {
    for record in state.pointee.owning { record.descriptor.pointee.owner?.release() }
    state.pointee.chunks.release()
    for segment in 0..<Recorder.segmentCount {
      if let block = segments[segment] { Blocks.give(block, Recorder.segmentBytes(segment)) }
    }
    segments.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Number of records.
  public final var count: Int { state.pointee.count }

  /// Receives the message of an operation that cannot be done: shapes that do not fit, and the like.
  ///
  /// The message names operation, shapes and remedy. This one traps. One that returns lets the
  /// operation go on with a stand-in of the most plausible shape, and must report the message later.
  open func refuse(_ message: String) { fatalError(message) }

  /// Has `visitor` called whenever a record is about to be made, those before it being complete, or
  /// no longer if it is nil.
  package final func visitRecords(_ visitor: (() -> Void)?) {
    state.pointee.chunks.visit(visitor)
  }

  /// Why a record has no value, if not because it was traced.
  open func reasonUnknown(at index: Int) -> String? { nil }

  /// What the innermost region at work is called, for messages; empty outside any.
  package final var note: String {
    get { state.pointee.note }
    set { state.pointee.note = newValue }
  }

  /// Values of at most so many bytes lie beside their records, larger ones by themselves.
  @inline(__always)
  package final var largestInline: Int {
    get { state.pointee.largestInline }
    set { state.pointee.largestInline = newValue }
  }

  // MARK: reading

  @inlinable @inline(__always)
  package final func record(at index: Int) -> RecordPointer {
    let position = index &+ Recorder.firstSegment
    let segment = position.bitWidth &- 1 &- position.leadingZeroBitCount &- 6
    let start = Recorder.firstSegment << segment
    return segments[segment].unsafelyUnwrapped[position &- start]
  }

  /// A handle on a record. An untracked one reads the value but leaves no trace on any tape.
  @inline(__always)
  package final func tensor(at index: Int, tracked: Bool = true) -> Tensor {
    let descriptor = record(at: index).descriptor
    return Tensor(
      owner: self, index: Int32(truncatingIfNeeded: index), dtype: descriptor.dtype,
      rank8: descriptor.pointee.rank8, flags: tracked ? [.onTape, .tracked] : .onTape)
  }

  // MARK: appending

  @inline(__always)
  final func enter() {
    if busy.exchange(true, ordering: .acquiring) {
      fatalError(
        """
        Tape: two threads record on one tape at once; give each thread a tape of its own, or \
        compute its part with `gradient` there
        """)
    }
  }

  @inline(__always)
  final func leave() { busy.store(false, ordering: .releasing) }

  /// A new record, its memory laid out, not yet published. The caller is inside enter and leave,
  /// sets the operands and the descriptor's address, and calls `publish`.
  @inline(__always)
  final func allocate(
    _ primitive: Primitive, code: UInt8 = Record.notElementwise, operands: Int, rank: Int,
    valueBytes: Int
  ) -> (RecordPointer, value: UnsafeMutableRawPointer) {
    let header = RecordPointer.bytes(rank: rank, operands: operands)
    let block = state.pointee.chunks.allocate(header &+ valueBytes)
    let record = block.assumingMemoryBound(to: Record.self)
    record.initialize(
      to: Record(
        primitive: primitive, number: nil, code: code,
        operandCount: Int32(truncatingIfNeeded: operands),
        descriptor: Descriptor(
          address: nil, owner: nil, count: 0, dtype: .bool, rank8: UInt8(truncatingIfNeeded: rank),
          isContiguous: true)))
    return (record, block + header)
  }

  @inline(__always)
  final func publish(_ record: RecordPointer) -> Int32 {
    let index = state.pointee.count
    let position = index &+ Recorder.firstSegment
    let segment = position.bitWidth &- 1 &- position.leadingZeroBitCount &- 6
    let start = Recorder.firstSegment << segment
    if position == start { addSegment(segment) }
    segments[segment].unsafelyUnwrapped[position &- start] = record
    if record.descriptor.pointee.owner != nil { state.pointee.owning.append(record) }
    state.pointee.count = index &+ 1
    return Int32(truncatingIfNeeded: index)
  }

  @inline(never)
  private final func addSegment(_ segment: Int) {
    if Recorder.firstSegment << segment > Int(Int32.max) / 2 {
      fatalError("Tape: more than \(Int32.max / 2) records; cut the computation into parts")
    }
    let bytes = Recorder.segmentBytes(segment)
    guard let block = Blocks.take(bytes) else {
      fatalError("Tape: no memory for a list of \(bytes) bytes of records")
    }
    segments[segment] = block.bindMemory(
      to: RecordPointer.self, capacity: Recorder.firstSegment << segment)
  }
}
