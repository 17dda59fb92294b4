// Convolutions: windows and a contraction, so that their derivatives are those of both.

/// What surrounds the input of a convolution or a pooling.
public enum Padding: Sendable, Hashable {
  /// Nothing: only windows that lie inside.
  case valid
  /// As much as makes `ceil(n / stride)` windows, the odd one behind, as in Keras.
  case same
  /// Given amounts, one for each axis that windows slide over.
  case explicit(before: [Int], after: [Int])

  /// What comes before and after each axis of the extents, where the last element of a window is
  /// `reaches` behind its first; nil for given amounts that are not one for each.
  func amounts(_ extents: [Int], reaches: [Int], strides: [Int])
    -> [(before: Int, after: Int)]?
  {
    switch self {
    case .valid: return extents.map { _ in (0, 0) }
    case .same:
      return extents.indices.map { axis in
        let windows = extents[axis] == 0 ? 0 : (extents[axis] - 1) / strides[axis] + 1
        // What the last window lacks, in an order that does not overflow.
        let total = (windows - 1) * strides[axis] + 1 - extents[axis] + reaches[axis]
        return total > 0 ? (total / 2, total - total / 2) : (0, 0)
      }
    case .explicit(let before, let after):
      guard before.count == extents.count, after.count == extents.count else { return nil }
      return Array(zip(before, after))
    }
  }
}

/// Kernels slid over images: `[batch, height, width, in]` with `[kernel height, kernel width, in,
/// out]` gives `[batch, rows, columns, out]`.
///
/// Kernels are not flipped (a cross-correlation), as in every deep learning library.
/// - Parameters:
///   - x: images, channels last.
///   - kernel: of as many input channels.
///   - stride: how far windows are apart, along both axes.
///   - padding: zeros around the images.
///   - dilation: how far the elements of a window are apart, along both axes.
public func conv2d(
  _ x: Tensor, _ kernel: Tensor, stride: Int = 1, padding: Padding = .valid, dilation: Int = 1
) -> Tensor {
  convolution(
    x, kernel, strides: [stride, stride], padding: padding, dilations: [dilation, dilation],
    "conv2d")
}

/// Kernels slid over series: `[batch, n, in]` with `[kernel n, in, out]` gives
/// `[batch, windows, out]`; see ``conv2d(_:_:stride:padding:dilation:)``.
public func conv1d(
  _ x: Tensor, _ kernel: Tensor, stride: Int = 1, padding: Padding = .valid, dilation: Int = 1
) -> Tensor {
  convolution(
    x, kernel, strides: [stride], padding: padding, dilations: [dilation], "conv1d")
}

/// `[batch, n..., in]` with `[k..., in, out]` over as many axes as there are strides.
private func convolution(
  _ x: Tensor, _ kernel: Tensor, strides: [Int], padding: Padding, dilations: [Int],
  _ name: StaticString
) -> Tensor {
  let axes = strides.count
  guard x.rank == axes + 2, kernel.rank == axes + 2 else {
    return Tensor.refuse(
      """
      \(name): an input of shape \(x.shape) and a kernel of shape \(kernel.shape) must have \
      \(axes + 2) axes each: [batch, n..., in] and [k..., in, out]
      """, x, kernel)
  }
  if x.shape.last != kernel.shape[-2] {
    return Tensor.refuse(
      """
      \(name): the input of shape \(x.shape) has \(x.shape.last) channels, the kernel of shape \
      \(kernel.shape) takes \(kernel.shape[-2]); channels come last, the kernel is [k..., in, out]
      """, x, kernel)
  }
  let dtype = Tensor.promotedType(x, kernel)
  guard
    let windows = x.cast(dtype).windowed(
      Array(kernel.shape.array.prefix(axes)), strides: strides, padding: padding,
      dilations: dilations, name)
  else { return x }
  // The windows' axes before those of their elements.
  let order = [0] + (0..<axes).map { 2 * $0 + 1 } + (0..<axes).map { 2 * $0 + 2 } + [2 * axes + 1]
  return .apply(
    .dot(batch: 0, contracted: UInt8(axes + 1)), windows.permute(order), kernel.cast(dtype))
}

extension Tensor {
  /// `[batch, n..., c]` as `[batch, windows, size, windows, size, ..., c]`; nil after refusing
  /// windows that do not fit.
  ///
  /// Windows side by side are a reshape.
  func windowed(
    _ sizes: [Int], strides: [Int], padding: Padding, dilations: [Int], filling: Double = 0,
    _ name: StaticString
  ) -> Tensor? {
    let extents = Array(shape.array[1...sizes.count])
    let reaches = zip(sizes, dilations).map {
      (Swift.max($0, 1) - 1).multipliedReportingOverflow(by: $1)
    }
    /// Whether some window lies inside a padded axis.
    func fits(_ axis: Int, _ amount: (before: Int, after: Int)) -> Bool {
      let (some, overflow) = extents[axis].addingReportingOverflow(amount.before)
      let (all, beyond) = some.addingReportingOverflow(amount.after)
      return amount.before >= 0 && amount.after >= 0 && !overflow && !beyond
        && reaches[axis].partialValue < all
    }
    guard (sizes + strides + dilations).allSatisfy({ $0 >= 1 }),
      !reaches.contains(where: \.overflow),
      let amounts = padding.amounts(
        extents, reaches: reaches.map(\.partialValue), strides: strides),
      amounts.enumerated().allSatisfy({ fits($0.offset, $0.element) })
    else {
      _ = refusing(
        """
        \(name): windows of \(sizes), \(strides) apart, dilated by \(dilations), with padding \
        \(padding), do not fit an input of shape \(shape); sizes, strides and dilations are at \
        least 1, explicit padding is 0 or more for each of \(sizes.count) axes, and no window is \
        larger than the padded input
        """, standIn: shape)
      return nil
    }
    var x = padded(amounts, filling: filling)
    for (i, size) in sizes.enumerated() {
      let axis = 2 * i + 1
      if strides[i] == size && dilations[i] == 1 {
        let count = x.shape[axis] / size
        x = x.slice(axis: axis, 0..<count * size)
        x = x.reshape(x.shape.with(count, at: axis).inserting(size, at: axis + 1))
      } else {
        x = x.windows(axis: axis, size: size, step: strides[i], dilation: dilations[i])
      }
    }
    return x
  }

  /// Values before and after the axes behind the first.
  private func padded(_ amounts: [(before: Int, after: Int)], filling: Double) -> Tensor {
    if amounts.allSatisfy({ $0 == (0, 0) }) { return self }
    func zeroPadded(_ x: Tensor) -> Tensor {
      amounts.enumerated().reduce(x) {
        $0.pad(axis: $1.offset + 1, before: $1.element.before, after: $1.element.after)
      }
    }
    if filling == 0 { return zeroPadded(self) }
    let isInside = zeroPadded(
      .full(shape.with(1, at: 0).with(1, at: rank - 1), 1, .bool))
    return .where(isInside, zeroPadded(self), filling)
  }
}
