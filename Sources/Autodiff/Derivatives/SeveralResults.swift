import BacktapeTensors

// Derivatives of functions that give several tensors: those of one that gives all their elements,
// taken apart.

/// The values of a function that gives several tensors, and what maps a cotangent for each to
/// cotangents of the inputs.
///
/// Derivatives are those of one vector of all elements, in the type that all meet in.
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - function: made of tensor operations, giving tensors of any shapes.
/// - Returns: what the function gives, and what takes a cotangent for each value, of its shape, to one
///   for each input.
public func valueWithPullback(
  at inputs: [Tensor], of function: ([Tensor]) throws -> [Tensor]
) rethrows -> (values: [Tensor], pullback: ([Tensor]) -> [Tensor]) {
  var results = Results("valueWithPullback")
  let (value, pullback) = try valueWithPullback(at: inputs) { results.joined(try function($0)) }
  let known = results
  return (known.values(isNested: value.isTracked), { pullback(known.joined(cotangents: $0)) })
}

/// The transposed Jacobian of a function that gives several tensors times a cotangent for each: one
/// tensor for each input, of its shape.
///
/// ```swift
/// let x = Tensor([1.0, 2, 3])
/// let slope = vjp(at: [x], along: [.ones([3]), Tensor(2.0)]) { x in
///   [x[0].squared(), x[0].sum()]
/// }[0]
/// // [4, 6, 8]
/// ```
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - cotangents: one for each result, of its shape.
///   - function: made of tensor operations, giving tensors of any shapes.
public func vjp(
  at inputs: [Tensor], along cotangents: [Tensor], of function: ([Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  try valueWithPullback(at: inputs, of: function).pullback(cotangents)
}

/// The values of a function that gives several tensors, and how fast each changes along a direction.
///
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - directions: one for each input, of its shape.
///   - function: made of tensor operations, giving tensors of any shapes.
/// - Returns: tensors of the results' shapes and types.
public func valueWithDerivative(
  at inputs: [Tensor], along directions: [Tensor], of function: ([Tensor]) throws -> [Tensor]
) rethrows -> (values: [Tensor], derivatives: [Tensor]) {
  var results = Results("valueWithDerivative")
  let (value, derivative) = try valueWithDerivative(at: inputs, along: directions) {
    results.joined(try function($0))
  }
  return (results.values(isNested: value.isTracked), results.apart(derivative))
}

/// The derivatives along a direction of a function that gives several tensors: one of each result's
/// shape.
public func jvp(
  at inputs: [Tensor], along directions: [Tensor], of function: ([Tensor]) throws -> [Tensor]
) rethrows -> [Tensor] {
  try valueWithDerivative(at: inputs, along: directions, of: function).derivatives
}

/// All first derivatives of a function that gives several tensors: element `[r][k]` is that of
/// result `r` by input `k`, of both their shapes.
///
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - function: made of tensor operations, giving tensors of any shapes.
public func jacobian(
  at inputs: [Tensor], of function: ([Tensor]) throws -> [Tensor]
) rethrows -> [[Tensor]] {
  var results = Results("jacobian")
  let columns = try jacobian(at: inputs) { results.joined(try function($0)) }
    .map { results.apart($0) }
  return results.shapes.indices.map { result in columns.map { $0[result] } }
}

/// Several tensors as one vector of all their elements.
private struct Results {
  let operation: StaticString
  private var tensors: [Tensor] = []

  init(_ operation: StaticString) { self.operation = operation }

  /// Of what a function gave; keeps in mind what it was.
  mutating func joined(_ tensors: [Tensor]) -> Tensor {
    if tensors.isEmpty {
      fatalError("\(operation): the function gives no tensors; return at least one")
    }
    self.tensors = tensors.map(\.strong)
    return vector(tensors)
  }

  var shapes: [Shape] { tensors.map(\.shape) }

  /// What the function gave, off its tape unless another derivative goes on with it.
  func values(isNested: Bool) -> [Tensor] { isNested ? tensors : tensors.map(\.detached) }

  func joined(cotangents: [Tensor]) -> Tensor {
    if cotangents.map(\.shape) != shapes {
      fatalError(
        """
        \(operation): cotangents of shapes \(cotangents.map(\.shape)) for results of shapes \
        \(shapes); give one for each, of its shape
        """)
    }
    return vector(cotangents)
  }

  private func vector(_ tensors: [Tensor]) -> Tensor {
    let types = self.tensors.map(\.dtype)
    let dtype = types.dropFirst().reduce(types[0], DType.promoted)
    return .concatenate(tensors.map { $0.cast(dtype).flatten() })
  }

  /// The parts of a tensor whose first axis is that of the vector.
  func apart(_ joined: Tensor) -> [Tensor] {
    let rest = Shape(joined.shape.array.dropFirst())
    return zip(joined.split(sizes: tensors.map(\.count)), tensors).map { part, value in
      part.reshape(derivativeShape(value.shape, rest, operation)).cast(value.dtype)
    }
  }
}
