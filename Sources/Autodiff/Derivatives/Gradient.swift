import BacktapeTensors

extension Tape {
  /// The derivatives of a number on this tape with respect to tensors on it.
  ///
  /// - Parameters:
  ///   - loss: a floating-point tensor of one element, computed on this tape.
  ///   - variables: tensors of this tape; zeros where the loss does not depend on one, and for
  ///     integers and bools, which have no derivative.
  ///   - recording: whether the derivatives are on the tape too, to be differentiated again. Left
  ///     out, they are if the loss has no value yet, as in a graph.
  /// - Returns: one gradient for each variable, of its shape and type.
  public func gradient(
    of loss: Tensor, withRespectTo variables: [Tensor], recording: Bool? = nil
  ) -> [Tensor] {
    guard isScalar(loss) else { return variables.map { placeholder($0.shape, $0.dtype) } }
    return pull(
      loss, seed: .ones(loss.shape, loss.dtype), to: variables,
      recording: recording ?? loss.isAbstract
    ).filled(like: variables)
  }

  /// Whether a loss can be differentiated; if not, the recorder has been told.
  fileprivate func isScalar(_ loss: Tensor) -> Bool {
    if loss.isTracked && loss.owner !== self {
      fatalError(
        """
        gradient: the loss of shape \(loss.shape) was computed on another tape; ask that one for \
        its gradient, or compute the loss on this one
        """)
    }
    if loss.count == 1 && loss.dtype.isFloatingPoint { return true }
    if loss.count != 1 {
      refuse(
        """
        gradient: the loss has shape \(loss.shape) and must be one number; take its sum or mean, \
        or use `jacobian` or `valueWithPullback`
        """)
    } else {
      refuse("gradient: the loss is \(loss.dtype), which has no derivative; cast to float first")
    }
    return false
  }
}

extension [Tensor?] {
  /// Zeros where nothing arrived.
  fileprivate func filled(like targets: [Tensor]) -> [Tensor] {
    zip(self, targets).map { $0 ?? .zeros($1.shape, $1.dtype) }
  }
}

/// The value of a function of several tensors and its derivatives with respect to each.
///
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - function: made of tensor operations, giving one number.
/// - Returns: the value, and one gradient for each input, of its shape and type.
public func valueWithGradient(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradient: [Tensor]) {
  let (tape, isNested) = Tape.forDerivative(at: inputs)
  let variables = inputs.map { tape.variable($0) }
  let loss = try tape.open { try function(variables) }
  let gradient = tape.gradient(
    of: loss.isTracked ? loss : tape.input(loss), withRespectTo: variables, recording: isNested)
  if isNested { return (loss, gradient) }
  return (loss.detached, gradient.map(\.detached))
}

/// The derivatives of a function of several tensors with respect to each.
///
/// ```swift
/// let g = gradient(at: [w, b]) { p in ((x.dot(p[0]) + p[1] - y).squared()).mean() }
/// ```
public func gradient(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> [Tensor] {
  try valueWithGradient(at: inputs, of: function).gradient
}

/// The value of a function of one tensor and its derivative.
public func valueWithGradient(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Tensor) {
  let (value, gradient) = try valueWithGradient(at: [x]) { try function($0[0]) }
  return (value, gradient[0])
}

/// The derivative of a function of one tensor. Nest it for higher orders.
///
/// ```swift
/// let g = gradient(at: x) { x in (x * x * x).sum() }                       // 3 x²
/// let h = gradient(at: x) { x in gradient(at: x) { ($0 * $0 * $0).sum() }.sum() }  // 6 x
/// ```
public func gradient(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try valueWithGradient(at: x, of: function).gradient
}

/// The value of a function of two tensors and its derivatives with respect to both.
public func valueWithGradient(
  at x: Tensor, _ y: Tensor, of function: (Tensor, Tensor) throws -> Tensor
) rethrows -> (value: Tensor, gradient: (Tensor, Tensor)) {
  let (value, gradient) = try valueWithGradient(at: [x, y]) { try function($0[0], $0[1]) }
  return (value, (gradient[0], gradient[1]))
}

/// The derivatives of a function of two tensors with respect to both.
public func gradient(
  at x: Tensor, _ y: Tensor, of function: (Tensor, Tensor) throws -> Tensor
) rethrows -> (Tensor, Tensor) {
  try valueWithGradient(at: x, y, of: function).gradient
}

/// The value of a function of named tensors and its derivative with respect to each name.
public func valueWithGradient(
  at inputs: [String: Tensor], of function: ([String: Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradient: [String: Tensor]) {
  let names = Names(inputs)
  let (value, gradient) = try valueWithGradient(at: names.list(inputs)) {
    try function(names.dictionary($0))
  }
  return (value, names.dictionary(gradient))
}

/// The derivatives of a function of named tensors, by name.
public func gradient(
  at inputs: [String: Tensor], of function: ([String: Tensor]) throws -> Tensor
) rethrows -> [String: Tensor] {
  try valueWithGradient(at: inputs, of: function).gradient
}
