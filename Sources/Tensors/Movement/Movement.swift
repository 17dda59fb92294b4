// Movement of axes: views that share their operand's memory wherever strides can express it.

extension Tensor {
  /// The same elements in their order, in another shape.
  ///
  /// A view if strides can express it, else a copy.
  /// - Parameter shape: of as many elements.
  public func reshape(_ shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    if shape.count != count {
      return refusing(
        """
        reshape: \(self.shape) has \(count) elements, \(shape) has \(shape.count); \
        one extent may be -1, to be worked out
        """, standIn: shape)
    }
    return .apply(.reshape, self, target: Target(shape: shape, dtype: dtype))
  }

  /// The same elements in another shape, of which one extent may be -1: what is left over.
  public func reshape(_ extents: [Int]) -> Tensor {
    let open = extents.firstIndex(of: -1)
    var others = extents
    if let open { others[open] = 1 }
    if others.contains(where: { $0 < 0 }) {
      return refusing(
        "reshape: \(shape) to \(extents): one extent may be -1, the others are 0 or more",
        standIn: shape)
    }
    guard let open else { return reshape(Shape(extents)) }
    let known = Shape(others).count
    if known == 0 || count % known != 0 {
      return refusing(
        "reshape: \(count) elements of \(shape) do not divide into \(extents)",
        standIn: Shape(others))
    }
    others[open] = count / known
    return reshape(Shape(others))
  }

  /// All elements along one axis.
  public func flatten() -> Tensor { reshape([count]) }

  /// Some neighbouring axes, both ends included, as one.
  public func flatten(from first: Int, to last: Int = -1) -> Tensor {
    guard let first = axis(first, "flatten"), let last = axis(last, "flatten") else { return self }
    if first > last {
      return refusing(
        "flatten: axis \(first) of \(shape) comes behind axis \(last)", standIn: shape)
    }
    let extents = shape.array
    let merged = extents[first...last].reduce(1, *)
    return reshape(Shape(extents[..<first] + [merged] + extents[(last + 1)...]))
  }

  /// The tensor repeated along new axes at the front and axes of extent 1, without a copy.
  public func broadcast(to shape: Shape) -> Tensor {
    if shape == self.shape { return self }
    guard shape.rank >= rank, self.shape.broadcast(with: shape) == shape else {
      return refusing(
        """
        broadcast: shape \(self.shape) does not repeat to \(shape); aligned at the last axis, an \
        extent must be equal or 1
        """, standIn: shape)
    }
    return .apply(.broadcast, self, target: Target(shape: shape, dtype: dtype))
  }

  /// The axes in another order: axis `i` of the result is axis `axes[i]` of this tensor.
  public func permute(_ axes: [Int]) -> Tensor {
    let order = axes.map { $0 < 0 ? $0 + rank : $0 }
    if order.sorted() != Array(0..<rank) {
      return refusing(
        "permute: \(axes) does not name each axis of \(shape) once", standIn: shape)
    }
    if order == Array(0..<rank) { return self }
    return .apply(.permute(Permutation(order)), self)
  }

  /// The last two axes exchanged: of a matrix, its transpose. Of a vector or number, itself.
  public var transposed: Tensor { rank < 2 ? self : swapAxes(-1, -2) }

  /// Two axes exchanged.
  public func swapAxes(_ a: Int, _ b: Int) -> Tensor {
    guard let a = axis(a, "swapAxes"), let b = axis(b, "swapAxes") else { return self }
    var order = Array(0..<rank)
    order.swapAt(a, b)
    return permute(order)
  }

  /// One axis moved to another place, the others keeping their order.
  public func moveAxis(_ from: Int, to: Int) -> Tensor {
    guard let from = axis(from, "moveAxis"), let to = axis(to, "moveAxis") else { return self }
    var order = Array(0..<rank)
    order.insert(order.remove(at: from), at: to)
    return permute(order)
  }

  /// A new axis of extent 1 before `axis`; -1 puts it last.
  public func expandDims(at axis: Int) -> Tensor {
    let position = axis < 0 ? axis + rank + 1 : axis
    if position < 0 || position > rank || rank == Shape.maximumRank {
      return refusing(
        "expandDims: no place \(axis) for an axis in \(shape) (at most \(Shape.maximumRank) axes)",
        standIn: shape)
    }
    return reshape(shape.inserting(1, at: position))
  }

  /// Without the given axes of extent 1, or without all of them.
  public func squeeze(axes: [Int]? = nil) -> Tensor {
    let shape = self.shape
    let chosen = axes ?? (0..<rank).filter { shape[$0] == 1 }
    guard let mask = axisMask(chosen, "squeeze") else { return self }
    if let wide = mask.axes.first(where: { shape[$0] != 1 }) {
      return refusing(
        "squeeze: axis \(wide) of \(shape) has extent \(shape[wide]), not 1", standIn: shape)
    }
    return reshape(shape.removing(mask))
  }

  /// The order of elements reversed along the given axes, or along all.
  public func flip(axes: [Int]? = nil) -> Tensor {
    guard let mask = axisMask(axes ?? Array(0..<rank), "flip") else { return self }
    return mask.isEmpty ? self : .apply(.flip(mask), self)
  }

  /// Every `step`-th element of a range along one axis.
  ///
  /// - Parameters:
  ///   - axis: counted from the end if negative.
  ///   - range: positions, inside the axis.
  ///   - step: at least 1.
  public func slice(axis: Int, _ range: Range<Int>, step: Int = 1) -> Tensor {
    guard let axis = self.axis(axis, "slice") else { return self }
    let extent = shape[axis]
    if range.lowerBound < 0 || range.upperBound > extent || step < 1 {
      return refusing(
        """
        slice: \(range) in steps of \(step) is not inside axis \(axis) of \(shape), \
        which has positions 0..<\(extent); steps are at least 1
        """, standIn: shape)
    }
    let count = range.isEmpty ? 0 : (range.count - 1) / step + 1
    if count == extent { return self }
    // A step past the end is any step, and the product with a stride must not overflow.
    let step = Swift.min(step, Swift.max(extent, 1))
    return .apply(
      .slice(start: range.lowerBound, step: step, axis: UInt8(axis)), self,
      target: Target(shape: shape.with(count, at: axis), dtype: dtype))
  }

  /// Zeros around and between the elements of one axis.
  ///
  /// - Parameters:
  ///   - axis: counted from the front.
  ///   - start: the place of the first element.
  ///   - step: the distance between elements.
  ///   - total: the new extent.
  package func pad(axis: Int, start: Int, step: Int, total: Int) -> Tensor {
    if total == shape[axis] { return self }
    return .apply(
      .pad(start: start, step: step, axis: UInt8(axis)), self,
      target: Target(shape: shape.with(total, at: axis), dtype: dtype))
  }

  /// The same value, through which no derivative flows.
  public func stopGradient() -> Tensor { isTracked ? .apply(.stopGradient, self) : self }

  // MARK: axes

  /// An axis counted from the front, or nil after refusing one that does not exist.
  package func axis(_ axis: Int, _ operation: StaticString) -> Int? {
    let position = axis < 0 ? axis + rank : axis
    if position >= 0 && position < rank { return position }
    _ = refusing(
      "\(operation): axis \(axis) does not exist in \(shape), which has rank \(rank)",
      standIn: shape)
    return nil
  }

  /// An axis counted from the front, or nil after refusing one that does not exist or is empty.
  func filledAxis(_ axis: Int, _ operation: StaticString) -> Int? {
    guard let axis = self.axis(axis, operation) else { return nil }
    if shape[axis] > 0 { return axis }
    _ = refusing(
      "\(operation): axis \(axis) of \(shape) is empty; it needs at least one element",
      standIn: shape)
    return nil
  }

  /// A set of axes, or nil after refusing one that does not exist or is named twice.
  package func axisMask(_ axes: [Int], _ operation: StaticString) -> AxisMask? {
    var mask = AxisMask()
    for axis in axes {
      guard let position = self.axis(axis, operation) else { return nil }
      if mask.contains(position) {
        _ = refusing("\(operation): axis \(axis) is named twice in \(axes)", standIn: shape)
        return nil
      }
      mask.insert(position)
    }
    return mask
  }
}
