// What surrounds a tensor.

/// What a tensor is padded with.
public enum PaddingMode: Sendable, Hashable {
  /// A number.
  case constant(Double)
  /// The elements mirrored at the outermost, which is not repeated; back and forth if need be.
  case reflect
  /// The outermost element.
  case replicate
  /// The elements from the other end; several times round if need be.
  case circular

  /// The position that padding shows for one outside 0..<extent; the extent is not 0.
  fileprivate func position(_ outside: Int, _ extent: Int) -> Int {
    func wrapped(_ period: Int) -> Int {
      let rest = outside % period
      return rest < 0 ? rest + period : rest
    }
    switch self {
    case .constant, .replicate: return Swift.min(Swift.max(outside, 0), extent - 1)
    case .circular: return wrapped(extent)
    case .reflect:
      if extent == 1 { return 0 }
      let position = wrapped(2 * extent - 2)
      return position < extent ? position : 2 * extent - 2 - position
    }
  }
}

extension Tensor {
  /// The tensor with more around it along one axis, as NumPy's `pad`.
  ///
  /// - Parameters:
  ///   - axis: counted from the end if negative.
  ///   - before: how many come before the elements.
  ///   - after: how many come after them.
  ///   - mode: what they are.
  public func pad(axis: Int, before: Int, after: Int, mode: PaddingMode = .constant(0)) -> Tensor {
    guard let axis = self.axis(axis, "pad") else { return self }
    let (more, overflow) = before.addingReportingOverflow(after)
    let (total, beyond) = shape[axis].addingReportingOverflow(more)
    if before < 0 || after < 0 || overflow || beyond {
      return refusing(
        """
        pad: \(before) before and \(after) after must not be negative (cut with a slice), nor more \
        than 64 bits can count
        """, standIn: shape)
    }
    if more == 0 { return strong }
    if case .constant(let value) = mode {
      if value == 0 { return strong.pad(axis: axis, start: before, step: 1, total: total) }
      let ends = [before, after].map { Tensor.full(shape.with($0, at: axis), value, strongType) }
      return .concatenate([ends[0], self, ends[1]], axis: axis)
    }
    if shape[axis] == 0 {
      return refusing(
        "pad: axis \(axis) of \(shape) is empty, and nothing cannot be continued; pad with a number",
        standIn: shape)
    }
    let extent = shape[axis]
    return take(
      Tensor((-before..<extent + after).map { mode.position($0, extent) }), axis: axis)
  }

  /// The tensor with more around it along all axes, as NumPy's `pad`.
  ///
  /// - Parameters:
  ///   - widths: how many come before and after the elements, for each axis.
  ///   - mode: what they are.
  public func pad(
    _ widths: [(before: Int, after: Int)], mode: PaddingMode = .constant(0)
  ) -> Tensor {
    if widths.count != rank {
      return refusing(
        "pad: \(widths.count) widths for the \(rank) axes of \(shape); give one for each",
        standIn: shape)
    }
    return widths.enumerated().reduce(self) { x, width in
      x.pad(
        axis: width.offset, before: width.element.before, after: width.element.after, mode: mode)
    }
  }
}
