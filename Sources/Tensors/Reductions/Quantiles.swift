// What lies in the middle of elements put in order, or elsewhere between.

/// What a quantile between two elements is.
public enum QuantileInterpolation: Sendable, Hashable {
  /// On the straight line between them.
  case linear
  /// The smaller.
  case lower
  /// The larger.
  case higher
  /// The nearer; of two equally near the one at the even place.
  case nearest
  /// Their mean.
  case midpoint
}

extension Tensor {
  /// The middle element along an axis, the smaller of two; NaN if there is one. As in PyTorch, the
  /// one element that is chosen gets the derivative.
  public func median(axis: Int, keepDims: Bool = false) -> Tensor {
    guard let axis = filledAxis(axis, "median") else { return self }
    let x = strong
    let middle = (shape[axis] - 1) / 2
    var position = x.argsort(axis: axis).slice(axis: axis, middle..<middle + 1)
    if dtype.isFloatingPoint {
      let hasNaN = isnan(x).any(axes: [axis], keepDims: true)
      position = .where(hasNaN, x.argmax(axis: axis, keepDims: true), position)
    }
    let chosen = x.takeAlongAxis(position, axis: axis)
    return keepDims ? chosen : chosen.squeeze(axes: [axis])
  }

  /// The middle one of all elements, the smaller of two; NaN if there is one. As in PyTorch,
  /// elements equal to it share the derivative.
  public func median() -> Tensor {
    if count == 0 {
      return refusing("median: \(shape) is empty, and nothing has no median", standIn: .scalar)
    }
    let middle = flatten().median(axis: 0).stopGradient()
    if !dtype.isFloatingPoint { return middle }
    // Alone they are the largest, and an extremum is shared.
    return Tensor.where((strong .== middle) .| isnan(strong), strong, -Double.infinity).max()
  }

  /// What a part `q` of the elements lies below, along an axis or of all; NaN if there is one.
  ///
  /// As in PyTorch and NumPy, `q` leads to place q (n - 1) among the n elements in order.
  /// - Parameters:
  ///   - q: in 0...1.
  ///   - axis: counted from the end if negative; left out, the elements are flattened.
  ///   - keepDims: whether reduced axes stay, of extent 1.
  ///   - interpolation: what counts between two elements.
  public func quantile(
    _ q: Double, axis: Int? = nil, keepDims: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    quantile([q], axis: axis, keepDims: keepDims, interpolation: interpolation)
      .squeeze(axes: [0])
  }

  /// Several quantiles, along a new axis in front; see
  /// ``quantile(_:axis:keepDims:interpolation:)-(Double,_,_,_)``.
  public func quantile(
    _ qs: [Double], axis: Int? = nil, keepDims: Bool = false,
    interpolation: QuantileInterpolation = .linear
  ) -> Tensor {
    let x = axis == nil ? floating.flatten() : floating
    guard let line = x.filledAxis(axis ?? 0, "quantile") else { return x.expandDims(at: 0) }
    let standIn = x.shape.with(1, at: line).inserting(1, at: 0)
    if let wrong = qs.first(where: { !(0...1).contains($0) }) {
      return x.refusing(
        "quantile: \(wrong) is no part of all; it must be in 0...1", standIn: standIn)
    }
    let kept =
      axis == nil
      ? Shape([Int](repeating: 1, count: keepDims ? rank : 0))
      : keepDims ? x.shape.with(1, at: line) : x.shape.removing(AxisMask(bits: 1 << UInt8(line)))
    if qs.isEmpty { return .zeros(kept.inserting(0, at: 0), x.dtype) }
    if kept.rank == Shape.maximumRank {
      return x.refusing(
        "quantile: \(kept.rank) axes of \(shape) and one of quantiles are more than a tensor has",
        standIn: x.shape)
    }
    let sorted = x.sort(axis: line)
    // NaN is last.
    let last = sorted.place(x.shape[line] - 1, line)
    let values = qs.map { q in
      let value = sorted.between(q * Double(x.shape[line] - 1), line, interpolation)
      return Tensor.where(isnan(last), last, value).reshape(kept)
    }
    return .stack(values)
  }

  /// The element at a place of an axis, which stays.
  private func place(_ place: Int, _ axis: Int) -> Tensor {
    slice(axis: axis, place..<place + 1)
  }

  /// What is between the elements at the places around one.
  private func between(
    _ rank: Double, _ axis: Int, _ interpolation: QuantileInterpolation
  ) -> Tensor {
    let (below, above) = (rank.rounded(.down), rank.rounded(.up))
    if below == above { return place(Int(rank), axis) }
    let weight: Double
    switch interpolation {
    case .lower: return place(Int(below), axis)
    case .higher: return place(Int(above), axis)
    case .nearest: return place(Int(rank.rounded(.toNearestOrEven)), axis)
    case .midpoint: weight = 0.5
    case .linear: weight = rank - below
    }
    let (a, b) = (place(Int(below), axis), place(Int(above), axis))
    // From the nearer end, so that the end itself is exact.
    return weight < 0.5 ? a + weight * (b - a) : b - (1 - weight) * (b - a)
  }
}
