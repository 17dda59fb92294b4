// Windows that slide over an axis, and their transpose.

extension Tensor {
  /// Windows over an axis: `[..., n, ...] -> [..., windows, size, ...]`, a view.
  ///
  /// Window `i` holds positions `i * step + j * dilation` for `j` in `0..<size`; only whole windows
  /// are there.
  /// - Parameters:
  ///   - axis: counted from the end if negative. It becomes that of the windows, and the axis of
  ///     their elements comes behind it.
  ///   - size: elements of a window.
  ///   - step: how far windows are apart.
  ///   - dilation: how far elements of a window are apart.
  public func windows(axis: Int, size: Int, step: Int = 1, dilation: Int = 1) -> Tensor {
    guard let axis = self.axis(axis, "windows") else { return self }
    let extent = shape[axis]
    let (reach, overflow) = (Swift.max(size, 1) - 1).multipliedReportingOverflow(by: dilation)
    guard size >= 1, step >= 1, dilation >= 1, !overflow, reach < extent,
      rank < Shape.maximumRank
    else {
      return refusing(
        """
        windows: windows of \(size) elements, \(dilation) apart, in steps of \(step) do not fit \
        axis \(axis) of \(shape); sizes and steps are at least 1, a window is no longer than the \
        axis, a tensor has at most \(Shape.maximumRank) axes
        """, standIn: shape)
    }
    let count = (extent - 1 - reach) / step + 1
    // Steps that no second window or element takes must not overflow with a stride.
    return windows(
      like: shape.with(count, at: axis).inserting(size, at: axis + 1), axis: axis,
      step: count == 1 ? 1 : step, dilation: size == 1 ? 1 : dilation)
  }

  /// The transpose of ``windows(axis:size:step:dilation:)``: every element of every window added at
  /// the position it was seen at; `[..., windows, size, ...] -> [..., extent, ...]`.
  ///
  /// - Parameters:
  ///   - axis: that of the windows; that of their elements comes behind it.
  ///   - extent: of the axis that results.
  ///   - step: how far windows are apart.
  ///   - dilation: how far elements of a window are apart.
  public func fold(axis: Int, extent: Int, step: Int = 1, dilation: Int = 1) -> Tensor {
    guard let axis = self.axis(axis, "fold") else { return self }
    let x = arithmetic
    let behind = axis + 1 < rank ? shape[axis + 1] : 0
    let windows = Swift.max(shape[axis] - 1, 0).multipliedReportingOverflow(by: step)
    let elements = Swift.max(behind - 1, 0).multipliedReportingOverflow(by: dilation)
    let (reach, beyond) = windows.partialValue.addingReportingOverflow(elements.partialValue)
    guard axis + 1 < rank, step >= 1, dilation >= 1, !windows.overflow, !elements.overflow,
      !beyond, extent > reach || extent >= 0 && shape[axis] * behind == 0
    else {
      return refusing(
        """
        fold: \(shape[axis]) windows at axis \(axis) of \(shape), \(step) apart, of the elements \
        at the axis behind, \(dilation) apart, do not fit an extent of \(extent); there must be an \
        axis behind, steps of at least 1, and an extent that reaches the last element
        """, standIn: shape)
    }
    var folded = shape.array
    folded.remove(at: axis + 1)
    folded[axis] = extent
    return .apply(
      .fold(step: step, dilation: dilation, axis: UInt8(axis)), x,
      target: Target(shape: Shape(folded), dtype: x.dtype))
  }

  /// Windows of which the result's shape says how many and how large.
  package func windows(like shape: Shape, axis: Int, step: Int, dilation: Int) -> Tensor {
    .apply(
      .windows(step: step, dilation: dilation, axis: UInt8(axis)), self,
      target: Target(shape: shape, dtype: dtype))
  }
}
