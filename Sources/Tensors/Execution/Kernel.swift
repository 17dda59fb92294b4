import BacktapeKernels

/// How a primitive's value is made.
package enum Kernel {
  /// Given, not made.
  case source
  case unary(bt_unary_operation)
  case binary(bt_binary_operation)
  /// Like binary, but writes bool.
  case comparison(bt_binary_operation)
  case cast, select, polygamma(order: Int)
  case reduce(bt_reduction, AxisMask)
  case cumulativeSum(axis: Int), argsort(axis: Int, descending: Bool)
  /// Another look at the operand's memory, or a copy where strides cannot express it.
  case view
  case pad(start: Int, step: Int, axis: Int)
  case concatenate(axis: Int)
  case fold(step: Int, dilation: Int, axis: Int)
  case gather(axis: Int, batch: Int), scatterAdd(axis: Int, batch: Int)
  case dot(batch: Int, contracted: Int)
  case matrix(bt_matrix_function), solve(bt_matrix_part)
}

extension Primitive {
  /// The forward kernel of every primitive.
  @inline(__always)
  package var kernel: Kernel {
    switch self {
    case .input, .constant, .call: .source

    case .negate: .unary(.negate)
    case .abs: .unary(.abs)
    case .sign: .unary(.sign)
    case .floor: .unary(.floor)
    case .ceil: .unary(.ceil)
    case .round: .unary(.round)
    case .not: .unary(.not)
    case .exp: .unary(.exp)
    case .expm1: .unary(.expm1)
    case .exp2: .unary(.exp2)
    case .log: .unary(.log)
    case .log1p: .unary(.log1p)
    case .log2: .unary(.log2)
    case .log10: .unary(.log10)
    case .sin: .unary(.sin)
    case .cos: .unary(.cos)
    case .tan: .unary(.tan)
    case .tanh: .unary(.tanh)
    case .sigmoid: .unary(.sigmoid)
    case .erf: .unary(.erf)
    case .erfc: .unary(.erfc)
    case .erfInverse: .unary(.erf_inverse)
    case .lgamma: .unary(.lgamma)
    case .sqrt: .unary(.sqrt)
    case .rsqrt: .unary(.rsqrt)
    case .polygamma(let order): .polygamma(order: Int(order))
    case .cast: .cast

    case .add: .binary(.add)
    case .subtract: .binary(.subtract)
    case .multiply: .binary(.multiply)
    case .divide: .binary(.divide)
    case .power: .binary(.power)
    case .maximum: .binary(.maximum)
    case .minimum: .binary(.minimum)
    case .remainder: .binary(.remainder)
    case .atan2: .binary(.atan2)
    case .equal: .comparison(.equal)
    case .notEqual: .comparison(.not_equal)
    case .less: .comparison(.less)
    case .lessEqual: .comparison(.less_equal)
    case .and: .binary(.and)
    case .or: .binary(.or)
    case .xor: .binary(.xor)
    case .select: .select

    case .sum(let axes): .reduce(.reduce_sum, axes)
    case .max(let axes, _): .reduce(.reduce_max, axes)
    case .min(let axes, _): .reduce(.reduce_min, axes)
    case .argmax(let axis): .reduce(.reduce_argmax, AxisMask(bits: 1 << axis))
    case .argmin(let axis): .reduce(.reduce_argmin, AxisMask(bits: 1 << axis))

    case .cumulativeSum(let axis): .cumulativeSum(axis: Int(axis))
    case .argsort(let axis, let descending): .argsort(axis: Int(axis), descending: descending)

    case .reshape, .broadcast, .permute, .slice, .flip, .windows, .stopGradient: .view
    case .pad(let start, let step, let axis): .pad(start: start, step: step, axis: Int(axis))
    case .concatenate(let axis): .concatenate(axis: Int(axis))
    case .fold(let step, let dilation, let axis):
      .fold(step: step, dilation: dilation, axis: Int(axis))
    case .gather(let axis, let batch): .gather(axis: Int(axis), batch: Int(batch))
    case .scatterAdd(let axis, let batch): .scatterAdd(axis: Int(axis), batch: Int(batch))
    case .dot(let batch, let contracted): .dot(batch: Int(batch), contracted: Int(contracted))

    case .solve(.whole): .solve(.whole)
    case .solve(.lower): .solve(.lower)
    case .solve(.upper): .solve(.upper)
    case .cholesky: .matrix(.cholesky)
    case .determinant: .matrix(.determinant)
    case .logDeterminant: .matrix(.log_determinant)
    case .qr: .matrix(.qr)
    case .eigh: .matrix(.eigh)
    case .svd: .matrix(.svd)
    case .matrixExp: .matrix(.matrix_exponential)
    }
  }

  /// Whether the result may share its operand's memory: ``kernel`` says the same, and takes longer.
  package var isView: Bool {
    switch self {
    case .reshape, .broadcast, .permute, .slice, .flip, .windows, .stopGradient: true
    default: false
    }
  }
}
