// Elements in order. NaN counts as the largest, as in PyTorch; equal elements keep their order.

extension Tensor {
  /// The positions of the elements along an axis in their order; int64.
  ///
  /// - Parameters:
  ///   - axis: counted from the end if negative.
  ///   - descending: the largest first.
  public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
    guard let axis = self.axis(axis, "argsort") else { return self }
    return .apply(.argsort(axis: UInt8(axis), descending: descending), strong)
  }

  /// The elements along an axis in their order.
  ///
  /// - Parameters:
  ///   - axis: counted from the end if negative.
  ///   - descending: the largest first.
  public func sort(axis: Int = -1, descending: Bool = false) -> Tensor {
    guard let axis = self.axis(axis, "sort") else { return self }
    return takeAlongAxis(argsort(axis: axis, descending: descending), axis: axis)
  }

  /// The largest elements along an axis, in order, and their positions.
  ///
  /// - Parameters:
  ///   - k: how many.
  ///   - axis: counted from the end if negative.
  ///   - largest: false for the smallest instead.
  public func topk(
    _ k: Int, axis: Int = -1, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor) {
    guard let axis = self.axis(axis, "topk"), contains(k >= 0, k, axis, "topk") else {
      return (self, self)
    }
    return ranked(0..<k, axis, descending: largest)
  }

  /// The k-th smallest element along an axis, counted from 1, and its position.
  public func kthValue(
    _ k: Int, axis: Int = -1, keepDims: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    guard let axis = self.axis(axis, "kthValue"), contains(k >= 1, k, axis, "kthValue") else {
      return (self, self)
    }
    let (values, indices) = ranked(k - 1..<k, axis, descending: false)
    return keepDims
      ? (values, indices) : (values.squeeze(axes: [axis]), indices.squeeze(axes: [axis]))
  }

  /// Whether an axis has as many elements; false after refusing.
  private func contains(
    _ isCount: Bool, _ k: Int, _ axis: Int, _ operation: StaticString
  ) -> Bool {
    if isCount && k <= shape[axis] { return true }
    _ = refusing(
      """
      \(operation): element \(k) of the \(shape[axis]) along axis \(axis) of \(shape); k is no more \
      than there are
      """, standIn: shape)
    return false
  }

  private func ranked(
    _ places: Range<Int>, _ axis: Int, descending: Bool
  ) -> (values: Tensor, indices: Tensor) {
    let indices = argsort(axis: axis, descending: descending).slice(axis: axis, places)
    return (takeAlongAxis(indices, axis: axis), indices)
  }
}
