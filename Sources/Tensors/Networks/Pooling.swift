// Pooling: windows and a reduction.

/// The largest element of every window: `[batch, height, width, c]` gives
/// `[batch, rows, columns, c]`.
///
/// The first element that reaches it, in reading order, gets the whole derivative, as in PyTorch.
/// - Parameters:
///   - x: images, channels last.
///   - size: of a window, along both axes.
///   - stride: how far windows are apart; left out, they lie side by side.
///   - padding: takes no part: what surrounds the images is smaller than any number, so that
///     padded images of integers become float32. It is less than `size`.
public func maxPool2d(
  _ x: Tensor, size: Int, stride: Int? = nil, padding: Padding = .valid
) -> Tensor {
  guard
    let windows = x.arithmetic.pooled(size, stride, padding, filling: -.infinity, "maxPool2d")
  else { return x }
  return .apply(.max(AxisMask(bits: 0b10100), .first), windows)
}

/// The mean of every window: `[batch, height, width, c]` gives `[batch, rows, columns, c]`.
///
/// - Parameters:
///   - x: images, channels last.
///   - size: of a window, along both axes.
///   - stride: how far windows are apart; left out, they lie side by side.
///   - padding: is not counted: the mean is that of the elements inside, as in Keras. It is less
///     than `size`.
public func avgPool2d(
  _ x: Tensor, size: Int, stride: Int? = nil, padding: Padding = .valid
) -> Tensor {
  guard let windows = x.floating.pooled(size, stride, padding, filling: 0, "avgPool2d") else {
    return x
  }
  if padding == .valid { return windows.mean(axes: [2, 4]) }
  let inside = Tensor.ones([1, x.shape[1], x.shape[2], 1], windows.dtype)
  let counts = inside.pooled(size, stride, padding, filling: 0, "avgPool2d")!.sum(axes: [2, 4])
  return windows.sum(axes: [2, 4]) / counts
}

extension Tensor {
  /// `[batch, rows, size, columns, size, c]`; nil after refusing.
  fileprivate func pooled(
    _ size: Int, _ stride: Int?, _ padding: Padding, filling: Double, _ name: StaticString
  ) -> Tensor? {
    if rank != 4 {
      _ = refusing(
        "\(name): an input of shape \(shape) must have 4 axes: [batch, height, width, channels]",
        standIn: shape)
      return nil
    }
    if case .explicit(let before, let after) = padding,
      (before + after).contains(where: { $0 > 0 && $0 >= size })
    {
      _ = refusing(
        """
        \(name): padding \(padding) of an input of shape \(shape) leaves windows of size \(size) \
        that hold no element; it must be less than the size
        """, standIn: shape)
      return nil
    }
    let stride = stride ?? size
    return windowed(
      [size, size], strides: [stride, stride], padding: padding, dilations: [1, 1],
      filling: filling, name)
  }
}
