import BacktapeTensors
import Synchronization

/// Lets one task at a time at the variables that plans share.
package final class VariableAccess: Sendable {
  private let mutex = Mutex(())
  /// Whether there was a turn. The mutex orders turns by itself, but the thread sanitizer does not
  /// see how: it sees this.
  private let hasRun = Atomic(false)

  package init() {}

  /// Runs when no other task has access.
  func exclusively<R: Sendable, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    try mutex.withLock { _ throws(E) in
      _ = hasRun.load(ordering: .acquiring)
      defer { hasRun.store(true, ordering: .releasing) }
      return try body()
    }
  }
}

/// A value that stays at one address while plans read and update it.
///
/// Plans and whoever else reads and writes it take turns by a ``VariableAccess``.
package final class Variable: @unchecked Sendable {
  private let node: Node

  package init(_ initial: Tensor) {
    node = withExtendedLifetime(initial) { Node.copy(of: initial.descriptor) }
  }

  init(_ initial: Tensor, in memory: VariableMemory) {
    let bytes = initial.count * initial.dtype.size
    guard let (storage, offset) = memory.take(bytes) else {
      node = withExtendedLifetime(initial) { Node.copy(of: initial.descriptor) }
      return
    }
    node = .make(shape: initial.shape, dtype: initial.dtype, in: storage, at: offset)
    withExtendedLifetime(initial) { initial.descriptor.copyElements(to: node.descriptor) }
  }

  package var descriptor: DescriptorPointer { node.descriptor }

  /// The value, as a tensor of its own.
  package var value: Tensor {
    get { Tensor(Node.copy(of: node.descriptor)) }
    set {
      withExtendedLifetime(newValue) { newValue.descriptor.copyElements(to: node.descriptor) }
    }
  }
}

/// Memory for the variables of one graph.
///
/// Where there are many of middling size they lie side by side in large pieces: by themselves they
/// would be faulted in page by page, which takes longer than to compute with them.
final class VariableMemory: Sendable {
  /// Smaller ones the C library has at hand; larger ones get large pages by themselves.
  private static let sizes = 16 << 10...1 << 20
  private static let pieceBytes = 4 << 20
  /// Between two, so that they do not begin at the same places of the caches.
  private static let gap = 13 * 64

  private struct State: Sendable {
    /// Bytes of such variables.
    var total = 0
    var piece: Storage?
    /// Where the piece at work is free.
    var offset = 0
  }
  private let state = Mutex(State())

  /// A place in a piece, or nil where a value is to have memory by itself.
  func take(_ bytes: Int) -> (Storage, offset: Int)? {
    guard VariableMemory.sizes ~= bytes else { return nil }
    return state.withLock { state in
      state.total += bytes
      // A few are not worth a large page.
      if state.total <= 1 << 20 { return nil }
      if state.piece == nil || state.offset + bytes > VariableMemory.pieceBytes {
        state.piece = Storage(bytes: VariableMemory.pieceBytes)
        state.offset = 0
      }
      defer { state.offset += (bytes + 63) / 64 * 64 + VariableMemory.gap }
      return (state.piece!, state.offset)
    }
  }
}
