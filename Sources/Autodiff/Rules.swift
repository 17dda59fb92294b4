import BacktapeTensors

/// The calculus of the system: the cotangent that operand `i` of a primitive receives.
///
/// `a`, `b` are the operands, `y` the result, `g` the result's cotangent. All are tensors and so is
/// the answer: a derivative is recorded, compiled, printed and differentiated like anything else.
/// Nil where there is no derivative. Points without a unique one follow PyTorch.
extension Application {
  func cotangent(of i: Int) -> Tensor? {
    switch (primitive, i) {
    case (.negate, _): -g
    case (.abs, _): g * sign(a)
    case (.exp, _): g * y
    case (.expm1, _): g * (y + 1)
    case (.log, _): g / a
    case (.log1p, _): g / (1 + a)
    case (.sin, _): g * cos(a)
    case (.cos, _): -g * sin(a)
    case (.tan, _): g * (1 + y * y)
    case (.tanh, _): g * (1 - y * y)
    case (.sigmoid, _): g * (y * (1 - y))
    case (.erf, _): g * (2 / Double.pi.squareRoot() * exp(-a * a))
    case (.sqrt, _): g / (2 * y)
    case (.rsqrt, _): g * (-0.5 * y * y * y)
    case (.cast, _): g.cast(a.dtype)

    case (.add, _): g
    case (.subtract, 0): g
    case (.subtract, _): -g
    case (.multiply, 0): g * b
    case (.multiply, _): g * a
    case (.divide, 0): g / b
    case (.divide, _): -g * (y / b)
    case (.power, 0): powerOfBase()
    case (.power, _): .where((a .== 0) .& (b .>= 0), 0, g * (y * log(typed(a))))
    case (.maximum, 0): .where(a .== b, g / 2, Tensor.where(a .< b, 0, g))  // equals share
    case (.maximum, _): .where(a .== b, g / 2, Tensor.where(b .< a, 0, g))
    case (.minimum, 0): .where(a .== b, g / 2, Tensor.where(a .> b, 0, g))
    case (.minimum, _): .where(a .== b, g / 2, Tensor.where(b .> a, 0, g))
    case (.remainder, 0): g
    case (.remainder, _): -g * floor(a / b)
    case (.atan2, 0): g * b / squaredRadius
    case (.atan2, _): -g * a / squaredRadius
    case (.select, 1): .where(a, g, 0)
    case (.select, 2): .where(a, 0, g)

    case (.sum(let axes), _): g.restoring(axes, of: a)
    case (.max(let axes, .shared), _), (.min(let axes, .shared), _): shared(axes)
    case (.max(let axes, .first), _): handed(to: a.argmax(axis: axes.axes[0]), axes)
    case (.min(let axes, .first), _): handed(to: a.argmin(axis: axes.axes[0]), axes)

    case (.reshape, _): g.reshape(a.shape)
    case (.broadcast, _): g.sum(axes: a.shape.axesFilled(in: y.shape).axes).reshape(a.shape)
    case (.permute(let order), _): g.permute(order.inverse(rank: a.rank).axes(rank: a.rank))
    case (.slice(let start, let step, let axis), _):
      g.pad(axis: Int(axis), start: start, step: step, total: a.shape[Int(axis)])
    case (.pad(let start, let step, let axis), _):
      g.slice(axis: Int(axis), start..<start + span(a.shape[Int(axis)], step), step: step)
    case (.flip(let axes), _): g.flip(axes: axes.axes)
    case (.concatenate(let axis), _): part(i, axis: Int(axis))

    // dA = g · Bᵀ over the columns, dB = Aᵀ · g over the rows: contractions again.
    case (.dot(let n, let k), 0):
      .dot(g, b.transposed(batch: n, first: k), batch: n, over: b.rank8 - n - k)
    case (.dot(let n, let k), _):
      .dot(a.transposed(batch: n, first: rows(n, k)), g, batch: n, over: rows(n, k))

    case (.select, _), (.sign, _), (.floor, _), (.ceil, _), (.round, _), (.not, _), (.equal, _),
      (.notEqual, _), (.less, _), (.lessEqual, _), (.and, _), (.or, _), (.xor, _), (.argmax, _),
      (.argmin, _), (.stopGradient, _), (.input, _), (.constant, _):
      nil
    }
  }

  /// How many axes of the first operand of `dot` the second does not share.
  private func rows(_ batch: UInt8, _ contracted: UInt8) -> UInt8 { a.rank8 - batch - contracted }

  /// A Swift number among the operands in the type of the result, where a rule computes with it.
  private func typed(_ x: Tensor) -> Tensor { x.isWeak ? x.cast(g.dtype) : x }

  /// b a^(b - 1): nothing where b is 0, whatever a is.
  private func powerOfBase() -> Tensor? {
    guard let exponent = b.number?.double else {
      return .where(b .== 0, 0, g * (b * typed(a).power(b - 1)))
    }
    switch exponent {
    case 0: return nil
    case 1: return g
    case 2: return g * (2 * a)
    default: return g * (exponent * a.power(exponent - 1))
    }
  }

  /// x² + y² of the point whose angle atan2 gives; 1 at the origin, where the derivative is 0.
  private var squaredRadius: Tensor {
    let squares = typed(a).squared() + typed(b).squared()
    return .where(squares .== 0, 1, squares)
  }

  /// An extremum's cotangent in equal parts to the elements that reach it; NaN does before all.
  private func shared(_ axes: AxisMask) -> Tensor {
    let reached = (a .== y.restoring(axes, of: a)) .| (a .!= a)
    let count = reached.cast(g.dtype).sum(axes: axes.axes)
    return .where(reached, (g / count).restoring(axes, of: a), 0)
  }

  /// An extremum's cotangent to the element at a position of the one axis reduced.
  private func handed(to position: Tensor, _ axes: AxisMask) -> Tensor {
    let axis = axes.axes[0]
    let extents = [a.shape[axis]] + [Int](repeating: 1, count: a.rank - axis - 1)
    let positions = Tensor.arange(a.shape[axis]).reshape(Shape(extents))
    return .where(positions .== position.restoring(axes, of: a), g.restoring(axes, of: a), 0)
  }

  /// The cotangent's part that belongs to operand `i` of a concatenation.
  private func part(_ i: Int, axis: Int) -> Tensor {
    let start = (0..<i).reduce(0) { $0 + operand($1).shape[axis] }
    return g.slice(axis: axis, start..<start + operand(i).shape[axis])
  }

  /// The places `count` elements take, one every `step`.
  private func span(_ count: Int, _ step: Int) -> Int { count == 0 ? 0 : (count - 1) * step + 1 }
}

extension Tensor {
  /// A reduced tensor repeated to the shape before the reduction.
  fileprivate func restoring(_ axes: AxisMask, of operand: Tensor) -> Tensor {
    reshape(operand.shape.replacing(axes, with: 1)).broadcast(to: operand.shape)
  }

  /// `[batch, rows, k]` with `[batch, k, columns]`, where `k` is the number of axes they meet over.
  fileprivate static func dot(_ a: Tensor, _ b: Tensor, batch: UInt8, over k: UInt8) -> Tensor {
    .apply(.dot(batch: batch, contracted: k), a, b)
  }

  /// `[batch, first, rest]` as `[batch, rest, first]`, each a group of axes: the transpose of a
  /// matrix whose rows and columns are groups.
  fileprivate func transposed(batch: UInt8, first: UInt8) -> Tensor {
    let start = Int(batch)
    let middle = start + Int(first)
    return permute(Array(0..<start) + Array(middle..<rank) + Array(start..<middle))
  }
}
