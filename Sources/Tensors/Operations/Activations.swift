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

/// log(1 + exp(x)), computed without overflow: a smooth relu.
public func softplus(_ x: Tensor) -> Tensor {
  // Both kinks at 0 take the branch from below, so that derivatives of all orders are right there.
  let x = x.floating
  return relu(x) + log1p(exp(.where(x .> 0, -x, x)))
}

/// The larger part unchanged, negative elements times a slope; at 0 the derivative is the slope.
public func leakyRelu(_ x: Tensor, slope: Double = 0.01) -> Tensor {
  let x = x.floating
  return .where(x .> 0, x, slope * x)
}
