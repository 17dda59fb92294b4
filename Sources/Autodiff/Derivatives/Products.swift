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

/// The transposed Jacobian of a function of several tensors times a cotangent of its value: one
/// tensor for each input, of its shape.
///
/// ``valueWithPullback(at:of:)->(Tensor,_)`` gives the value as well, and takes many cotangents.
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - cotangent: of the value's shape.
///   - function: made of tensor operations, giving a tensor of any shape.
public func vjp(
  at inputs: [Tensor], along cotangent: Tensor, of function: ([Tensor]) throws -> Tensor
) rethrows -> [Tensor] {
  try valueWithPullback(at: inputs, of: function).pullback(cotangent)
}

/// The transposed Jacobian of a function of one tensor times a cotangent of its value.
public func vjp(
  at x: Tensor, along cotangent: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try vjp(at: [x], along: cotangent) { try function($0[0]) }[0]
}

/// The transposed Jacobian of a function of named tensors times a cotangent of its value, by name.
public func vjp(
  at inputs: [String: Tensor], along cotangent: Tensor,
  of function: ([String: Tensor]) throws -> Tensor
) rethrows -> [String: Tensor] {
  let names = Names(inputs)
  return names.dictionary(
    try vjp(at: names.list(inputs), along: cotangent) { try function(names.dictionary($0)) })
}

/// The value of a function of several tensors, and how fast it changes along a direction: the
/// Jacobian times a vector.
///
/// The pullback is linear in its cotangent; differentiated in it, it gives this product, so one
/// table of rules serves both directions.
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - directions: one for each input, of its shape.
///   - function: made of tensor operations, giving a tensor of any shape.
/// - Returns: both of the value's shape and type.
public func valueWithDerivative(
  at inputs: [Tensor], along directions: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, derivative: Tensor) {
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
  return isNested ? (result, total) : (result.detached, total.detached)
}

/// The derivative of a function of several tensors along a direction (the Jacobian times a vector).
///
/// As ``valueWithDerivative(at:along:of:)->(Tensor,_)``, without the value.
public func jvp(
  at inputs: [Tensor], along directions: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> Tensor {
  try valueWithDerivative(at: inputs, along: directions, of: function).derivative
}

/// The derivative of a function of one tensor along a direction (the Jacobian times a vector).
public func jvp(
  at x: Tensor, along direction: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try jvp(at: [x], along: [direction]) { try function($0[0]) }
}

/// The derivative of a function of named tensors along a direction, which may name some of them.
public func jvp(
  at inputs: [String: Tensor], along directions: [String: Tensor],
  of function: ([String: Tensor]) throws -> Tensor
) rethrows -> Tensor {
  let names = Names(inputs)
  return try jvp(at: names.list(inputs), along: names.directions(directions, at: inputs, "jvp")) {
    try function(names.dictionary($0))
  }
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
    return slopes.dropFirst().reduce(slopes.first ?? Tensor(0.0), +)
  }
}

/// The second derivative of a function of one tensor times a vector, of the shape of `x`.
public func hessianVectorProduct(
  at x: Tensor, along direction: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try hessianVectorProduct(at: [x], along: [direction]) { try function($0[0]) }[0]
}

/// The second derivative of a function of named tensors times a vector, which may name some of them:
/// one tensor for each name.
public func hessianVectorProduct(
  at inputs: [String: Tensor], along directions: [String: Tensor],
  of function: ([String: Tensor]) throws -> Tensor
) rethrows -> [String: Tensor] {
  let names = Names(inputs)
  let vectors = names.directions(directions, at: inputs, "hessianVectorProduct")
  return names.dictionary(
    try hessianVectorProduct(at: names.list(inputs), along: vectors) {
      try function(names.dictionary($0))
    })
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
