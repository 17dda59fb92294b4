// Reductions that leave NaN out, as NumPy's and PyTorch's; NaN gets the derivative 0.

extension Tensor {
  /// The sum over axes of what is not NaN; over nothing it is 0.
  public func nansum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    withoutNaN.sum(axes: axes, keepDims: keepDims)
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
    let count = (!isnan(x)).countNonzero(axes: axes, keepDims: keepDims)
    return x.nansum(axes: axes, keepDims: keepDims) / count.cast(x.dtype)
  }

  /// The mean over one axis of what is not NaN.
  public func nanmean(axis: Int, keepDims: Bool = false) -> Tensor {
    nanmean(axes: [axis], keepDims: keepDims)
  }

  /// With 0 in place of NaN.
  private var withoutNaN: Tensor { dtype.isFloatingPoint ? maskedFill(isnan(self), 0) : self }
}
