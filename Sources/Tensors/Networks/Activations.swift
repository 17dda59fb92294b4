// Elementwise functions between the layers of networks, composed. `relu` is among the elementwise
// functions.

/// How close ``gelu(_:_:)`` comes.
public enum GELU: Sendable, Hashable {
  /// x Φ(x), with the normal distribution Φ.
  case exact
  /// With a hyperbolic tangent in place of Φ: GPT-2's.
  case tanh
}

/// x times the probability that a standard normal number is below x (Hendrycks and Gimpel 2016).
public func gelu(_ x: Tensor, _ form: GELU = .exact) -> Tensor {
  let x = x.floating
  switch form {
  case .exact: return x * (0.5 + 0.5 * erf(x * 0.5.squareRoot()))
  case .tanh:
    // (1 + tanh u) / 2 is sigmoid(2 u), for u = sqrt(2/π) (x + 0.044715 x³).
    let scale = 2 * (2 / Double.pi).squareRoot()
    return x * sigmoid(x * (scale + (0.044715 * scale) * x * x))
  }
}

/// x sigmoid(x), also called swish.
public func silu(_ x: Tensor) -> Tensor {
  let x = x.floating
  return x * sigmoid(x)
}

/// log(1 + exp(β x)) / β, computed without overflow: a smooth relu.
///
/// - Parameters:
///   - x: of any shape.
///   - beta: how sharp the bend is.
///   - threshold: above it β x is taken for the logarithm; PyTorch's is 20, where x is off by 2e-9.
public func softplus(_ x: Tensor, beta: Double = 1, threshold: Double = .infinity) -> Tensor {
  // Both kinks at 0 take the branch from below, so that derivatives of all orders are right there.
  let x = x.floating
  let scaled = beta == 1 ? x : beta * x
  let bent = relu(scaled) + log1p(exp(.where(scaled .> 0, -scaled, scaled)))
  let result = beta == 1 ? bent : bent / beta
  return threshold == .infinity ? result : .where(scaled .> threshold, x, result)
}

/// log(sigmoid(x)), computed without overflow.
public func logSigmoid(_ x: Tensor) -> Tensor { -softplus(-x.floating) }

/// x tanh(softplus(x)) (Misra 2019).
public func mish(_ x: Tensor) -> Tensor {
  let x = x.floating
  return x * tanh(softplus(x))
}

/// The larger part unchanged, negative elements times a slope; at 0 the derivative is the slope.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01) -> Tensor {
  let x = x.floating
  return .where(x .> 0, x, slope * x)
}

/// The larger part unchanged, negative elements times a slope that is learned; shapes broadcast.
///
/// - Parameters:
///   - x: channels last, as everywhere.
///   - slope: a number, or `[channels]`.
public func prelu(_ x: Tensor, slope: Tensor) -> Tensor {
  .composed("prelu", x.floating, slope) { x, slope in .where(x .> 0, x, slope * x) }
}

/// The larger part unchanged, negative elements as α (exp(x) - 1) (Clevert et al. 2016).
public func elu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  let x = x.floating
  return .where(x .> 0, x, alpha * expm1(x.negativePart))
}

/// The larger part unchanged, negative elements as α (exp(x / α) - 1), smooth at 0 for every α
/// (Barron 2017).
public func celu(_ x: Tensor, alpha: Double = 1) -> Tensor {
  let x = x.floating
  return .where(x .> 0, x, alpha * expm1(x.negativePart / alpha))
}

/// ``elu(_:alpha:)`` with the scale and the α that keep mean 0 and variance 1 from layer to layer
/// (Klambauer et al. 2017).
public func selu(_ x: Tensor) -> Tensor {
  1.0507009873554804934193 * elu(x, alpha: 1.6732632423543772848170)
}

/// x / (1 + |x|).
public func softsign(_ x: Tensor) -> Tensor {
  let x = x.floating
  return x / (1 + abs(x))
}

/// Each element held within 0...6. Its derivative at both is 0, that of ``Tensor/clip(_:_:)`` is 1.
public func relu6(_ x: Tensor) -> Tensor { hardTanh(x, lowest: 0, highest: 6) }

/// Each element held within bounds, whose derivative at both is 0.
public func hardTanh(
  _ x: Tensor, lowest: some TensorNumber = -1, highest: some TensorNumber = 1
) -> Tensor {
  .where(x .<= lowest.operand, lowest, Tensor.where(x .>= highest.operand, highest, x))
}

/// The straight line x / 6 + 1/2 held within 0...1: nearly a sigmoid.
public func hardSigmoid(_ x: Tensor) -> Tensor { relu6(x + 3) / 6 }

/// x ``hardSigmoid(_:)``: nearly ``silu(_:)`` (Howard et al. 2019).
public func hardSwish(_ x: Tensor) -> Tensor {
  let x = x.floating
  return x * hardSigmoid(x)
}

extension Tensor {
  /// Elements above 0 as 0: where an exponential is not to overflow.
  fileprivate var negativePart: Tensor { .where(self .> 0, 0, self) }
}
