import BacktapeTensors

/// The calculus of the system: the cotangent that operand `i` of a primitive receives.
///
/// `a`, `b` are the operands, `y` the result, `g` the result's cotangent. All are tensors and so is
/// the answer: a derivative is recorded, compiled, printed and differentiated like anything else.
/// Nil where there is no derivative. Points without a unique one follow PyTorch.
extension Application {
  mutating func cotangent(of i: Int) -> Tensor? {
    switch (primitive, i) {
    case (.negate, _): -g
    case (.abs, _): g * sign(a)
    case (.exp, _): g * y
    case (.expm1, _): g * (y + 1)
    case (.exp2, _): g * (y * Double.ln2)
    case (.log, _): g / a
    case (.log1p, _): g / (1 + a)
    case (.log2, _): g / (a * Double.ln2)
    case (.log10, _): g / (a * Double.ln10)
    case (.sin, _): g * cos(a)
    case (.cos, _): -g * sin(a)
    case (.tan, _): g * (1 + y * y)
    case (.tanh, _): g * (1 - y * y)
    case (.sigmoid, _): g * y * (1 - y)
    case (.erf, _): g * (2 / Double.pi.squareRoot() * exp(-a * a))
    case (.erfc, _): g * (-2 / Double.pi.squareRoot() * exp(-a * a))
    case (.erfInverse, _): g * (Double.pi.squareRoot() / 2 * exp(y * y))
    case (.lgamma, _): g * polygamma(0, a)
    case (.polygamma(let order), _): g * polygamma(Int(order) + 1, a)
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
    case (.remainder, _): -g * round((a - y) / b)
    case (.atan2, 0): g * b / squaredRadius
    case (.atan2, _): -g * a / squaredRadius
    case (.select, 1): .where(a, g, 0)
    case (.select, 2): .where(a, 0, g)

    case (.sum(let axes), _): g.restoring(axes, of: a)
    case (.max(let axes, .shared), _), (.min(let axes, .shared), _): shared(axes)
    case (.max(let axes, .first), _): handed(axes, isMaximum: true)
    case (.min(let axes, .first), _): handed(axes, isMaximum: false)

    case (.cumulativeSum(let axis), _): summedFromEnd(Int(axis))

    case (.reshape, _): g.reshape(a.shape)
    case (.broadcast, _): g.sum(axes: a.shape.axesFilled(in: y.shape).axes).reshape(a.shape)
    case (.permute(let order), _): g.permute(order.inverse(rank: a.rank).axes(rank: a.rank))
    case (.slice(let start, let step, let axis), _):
      g.pad(axis: Int(axis), start: start, step: step, total: a.shape[Int(axis)])
    case (.pad(let start, let step, let axis), _):
      g.slice(axis: Int(axis), start..<start + span(a.shape[Int(axis)], step), step: step)
    case (.flip(let axes), _): g.flip(axes: axes.axes)
    case (.concatenate(let axis), _): once { $0.parts(axis: Int(axis)) }[i]

    case (.windows(let step, let dilation, let axis), _):
      g.fold(axis: Int(axis), extent: a.shape[Int(axis)], step: step, dilation: dilation)
    case (.fold(let step, let dilation, let axis), _):
      g.windows(like: a.shape, axis: Int(axis), step: step, dilation: dilation)
    case (.gather(let axis, let batch), 0): g.scatterAdd(at: b, axis, batch: batch, like: a)
    case (.scatterAdd(let axis, let batch), 0): .apply(.gather(axis: axis, batch: batch), g, b)

    // dA = g · Bᵀ over the columns, dB = Aᵀ · g over the rows: contractions again.
    case (.dot(let batch, let k), 0):
      .dot(g, b.transposed(batch, k), batch, over: b.rank8 - batch - k)
    case (.dot(let batch, let k), _):
      .dot(a.transposed(batch, a.rank8 - batch - k), g, batch, over: a.rank8 - batch - k)

    // With A and X = A⁻¹ B: dB = A⁻ᵀ · g, dA = -dB · Xᵀ.
    case (.solve(let part), 0):
      -matrixPart(part, of: once { [$0.solvedTransposed(part)] }[0]!.matmul(y.transposed))
    case (.solve(let part), _): once { [$0.solvedTransposed(part)] }[0]
    case (.cholesky, _): cholesky()
    case (.determinant, _): determinant()
    case (.logDeterminant, _): logDeterminant()
    case (.qr, _): qr()
    case (.eigh, _): eigh()
    case (.svd, _): svd()
    case (.matrixExp, _): matrixExp()

    case (.call(let callee), _): once { $0.pulledBack(through: callee) }[i]

    // Conditions and positions, functions in steps, sources, and what is to carry no derivative.
    case (.select, _), (.sign, _), (.floor, _), (.ceil, _), (.round, _), (.not, _), (.equal, _),
      (.notEqual, _), (.less, _), (.lessEqual, _), (.and, _), (.or, _), (.xor, _), (.argmax, _),
      (.argmin, _), (.argsort, _), (.gather, _), (.scatterAdd, _), (.stopGradient, _), (.input, _),
      (.constant, _):
      nil
    }
  }
}
