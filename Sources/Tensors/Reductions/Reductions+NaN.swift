// Reductions that leave NaN out, as NumPy's and PyTorch's; NaN gets the derivative 0.

extension Tensor {
  /// The sum over axes of what is not NaN; over nothing it is 0. Integers and bools are summed as
  /// int64.
  public func nansum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    withoutNaN.total(axes, keepDims, "nansum")
  }

  /// The sum over one axis of what is not NaN.
  public func nansum(axis: Int, keepDims: Bool = false) -> Tensor {
    nansum(axes: [axis], keepDims: keepDims)
  }

  /// The mean over axes of what is not NaN; of integers it is float32, over nothing NaN.
  ///
  /// ```swift
  /// Tensor([1, .nan, 3]).nanmean()  // 2
  /// ```
  public func nanmean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let x = floating
    let count = (!isnan(x)).total(axes, keepDims, "nanmean").cast(x.dtype)
    return x.withoutNaN.total(axes, keepDims, "nanmean") / count
  }

  /// The mean over one axis of what is not NaN.
  public func nanmean(axis: Int, keepDims: Bool = false) -> Tensor {
    nanmean(axes: [axis], keepDims: keepDims)
  }

  /// With 0 in place of NaN.
  private var withoutNaN: Tensor { dtype.isFloatingPoint ? maskedFill(isnan(self), 0) : self }
}
