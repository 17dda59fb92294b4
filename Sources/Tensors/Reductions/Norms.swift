// Sizes of vectors, and the smooth maximum.

extension Tensor {
  /// The p-norm over axes, sum(|x|^p)^(1/p), as PyTorch's `linalg.vector_norm`.
  ///
  /// Infinity gives the largest magnitude and -infinity the smallest, to whose derivative equals
  /// contribute in equal parts; 0 counts what is not 0. Where the norm is 0 its derivative is 0.
  /// - Parameters:
  ///   - order: p.
  ///   - axes: all of them if left out.
  ///   - keepDims: whether reduced axes stay, of extent 1.
  public func norm(_ order: Double = 2, axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let x = floating
    guard let mask = axisMask(axes ?? Array(0..<rank), "norm") else { return x }
    if order.isInfinite, let empty = mask.axes.first(where: { shape[$0] == 0 }) {
      return x.refusing(
        "norm: axis \(empty) of \(shape) is empty, and nothing has no norm of order \(order)",
        standIn: shape)
    }
    return switch order {
    case 0: (x .!= 0).cast(x.dtype).sum(axes: axes, keepDims: keepDims)
    case 1: abs(x).sum(axes: axes, keepDims: keepDims)
    case 2: x.squared().sum(axes: axes, keepDims: keepDims).rootWithFlatZero()
    case .infinity: abs(x).max(axes: axes, keepDims: keepDims)
    case -.infinity: abs(x).min(axes: axes, keepDims: keepDims)
    default: x.powerNorm(order, axes, keepDims)
    }
  }

  /// The p-norm over one axis.
  public func norm(_ order: Double = 2, axis: Int, keepDims: Bool = false) -> Tensor {
    norm(order, axes: [axis], keepDims: keepDims)
  }

  /// log(sum(exp(x))) over axes, computed without overflow; over nothing, and over
  /// -infinities, it is -infinity.
  public func logSumExp(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let x = floating
    guard let mask = axisMask(axes ?? Array(0..<rank), "logSumExp") else { return x }
    if mask.axes.contains(where: { shape[$0] == 0 }) {
      return log(x.sum(axes: axes, keepDims: keepDims))
    }
    // Any shift gives the same value, so it takes no part in the derivative.
    let largest = x.max(axes: axes, keepDims: true).stopGradient()
    let shift = Tensor.where(isinf(largest), 0, largest)
    let total = log(exp(x - shift).sum(axes: axes, keepDims: keepDims))
    return total + shift.reshape(total.shape)
  }

  /// log(sum(exp(x))) over one axis.
  public func logSumExp(axis: Int, keepDims: Bool = false) -> Tensor {
    logSumExp(axes: [axis], keepDims: keepDims)
  }

  /// The square root, whose derivative at 0 is taken to be 0.
  package func rootWithFlatZero() -> Tensor { withFlat(0) { sqrt($0) } }

  /// A function of elements that is 0 with derivative 0 where they have a value.
  private func withFlat(_ value: Double, _ function: (Tensor) -> Tensor) -> Tensor {
    let isFlat = self .== value
    return .where(isFlat, 0, function(.where(isFlat, 1, self)))
  }

  private func powerNorm(_ order: Double, _ axes: [Int]?, _ keepDims: Bool) -> Tensor {
    // Elements that are 0 stay out of powers that have no derivative there.
    let isEven = order > 0 && order.truncatingRemainder(dividingBy: 2) == 0
    let isZero = self .== 0
    let powers =
      isEven
      ? power(order)
      : .where(isZero, order < 0 ? .infinity : 0.0, Tensor.where(isZero, 1, abs(self)).power(order))
    return powers.sum(axes: axes, keepDims: keepDims)
      .withFlat(order < 0 ? .infinity : 0) { $0.power(1 / order) }
  }
}
