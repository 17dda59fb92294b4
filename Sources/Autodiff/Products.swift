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
      if cotangent.shape != result.shape {
        fatalError(
          """
          pullback: a cotangent of shape \(cotangent.shape) for a value of shape \(result.shape); \
          they must be equal
          """)
      }
      let seed = cotangent.cast(result.dtype)
      let pulled = tape.pull(result, seed: seed, to: variables, recording: isNested)
      return zip(pulled, variables).map { cotangent, variable in
        let whole = cotangent ?? .zeros(variable.shape, variable.dtype)
        return isNested ? whole : whole.detached
      }
    }
  )
}

/// The derivative of a function along a direction (the Jacobian times a vector).
///
/// The pullback is linear in its cotangent; differentiated in it, it gives this product, so one
/// table of rules serves both directions.
public func jvp(
  at x: Tensor, along direction: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  let (tape, isNested) = Tape.forDerivative(at: [x, direction])
  let variable = tape.variable(x)
  let result = try tape.open { try function(variable) }
  let cotangent = tape.variable(.zeros(result.shape, result.dtype))
  guard let back = tape.pull(result, seed: cotangent, to: [variable], recording: true)[0],
    let forward = tape.pull(
      back, seed: direction.cast(x.strong.dtype), to: [cotangent], recording: isNested)[0]
  else { return .zeros(result.shape, result.dtype) }
  return isNested ? forward : forward.detached
}

/// The second derivative of a function times a vector, of the shape of `x`.
public func hessianVectorProduct(
  at x: Tensor, along direction: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try gradient(at: x) { x in
    (try gradient(at: x, of: function) * direction).sum()
  }
}
