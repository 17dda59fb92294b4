// Reductions over axes. `axes: nil` means all of them; with `keepDims` reduced axes stay, of
// extent 1.

extension Tensor {
  /// The sum over axes; over nothing it is 0. Integers and bools are summed as int64.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    total(axes, keepDims, "sum")
  }

  /// The sum over one axis.
  public func sum(axis: Int, keepDims: Bool = false) -> Tensor {
    sum(axes: [axis], keepDims: keepDims)
  }

  /// The mean over axes; of integers it is float32, over nothing NaN.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    average(axes, keepDims, "mean")
  }

  /// The mean over one axis.
  public func mean(axis: Int, keepDims: Bool = false) -> Tensor {
    mean(axes: [axis], keepDims: keepDims)
  }

  /// The mean squared distance from the mean, divided by `n - correction` (NumPy's is 0, PyTorch's 1
  /// if not said).
  public func variance(axes: [Int]? = nil, correction: Int = 0, keepDims: Bool = false) -> Tensor {
    spread(axes, correction, keepDims, "variance")
  }

  /// The variance over one axis.
  public func variance(axis: Int, correction: Int = 0, keepDims: Bool = false) -> Tensor {
    variance(axes: [axis], correction: correction, keepDims: keepDims)
  }

  /// The standard deviation: the square root of the variance, divided by `n - correction` (NumPy's
  /// is 0, PyTorch's 1 if not said). Where all elements are equal its derivative is 0.
  public func std(axes: [Int]? = nil, correction: Int = 0, keepDims: Bool = false) -> Tensor {
    spread(axes, correction, keepDims, "std").rootWithFlatZero()
  }

  /// The standard deviation over one axis.
  public func std(axis: Int, correction: Int = 0, keepDims: Bool = false) -> Tensor {
    std(axes: [axis], correction: correction, keepDims: keepDims)
  }

  /// The product over axes; over nothing it is 1. Integers and bools are multiplied as int64.
  ///
  /// Halves are multiplied with each other, so that derivatives are exact where elements are 0.
  public func product(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let x = dtype.isFloatingPoint ? strong : cast(.int64)
    guard let mask = x.axisMask(axes ?? Array(0..<rank), "product"), !mask.isEmpty else { return x }
    let order = (0..<rank).filter { !mask.contains($0) } + mask.axes
    let kept = x.shape.removing(mask)
    var n = mask.axes.reduce(1) { $0 * x.shape[$1] }
    var factors = x.permute(order).reshape(Shape(kept.array + [n]))
    if n == 0 { factors = .ones(Shape(kept.array + [1]), x.dtype) }
    while n > 1 {
      let half = n / 2
      let pairs =
        factors.slice(axis: -1, 0..<half) * factors.slice(axis: -1, half..<(2 * half))
      factors =
        n % 2 == 0 ? pairs : .concatenate([pairs, factors.slice(axis: -1, n - 1..<n)], axis: -1)
      n = (n + 1) / 2
    }
    return factors.reshape(keepDims ? x.shape.replacing(mask, with: 1) : kept)
  }

  /// The product over one axis.
  public func product(axis: Int, keepDims: Bool = false) -> Tensor {
    product(axes: [axis], keepDims: keepDims)
  }

  /// The largest element over axes; NaN wins. Elements that share it share the derivative.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    strong.extremum(axes, keepDims, "max") { .max($0, .shared) }
  }

  /// The largest element over one axis; NaN wins. The first that reaches it gets the derivative.
  public func max(axis: Int, keepDims: Bool = false) -> Tensor {
    strong.extremum([axis], keepDims, "max") { .max($0, .first) }
  }

  /// The smallest element over axes; NaN wins. Elements that share it share the derivative.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    strong.extremum(axes, keepDims, "min") { .min($0, .shared) }
  }

  /// The smallest element over one axis; NaN wins. The first that reaches it gets the derivative.
  public func min(axis: Int, keepDims: Bool = false) -> Tensor {
    strong.extremum([axis], keepDims, "min") { .min($0, .first) }
  }

  /// The position of the largest element along an axis, the first of several; int64.
  public func argmax(axis: Int, keepDims: Bool = false) -> Tensor {
    strong.extremum([axis], keepDims, "argmax") {
      .argmax(axis: UInt8($0.bits.trailingZeroBitCount))
    }
  }

  /// The position of the largest of all elements, counted as if flattened; int64.
  public func argmax() -> Tensor { flatten().argmax(axis: 0) }

  /// The position of the smallest element along an axis, the first of several; int64.
  public func argmin(axis: Int, keepDims: Bool = false) -> Tensor {
    strong.extremum([axis], keepDims, "argmin") {
      .argmin(axis: UInt8($0.bits.trailingZeroBitCount))
    }
  }

  /// The position of the smallest of all elements, counted as if flattened; int64.
  public func argmin() -> Tensor { flatten().argmin(axis: 0) }

  /// Whether any element over axes is true (not 0); over nothing false.
  public func any(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    cast(.bool).total(axes, keepDims, "any") .> 0
  }

  /// Whether all elements over axes are true (not 0); over nothing true.
  public func all(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    (!cast(.bool)).total(axes, keepDims, "all") .== 0
  }

  /// Whether any element over one axis is true (not 0).
  public func any(axis: Int, keepDims: Bool = false) -> Tensor {
    any(axes: [axis], keepDims: keepDims)
  }

  /// Whether all elements over one axis are true (not 0).
  public func all(axis: Int, keepDims: Bool = false) -> Tensor {
    all(axes: [axis], keepDims: keepDims)
  }

  /// How many elements over axes are not 0; int64.
  public func countNonzero(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    cast(.bool).total(axes, keepDims, "countNonzero")
  }

  /// How many elements over one axis are not 0; int64.
  public func countNonzero(axis: Int, keepDims: Bool = false) -> Tensor {
    countNonzero(axes: [axis], keepDims: keepDims)
  }

  // MARK: the way there

  func total(_ axes: [Int]?, _ keepDims: Bool, _ name: StaticString) -> Tensor {
    let x = dtype.isFloatingPoint ? strong : cast(.int64)
    return x.reduced(axes, keepDims, name) { .sum($0) }
  }

  private func average(_ axes: [Int]?, _ keepDims: Bool, _ name: StaticString) -> Tensor {
    let total = floating.total(axes, keepDims, name)
    let n = count == 0 ? 0 : (total.count == 0 ? 1 : count / total.count)
    return total / Double(n)
  }

  private func spread(
    _ axes: [Int]?, _ correction: Int, _ keepDims: Bool, _ name: StaticString
  ) -> Tensor {
    let squares = (self - average(axes, true, name)).squared()
    let total = squares.total(axes, keepDims, name)
    let n = total.count == 0 ? 0 : count / total.count
    return total / Swift.max(Double(n) - Double(correction), 0)
  }

  private func reduced(
    _ axes: [Int]?, _ keepDims: Bool, _ name: StaticString, _ primitive: (AxisMask) -> Primitive
  ) -> Tensor {
    guard let mask = axisMask(axes ?? Array(0..<rank), name) else { return self }
    let result = mask.isEmpty ? self : Tensor.apply(primitive(mask), self)
    return keepDims ? result.reshape(shape.replacing(mask, with: 1)) : result
  }

  private func extremum(
    _ axes: [Int]?, _ keepDims: Bool, _ name: StaticString, _ primitive: (AxisMask) -> Primitive
  ) -> Tensor {
    let reduced = axes ?? Array(0..<rank)
    if let empty = reduced.first(where: { axis(axis: $0, hasExtent: 0) }) {
      return refusing(
        "\(name): axis \(empty) of \(shape) is empty, and nothing has no \(name)", standIn: shape)
    }
    return self.reduced(axes, keepDims, name, primitive)
  }

  private func axis(axis: Int, hasExtent extent: Int) -> Bool {
    let position = axis < 0 ? axis + rank : axis
    return position >= 0 && position < rank && shape[position] == extent
  }
}
