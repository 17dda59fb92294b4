// Inverse trigonometric functions and hyperbolic ones, composed within 4 units in the last place.
// Where a formula leaves the range of numbers another is taken, each of arguments that are safe for
// it, so that derivatives are numbers too.

/// The angle in -π/2...π/2 whose sine is x, NaN beyond ±1.
public func asin(_ x: Tensor) -> Tensor {
  let x = x.floating
  return atan2(x, sqrt(1 - x) * sqrt(1 + x))
}

/// The angle in 0...π whose cosine is x, NaN beyond ±1.
public func acos(_ x: Tensor) -> Tensor {
  let x = x.floating
  return atan2(sqrt(1 - x) * sqrt(1 + x), x)
}

/// The angle in -π/2...π/2 whose tangent is x.
public func atan(_ x: Tensor) -> Tensor { atan2(x, 1) }

/// The hyperbolic sine (exp(x) - exp(-x)) / 2.
public func sinh(_ x: Tensor) -> Tensor {
  let (up, down) = x.halfExponentials
  return up - down
}

/// The hyperbolic cosine (exp(x) + exp(-x)) / 2.
public func cosh(_ x: Tensor) -> Tensor {
  let (up, down) = x.halfExponentials
  return 1 + up + down
}

/// The number whose hyperbolic sine is x.
public func asinh(_ x: Tensor) -> Tensor {
  let x = x.floating
  // Not abs and sign, which have the derivative 0 at 0.
  let size = Tensor.where(x .< 0, -x, x)
  let (isLarge, small, large) = size.parted
  let near = log1p(small + small * small / (1 + sqrt(1 + small * small)))
  let result = Tensor.where(isLarge, large, near)
  return .where(x .< 0, -result, result)
}

/// The number of at least 0 whose hyperbolic cosine is x, NaN below 1.
public func acosh(_ x: Tensor) -> Tensor {
  let (isLarge, small, large) = x.floating.parted
  return .where(isLarge, large, log1p(small - 1 + sqrt(small - 1) * sqrt(small + 1)))
}

/// The number whose hyperbolic tangent is x: ±infinity at ±1, NaN beyond.
public func atanh(_ x: Tensor) -> Tensor {
  let x = x.floating
  // Both have the sign of x.
  return 0.5 * (log1p(x) - log1p(-x))
}

/// sqrt(a² + b²), computed without overflow; shapes broadcast. Beside an infinity NaN does not count.
public func hypot(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .composedFloating("hypot", a.operand, b.operand) { a, b in
    let b = Tensor.where(isinf(a), 0, b)
    let a = Tensor.where(isinf(b), 0, a)
    // Any scale gives the same value: it takes no part in the derivative.
    let largest = maximum(abs(a), abs(b)).stopGradient()
    let scale = Tensor.where((largest .> 0) .& isfinite(largest), largest, 1)
    return scale * sqrt((a / scale).squared() + (b / scale).squared())
  }
}

extension Tensor {
  /// Half of expm1(x) and of expm1(-x), as (1 + e / 2) e with e = expm1(±x/2): that overflows no
  /// sooner than the hyperbolic functions do, and where it does its derivatives are infinite.
  fileprivate var halfExponentials: (up: Tensor, down: Tensor) {
    let half = 0.5 * floating
    func product(_ e: Tensor) -> Tensor { e * (1 + 0.5 * e) }
    return (product(expm1(half)), product(expm1(-half)))
  }

  /// Whether a number of at least 0 is large, itself or 2, and log(2 x) or that of 2: the inverse
  /// hyperbolic functions of large numbers.
  fileprivate var parted: (isLarge: Tensor, small: Tensor, large: Tensor) {
    let isLarge = self .> 1e9
    return (isLarge, .where(isLarge, 2, self), log(.where(isLarge, self, 2)) + Double.ln2)
  }
}
