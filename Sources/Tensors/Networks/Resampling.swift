// Other numbers of positions along the axes between batch and channels.

/// How new positions get their elements from old ones.
public enum Interpolation: Sendable, Hashable {
  /// The element whose share of the axis the position begins in.
  case nearest
  /// Between two neighbours along every axis by distance: bilinear of images. With `alignCorners`
  /// the first and the last elements lie at the ends, else every element in the middle of its share.
  case linear(alignCorners: Bool)

  /// ``linear(alignCorners:)`` of elements in the middle of their shares.
  public static let linear = Interpolation.linear(alignCorners: false)
}

/// `[batch, n..., c]` as `[batch, n scale..., c]`.
///
/// - Parameters:
///   - x: series, images or volumes, channels last.
///   - scale: by how much every axis, or each, grows.
///   - interpolation: where the elements come from.
public func upsample(
  _ x: Tensor, scale: some AxisAmounts, _ interpolation: Interpolation = .nearest
) -> Tensor {
  let axes = Swift.max(x.rank - 2, 0)
  guard let scales = scale.amounts(axes) else { return .amountsRefused("upsample", x, axes) }
  let size = (0..<axes).map { x.shape[$0 + 1].multipliedReportingOverflow(by: scales[$0]) }
  let isTooMuch = size.contains { $0.overflow }
  return upsample(x, size: isTooMuch ? [] : size.map(\.partialValue), interpolation)
}

/// `[batch, n..., c]` as `[batch, size..., c]`; sizes may be smaller, too.
///
/// - Parameters:
///   - x: series, images or volumes, channels last.
///   - size: of every axis, or of each.
///   - interpolation: where the elements come from.
public func upsample(
  _ x: Tensor, size: some AxisAmounts, _ interpolation: Interpolation = .nearest
) -> Tensor {
  let axes = x.rank - 2
  guard axes >= 1, let sizes = size.amounts(axes),
    zip(sizes, x.shape.array.dropFirst()).allSatisfy({ $0 >= 0 && ($0 == 0 || $1 > 0) })
  else {
    return x.refusing(
      """
      upsample: an input of shape \(x.shape) to \(size); it is [batch, n..., channels], and there is \
      one size for all or one for each axis between, of 0 or more, more than 0 only from elements
      """, standIn: x.shape)
  }
  return zip(1..., sizes).reduce(x.strong) { result, axis in
    result.resampled(axis: axis.0, to: axis.1, interpolation)
  }
}

/// The mean of equal parts of every axis: `[batch, n..., c]` gives `[batch, size..., c]`.
///
/// Part `i` of `m` is `floor(i n / m)..<ceil((i + 1) n / m)`, as in PyTorch.
/// - Parameters:
///   - x: series, images or volumes, channels last.
///   - size: how many parts every axis, or each, has.
public func adaptiveAvgPool(_ x: Tensor, size: some AxisAmounts) -> Tensor {
  let x = x.floating
  return x.inParts(size, "adaptiveAvgPool") { x, axis, count in
    let n = x.shape[axis]
    if n % count == 0 { return x.sideBySide(axis, count).mean(axis: axis + 1) }
    let ranges = parts(of: n, count)
    let (values, longest) = x.parts(ranges, axis)
    let behind = [Int](repeating: 1, count: x.rank - axis - 1)
    let isOwn = Tensor(
      ranges.flatMap { part in (0..<longest).map { $0 < part.count } },
      Shape([count, longest] + behind))
    let counts = Tensor(ranges.map { Double($0.count) }, Shape([count] + behind)).cast(x.dtype)
    return Tensor.where(isOwn, values, 0).sum(axis: axis + 1) / counts
  }
}

/// The largest element of equal parts of every axis, as ``adaptiveAvgPool(_:size:)`` has them; the
/// first that reaches it gets the derivative.
///
/// - Parameters:
///   - x: series, images or volumes, channels last.
///   - size: how many parts every axis, or each, has.
public func adaptiveMaxPool(_ x: Tensor, size: some AxisAmounts) -> Tensor {
  // The last axis first, so that the first in reading order wins.
  x.arithmetic.inParts(size, "adaptiveMaxPool") { x, axis, count in
    let n = x.shape[axis]
    if n % count == 0 { return x.sideBySide(axis, count).max(axis: axis + 1) }
    return x.parts(parts(of: n, count), axis).values.max(axis: axis + 1)
  }
}

/// Where parts of an axis begin and end.
private func parts(of n: Int, _ count: Int) -> [Range<Int>] {
  (0..<count).map { $0 * n / count..<(($0 + 1) * n + count - 1) / count }
}

extension Tensor {
  /// Applies a pooling to axis after axis, from the last one on.
  fileprivate func inParts(
    _ size: some AxisAmounts, _ name: StaticString, _ pool: (Tensor, Int, Int) -> Tensor
  ) -> Tensor {
    let axes = rank - 2
    guard axes >= 1, let sizes = size.amounts(axes),
      zip(sizes, shape.array.dropFirst()).allSatisfy({ $0 >= 1 && $1 >= 1 && $0 < 1 << 31 })
    else {
      return refusing(
        """
        \(name): an input of shape \(shape) in \(size) parts; it is [batch, n..., channels] with \
        elements along the axes between, and there is one size for all or one for each, at least 1
        """, standIn: shape)
    }
    return zip(1..., sizes).reversed().reduce(self) { pool($0, $1.0, $1.1) }
  }

  /// Parts of an axis with an axis of their elements behind; those that are shorter than the
  /// longest repeat their first.
  fileprivate func parts(_ ranges: [Range<Int>], _ axis: Int) -> (values: Tensor, longest: Int) {
    let longest = ranges.map(\.count).max() ?? 0
    let indices = ranges.flatMap { part in
      (0..<longest).map { part.lowerBound + ($0 < part.count ? $0 : 0) }
    }
    return (take(Tensor(indices, [ranges.count, longest]), axis: axis), longest)
  }

  /// An axis as `count` parts with an axis of their elements behind.
  fileprivate func sideBySide(_ axis: Int, _ count: Int) -> Tensor {
    reshape(shape.with(count, at: axis).inserting(shape[axis] / count, at: axis + 1))
  }

  fileprivate func resampled(axis: Int, to count: Int, _ interpolation: Interpolation) -> Tensor {
    let n = shape[axis]
    switch interpolation {
    case .nearest:
      if count == n { return self }
      return take(Tensor((0..<count).map { $0 * n / count }, [count]), axis: axis)
    case .linear(let alignCorners):
      let x = floating
      let places = (0..<count).map { i -> Double in
        if alignCorners { return count == 1 ? 0 : Double(i) * Double(n - 1) / Double(count - 1) }
        return Swift.max((Double(i) + 0.5) * Double(n) / Double(count) - 0.5, 0)
      }
      let below = places.map { Swift.min(Int($0), n - 1) }
      let above = below.map { Swift.min($0 + 1, n - 1) }
      let column = Shape((0..<rank).map { $0 == axis ? count : 1 })
      let weights = Tensor(zip(places, below).map { $0 - Double($1) }, column).cast(x.dtype)
      let low = x.take(Tensor(below, [count]), axis: axis)
      let high = x.take(Tensor(above, [count]), axis: axis)
      return low * (1 - weights) + high * weights
    }
  }
}
