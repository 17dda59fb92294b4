import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for records, handed out from the front and given back all at once.
///
/// Chunks of a released recorder go to a pool and serve the next: without that, page faults decide
/// the speed of a tape.
package struct Chunks {
  static let chunkBytes = 256 << 10
  /// Values of more bytes than this have a `Storage` of their own, so that they can outlive a tape.
  package static let largestValue = 64 << 10

  private var chunks: [UnsafeMutableRawPointer] = []
  /// Blocks larger than a chunk, each by itself.
  private var large: [UnsafeMutableRawPointer] = []
  private var cursor: UnsafeMutableRawPointer?
  private var free = 0
  /// Asked before every allocation; then all are slow, and `free` is kept here.
  private var visitor: (() -> Void)?
  private var freeBehindVisitor = 0

  package init() {}

  /// Has `visitor` called before every allocation, or no longer. Without one that costs nothing:
  /// with one a chunk always seems to be full.
  package mutating func visit(_ visitor: (() -> Void)?) {
    if self.visitor != nil { free = freeBehindVisitor }
    self.visitor = visitor
    if visitor != nil {
      freeBehindVisitor = free
      free = 0
    }
  }

  @inline(__always)
  package mutating func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    let rounded = (bytes &+ 15) & ~15
    if rounded > free {
      if visitor != nil { return allocateVisited(rounded) }
      if rounded > Chunks.chunkBytes { return allocateLarge(rounded) }
      addChunk()
    }
    let block = cursor.unsafelyUnwrapped
    cursor = block + rounded
    free &-= rounded
    return block
  }

  @inline(never)
  private mutating func allocateVisited(_ rounded: Int) -> UnsafeMutableRawPointer {
    let visitor = visitor
    visitor?()
    visit(nil)
    defer { visit(visitor) }
    return allocate(rounded)
  }

  @inline(never)
  private mutating func addChunk() {
    let chunk = ChunkPool.shared.take()
    chunks.append(chunk)
    cursor = chunk
    free = Chunks.chunkBytes
  }

  @inline(never)
  private mutating func allocateLarge(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let block = malloc(bytes) else {
      fatalError("Tape: no memory for a record of \(bytes) bytes")
    }
    large.append(block)
    return block
  }

  package mutating func release() {
    for block in large { systemFree(block) }
    large = []
    ChunkPool.shared.give(chunks)
    chunks = []
    cursor = nil
    free = 0
  }
}

/// Chunks no recorder uses at present, up to a cap.
private final class ChunkPool: Sendable {
  static let shared = ChunkPool()
  /// 64 MiB.
  private static let capacity = 256

  private struct Chunk: @unchecked Sendable { let address: UnsafeMutableRawPointer }
  private let spare = Mutex<[Chunk]>([])

  func take() -> UnsafeMutableRawPointer {
    if let chunk = spare.withLock({ $0.popLast() }) { return chunk.address }
    guard let fresh = malloc(Chunks.chunkBytes) else {
      fatalError("Tape: no memory for \(Chunks.chunkBytes) more bytes of records")
    }
    return fresh
  }

  func give(_ chunks: [UnsafeMutableRawPointer]) {
    let kept = spare.withLock { spare in
      let room = Swift.min(ChunkPool.capacity - spare.count, chunks.count)
      spare += chunks[..<room].map(Chunk.init)
      return room
    }
    for chunk in chunks[kept...] { systemFree(chunk) }
  }
}

/// The C library's, whose name `Chunks` uses for what is left of a chunk.
private func systemFree(_ block: UnsafeMutableRawPointer) { free(block) }
