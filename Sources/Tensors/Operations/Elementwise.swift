// Elementwise functions of one tensor. Integers and bools become float32 where a function leaves
// the integers, as in PyTorch.

extension Tensor {
  /// The elements converted to another type.
  ///
  /// Floating point to integer goes towards zero and saturates, NaN becomes 0; integers wrap;
  /// anything but 0 is true.
  public func cast(_ dtype: DType) -> Tensor {
    if dtype == self.dtype && !isWeak { return self }
    if let number {
      var cell = number.element(as: dtype)
      let node = Node.make(shape: .scalar, dtype: dtype)
      node.descriptor.pointee.address?.copyMemory(from: &cell, byteCount: dtype.size)
      return Tensor(node)
    }
    return .apply(.cast, self, target: Target(shape: shape, dtype: dtype))
  }

  /// The operand of a function that leaves the integers.
  var floating: Tensor { dtype.isFloatingPoint ? strong : strong.cast(.float32) }

  /// A function that leaves the integers.
  @inline(__always)
  static func floating(_ primitive: Primitive, _ x: consuming Tensor) -> Tensor {
    guard case .unary(let operation) = primitive.kernel else { fatalError("not elementwise") }
    if !x.dtype.isFloatingPoint || x.isWeak { x = x.floating }
    return matched(primitive, operation, x)
  }

  /// A function that bool does not have.
  @inline(__always)
  static func arithmetic(_ primitive: Primitive, _ x: consuming Tensor) -> Tensor {
    guard case .unary(let operation) = primitive.kernel else { fatalError("not elementwise") }
    if x.dtype == .bool || x.isWeak { x = x.arithmetic }
    return matched(primitive, operation, x)
  }

  /// The operands of a function of two that leaves the integers, in the type they meet in or
  /// float32: a Swift number stays one.
  static func floating(_ a: Tensor, _ b: Tensor) -> (Tensor, Tensor) {
    let met = promotedType(a, b)
    let dtype = met.isFloatingPoint ? met : .float32
    func floating(_ x: Tensor) -> Tensor {
      x.number.map { Tensor(Number($0.double)) } ?? x.cast(dtype)
    }
    return (floating(a), floating(b))
  }

  /// A function composed for two operands of one floating-point type; see ``composed(_:_:_:_:)``.
  static func composedFloating(
    _ name: StaticString, _ a: Tensor, _ b: Tensor, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let (a, b) = floating(a, b)
    return composed(name, a, b, body)
  }

  /// The operand of a function that bool does not have.
  var arithmetic: Tensor { dtype == .bool ? cast(.int64) : strong }
}

/// e to the power of each element.
public func exp(_ x: consuming Tensor) -> Tensor { .floating(.exp, x) }
/// exp(x) - 1, exact near 0.
public func expm1(_ x: consuming Tensor) -> Tensor { .floating(.expm1, x) }
/// 2 to the power of each element; exact where that is a number.
public func exp2(_ x: consuming Tensor) -> Tensor { .floating(.exp2, x) }
/// The natural logarithm: -infinity at 0, NaN below.
public func log(_ x: consuming Tensor) -> Tensor { .floating(.log, x) }
/// log(1 + x), exact near 0.
public func log1p(_ x: consuming Tensor) -> Tensor { .floating(.log1p, x) }
/// The logarithm to base 2; exact at powers of 2.
public func log2(_ x: consuming Tensor) -> Tensor { .floating(.log2, x) }
/// The logarithm to base 10; exact at powers of 10.
public func log10(_ x: consuming Tensor) -> Tensor { .floating(.log10, x) }
/// The sine, of radians.
public func sin(_ x: consuming Tensor) -> Tensor { .floating(.sin, x) }
/// The cosine, of radians.
public func cos(_ x: consuming Tensor) -> Tensor { .floating(.cos, x) }
/// The tangent, of radians.
public func tan(_ x: consuming Tensor) -> Tensor { .floating(.tan, x) }
/// The hyperbolic tangent.
public func tanh(_ x: consuming Tensor) -> Tensor { .floating(.tanh, x) }
/// The logistic function 1 / (1 + exp(-x)).
public func sigmoid(_ x: consuming Tensor) -> Tensor { .floating(.sigmoid, x) }
/// The error function 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
public func erf(_ x: consuming Tensor) -> Tensor { .floating(.erf, x) }
/// 1 - erf(x), with all its digits where that is small.
public func erfc(_ x: consuming Tensor) -> Tensor { .floating(.erfc, x) }
/// The number whose ``erf(_:)`` is x: ±infinity at ±1, NaN beyond.
public func erfinv(_ x: consuming Tensor) -> Tensor { .floating(.erfInverse, x) }
/// log |Γ(x)|: infinity at 0 and the negative integers.
public func lgamma(_ x: consuming Tensor) -> Tensor { .floating(.lgamma, x) }
/// The square root, NaN below 0.
public func sqrt(_ x: consuming Tensor) -> Tensor { .floating(.sqrt, x) }
/// 1 / sqrt(x).
public func rsqrt(_ x: consuming Tensor) -> Tensor { .floating(.rsqrt, x) }
/// The magnitude; its derivative at 0 is 0.
public func abs(_ x: consuming Tensor) -> Tensor { .arithmetic(.abs, x) }
/// -1, 0 or 1. NaN stays NaN, as in NumPy and JAX (PyTorch's is 0, which hides it); of bools itself.
public func sign(_ x: consuming Tensor) -> Tensor {
  x.dtype == .bool ? x : .arithmetic(.sign, x)
}
/// The largest integer not above.
public func floor(_ x: consuming Tensor) -> Tensor { .arithmetic(.floor, x) }
/// The smallest integer not below.
public func ceil(_ x: consuming Tensor) -> Tensor { .arithmetic(.ceil, x) }
/// The nearest integer, halves to the even one.
public func round(_ x: consuming Tensor) -> Tensor { .arithmetic(.round, x) }
/// The integer next to each element on the side of 0.
public func trunc(_ x: Tensor) -> Tensor { .where(x .< 0, ceil(x), floor(x)) }
/// 1 / x, elementwise.
public func reciprocal(_ x: Tensor) -> Tensor { 1 / x }
/// Each element times itself.
public func square(_ x: Tensor) -> Tensor { x.squared() }

/// The larger of two, elementwise; NaN wins. Where they are equal each gets half the derivative.
public func maximum(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .binary(.maximum, "maximum", a.operand, b.operand)
}
/// The smaller of two, elementwise; NaN wins. Where they are equal each gets half the derivative.
public func minimum(_ a: some TensorOperand, _ b: some TensorOperand) -> Tensor {
  .binary(.minimum, "minimum", a.operand, b.operand)
}
/// The angle of the point (x, y) in -pi...pi, of `y` first.
public func atan2(_ y: some TensorOperand, _ x: some TensorOperand) -> Tensor {
  let (y, x) = Tensor.floating(y.operand, x.operand)
  return .binary(.atan2, "atan2", y, x)
}
/// One to the power of the other, elementwise; shapes broadcast.
public func pow(_ base: some TensorOperand, _ exponent: some TensorOperand) -> Tensor {
  base.operand.power(exponent)
}

/// The larger of each element and 0. Its derivative at 0 is 0; NaN stays NaN.
public func relu(_ x: Tensor) -> Tensor { .where(x .<= 0, 0, x) }

/// exp(x) / sum(exp(x)) along an axis, computed without overflow.
public func softmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  guard let axis = x.axis(axis, "softmax") else { return x }
  let e = exp(x.shiftedByMaximum(axis))
  // One division a row, here and in the derivative.
  return e * (1 / e.sum(axis: axis, keepDims: true))
}

/// log(softmax(x)) along an axis, computed without overflow.
public func logSoftmax(_ x: Tensor, axis: Int = -1) -> Tensor {
  guard let axis = x.axis(axis, "logSoftmax") else { return x }
  let shifted = x.shiftedByMaximum(axis)
  return shifted - log(exp(shifted).sum(axis: axis, keepDims: true))
}

extension Tensor {
  /// Minus the largest element along an axis: the same softmax, no overflow. The shift takes no
  /// part in the derivative, as any shift gives the same value.
  func shiftedByMaximum(_ axis: Int) -> Tensor {
    let x = floating
    if shape[axis] == 0 { return x }
    return x - x.max(axis: axis, keepDims: true).stopGradient()
  }

  /// Each element to the power of an exponent; shapes broadcast.
  public func power(_ exponent: some TensorOperand) -> Tensor {
    .binary(.power, "power", self, exponent.operand)
  }

  /// Each element times itself; bools become int64, as in PyTorch.
  public func squared() -> Tensor {
    if dtype == .bool { return cast(.int64).squared() }
    return self * self
  }

  /// Each element held within bounds. At a bound the derivative is 1; NaN, of a bound too, wins.
  public func clip(_ lowest: some TensorOperand, _ highest: some TensorOperand) -> Tensor {
    clip(min: lowest).clip(max: highest)
  }

  /// Each element held above a bound. At the bound the derivative is 1; NaN, of the bound too, wins.
  public func clip(min lowest: some TensorOperand) -> Tensor {
    // Where the bound holds it alone gets the derivative, NaN gets none.
    .where(self .>= lowest.operand, self, maximum(stopGradient(), lowest))
  }

  /// Each element held below a bound. At the bound the derivative is 1; NaN, of the bound too, wins.
  public func clip(max highest: some TensorOperand) -> Tensor {
    .where(self .<= highest.operand, self, minimum(stopGradient(), highest))
  }

  /// The tensor with a value, in its own type, where the mask is true; shapes broadcast.
  public func maskedFill(_ mask: Tensor, _ value: some TensorOperand) -> Tensor {
    let x = strong
    return .where(mask, value.operand.cast(x.dtype), x)
  }
}
