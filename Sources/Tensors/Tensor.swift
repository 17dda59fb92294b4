/// An array of numbers of one type with up to eight axes: a value of 16 bytes.
///
/// A tensor refers either to a plain node (shape, strides, memory) or to the tape it was computed
/// under and its line there. Copies share memory; writing through one leaves the others as they were.
///
/// ```swift
/// let x: Tensor = [[1, 2, 3], [4, 5, 6]]
/// let y = x.dot(x.transposed) + 1
/// print(y.shape)  // [2, 2]
/// ```
public struct Tensor: Sendable {
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The owner is a recorder, `index` one of its records.
    package static let onTape = Flags(rawValue: 1)
    /// Operations on the tensor are recorded.
    package static let tracked = Flags(rawValue: 2)
    /// A number literal: it adapts to the type of what it meets.
    package static let weak = Flags(rawValue: 4)
  }

  package internal(set) var owner: TensorOwner
  package internal(set) var index: Int32
  /// The type of the elements.
  public let dtype: DType
  package let rank8: UInt8
  package let flags: Flags

  @inline(__always)
  package init(owner: TensorOwner, index: Int32, dtype: DType, rank8: UInt8, flags: Flags) {
    self.owner = owner
    self.index = index
    self.dtype = dtype
    self.rank8 = rank8
    self.flags = flags
  }

  @inline(__always)
  package init(_ node: Node, flags: Flags = []) {
    self.init(
      owner: node, index: -1, dtype: node.descriptor.dtype,
      rank8: node.descriptor.pointee.rank8, flags: flags)
  }

  /// Valid as long as the tensor is.
  @inline(__always)
  package var descriptor: DescriptorPointer {
    flags.contains(.onTape)
      ? unsafeDowncast(owner, to: Recorder.self).record(at: Int(index)).descriptor
      : unsafeDowncast(owner, to: Node.self).descriptor
  }

  /// Number of axes.
  public var rank: Int { Int(rank8) }

  /// The extents of the axes.
  public var shape: Shape { withExtendedLifetime(self) { descriptor.shape } }

  /// Number of elements.
  public var count: Int { withExtendedLifetime(self) { descriptor.count } }

  /// The recorder that hears of operations on this tensor.
  @inline(__always)
  package var recorder: Recorder? {
    flags.contains(.tracked) ? unsafeDowncast(owner, to: Recorder.self) : nil
  }

  @inline(__always) package var isTracked: Bool { flags.contains(.tracked) }
  @inline(__always) package var isWeak: Bool { flags.contains(.weak) }

  @inline(__always)
  package func hasShape(of other: Tensor) -> Bool {
    withExtendedLifetime((self, other)) { descriptor.hasShape(of: other.descriptor) }
  }

  /// Whether the value is unknown: the tensor stands for one that will be fed or computed later.
  package var isAbstract: Bool { withExtendedLifetime(self) { descriptor.pointee.address == nil } }

  /// The same value off its tape: no derivative flows through it.
  ///
  /// Small values are copied, so that they do not keep the tape's memory; large ones are shared.
  public var detached: Tensor {
    if !flags.contains(.onTape) { return self }
    return withExtendedLifetime(self) {
      let source = descriptor
      if source.pointee.address == nil { readingUnknown() }
      if let owner = source.pointee.owner, !owner._withUnsafeGuaranteedRef({ $0.isRecorder }) {
        let node = Node.makeView(shape: source.shape, dtype: dtype)
        // What the owner itself shares is shared at first hand: writing looks one level deep.
        let memory = owner._withUnsafeGuaranteedRef { ($0 as? Node)?.descriptor.pointee.owner }
        node.descriptor.adoptLayout(of: source, retaining: memory ?? owner)
        return Tensor(node)
      }
      return Tensor(Node.copy(of: source))
    }
  }

  /// Traps: the value of an abstract tensor was asked for.
  package func readingUnknown() -> Never {
    let recorder = flags.contains(.onTape) ? unsafeDowncast(owner, to: Recorder.self) : nil
    let place = recorder.map { "record \(index), \($0.record(at: Int(index)).pointee.primitive)" }
    if let reason = recorder?.reasonUnknown(at: Int(index)) {
      fatalError("Tensor: the value of a tensor of shape \(shape) was read, \(reason)")
    }
    let region = recorder.flatMap { $0.note.isEmpty ? nil : ", in \($0.note)" } ?? ""
    fatalError(
      """
      Tensor: the value of a traced tensor of shape \(shape) was read (\(place ?? "?")\(region)); \
      it has none until the graph runs. Fetch it from the session or function, or write \
      `Tensor.where` instead of `if`
      """)
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// Takes over address and strides of another descriptor of the same shape.
  package func adoptLayout(of source: DescriptorPointer, retaining owner: Unmanaged<TensorOwner>?) {
    pointee.address = source.pointee.address
    pointee.isContiguous = source.pointee.isContiguous
    pointee.owner = owner.map { $0.retain() }
    for axis in 0..<rank { strides[axis] = source.strides[axis] }
  }
}
