import BacktapeTensors

// Products of a vector with the matrix of all first or second derivatives, without making it.

/// The value of a function of any shape, and what maps a cotangent of the value to cotangents of
/// the inputs (the transposed Jacobian times a vector).
public func valueWithPullback(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, pullback: (Tensor) -> [Tensor]) {
  let (tape, isNested) = Tape.forDerivative(at: inputs)
  let variables = inputs.map { tape.variable($0) }
  let result = try tape.open { try function(variables) }
  return (
    isNested ? result : result.detached,
    { cotangent in
      requireShape(cotangent, like: result, "valueWithPullback: a cotangent", "the value")
      let seed = cotangent.cast(result.dtype)
      let pulled = tape.pull(result, seed: seed, to: variables, recording: isNested)
      return zip(pulled, variables).map { cotangent, variable in
        let whole = cotangent ?? .zeros(variable.shape, variable.dtype)
        return whole.isTracked ? whole : whole.detached
      }
    }
  )
}

/// The derivative of a function of several tensors along a direction (the Jacobian times a vector).
///
/// The pullback is linear in its cotangent; differentiated in it, it gives this product, so one
/// table of rules serves both directions.
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - directions: one for each input, of its shape.
///   - function: made of tensor operations, giving a tensor of any shape.
/// - Returns: how fast the value changes, of its shape and type.
public func jvp(
  at inputs: [Tensor], along directions: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> Tensor {
  requireDirections(directions, inputs, "jvp")
  let (tape, isNested) = Tape.forDerivative(at: inputs + directions)
  let variables = inputs.map { tape.variable($0) }
  let result = try tape.open { try function(variables) }
  let cotangent = tape.variable(.zeros(result.shape, result.dtype))
  let back = tape.pull(result, seed: cotangent, to: variables, recording: true)
  var total = Tensor.zeros(result.shape, result.dtype)
  for (pulled, direction) in zip(back, directions) {
    guard let pulled else { continue }
    let seed = direction.cast(pulled.dtype)
    guard let forward = tape.pull(pulled, seed: seed, to: [cotangent], recording: isNested)[0]
    else { continue }
    total = total + forward
  }
  return isNested ? total : total.detached
}

/// The derivative of a function of one tensor along a direction (the Jacobian times a vector).
public func jvp(
  at x: Tensor, along direction: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try jvp(at: [x], along: [direction]) { try function($0[0]) }
}

/// The second derivative of a function of several tensors times a vector: one tensor for each
/// input, of its shape.
///
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - directions: one for each input, of its shape.
///   - function: made of tensor operations, giving one number.
public func hessianVectorProduct(
  at inputs: [Tensor], along directions: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> [Tensor] {
  requireDirections(directions, inputs, "hessianVectorProduct")
  return try gradient(at: inputs) { x in
    let slopes = zip(try gradient(at: x, of: function), directions).map { ($0 * $1).sum() }
    return slopes.dropFirst().reduce(slopes[0], +)
  }
}

/// The second derivative of a function of one tensor times a vector, of the shape of `x`.
public func hessianVectorProduct(
  at x: Tensor, along direction: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try hessianVectorProduct(at: [x], along: [direction]) { try function($0[0]) }[0]
}

/// All first derivatives of a function of one tensor: element `[i..., j...]` is that of the value's
/// element `[i...]` by the input's element `[j...]`.
///
/// - Complexity: one walk over the tape for each element of the value.
public func jacobian(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  let (value, pullback) = try valueWithPullback(at: [x]) { try function($0[0]) }
  let shape = Shape(value.shape.array + x.shape.array)
  if value.count == 0 { return .zeros(shape, x.dtype) }
  let positions = Tensor.arange(value.count)
  let rows = (0..<value.count).map { position in
    pullback((positions .== Tensor(position)).cast(value.dtype).reshape(value.shape))[0]
  }
  return Tensor.stack(rows).reshape(shape)
}

/// All second derivatives of a function of one tensor giving one number: of the shape of `x` twice.
///
/// ```swift
/// let h = hessian(at: Tensor([1.0, 2.0])) { ($0 * $0 * $0).sum() }  // [[6, 0], [0, 12]]
/// ```
/// - Complexity: one walk over the tape for each element of `x`.
public func hessian(at x: Tensor, of function: (Tensor) throws -> Tensor) rethrows -> Tensor {
  try jacobian(at: x) { x in try gradient(at: x, of: function) }
}

private func requireDirections(
  _ directions: [Tensor], _ inputs: [Tensor], _ operation: StaticString
) {
  if directions.count != inputs.count {
    fatalError(
      "\(operation): \(directions.count) directions for \(inputs.count) inputs; give one for each")
  }
  for (direction, input) in zip(directions, inputs) {
    requireShape(direction, like: input, "\(operation): a direction", "an input")
  }
}

private func requireShape(
  _ tensor: Tensor, like other: Tensor, _ what: @autoclosure () -> String, _ whose: StaticString
) {
  if tensor.shape == other.shape { return }
  fatalError(
    "\(what()) of shape \(tensor.shape) for \(whose) of shape \(other.shape); they must be equal")
}
