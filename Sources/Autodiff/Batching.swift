import BacktapeTensors

/// How every primitive is done for a whole batch of examples at once: the same primitive with one
/// more axis, which comes first.
///
/// Operands that all examples share have no such axis. Where a primitive needs it, they are
/// repeated along it, without a copy.
extension BatchedApplication {
  func result() -> Tensor {
    switch primitive {
    // Element by element, whatever the axes: so for all examples.
    case .negate, .abs, .sign, .floor, .ceil, .round, .not, .cast, .exp, .expm1, .exp2, .log,
      .log1p, .log2, .log10, .sin, .cos, .tan, .tanh, .sigmoid, .erf, .erfc, .erfInverse, .lgamma,
      .polygamma, .sqrt, .rsqrt, .stopGradient, .add, .subtract, .multiply, .divide, .power,
      .maximum, .minimum, .remainder, .atan2, .equal, .notEqual, .less, .lessEqual, .and, .or, .xor,
      .select:
      asItIs()
    // Matrix by matrix, whatever is before the last two axes.
    case .solve, .cholesky, .determinant, .logDeterminant, .qr, .eigh, .svd, .matrixExp: asItIs()

    // By shape: that of the result has the axis, too.
    case .reshape: asItIs()
    case .broadcast: aligned().broadcast(to: target.shape)

    // Axes that have a number: it is one more.
    case .sum(let axes): asItIs(.sum(axes.behindBatch))
    case .max(let axes, let ties): asItIs(.max(axes.behindBatch, ties))
    case .min(let axes, let ties): asItIs(.min(axes.behindBatch, ties))
    case .argmax(let axis): asItIs(.argmax(axis: axis + 1))
    case .argmin(let axis): asItIs(.argmin(axis: axis + 1))
    case .cumulativeSum(let axis): asItIs(.cumulativeSum(axis: axis + 1))
    case .argsort(let axis, let descending):
      asItIs(.argsort(axis: axis + 1, descending: descending))
    case .permute(let order): asItIs(.permute(order.behindBatch(rank: target.shape.rank)))
    case .flip(let axes): asItIs(.flip(axes.behindBatch))
    case .slice(let start, let step, let axis):
      asItIs(.slice(start: start, step: step, axis: axis + 1))
    case .pad(let start, let step, let axis): asItIs(.pad(start: start, step: step, axis: axis + 1))
    case .concatenate(let axis): asItIs(.concatenate(axis: axis + 1))
    case .windows(let step, let dilation, let axis):
      asItIs(.windows(step: step, dilation: dilation, axis: axis + 1))
    case .fold(let step, let dilation, let axis):
      asItIs(.fold(step: step, dilation: dilation, axis: axis + 1))

    // With batch axes of their own: one more, or what only one operand has is among its rows.
    case .gather(let axis, let batch): gathered(axis, batch)
    case .scatterAdd(let axis, let batch): scattered(axis, batch)
    case .dot(let batch, let contracted): product(batch, contracted)

    case .call(let callee): called(callee)
    case .input, .constant: fatalError("vmap: \(primitive.name) has no operands to have examples")
    }
  }
}
