// Pooling: windows and a reduction.

/// The largest element of every window: `[batch, n, c]` gives `[batch, windows, c]`; see
/// ``maxPool2d(_:size:stride:padding:dilation:)``.
public func maxPool1d(
  _ x: Tensor, size: some AxisAmounts, stride: (some AxisAmounts)? = Int?.none,
  padding: Padding = .valid, dilation: some AxisAmounts = 1
) -> Tensor {
  maximumPool(x, 1, size, stride, padding, dilation, "maxPool1d")
}

/// The largest element of every window: `[batch, height, width, c]` gives
/// `[batch, rows, columns, c]`.
///
/// The first element that reaches it, in reading order, gets the whole derivative, as in PyTorch.
/// - Parameters:
///   - x: images, channels last.
///   - size: of a window.
///   - stride: how far windows are apart; left out, they lie side by side.
///   - padding: takes no part: what surrounds the images is smaller than any number, so that
///     padded images of integers become float32. It is less than `size`.
///   - dilation: how far the elements of a window are apart.
public func maxPool2d(
  _ x: Tensor, size: some AxisAmounts, stride: (some AxisAmounts)? = Int?.none,
  padding: Padding = .valid, dilation: some AxisAmounts = 1
) -> Tensor {
  maximumPool(x, 2, size, stride, padding, dilation, "maxPool2d")
}

/// The largest element of every window: `[batch, n, m, l, c]` gives `[batch, n, m, l, c]`; see
/// ``maxPool2d(_:size:stride:padding:dilation:)``.
public func maxPool3d(
  _ x: Tensor, size: some AxisAmounts, stride: (some AxisAmounts)? = Int?.none,
  padding: Padding = .valid, dilation: some AxisAmounts = 1
) -> Tensor {
  maximumPool(x, 3, size, stride, padding, dilation, "maxPool3d")
}

/// The mean of every window: `[batch, n, c]` gives `[batch, windows, c]`; see
/// ``avgPool2d(_:size:stride:padding:countsPadding:)``.
public func avgPool1d(
  _ x: Tensor, size: some AxisAmounts, stride: (some AxisAmounts)? = Int?.none,
  padding: Padding = .valid, countsPadding: Bool = false
) -> Tensor {
  meanPool(x, 1, size, stride, padding, countsPadding, "avgPool1d")
}

/// The mean of every window: `[batch, height, width, c]` gives `[batch, rows, columns, c]`.
///
/// - Parameters:
///   - x: images, channels last.
///   - size: of a window.
///   - stride: how far windows are apart; left out, they lie side by side.
///   - padding: less than `size`.
///   - countsPadding: whether what surrounds the images counts as zeros, as in PyTorch; else the
///     mean is that of the elements inside, as in Keras.
public func avgPool2d(
  _ x: Tensor, size: some AxisAmounts, stride: (some AxisAmounts)? = Int?.none,
  padding: Padding = .valid, countsPadding: Bool = false
) -> Tensor {
  meanPool(x, 2, size, stride, padding, countsPadding, "avgPool2d")
}

/// The mean of every window: `[batch, n, m, l, c]` gives `[batch, n, m, l, c]`; see
/// ``avgPool2d(_:size:stride:padding:countsPadding:)``.
public func avgPool3d(
  _ x: Tensor, size: some AxisAmounts, stride: (some AxisAmounts)? = Int?.none,
  padding: Padding = .valid, countsPadding: Bool = false
) -> Tensor {
  meanPool(x, 3, size, stride, padding, countsPadding, "avgPool3d")
}

private func maximumPool(
  _ x: Tensor, _ axes: Int, _ size: some AxisAmounts, _ stride: (some AxisAmounts)?,
  _ padding: Padding, _ dilation: some AxisAmounts, _ name: StaticString
) -> Tensor {
  guard
    let windows = x.arithmetic.pooled(
      axes, size, stride, padding, dilation, filling: -.infinity, name)
  else { return x }
  return .apply(.max(AxisMask(windowElementsOf: axes), .first), windows)
}

private func meanPool(
  _ x: Tensor, _ axes: Int, _ size: some AxisAmounts, _ stride: (some AxisAmounts)?,
  _ padding: Padding, _ countsPadding: Bool, _ name: StaticString
) -> Tensor {
  guard let windows = x.floating.pooled(axes, size, stride, padding, 1, filling: 0, name) else {
    return x
  }
  let elements = AxisMask(windowElementsOf: axes).axes
  if padding == .valid || countsPadding { return windows.mean(axes: elements) }
  let inside = Tensor.ones(x.shape.with(1, at: 0).with(1, at: axes + 1), windows.dtype)
  let counts = inside.pooled(axes, size, stride, padding, 1, filling: 0, name)!
  return windows.sum(axes: elements) / counts.sum(axes: elements)
}

extension AxisMask {
  /// Axes 2, 4, ...: behind each axis of windows that of their elements.
  fileprivate init(windowElementsOf axes: Int) {
    self.init()
    for axis in 1...axes { insert(2 * axis) }
  }
}

extension Tensor {
  /// `[batch, rows, size, columns, size, ..., c]`; nil after refusing.
  fileprivate func pooled(
    _ axes: Int, _ size: some AxisAmounts, _ stride: (some AxisAmounts)?, _ padding: Padding,
    _ dilation: some AxisAmounts, filling: Double, _ name: StaticString
  ) -> Tensor? {
    if rank != axes + 2 {
      let channels = axes == 2 ? "height, width" : "n..."
      _ = refusing(
        """
        \(name): an input of shape \(shape) must have \(axes + 2) axes: [batch, \(channels), \
        channels]
        """, standIn: shape)
      return nil
    }
    guard let sizes = size.amounts(axes), let strides = stride.map({ $0.amounts(axes) }) ?? sizes,
      let dilations = dilation.amounts(axes)
    else {
      _ = Tensor.amountsRefused(name, self, axes)
      return nil
    }
    let given: [[Int]] =
      switch padding {
      case .explicit(let before, let after): [before, after]
      case .equal(let amount): [Array(repeating: amount, count: axes)]
      case .valid, .same: []
      }
    if given.contains(where: { zip($0, sizes).contains { $0 > 0 && $0 >= $1 } }) {
      _ = refusing(
        """
        \(name): padding \(padding) of an input of shape \(shape) leaves windows of size \(size) \
        that hold no element; it must be less than the size
        """, standIn: shape)
      return nil
    }
    return windowed(
      sizes, strides: strides, padding: padding, dilations: dilations, filling: filling, name)
  }
}
