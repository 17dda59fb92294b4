import BacktapeTensors

/// A function with a derivative of your own.
///
/// ```swift
/// // The identity, whose derivative is cut to -1...1 on the way back:
/// let clipped = customGradient { x in (x, { g in g.clip(-1, 1) }) }
/// let slope = gradient(at: x) { x in (100 * clipped(x)).sum() }  // ones
/// ```
/// The pullback is made of tensor operations and may use what the function computed, so it is
/// differentiated like anything else: second derivatives are those of your pullback.
///
/// - Parameter function: of a tensor: its value, and what maps the value's cotangent to the
///   argument's, of its shape. The pullback is traced once for each call, with a cotangent that has
///   no value: choose by value with ``Tensor/where(_:_:_:)``. Both may use no other tensor of the
///   tape than the argument, or its derivative would be lost: that is refused by name. Take such
///   a tensor as an argument, or its `stopGradient()`.
public func customGradient(
  _ function: @escaping (Tensor) -> (value: Tensor, pullback: (Tensor) -> Tensor)
) -> (Tensor) -> Tensor {
  { x in
    customGradient(at: [x]) { inputs in
      let (value, pullback) = function(inputs[0])
      return (value, { [pullback($0)] })
    }
  }
}

/// A function of several tensors with a derivative of your own.
///
/// As for one tensor; the pullback gives one cotangent for each argument, nil where there is none.
///
/// ```swift
/// let scaled = customGradient { x in (x[0] * x[1], { g in [g * x[1], nil] }) }
/// ```
public func customGradient(
  _ function: @escaping ([Tensor]) -> (value: Tensor, pullback: (Tensor) -> [Tensor?])
) -> ([Tensor]) -> Tensor {
  { inputs in customGradient(at: inputs, of: function) }
}

/// The value of a function of several tensors that brings its own derivative.
///
/// As ``customGradient(_:)-(([Tensor])->(Tensor,(Tensor)->[Tensor?]))``, called at once.
public func customGradient(
  at inputs: [Tensor],
  of function: ([Tensor]) throws -> (value: Tensor, pullback: (Tensor) -> [Tensor?])
) rethrows -> Tensor {
  let recorder = inputs.lazy.compactMap(\.recorder).first as? Tape
  guard let tape = recorder ?? OpenTape.ofThisTask else {
    let value = try function(inputs).value
    if let tape = value.recorder { tape.refuseCapture(value) }
    return value
  }
  return try tape.customGradient(at: inputs, of: function)
}

extension Tape {
  fileprivate func customGradient(
    at inputs: [Tensor],
    of function: ([Tensor]) throws -> (value: Tensor, pullback: (Tensor) -> [Tensor?])
  ) rethrows -> Tensor {
    let operands = inputs.map { index(of: $0) }
    let first = count
    let variables = operands.map { variable(tensor(at: Int($0))) }
    let (value, pullback) =
      try OpenTape.ofThisTask === self ? function(variables) : open { try function(variables) }
    let output = index(of: value)
    let cotangent = placeholder(value.shape, value.strong.dtype)
    let cotangents = pullback(cotangent)
    if cotangents.count != inputs.count {
      refuse(
        """
        customGradient: the pullback gives \(cotangents.count) cotangents for \(inputs.count) \
        arguments; give one for each, nil where there is none
        """)
      return value
    }
    var results: [Int32?] = []
    for (position, (made, variable)) in zip(cotangents, variables).enumerated() {
      guard let made, variable.dtype.isFloatingPoint else {
        results.append(nil)
        continue
      }
      if made.shape != variable.shape {
        refuse(
          """
          customGradient: the pullback gives a cotangent of shape \(made.shape) for argument \
          \(position) of shape \(variable.shape); they must be equal
          """)
        return value
      }
      results.append(index(of: made.cast(variable.dtype)))
    }
    let own = Set(variables.map(\.index))
    let inside = needed(for: [output] + results.compactMap { $0 }, from: first, own.contains)
    // What a derivative inside is taken with respect to has a value, and no derivative outside.
    let captured = used(by: inside, before: first).filter { index in
      Int(index) < first || index != cotangent.index && tensor(at: Int(index)).isAbstract
    }
    for outside in captured where mayCarryDerivative(outside) {
      refuseCapture(tensor(at: Int(outside)))
      return value
    }
    return call(
      Callee(
        records: first..<count, inputs: variables.map(\.index) + captured, output: output,
        pullback: Callee.Pullback(
          cotangent: cotangent.index, results: results + captured.map { _ in nil })),
      operands + captured)
  }

  private func mayCarryDerivative(_ index: Int32) -> Bool {
    let record = record(at: Int(index))
    return record.descriptor.dtype.isFloatingPoint && record.pointee.primitive != .stopGradient
  }
}

extension Recorder {
  fileprivate func refuseCapture(_ tensor: Tensor) {
    refuse(
      """
      customGradient: the function uses a tensor of shape \(tensor.shape) of the tape that is none \
      of its arguments, so that no derivative would reach it; take it as an argument, or its \
      stopGradient()
      """)
  }
}
