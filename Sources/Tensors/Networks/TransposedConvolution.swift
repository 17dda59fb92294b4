// The transposes of convolutions: a contraction, and windows put back.

/// The transpose of ``conv1d(_:_:stride:padding:dilation:groups:)``: `[batch, n, in]` with
/// `[kernel n, out / groups, in]` gives `[batch, m, out]`; see
/// ``convTranspose2d(_:_:stride:padding:outputPadding:dilation:groups:)``.
public func convTranspose1d(
  _ x: Tensor, _ kernel: Tensor, stride: some AxisAmounts = 1, padding: Padding = .valid,
  outputPadding: some AxisAmounts = 0, dilation: some AxisAmounts = 1, groups: Int = 1
) -> Tensor {
  transposedConvolution(
    x, kernel, 1, stride, padding, outputPadding, dilation, groups, "convTranspose1d")
}

/// The transpose of ``conv2d(_:_:stride:padding:dilation:groups:)``: every element of the input times
/// the kernel, added up `stride` apart; `[batch, rows, columns, in]` with `[kernel height, kernel
/// width, out / groups, in]` gives `[batch, height, width, out]`.
///
/// The kernel is that of the convolution which leads from the output's shape to the input's, as in
/// Keras.
/// - Parameters:
///   - x: images, channels last.
///   - kernel: its last two axes are the channels that come out and those of the input.
///   - stride: how far the kernels' places are apart.
///   - padding: what the convolution pads and the transpose takes away: n becomes
///     `(n - 1) stride + (k - 1) dilation + 1` less the padding, with `.same` `n stride`.
///   - outputPadding: more behind each axis, of the many extents that the convolution leads to n.
///   - dilation: how far the elements of a kernel are apart.
///   - groups: of input channels, each of which gives its part of the output channels.
public func convTranspose2d(
  _ x: Tensor, _ kernel: Tensor, stride: some AxisAmounts = 1, padding: Padding = .valid,
  outputPadding: some AxisAmounts = 0, dilation: some AxisAmounts = 1, groups: Int = 1
) -> Tensor {
  transposedConvolution(
    x, kernel, 2, stride, padding, outputPadding, dilation, groups, "convTranspose2d")
}

/// The transpose of ``conv3d(_:_:stride:padding:dilation:groups:)``: `[batch, n, m, l, in]` with
/// `[k, k, k, out / groups, in]` gives `[batch, n, m, l, out]`; see
/// ``convTranspose2d(_:_:stride:padding:outputPadding:dilation:groups:)``.
public func convTranspose3d(
  _ x: Tensor, _ kernel: Tensor, stride: some AxisAmounts = 1, padding: Padding = .valid,
  outputPadding: some AxisAmounts = 0, dilation: some AxisAmounts = 1, groups: Int = 1
) -> Tensor {
  transposedConvolution(
    x, kernel, 3, stride, padding, outputPadding, dilation, groups, "convTranspose3d")
}

/// What happens along one axis.
private struct Placement {
  let stride, dilation: Int
  /// Of the whole, of what comes before the result in it, and of the result.
  let extent, start, count: Int

  /// Nil if there is no such result.
  init?(
    _ n: Int, size: Int, stride: Int, dilation: Int, padding: (before: Int, after: Int)?, more: Int
  ) {
    // Sums of several must not overflow.
    let amounts = 0..<Int.max / 8
    guard size >= 1, stride >= 1, dilation >= 1, amounts.contains(stride), amounts.contains(more),
      padding.map({ amounts.contains($0.before) && amounts.contains($0.after) }) ?? true
    else { return nil }
    let steps = Swift.max(n - 1, 0).multipliedReportingOverflow(by: stride)
    let reach = (size - 1).multipliedReportingOverflow(by: dilation)
    let all = steps.partialValue.addingReportingOverflow(reach.partialValue)
    guard !steps.overflow, !reach.overflow, !all.overflow, amounts.contains(all.partialValue)
    else { return nil }
    self.stride = stride
    self.dilation = dilation
    let full = n == 0 ? 0 : all.partialValue + 1
    if let padding {
      start = padding.before
      count = full - padding.before - padding.after + more
    } else {
      start = Swift.max(reach.partialValue + 1 - stride, 0) / 2
      count = n * stride + more
    }
    guard count >= 0 else { return nil }
    extent = Swift.max(full, start + count)
  }
}

private func transposedConvolution(
  _ x: Tensor, _ kernel: Tensor, _ axes: Int, _ stride: some AxisAmounts, _ padding: Padding,
  _ outputPadding: some AxisAmounts, _ dilation: some AxisAmounts, _ groups: Int,
  _ name: StaticString
) -> Tensor {
  guard x.rank == axes + 2, kernel.rank == axes + 2, groups >= 1,
    x.shape.last == kernel.shape.last, x.shape.last % groups == 0
  else {
    return Tensor.refuse(
      """
      \(name): an input of shape \(x.shape) and a kernel of shape \(kernel.shape) in \(groups) \
      groups do not fit; they are [batch, n..., in] and [k..., out / groups, in], with \(axes + 2) \
      axes each, and groups divide in
      """, x, kernel)
  }
  guard let strides = stride.amounts(axes), let dilations = dilation.amounts(axes),
    let more = outputPadding.amounts(axes)
  else { return Tensor.amountsRefused(name, x, axes) }
  let extents = Array(x.shape.array[1...axes])
  let sizes = kernel.shape.array
  // Of given paddings; the same as in a convolution is known from its result.
  let amounts =
    padding == .same ? nil : padding.amounts(extents, reaches: sizes, strides: strides)
  let places = (0..<axes).map {
    Placement(
      extents[$0], size: sizes[$0], stride: strides[$0], dilation: dilations[$0],
      padding: amounts?[$0], more: more[$0])
  }
  guard padding == .same || amounts != nil,
    amounts?.allSatisfy({ $0.before >= 0 && $0.after >= 0 }) ?? true,
    !places.contains(where: { $0 == nil })
  else {
    return Tensor.refuse(
      """
      \(name): kernels of \(sizes.prefix(axes)), \(strides) apart, dilated by \(dilations), with \
      padding \(padding) and output padding \(more), give no result of an input of shape \
      \(x.shape); sizes, strides and dilations are at least 1, paddings 0 or more for each of \
      \(axes) axes, and not all is taken away
      """, x, kernel)
  }
  let dtype = Tensor.promotedType(x, kernel)
  let elements = x.cast(dtype)
  // [k..., out / groups, in] as [in, k..., out / groups].
  let turned = kernel.cast(dtype).moveAxis(-1, to: 0)
  let width = x.shape.last / groups
  // Groups are a batch axis where there is room for one, else products side by side.
  let parts: [Tensor]
  if groups > 1 && axes < 3 {
    let split = elements.reshape(Shape(x.shape.array.dropLast() + [groups, width]))
    let kernels = turned.reshape(Shape([groups, width] + turned.shape.array.dropFirst()))
    let product = Tensor.apply(
      .dot(batch: 1, contracted: 1), split.moveAxis(-2, to: 0), kernels)
    let last = product.moveAxis(0, to: product.rank - 2)
    parts = [last.reshape(Shape(last.shape.array.dropLast(2) + [groups * last.shape.last]))]
  } else {
    parts = (0..<groups).map { group in
      let part = group * width..<(group + 1) * width
      return .apply(
        .dot(batch: 0, contracted: 1), elements.slice(axis: -1, part), turned.slice(axis: 0, part))
    }
  }
  let folded = parts.map { $0.placed(places.compactMap(\.self)) }
  return folded.count == 1 ? folded[0] : .concatenate(folded, axis: -1)
}

extension Tensor {
  /// `[batch, n..., k..., out]` added up at places: `[batch, m..., out]`.
  fileprivate func placed(_ places: [Placement]) -> Tensor {
    let axes = places.count
    let order =
      [0] + (0..<axes).flatMap { [1 + $0, 1 + axes + $0] } + [2 * axes + 1]
    var result = permute(order)
    for (axis, place) in places.enumerated() {
      result = result.fold(
        axis: axis + 1, extent: place.extent, step: place.stride, dilation: place.dilation)
      result = result.slice(axis: axis + 1, place.start..<place.start + place.count)
    }
    return result
  }
}
