import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory that begins at a cache line; large blocks are used again.
///
/// The system takes fresh pages back with every large block that is freed, and to fault them in
/// once more costs as much as what an elementwise operation does with them. So large blocks wait in
/// a pool, up to a cap, the oldest leaving first.
package enum Blocks {
  /// Blocks below are left to the C library.
  private static let smallestPooled = 32 << 10
  /// 64 MiB wait at most.
  private static let capacity = 64 << 20

  private struct Block: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let bytes: Int
  }
  private struct Pool: Sendable {
    var blocks: [Block] = []
    var bytes = 0
  }
  private static let pool = Mutex(Pool())

  /// So that sizes that are nearly the same share blocks: at most a quarter more.
  private static func rounded(_ bytes: Int) -> Int {
    if bytes < smallestPooled { return Swift.max(bytes, 1) }
    let step = 1 << (Int.bitWidth - 3 - bytes.leadingZeroBitCount)
    let (sum, overflow) = bytes.addingReportingOverflow(step - 1)
    return overflow ? bytes : sum & -step
  }

  /// A block of at least so many bytes, uninitialised; nil if there is no memory.
  package static func take(_ asked: Int) -> UnsafeMutableRawPointer? {
    let bytes = rounded(asked)
    if bytes >= smallestPooled && bytes <= capacity {
      let waiting = pool.withLock { pool -> Block? in
        guard let place = pool.blocks.lastIndex(where: { $0.bytes == bytes }) else { return nil }
        pool.bytes -= bytes
        return pool.blocks.remove(at: place)
      }
      if let waiting { return waiting.address }
    }
    return fresh(bytes, used: asked)
  }

  /// Very large blocks ask for large pages, as many as are used to the end: to fault in ten thousand
  /// small ones takes longer than most computations on them.
  private static func fresh(_ bytes: Int, used: Int) -> UnsafeMutableRawPointer? {
    var block: UnsafeMutableRawPointer?
    #if os(Linux)
      let page = 2 << 20
      if bytes >= 2 * page {
        guard posix_memalign(&block, page, bytes) == 0 else { return nil }
        madvise(block, used & -page, Int32(MADV_HUGEPAGE))
        return block
      }
    #endif
    return posix_memalign(&block, 64, bytes) == 0 ? block : nil
  }

  /// Gives a block back that was taken for so many bytes.
  package static func give(_ address: UnsafeMutableRawPointer, _ bytes: Int) {
    let block = Block(address: address, bytes: rounded(bytes))
    if block.bytes < smallestPooled || block.bytes > capacity { return free(address) }
    let leaving = pool.withLock { pool in
      pool.blocks.append(block)
      pool.bytes += block.bytes
      var count = 0
      while pool.bytes > capacity {
        pool.bytes -= pool.blocks[count].bytes
        count += 1
      }
      let leaving = Array(pool.blocks[..<count])
      pool.blocks.removeFirst(count)
      return leaving
    }
    for block in leaving { free(block.address) }
  }
}
