import Foundation

/// Memory that nobody uses, as the next process will find it.
enum FreeMemory {
  /// Several times what the small GPT takes of memory.
  private static let bytes = 512 << 20
  private static let pageBytes = 4096

  /// Touches memory and gives it back.
  ///
  /// The host of a virtual machine takes back what is free, and puts memory behind a page again when
  /// it is touched: that may take milliseconds for a large page, and says nothing about who touches
  /// it.
  static func touch() {
    let block = mmap(
      nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let block, block != MAP_FAILED else { return }
    #if os(Linux)
      madvise(block, bytes, Int32(MADV_HUGEPAGE))
    #endif
    for offset in stride(from: 0, to: bytes, by: pageBytes) {
      block.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
    munmap(block, bytes)
  }
}
