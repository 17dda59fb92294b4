import BacktapeTensors

// Whole matrices of first and second derivatives.

/// All first derivatives of a function of several tensors: for each input, element `[i..., j...]` is
/// that of the value's element `[i...]` by the input's element `[j...]`.
///
/// - Parameters:
///   - inputs: where; floating-point tensors.
///   - function: made of tensor operations, giving a tensor of any shape.
/// - Complexity: the operations of one walk over the tape, each done for all elements of the value
///   at once, or along all elements of an input where those are fewer.
public func jacobian(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> [Tensor] {
  let (tape, isNested) = Tape.forDerivative(at: inputs)
  let variables = inputs.map { tape.variable($0) }
  let value = try tape.open { try function(variables) }.strong
  let result = value.isTracked ? value : tape.input(value)
  let jacobians =
    result.count > variables.reduce(0) { $0 + $1.count }
    ? tape.columns(of: result, variables, recording: isNested)
    : tape.rows(of: result, variables, recording: isNested)
  return zip(jacobians, variables).map { jacobian, variable in
    guard let jacobian else {
      return .zeros(derivativeShape(result.shape, variable.shape, "jacobian"), variable.dtype)
    }
    return isNested || !jacobian.isTracked ? jacobian : jacobian.detached
  }
}

/// All first derivatives of a function of one tensor: element `[i..., j...]` is that of the value's
/// element `[i...]` by the input's element `[j...]`.
public func jacobian(
  at x: Tensor, of function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try jacobian(at: [x]) { try function($0[0]) }[0]
}

/// All first derivatives of a function of named tensors, by name.
public func jacobian(
  at inputs: [String: Tensor], of function: ([String: Tensor]) throws -> Tensor
) rethrows -> [String: Tensor] {
  let names = Names(inputs)
  return names.dictionary(
    try jacobian(at: names.list(inputs)) { try function(names.dictionary($0)) })
}

/// All second derivatives of a function of several tensors giving one number: element `[a][b]` is
/// that by inputs a and b, of both their shapes.
public func hessian(
  at inputs: [Tensor], of function: ([Tensor]) throws -> Tensor
) rethrows -> [[Tensor]] {
  let rows = try jacobian(at: inputs) { x in
    Tensor.concatenate(try gradient(at: x, of: function).map { $0.flatten() })
  }
  let parts = rows.map { $0.split(sizes: inputs.map(\.count)) }
  return inputs.indices.map { a in
    inputs.indices.map { b in
      parts[b][a].reshape(derivativeShape(inputs[a].shape, inputs[b].shape, "hessian"))
    }
  }
}

/// All second derivatives of a function of one tensor giving one number: of the shape of `x` twice.
///
/// ```swift
/// let h = hessian(at: Tensor([1.0, 2.0])) { ($0 * $0 * $0).sum() }  // [[6, 0], [0, 12]]
/// ```
public func hessian(at x: Tensor, of function: (Tensor) throws -> Tensor) rethrows -> Tensor {
  try jacobian(at: x) { x in try gradient(at: x, of: function) }
}

/// All second derivatives of a function of named tensors giving one number, by both names.
public func hessian(
  at inputs: [String: Tensor], of function: ([String: Tensor]) throws -> Tensor
) rethrows -> [String: [String: Tensor]] {
  let names = Names(inputs)
  let blocks = try hessian(at: names.list(inputs)) { try function(names.dictionary($0)) }
  return names.dictionary(blocks.map { names.dictionary($0) })
}

/// The axes of what a value changes by with an input: those of both.
func derivativeShape(_ value: Shape, _ input: Shape, _ operation: StaticString) -> Shape {
  let axes = value.array + input.array
  if axes.count > Shape.maximumRank {
    fatalError(
      """
      \(operation): derivatives of shape \(value) by an input of shape \(input) have \(axes.count) \
      axes, a tensor has at most \(Shape.maximumRank); flatten one of them
      """)
  }
  return Shape(axes)
}

extension Tape {
  /// Elements that a value has at most when one operation is done for many rows or columns: as many
  /// of these are taken together.
  private static var largestBlock: Int { 1 << 22 }

  /// Jacobians by rows: the walk backwards once, its operations done for every element of the result.
  fileprivate func rows(
    of result: Tensor, _ variables: [Tensor], recording: Bool
  ) -> [Tensor?] {
    let first = count
    let seed = placeholder([result.count], result.dtype)
    let pulled = pull(
      result, seed: seed.reshape(result.shape), to: variables, recording: true)
    var rows = mapped(pulled.compactMap(\.self), by: seed, since: first, recording)[...]
    return pulled.map { pulled in
      pulled.map {
        rows.removeFirst().reshape(derivativeShape(result.shape, $0.shape, "jacobian"))
      }
    }
  }

  /// Jacobians by columns: the pullback differentiated in its cotangent, its operations done for
  /// every element of an input.
  fileprivate func columns(
    of result: Tensor, _ variables: [Tensor], recording: Bool
  ) -> [Tensor?] {
    let cotangent = variable(.zeros(result.shape, result.dtype))
    let back = pull(result, seed: cotangent, to: variables, recording: true)
    return zip(back, variables).map { pulled, variable in
      guard let pulled else { return nil }
      let first = count
      let seed = placeholder([variable.count], pulled.dtype)
      let direction = seed.reshape(variable.shape)
      guard let forward = pull(pulled, seed: direction, to: [cotangent], recording: true)[0] else {
        return nil
      }
      let columns = mapped([forward], by: seed, since: first, recording)[0]
      return columns.transposed
        .reshape(derivativeShape(result.shape, variable.shape, "jacobian"))
    }
  }

  /// The elements of tensors of this tape for every unit vector in the place of one without a value:
  /// `[length of the seed, elements]`. What they have in common is done once.
  private func mapped(
    _ results: [Tensor], by seed: Tensor, since first: Int, _ recording: Bool
  ) -> [Tensor] {
    let units = seed.count
    let results = results.map { $0.flatten() }
    if units == 0 { return results.map { .zeros([0, $0.count], $0.dtype) } }
    let largest = (first..<count).reduce(1) { Swift.max($0, record(at: $1).descriptor.count) }
    let step = Swift.max(Tape.largestBlock / largest, 1)
    let positions = Tensor.arange(units)
    let blocks = stride(from: 0, to: units, by: step).map { start in
      let own = positions.slice(axis: 0, start..<Swift.min(start + step, units))
      let vectors = (own.expandDims(at: 1) .== positions).cast(seed.dtype)
      var replay = Replay(
        self, from: first, onlyDependents: true,
        knowing: [seed.index: Batched(tensor: vectors, isShared: false)],
        .batches(on: self, own.count, tracked: recording))
      var mapped = replay(results.filter(\.isTracked).map(\.index))[...]
      return results.map { result in
        let value =
          result.isTracked ? mapped.removeFirst() : Batched(tensor: result, isShared: true)
        return value.spread(own.count)
      }
    }
    return results.indices.map { i in .concatenate(blocks.map { $0[i] }) }
  }
}
