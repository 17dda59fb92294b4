#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Whatever a tensor may refer to: a plain node or the recorder it was computed under.
///
/// Sendable because published descriptors and values do not change: a write happens only through a
/// unique reference (``Tensor/withUnsafeMutableBytes(_:)``).
open class TensorOwner: @unchecked Sendable {
  /// A recorder's memory holds many values; a node's or a storage's one.
  package let isRecorder: Bool

  package init(isRecorder: Bool) { self.isRecorder = isRecorder }
}

/// One tensor off any tape: a descriptor, and beside it the value if that is small.
package final class Node: TensorOwner, @unchecked Sendable {
  package let descriptor: DescriptorPointer

  /// Values up to this many bytes lie beside the descriptor; larger ones have a `Storage`.
  static let inlineBytes = 1024

  /// A contiguous value, its elements uninitialised.
  @inline(__always)
  package static func make(shape: borrowing Shape, dtype: DType) -> Node {
    let bytes = shape.count &* dtype.size
    let header = DescriptorPointer.bytes(rank: shape.rank)
    let node = Node(capacity: header + (bytes <= inlineBytes ? bytes : 0))
    node.descriptor.initialize(shape: shape, dtype: dtype)
    node.place(bytes)
    return node
  }

  @inline(__always)
  package static func make(like other: DescriptorPointer, dtype: DType) -> Node {
    let bytes = other.count &* dtype.size
    let header = DescriptorPointer.bytes(rank: other.rank)
    let node = Node(capacity: header + (bytes <= inlineBytes ? bytes : 0))
    node.descriptor.initialize(like: other, dtype: dtype)
    node.place(bytes)
    return node
  }

  /// A value of its own, without gaps.
  package static func copy(of source: DescriptorPointer) -> Node {
    let node = make(like: source, dtype: source.dtype)
    source.copyElements(to: node.descriptor)
    return node
  }

  /// A value that is not known, of another's shape and type.
  static func makeAbstract(like other: DescriptorPointer) -> Node {
    let node = Node(capacity: DescriptorPointer.bytes(rank: other.rank))
    node.descriptor.initialize(like: other, dtype: other.dtype)
    return node
  }

  /// A contiguous value in memory there already is.
  package static func make(
    shape: borrowing Shape, dtype: DType, in storage: Storage, at offset: Int = 0
  ) -> Node {
    let node = makeView(shape: shape, dtype: dtype)
    node.descriptor.pointee.address = storage.address + offset
    node.descriptor.pointee.owner = .passRetained(storage)
    return node
  }

  /// A descriptor alone, for a view: its user sets address, owner and strides.
  package static func makeView(shape: borrowing Shape, dtype: DType) -> Node {
    let node = Node(capacity: DescriptorPointer.bytes(rank: shape.rank))
    node.descriptor.initialize(shape: shape, dtype: dtype)
    return node
  }

  @inline(__always)
  private init(capacity: Int) {
    guard let block = malloc(capacity) else {
      fatalError("Tensor: no memory for a value of \(capacity) bytes")
    }
    descriptor = block.bindMemory(to: Descriptor.self, capacity: 1)
    super.init(isRecorder: false)
  }

  @inline(__always)
  private func place(_ bytes: Int) {
    if bytes <= Node.inlineBytes {
      descriptor.pointee.address = descriptor.tail
    } else {
      let storage = Storage(bytes: bytes)
      descriptor.pointee.address = storage.address
      descriptor.pointee.owner = .passRetained(storage)
    }
  }

  deinit {
    descriptor.pointee.owner?.release()
    free(descriptor)
  }
}

/// Memory of a large value, shared by every view of it.
package final class Storage: TensorOwner, @unchecked Sendable {
  package let address: UnsafeMutableRawPointer
  private let bytes: Int

  /// Uninitialised memory at a cache line's start.
  package init(bytes: Int) {
    guard let block = Blocks.take(bytes) else {
      fatalError(
        "Tensor: no memory for a value of \(bytes) bytes; use smaller batches or a smaller dtype")
    }
    address = block
    self.bytes = bytes
    super.init(isRecorder: false)
  }

  deinit { Blocks.give(address, bytes) }
}
