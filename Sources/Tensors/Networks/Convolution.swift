// Convolutions: windows and a contraction, so that their derivatives are those of both.

/// Kernels slid over series: `[batch, n, in]` with `[kernel n, in / groups, out]` gives
/// `[batch, windows, out]`; see ``conv2d(_:_:stride:padding:dilation:groups:)``.
public func conv1d(
  _ x: Tensor, _ kernel: Tensor, stride: some AxisAmounts = 1, padding: Padding = .valid,
  dilation: some AxisAmounts = 1, groups: Int = 1
) -> Tensor {
  convolution(x, kernel, 1, stride, padding, dilation, groups, "conv1d")
}

/// Kernels slid over images: `[batch, height, width, in]` with `[kernel height, kernel width, in /
/// groups, out]` gives `[batch, rows, columns, out]`.
///
/// Kernels are not flipped (a cross-correlation), as in every deep learning library.
/// - Parameters:
///   - x: images, channels last.
///   - kernel: of as many input channels as a group has.
///   - stride: how far windows are apart.
///   - padding: zeros around the images.
///   - dilation: how far the elements of a window are apart.
///   - groups: of input channels, each seen by its part of the output channels alone.
public func conv2d(
  _ x: Tensor, _ kernel: Tensor, stride: some AxisAmounts = 1, padding: Padding = .valid,
  dilation: some AxisAmounts = 1, groups: Int = 1
) -> Tensor {
  convolution(x, kernel, 2, stride, padding, dilation, groups, "conv2d")
}

/// Kernels slid over volumes: `[batch, n, m, l, in]` with `[k, k, k, in / groups, out]` gives
/// `[batch, n, m, l, out]`; see ``conv2d(_:_:stride:padding:dilation:groups:)``.
public func conv3d(
  _ x: Tensor, _ kernel: Tensor, stride: some AxisAmounts = 1, padding: Padding = .valid,
  dilation: some AxisAmounts = 1, groups: Int = 1
) -> Tensor {
  convolution(x, kernel, 3, stride, padding, dilation, groups, "conv3d")
}

/// `[batch, n..., in]` with `[k..., in / groups, out]` over a number of axes.
private func convolution(
  _ x: Tensor, _ kernel: Tensor, _ axes: Int, _ stride: some AxisAmounts, _ padding: Padding,
  _ dilation: some AxisAmounts, _ groups: Int, _ name: StaticString
) -> Tensor {
  guard x.rank == axes + 2, kernel.rank == axes + 2 else {
    return Tensor.refuse(
      """
      \(name): an input of shape \(x.shape) and a kernel of shape \(kernel.shape) must have \
      \(axes + 2) axes each: [batch, n..., in] and [k..., in, out]
      """, x, kernel)
  }
  let channels = x.shape.last
  let isDivided = groups >= 1 && kernel.shape.last % groups == 0
  if !isDivided || channels != kernel.shape[-2].multipliedReportingOverflow(by: groups).partialValue
  {
    return Tensor.refuse(
      """
      \(name): the input of shape \(x.shape) has \(channels) channels, the kernel of shape \
      \(kernel.shape) takes \(kernel.shape[-2])\(groups == 1 ? "" : " in each of \(groups) groups"); \
      channels come last, the kernel is [k..., in\(groups == 1 ? "" : " / groups"), out]\
      \(isDivided ? "" : ", and groups divide in and out")
      """, x, kernel)
  }
  guard let strides = stride.amounts(axes), let dilations = dilation.amounts(axes) else {
    return Tensor.amountsRefused(name, x, axes)
  }
  let dtype = Tensor.promotedType(x, kernel)
  guard
    let windows = x.cast(dtype).windowed(
      Array(kernel.shape.array.prefix(axes)), strides: strides, padding: padding,
      dilations: dilations, name)
  else { return x }
  // The windows' axes before those of their elements.
  let order = [0] + (0..<axes).map { 2 * $0 + 1 } + (0..<axes).map { 2 * $0 + 2 } + [2 * axes + 1]
  return .groupedDot(
    windows.permute(order), kernel.cast(dtype), groups, contracted: axes + 1)
}

extension Tensor {
  /// `[rows..., contracted..., g c]` with `[contracted..., c, columns..., g out]`, of which groups
  /// of the last axes meet: `[rows..., columns..., g out]`.
  ///
  /// Groups are a batch axis where there is room for one, else products side by side.
  fileprivate static func groupedDot(
    _ a: Tensor, _ b: Tensor, _ groups: Int, contracted: Int
  ) -> Tensor {
    let product = Primitive.dot(batch: 0, contracted: UInt8(contracted))
    if groups == 1 { return apply(product, a, b) }
    let inner = a.shape.last / groups
    let outer = b.shape.last / groups
    if a.rank == Shape.maximumRank {
      let parts = (0..<groups).map { group in
        apply(
          product, a.slice(axis: -1, group * inner..<(group + 1) * inner),
          b.slice(axis: -1, group * outer..<(group + 1) * outer))
      }
      return .concatenate(parts, axis: -1)
    }
    let split = a.reshape(Shape(a.shape.array.dropLast() + [groups, inner]))
    let kernels = b.reshape(Shape(b.shape.array.dropLast() + [groups, outer]))
    let result = apply(
      .dot(batch: 1, contracted: UInt8(contracted)), split.moveAxis(-2, to: 0),
      kernels.moveAxis(-2, to: 0))
    let last = result.moveAxis(0, to: result.rank - 2)
    return last.reshape(Shape(last.shape.array.dropLast(2) + [groups * outer]))
  }

  /// Refuses strides or the like that are not one for each axis.
  static func amountsRefused(_ name: StaticString, _ x: Tensor, _ axes: Int) -> Tensor {
    x.refusing(
      """
      \(name): sizes, strides, dilations and the like for an input of shape \(x.shape) are one \
      integer, or one for each of \(axes) axes
      """, standIn: x.shape)
  }
}
