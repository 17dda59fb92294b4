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
  ///   - before: how many come before the elements; if negative as many are left out before anything
  ///     else, as in PyTorch.
  ///   - after: how many come after them, or are left out.
  ///   - mode: what they are.
  public func pad(axis: Int, before: Int, after: Int, mode: PaddingMode = .constant(0)) -> Tensor {
    guard let axis = self.axis(axis, "pad") else { return self }
    let extent = shape[axis]
    let (more, overflow) = before.addingReportingOverflow(after)
    let (total, beyond) = extent.addingReportingOverflow(more)
    if before < -extent || after < -extent || overflow || beyond || total < 0 {
      return refusing(
        """
        pad: \(before) before and \(after) after axis \(axis) of \(shape) leave out more than there \
        is, or are more than 64 bits can count
        """, standIn: shape)
    }
    if before == 0 && after == 0 { return strong }
    let kept = slice(axis: axis, Swift.max(-before, 0)..<extent - Swift.max(-after, 0))
    let ends = [before, after].map { Swift.max($0, 0) }
    if case .constant(let value) = mode {
      if value == 0 { return kept.strong.pad(axis: axis, start: ends[0], step: 1, total: total) }
      let filled = ends.map { Tensor.full(shape.with($0, at: axis), value, strongType) }
      return .concatenate([filled[0], kept, filled[1]], axis: axis)
    }
    let left = kept.shape[axis]
    if left == 0 && total > 0 {
      return refusing(
        """
        pad: \(before) before and \(after) after axis \(axis) of \(shape) leave nothing, which \
        cannot be continued; pad with a number
        """, standIn: shape)
    }
    return kept.take(Tensor.listing(total) { mode.position($0 - ends[0], left) }, axis: axis)
  }

  /// The tensor with more around it along all axes, as NumPy's `pad`.
  ///
  /// - Parameters:
  ///   - widths: how many come before and after the elements, for each axis; if negative, are left
  ///     out.
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
