/// The operations everything else is made of: what a tape records.
///
/// One case, one forward kernel (``Primitive/kernel``), one shape rule (``Primitive/result(of:target:)``)
/// and one derivative (the table of rules in Autodiff). Attributes are plain data, so copying a
/// primitive never touches a reference count. The shape of `reshape`, `broadcast`, `slice`, `pad`,
/// `windows`, `fold` and `scatterAdd`, the type of `cast` and both of `call` are those of the record's result.
@usableFromInline package enum Primitive: Sendable, Hashable {
  // Sources: no operands.
  case input, constant

  // Elementwise, one operand.
  case negate, abs, sign, floor, ceil, round, not, cast
  case exp, expm1, exp2, log, log1p, log2, log10, sin, cos, tan, tanh, sigmoid
  case erf, erfc, erfInverse, lgamma, sqrt, rsqrt
  /// The derivative `order` + 1 of `lgamma`.
  case polygamma(order: UInt8)

  // Elementwise, two operands of equal shape, or one and a Swift number.
  case add, subtract, multiply, divide, power, maximum, minimum, remainder, atan2
  case equal, notEqual, less, lessEqual, and, or, xor

  // Elementwise, three: condition, then, else.
  case select

  // Reductions over a set of axes, which disappear; `argmax` and `argmin` over one axis.
  case sum(AxisMask), max(AxisMask, Ties), min(AxisMask, Ties)
  case argmax(axis: UInt8), argmin(axis: UInt8)

  /// Running sums along an axis.
  case cumulativeSum(axis: UInt8)
  /// Positions along an axis in the order of their elements; equal ones keep theirs, NaN is largest.
  case argsort(axis: UInt8, descending: Bool)

  // Movement: views where strides allow.
  case reshape, broadcast, permute(Permutation)
  case slice(start: Int, step: Int, axis: UInt8), flip(AxisMask)
  case pad(start: Int, step: Int, axis: UInt8), concatenate(axis: UInt8)

  /// Windows over an axis, a view: an axis of n positions becomes n' windows, `step` apart, and
  /// behind it comes an axis of their elements, `dilation` apart. Both extents are the result's.
  case windows(step: Int, dilation: Int, axis: UInt8)
  /// The transpose: window elements added up at the places they were seen at; the axis behind
  /// disappears.
  case fold(step: Int, dilation: Int, axis: UInt8)

  /// `[batch..., m..., n, inner...]` at integers `[batch..., k...]` gives
  /// `[batch..., m..., k..., inner...]`; `axis` is that of n.
  case gather(axis: UInt8, batch: UInt8)
  /// The transpose: `[batch..., m..., k..., inner...]` added to zeros at the integers.
  case scatterAdd(axis: UInt8, batch: UInt8)

  /// `[batch..., rows..., contracted...]` with `[batch..., contracted..., columns...]` gives
  /// `[batch..., rows..., columns...]`. Any contraction is this one after a permutation, and so are
  /// both of its derivatives.
  case dot(batch: UInt8, contracted: UInt8)

  // Functions of the matrices in the last two axes; several results lie packed in one tensor.

  /// The solution X of A X = B, `[batch..., n, n]` and `[batch..., n, k]` giving `[batch..., n, k]`.
  case solve(MatrixPart)
  /// The lower factor of a positive definite matrix, `[..., n, n]`.
  case cholesky
  /// `[..., 3 + 2 n]`: the determinant, the rank and the sign of the exchanges that elimination
  /// found when it chose among all elements left, and the order of rows and of columns it chose.
  case determinant
  /// `[..., 2]`: the determinant's sign, and the logarithm of its magnitude.
  case logDeterminant
  /// `[..., m + n, n]` of `[..., m, n]` with m >= n: Q over R.
  case qr
  /// `[..., 1 + n, n]`: eigenvalues over the columns of eigenvectors of a symmetric matrix.
  case eigh
  /// `[..., 1 + m + n, n]` of `[..., m, n]` with m >= n: singular values over U over V.
  case svd
  case matrixExp

  case stopGradient

  /// What a stretch of the same tape comes to, given what it uses from outside: a checkpoint or a
  /// custom rule, by its number among those of the tape.
  case call(Int32)
}

/// The part of a matrix that equations are solved with; the rest is not read.
@usableFromInline package enum MatrixPart: UInt8, Sendable, Hashable {
  case whole, lower, upper

  /// The part where this one is after a transposition.
  package var transposed: MatrixPart {
    switch self {
    case .whole: .whole
    case .lower: .upper
    case .upper: .lower
    }
  }
}

/// Whom the derivative of a maximum goes to when several elements reach it.
@usableFromInline package enum Ties: UInt8, Sendable, Hashable {
  /// All of them, in equal parts: maxima over a whole tensor.
  case shared
  /// The first of them: maxima over one axis, and pooling.
  case first
}
