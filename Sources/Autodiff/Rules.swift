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
    case (.sigmoid, _): g * y * (1 - y)
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
    case (.divide, _): -g * y / b
    case (.power, 0): .where(b .== 0, 0, g * (b * a.power(b - 1)))
    case (.power, _): .where((a .== 0) .& (b .>= 0), 0, g * (y * log(a)))
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
    case (.max(let axes, let ties), _), (.min(let axes, let ties), _): extremum(axes, ties)

    case (.reshape, _): g.reshape(a.shape)
    case (.broadcast, _): g.sum(axes: a.shape.axesFilled(in: y.shape).axes).reshape(a.shape)
    case (.permute(let order), _): g.permute(order.inverse(rank: a.rank).axes(rank: a.rank))
    case (.slice(let start, let step, let axis), _):
      g.pad(axis: Int(axis), start: start, step: step, total: a.shape[Int(axis)])
    case (.pad(let start, let step, let axis), _):
      g.slice(axis: Int(axis), start..<start + span(a.shape[Int(axis)], step), step: step)
    case (.flip(let axes), _): g.flip(axes: axes.axes)
    case (.concatenate(let axis), _): part(i, axis: Int(axis))

    // The cotangent meets the other operand over its free axes: contractions again.
    case (.dot(let batch, let contracted), 0): g.contracted(with: b, batch, swapping: contracted)
    case (.dot(let batch, let contracted), _): a.contracted(batch, contracted, with: g)

    case (.select, _), (.sign, _), (.floor, _), (.ceil, _), (.round, _), (.not, _), (.equal, _),
      (.notEqual, _), (.less, _), (.lessEqual, _), (.and, _), (.or, _), (.xor, _), (.argmax, _),
      (.argmin, _), (.stopGradient, _), (.input, _), (.constant, _):
      nil
    }
  }

  /// x² + y² of the point whose angle atan2 gives; 1 at the origin, where the derivative is 0.
  private var squaredRadius: Tensor {
    let squares = a * a + b * b
    return .where(squares .== 0, 1, squares)
  }

  /// Maxima and minima hand their cotangent to the elements that reach them.
  private func extremum(_ axes: AxisMask, _ ties: Ties) -> Tensor {
    let reached = a .== y.restoring(axes, of: a)
    switch ties {
    case .shared:
      let count = reached.cast(g.dtype).sum(axes: axes.axes)
      return .where(reached, (g / count).restoring(axes, of: a), 0)
    case .first:
      let axis = axes.axes[0]
      let positions = Tensor.arange(a.shape[axis]).reshape(
        Shape([a.shape[axis]] + [Int](repeating: 1, count: a.rank - axis - 1)))
      let isNaN = (y .!= y).restoring(axes, of: a) .& (a .!= a)
      let first = (reached .| isNaN).cast(.uint8).argmax(axis: axis, keepDims: true)
      return .where(positions .== first, g.restoring(axes, of: a), 0)
    }
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

  /// `[batch, rows, columns]` with `[batch, contracted, columns]` over the columns.
  fileprivate func contracted(with b: Tensor, _ batch: UInt8, swapping contracted: UInt8) -> Tensor {
    let columns = UInt8(b.rank) - batch - contracted
    return .apply(
      .dot(batch: batch, contracted: columns), self, b.exchangingGroups(after: batch, contracted))
  }

  /// `[batch, rows, contracted]` with `[batch, rows, columns]` over the rows.
  fileprivate func contracted(_ batch: UInt8, _ contracted: UInt8, with g: Tensor) -> Tensor {
    let rows = UInt8(rank) - batch - contracted
    return .apply(.dot(batch: batch, contracted: rows), exchangingGroups(after: batch, rows), g)
  }

  /// `[batch, first, second]` as `[batch, second, first]`, each a group of axes.
  private func exchangingGroups(after batch: UInt8, _ first: UInt8) -> Tensor {
    let batch = Int(batch)
    let middle = batch + Int(first)
    return permute(Array(0..<batch) + Array(middle..<rank) + Array(batch..<middle))
  }
}
