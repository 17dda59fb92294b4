import BacktapeTensors

/// Where the elements of a value lie in a buffer: steps in elements from its first.
struct Layout: Equatable {
  var offset: Int
  var extents: [Int]
  var strides: [Int]

  /// Without gaps, the last axis fastest.
  init(contiguous shape: Shape) {
    offset = 0
    extents = shape.array
    strides = shape.array(of: shape.contiguousStrides)
  }

  init(offset: Int, extents: [Int], strides: [Int]) {
    self.offset = offset
    self.extents = extents
    self.strides = strides
  }

  var count: Int { extents.reduce(1, *) }

  /// Whether elements follow each other from the buffer's first.
  var isContiguous: Bool { offset == 0 && hasNoGaps }

  /// Whether elements follow each other.
  var hasNoGaps: Bool {
    var step = 1
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      if strides[axis] != step { return false }
      step *= extents[axis]
    }
    return true
  }

  /// Puts an axis before all others.
  mutating func bringForward(_ axis: Int) {
    extents.bringForward(axis)
    strides.bringForward(axis)
  }

  /// What a movement makes of it, or nil if strides cannot express that.
  func applying(_ primitive: Primitive, result shape: Shape) -> Layout? {
    if count == 0 { return Layout(contiguous: shape) }
    let source = Node.makeView(shape: Shape(extents), dtype: .uint8)
    let result = Node.makeView(shape: shape, dtype: .uint8)
    for axis in extents.indices { source.descriptor.strides[axis] = strides[axis] }
    source.descriptor.updateContiguity()
    // Any address will do: nothing is read. With elements of a byte it counts elements.
    source.descriptor.pointee.address = Layout.origin
    guard primitive.makeView(of: source.descriptor, in: result.descriptor) else { return nil }
    return Layout(
      offset: offset + (result.descriptor.pointee.address! - Layout.origin), extents: shape.array,
      strides: (0..<shape.rank).map { result.descriptor.strides[$0] })
  }

  /// A place in the middle of nowhere.
  private static var origin: UnsafeMutableRawPointer { .init(bitPattern: 1 << 46)! }

  /// The layout of what becomes this by a movement: the inverse of ``applying(_:result:)``, or nil
  /// if it has none.
  func undoing(_ primitive: Primitive, operand shape: Shape) -> Layout? {
    switch primitive {
    case .reshape: applying(.reshape, result: shape)
    case .permute(let order):
      applying(.permute(order.inverse(rank: shape.rank)), result: shape)
    case .flip(let axes): applying(.flip(axes), result: shape)
    case .stopGradient: self
    default: nil
    }
  }

  /// The places of one operand of an assembly, of the given extent along the axis.
  func part(_ part: Line.Part, extent: Int) -> Layout {
    var layout = self
    layout.offset += part.start * strides[part.axis]
    layout.strides[part.axis] *= part.step
    layout.extents[part.axis] = extent
    return layout
  }

  /// Strides along other axes, of as many elements in the same order: nil if one of them would go on
  /// from an own axis to the next where strides do not. There may be more than a tensor can have.
  func split(into other: [Int]) -> [Int]? {
    var steps = [Int](repeating: 0, count: other.count)
    if count == 0 { return steps }
    var axis = extents.count
    // What is left of the own axis at work, and of those before it that go on from it.
    var left = 1
    var step = 0
    for i in other.indices.reversed() where other[i] != 1 {
      var extent = other[i]
      if left == 1 {
        axis -= 1
        while extents[axis] == 1 { axis -= 1 }
        left = extents[axis]
        step = strides[axis]
      }
      steps[i] = step
      while left < extent {
        guard extent % left == 0 else { return nil }
        extent /= left
        step *= left
        axis -= 1
        while extents[axis] == 1 { axis -= 1 }
        if strides[axis] != step { return nil }
        left = extents[axis]
      }
      guard left % extent == 0 else { return nil }
      left /= extent
      step *= extent
    }
    return steps
  }
}
