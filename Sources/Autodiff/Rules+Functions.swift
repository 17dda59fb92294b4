import BacktapeTensors

// The rules of the table that take more than a line, by name.

extension Application {
  /// A Swift number among the operands in the type of the result, where a rule computes with it.
  func typed(_ x: Tensor) -> Tensor { x.isWeak ? x.cast(g.dtype) : x }

  /// b a^(b - 1): nothing where b is 0, whatever a is.
  func powerOfBase() -> Tensor? {
    guard let exponent = number(1)?.double else {
      return .where(b .== 0, 0, g * (b * a.power(b - 1)))
    }
    switch exponent {
    case 0: return nil
    case 1: return g
    case 2: return g * (2 * a)
    default: return g * (exponent * a.power(exponent - 1))
    }
  }

  /// x² + y² of the point whose angle atan2 gives; 1 at the origin, where the derivative is 0.
  var squaredRadius: Tensor {
    let squares = typed(a).squared() + typed(b).squared()
    return .where(squares .== 0, 1, squares)
  }

  /// An extremum's cotangent in equal parts to the elements that reach it; NaN does before all.
  func shared(_ axes: AxisMask) -> Tensor {
    let reached = (a .== y.restoring(axes, of: a)) .| (a .!= a)
    let count = reached.cast(g.dtype).sum(axes: axes.axes)
    return .where(reached, (g / count).restoring(axes, of: a), 0)
  }

  /// An extremum's cotangent to the first element, in reading order over the axes, that reaches it.
  func handed(_ axes: AxisMask, isMaximum: Bool) -> Tensor {
    let reduced = axes.axes
    let extents = (0..<a.rank).map { axes.contains($0) ? a.shape[$0] : 1 }
    let n = extents.reduce(1, *)
    let positions: Tensor
    let first: Tensor
    if reduced.count == 1 {
      positions = .arange(n).reshape(Shape(extents))
      first = isMaximum ? a.argmax(axis: reduced[0]) : a.argmin(axis: reduced[0])
    } else {
      positions = .places(n, comparedIn: g.dtype).reshape(Shape(extents))
      let extremum = y.restoring(axes, of: a)
      let isPassed = isMaximum ? a .< extremum : extremum .< a
      first = Tensor.where(isPassed, n, positions).min(axes: reduced)
    }
    return .where(positions .== first.restoring(axes, of: a), g.restoring(axes, of: a), 0)
  }

  /// What comes at a place and behind it: each element is in all sums from its own on.
  func summedFromEnd(_ axis: Int) -> Tensor {
    Tensor.apply(primitive, g.flip(axes: [axis])).flip(axes: [axis])
  }

  /// The cotangent's parts that belong to the operands of a concatenation.
  func parts(axis: Int) -> [Tensor?] {
    var end = 0
    return operands.enumerated().map { i, operand in
      let start = end
      end += operand.shape[axis]
      return wanted[i] ? g.slice(axis: axis, start..<end) : nil
    }
  }

  /// The places `count` elements take, one every `step`.
  func span(_ count: Int, _ step: Int) -> Int { count == 0 ? 0 : (count - 1) * step + 1 }
}

extension Tensor {
  /// A reduced tensor repeated to the shape before the reduction.
  func restoring(_ axes: AxisMask, of operand: Tensor) -> Tensor {
    reshape(operand.shape.replacing(axes, with: 1)).broadcast(to: operand.shape)
  }

  /// `[batch, rows, k]` with `[batch, k, columns]`, where `k` is the number of axes they meet over.
  static func dot(_ a: Tensor, _ b: Tensor, _ batch: UInt8, over k: UInt8) -> Tensor {
    .apply(.dot(batch: batch, contracted: k), a, b)
  }

  /// `[batch, first, rest]` as `[batch, rest, first]`, each a group of axes: the transpose of a
  /// matrix whose rows and columns are groups.
  func transposed(_ batch: UInt8, _ first: UInt8) -> Tensor {
    let start = Int(batch)
    let middle = start + Int(first)
    return permute(Array(0..<start) + Array(middle..<rank) + Array(start..<middle))
  }
}
