// Windows over the axes between batch and channels, and what surrounds these axes.

/// An amount along every axis that windows slide over: one integer for all, or one for each.
public protocol AxisAmounts: Sendable {
  /// One for each of so many axes; nil if there are others.
  func amounts(_ axes: Int) -> [Int]?
}

extension Int: AxisAmounts {
  /// Itself along all.
  public func amounts(_ axes: Int) -> [Int]? { Array(repeating: self, count: axes) }
}

extension [Int]: AxisAmounts {
  /// The elements, if there is one for each.
  public func amounts(_ axes: Int) -> [Int]? { count == axes ? self : nil }
}

/// What surrounds the input of a convolution or a pooling.
public enum Padding: Sendable, Hashable {
  /// Nothing: only windows that lie inside.
  case valid
  /// As much as makes `ceil(n / stride)` windows, the odd one behind, as in Keras.
  case same
  /// The same amount before and after every axis.
  case equal(Int)
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
    case .equal(let amount): return extents.map { _ in (amount, amount) }
    case .explicit(let before, let after):
      guard before.count == extents.count, after.count == extents.count else { return nil }
      return Array(zip(before, after))
    }
  }
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
