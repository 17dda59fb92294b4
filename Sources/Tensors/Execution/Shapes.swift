/// What stands in a record's result rather than in its primitive.
package struct Target {
  package var shape: Shape
  package var dtype: DType

  package init(shape: Shape, dtype: DType) {
    self.shape = shape
    self.dtype = dtype
  }
}

extension Primitive {
  /// Shape and type of the result, for operands that fit; whoever applies a primitive has checked.
  ///
  /// - Parameter target: the result asked for, where the primitive leaves it open: the shape of
  ///   `reshape`, `broadcast`, `slice`, `pad`, `windows`, `fold` and `scatterAdd`, the type of
  ///   `cast`.
  func result(of operands: UnsafeBufferPointer<DescriptorPointer>, target: Target?) -> Target {
    guard let first = operands.first else { return target! }
    let shape = first.shape
    let dtype = first.dtype
    switch self {
    case .input, .constant, .call: return target!

    case .negate, .abs, .sign, .floor, .ceil, .round, .not, .exp, .expm1, .exp2, .log, .log1p,
      .log2, .log10, .sin, .cos, .tan, .tanh, .sigmoid, .erf, .erfc, .erfInverse, .lgamma,
      .polygamma, .sqrt, .rsqrt, .flip, .stopGradient, .cumulativeSum:
      return Target(shape: shape, dtype: dtype)
    case .argsort: return Target(shape: shape, dtype: .int64)
    case .cast: return Target(shape: shape, dtype: target!.dtype)

    case .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .remainder, .atan2, .and,
      .or, .xor:
      return Target(shape: operands.largestShape, dtype: dtype)
    case .equal, .notEqual, .less, .lessEqual:
      return Target(shape: operands.largestShape, dtype: .bool)
    case .select: return Target(shape: operands.largestShape, dtype: operands[1].dtype)

    case .sum(let axes), .max(let axes, _), .min(let axes, _):
      return Target(shape: shape.removing(axes), dtype: dtype)
    case .argmax(let axis), .argmin(let axis):
      return Target(shape: shape.removing(AxisMask(bits: 1 << axis)), dtype: .int64)

    case .reshape, .broadcast, .slice, .pad, .windows, .fold, .scatterAdd:
      return Target(shape: target!.shape, dtype: dtype)
    case .permute(let order):
      return Target(shape: Shape(order.axes(rank: shape.rank).map { shape[$0] }), dtype: dtype)
    case .concatenate(let axis):
      // One that no integer holds is more than a shape takes.
      let total = operands.reduce(0) { total, operand in
        let (sum, overflow) = total.addingReportingOverflow(operand.extents[Int(axis)])
        return overflow ? .max : sum
      }
      return Target(shape: shape.with(total, at: Int(axis)), dtype: dtype)

    case .gather(let axis, let batch):
      let chosen = operands[1].shape.array.dropFirst(Int(batch))
      let extents = shape.array
      return Target(
        shape: Shape(extents[..<Int(axis)] + chosen + extents[(Int(axis) + 1)...]), dtype: dtype)

    case .dot(let batch, let contracted):
      let rows = shape.array.dropLast(Int(contracted))
      let columns = operands[1].shape.array.dropFirst(Int(batch) + Int(contracted))
      return Target(shape: Shape(rows + columns), dtype: dtype)

    case .solve: return Target(shape: operands[1].shape, dtype: dtype)
    case .cholesky, .matrixExp: return Target(shape: shape, dtype: dtype)
    case .determinant:
      return Target(shape: Shape(shape.array.dropLast(2) + [3 + 2 * shape.last]), dtype: dtype)
    case .logDeterminant: return Target(shape: Shape(shape.array.dropLast(2) + [2]), dtype: dtype)
    case .qr: return Target(shape: shape.with(rowsAdded: shape.last), dtype: dtype)
    case .eigh: return Target(shape: shape.with(rowsAdded: 1), dtype: dtype)
    case .svd: return Target(shape: shape.with(rowsAdded: 1 + shape.last), dtype: dtype)
    }
  }
}

extension Shape {
  /// Of matrices with more rows.
  fileprivate func with(rowsAdded count: Int) -> Shape {
    with(extents[rank - 2] + count, at: rank - 2)
  }
}

extension UnsafeBufferPointer<DescriptorPointer> {
  /// The common shape of elementwise operands: a Swift number among them has rank 0.
  fileprivate var largestShape: Shape {
    var largest = self[0]
    for operand in self where operand.rank > largest.rank { largest = operand }
    return largest.shape
  }
}
