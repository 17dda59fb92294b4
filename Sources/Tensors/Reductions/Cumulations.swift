// What each element and those before it along an axis come to.

extension Tensor {
  /// Running sums along an axis. Integers and bools are summed as int64.
  public func cumsum(axis: Int) -> Tensor {
    guard let axis = self.axis(axis, "cumsum") else { return self }
    let x = dtype.isFloatingPoint ? strong : cast(.int64)
    return .apply(.cumulativeSum(axis: UInt8(axis)), x)
  }

  /// Running products along an axis. Integers and bools are multiplied as int64.
  ///
  /// Only products are taken, so that derivatives are exact where elements are 0.
  public func cumprod(axis: Int) -> Tensor {
    guard let axis = self.axis(axis, "cumprod") else { return self }
    let x = dtype.isFloatingPoint ? strong : cast(.int64)
    return Tensor.running([x], axis) { [$0[0] * $1[0]] }[0]
  }

  /// The largest element so far along an axis, and where it is, the last of several; NaN wins. As
  /// in PyTorch, that element gets the derivative.
  public func cummax(axis: Int) -> (values: Tensor, indices: Tensor) {
    runningExtremum(axis, "cummax") { before, after in after .>= before }
  }

  /// The smallest element so far along an axis, and where it is, the last of several; NaN wins. As
  /// in PyTorch, that element gets the derivative.
  public func cummin(axis: Int) -> (values: Tensor, indices: Tensor) {
    runningExtremum(axis, "cummin") { before, after in after .<= before }
  }

  /// log of running sums of exp along an axis, computed without overflow.
  public func logcumsumexp(axis: Int) -> Tensor {
    guard let axis = self.axis(axis, "logcumsumexp") else { return self }
    return Tensor.running([floating], axis) { [logaddexp($0[0], $1[0])] }[0]
  }

  /// Differences of neighbours along an axis; of bools, where they differ.
  ///
  /// - Parameters:
  ///   - n: how often; the axis becomes shorter by as much, until it is empty. At 0 times nothing
  ///     comes before or after.
  ///   - axis: counted from the end if negative.
  ///   - prepend: what comes before the elements.
  ///   - append: what comes after them.
  public func diff(
    _ n: Int = 1, axis: Int = -1, prepend: Tensor? = nil, append: Tensor? = nil
  ) -> Tensor {
    guard let axis = self.axis(axis, "diff") else { return self }
    if n < 0 {
      return refusing("diff: differences of order \(n); the order is 0 or more", standIn: shape)
    }
    if n == 0 { return strong }
    let parts = [prepend, self, append].compactMap(\.self)
    let others = shape.with(0, at: axis)
    if let wrong = parts.first(where: { $0.rank != rank || $0.shape.with(0, at: axis) != others }) {
      return refusing(
        """
        diff: \(wrong.shape) does not continue \(shape) along axis \(axis); all other extents of what \
        comes before and after must be equal
        """, standIn: shape)
    }
    var x = parts.count > 1 ? Tensor.concatenate(parts, axis: axis) : strong
    for _ in 0..<Swift.min(n, x.shape[axis]) {
      let extent = x.shape[axis]
      let later = x.slice(axis: axis, 1..<Swift.max(extent, 1))
      let earlier = x.slice(axis: axis, 0..<Swift.max(extent - 1, 0))
      x = x.dtype == .bool ? later .^ earlier : later - earlier
    }
    return x
  }

  /// Joins every element with all before it, by what joins two neighbouring stretches: after each
  /// step elements stand for twice as many (Hillis and Steele 1986).
  private static func running(
    _ tensors: [Tensor], _ axis: Int,
    _ join: (_ before: [Tensor], _ after: [Tensor]) -> [Tensor]
  ) -> [Tensor] {
    let extent = tensors[0].shape[axis]
    var state = tensors
    var reach = 1
    while reach < extent {
      let joined = join(
        state.map { $0.slice(axis: axis, 0..<extent - reach) },
        state.map { $0.slice(axis: axis, reach..<extent) })
      state = zip(state, joined).map {
        .concatenate([$0.slice(axis: axis, 0..<reach), $1], axis: axis)
      }
      reach *= 2
    }
    return state
  }

  private func runningExtremum(
    _ axis: Int, _ name: StaticString, _ isPassed: (Tensor, Tensor) -> Tensor
  ) -> (values: Tensor, indices: Tensor) {
    guard let axis = self.axis(axis, name) else { return (self, self) }
    let x = strong
    let places = Tensor.arange(x.shape[axis])
      .reshape(Shape((0..<rank).map { $0 == axis ? x.shape[axis] : 1 })).broadcast(to: x.shape)
    let indices = Tensor.running([x.stopGradient(), places], axis) { before, after in
      let isLater =
        x.dtype.isFloatingPoint
        ? isnan(after[0]) .| (!isnan(before[0]) .& isPassed(before[0], after[0]))
        : isPassed(before[0], after[0])
      return zip(before, after).map { .where(isLater, $1, $0) }
    }[1]
    return (x.takeAlongAxis(indices, axis: axis), indices)
  }
}
