// Ways in and out: Swift values, arrays of any nesting, buffers.

/// What a tensor can be made of: numbers, bools, and arrays of those to any depth.
public protocol TensorConvertible {
  /// The element type at the bottom of the nesting.
  associatedtype ScalarElement: Scalar
  /// Appends the elements, and checks or sets the extents from `axis` on.
  static func append(
    _ value: Self, to elements: inout [ScalarElement], extents: inout [Int], axis: Int)
}

extension Scalar {
  /// One element.
  public static func append(
    _ value: Self, to elements: inout [Self], extents: inout [Int], axis: Int
  ) {
    elements.append(value)
  }
}

extension Array: TensorConvertible where Element: TensorConvertible {
  /// The elements of every row; rows must have equal shapes.
  public static func append(
    _ value: [Element], to elements: inout [Element.ScalarElement], extents: inout [Int], axis: Int
  ) {
    if extents.count == axis {
      extents.append(value.count)
    } else if extents[axis] != value.count {
      fatalError(
        """
        Tensor: a row of \(value.count) elements among rows of \(extents[axis]) (axis \(axis)); \
        all rows of nested arrays must be equally long
        """)
    }
    for row in value { Element.append(row, to: &elements, extents: &extents, axis: axis + 1) }
  }
}

extension Tensor {
  /// A tensor of a Swift number, or of arrays of numbers nested to any depth.
  ///
  /// `Double` makes float64, `Float` float32, `Int` int64, `Bool` bool.
  ///
  /// ```swift
  /// let x = Tensor([[1.0, 2.0], [3.0, 4.0]])  // float64, shape [2, 2]
  /// ```
  public init<Value: TensorConvertible>(_ value: Value) {
    var elements: [Value.ScalarElement] = []
    var extents: [Int] = []
    Value.append(value, to: &elements, extents: &extents, axis: 0)
    self.init(elements, Shape(extents))
  }

  /// A tensor of a shape from its elements, the last axis running fastest.
  public init<Element: Scalar>(_ elements: [Element], _ shape: Shape) {
    if elements.count != shape.count {
      fatalError(
        "Tensor: \(elements.count) elements do not fill shape \(shape), which has \(shape.count)")
    }
    let node = Node.make(shape: shape, dtype: Element.dtype)
    elements.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress {
        node.descriptor.pointee.address?.copyMemory(from: base, byteCount: bytes.count)
      }
    }
    self.init(node)
  }

  /// A tensor of a shape and type from raw bytes in the machine's byte order.
  public init(bytes: UnsafeRawBufferPointer, shape: Shape, dtype: DType) {
    if bytes.count != shape.count * dtype.size {
      fatalError(
        """
        Tensor: \(bytes.count) bytes do not fill shape \(shape) of \(dtype), which takes \
        \(shape.count * dtype.size)
        """)
    }
    let node = Node.make(shape: shape, dtype: dtype)
    if let base = bytes.baseAddress {
      node.descriptor.pointee.address?.copyMemory(from: base, byteCount: bytes.count)
    }
    // A bool is 0 or 1, whatever the bytes from outside are.
    if dtype == .bool {
      for (place, byte) in bytes.enumerated() where byte > 1 {
        node.descriptor.pointee.address?.storeBytes(of: 1, toByteOffset: place, as: UInt8.self)
      }
    }
    self.init(node)
  }

  /// The one element of a tensor that has one.
  public func item() -> Double { item(as: Double.self) }

  /// The one element of a tensor that has one, converted to a Swift type.
  public func item<Element: Scalar>(as type: Element.Type) -> Element {
    if count != 1 {
      fatalError(
        "item: a tensor of shape \(shape) has \(count) elements, not one; use scalars(as:)")
    }
    return scalars(as: type)[0]
  }

  /// All elements converted to a Swift type, the last axis running fastest.
  public func scalars<Element: Scalar>(as type: Element.Type = Element.self) -> [Element] {
    if isAbstract { readingUnknown() }
    let x = untracked.cast(Element.dtype)
    return x.withUnsafeBytes { bytes in Array(bytes.bindMemory(to: Element.self)) }
  }

  /// Calls `body` with the elements' bytes, without gaps, the last axis running fastest.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) {
      let source = descriptor
      guard let address = source.pointee.address else { readingUnknown() }
      let bytes = count * dtype.size
      if source.pointee.isContiguous {
        return try body(UnsafeRawBufferPointer(start: address, count: bytes))
      }
      let packed = Node.copy(of: source)
      return try withExtendedLifetime(packed) {
        try body(
          UnsafeRawBufferPointer(start: packed.descriptor.pointee.address, count: bytes))
      }
    }
  }

  /// Calls `body` with the bytes of elements it may write; other copies keep their values.
  public mutating func withUnsafeMutableBytes<R>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> R
  ) rethrows -> R {
    if isTracked {
      fatalError(
        """
        Tensor: writing in place into a tensor that a tape has recorded (shape \(shape)); \
        assign through a subscript, or take it `.detached` first
        """)
    }
    makeUnique()
    return try withExtendedLifetime(self) {
      let bytes = UnsafeMutableRawBufferPointer(
        start: descriptor.pointee.address, count: count * dtype.size)
      defer {
        // A bool is 0 or 1, whatever was written.
        if dtype == .bool { for i in bytes.indices where bytes[i] > 1 { bytes[i] = 1 } }
      }
      return try body(bytes)
    }
  }

  /// Whether all elements are as near as `|a - b| <= absolute + relative * |b|`; NaN equals NaN,
  /// an infinity itself. False if shapes differ.
  public func allClose(
    _ other: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8
  ) -> Bool {
    if shape != other.shape { return false }
    return zip(scalars(as: Double.self), other.scalars(as: Double.self)).allSatisfy { a, b in
      a == b || a.isNaN && b.isNaN
        || a.isFinite && b.isFinite && (a - b).magnitude <= absolute + relative * b.magnitude
    }
  }

  /// The same handle, leaving no trace on the tape; valid as long as the tape.
  package var untracked: Tensor {
    isTracked
      ? Tensor(owner: owner, index: index, dtype: dtype, rank8: rank8, flags: .onTape) : self
  }

  /// Makes this the only reference to its memory, without gaps.
  package mutating func makeUnique() {
    if isAbstract { readingUnknown() }
    if isUnique { return }
    let source = strong
    self = withExtendedLifetime(source) { Tensor(Node.copy(of: source.descriptor)) }
  }
}

extension Tensor {
  /// A copy of elements without gaps, of the shape and type of a model.
  package init(copying elements: UnsafeRawPointer, like model: DescriptorPointer) {
    let node = Node.make(like: model, dtype: model.dtype)
    node.descriptor.pointee.address.unsafelyUnwrapped.copyMemory(
      from: elements, byteCount: model.count * model.dtype.size)
    self.init(node)
  }

  /// The same elements without gaps.
  package var dense: Tensor {
    withExtendedLifetime(self) {
      descriptor.pointee.isContiguous ? self : Tensor(Node.copy(of: descriptor))
    }
  }

  /// Whether this is the only reference to a plain value without gaps, so that it may be written.
  @inline(__always)
  var isUnique: Bool {
    mutating get {
      flags.isEmpty && isKnownUniquelyReferenced(&owner) && descriptor.isSoleOwnerWithoutGaps
    }
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// Whether nobody else refers to the memory of a plain tensor, and it has no gaps.
  fileprivate var isSoleOwnerWithoutGaps: Bool {
    if !pointee.isContiguous { return false }
    if pointee.owner == nil { return true }
    // Unmanaged and a reference have the same layout; the counter is read in place.
    return withUnsafeMutablePointer(to: &pointee.owner) {
      $0.withMemoryRebound(to: TensorOwner?.self, capacity: 1) {
        isKnownUniquelyReferenced(&$0.pointee)
      }
    }
  }
}
