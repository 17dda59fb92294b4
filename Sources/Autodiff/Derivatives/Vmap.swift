import BacktapeTensors

/// A function of one example as a function of many: every operation is done for all of them at once.
///
/// ```swift
/// // The gradient of the loss for each example by itself: [n, 3], [n] and [3] give [n, 3].
/// let slopes = vmap({ example in
///   [gradient(at: w) { w in (example[0].dot(w) - example[1]).squared() }]
/// })([x, y])[0]
/// ```
/// The function is traced once for each call, at tensors that have the shape of an example and no
/// value: choose by value with ``Tensor/where(_:_:_:)``. It may use other tensors, which the examples
/// share: plain ones, and those of the tape that an argument or the innermost `gradient` is on. It may
/// itself take derivatives, be differentiated, compiled and mapped again.
/// Random numbers drawn from a key are the same for all examples. Where an operation on one example
/// gives 8 axes, as the windows of a `conv3d` have, it is done for one after the other.
///
/// - Parameters:
///   - function: of the arguments of one example.
///   - inAxes: for each argument the axis that counts examples, from the end if negative; nil for
///     one that they share. All 0 if left out.
///   - outAxes: for each result the axis that counts examples. All 0 if left out.
/// - Returns: the function of all examples. Traps if the arguments do not have equally many.
public func vmap(
  _ function: @escaping ([Tensor]) -> [Tensor], inAxes: [Int?]? = nil, outAxes: [Int]? = nil
) -> ([Tensor]) -> [Tensor] {
  { inputs in
    let recorder = inputs.lazy.compactMap(\.recorder).first as? Tape
    let shared = recorder ?? OpenTape.ofThisTask
    let tape = shared ?? Tape()
    guard
      let arguments = tape.batched(inputs, inAxes ?? inputs.map { _ in 0 })
    else { return inputs }
    return tape.map(arguments, isOwn: shared == nil, outAxes, function)
  }
}

/// A function of one tensor as a function of many.
///
/// As for several; `inAxes` and `outAxes` are those of the argument and of the result.
public func vmap(
  _ function: @escaping (Tensor) -> Tensor, inAxes: Int = 0, outAxes: Int = 0
) -> (Tensor) -> Tensor {
  let mapped = vmap({ [function($0[0])] }, inAxes: [inAxes], outAxes: [outAxes])
  return { mapped([$0])[0] }
}

/// A function of two tensors as a function of many pairs.
///
/// As for several; an axis of nil is that of an argument that all pairs share.
public func vmap(
  _ function: @escaping (Tensor, Tensor) -> Tensor, inAxes: (Int?, Int?) = (0, 0),
  outAxes: Int = 0
) -> (Tensor, Tensor) -> Tensor {
  let mapped = vmap(
    { [function($0[0], $0[1])] }, inAxes: [inAxes.0, inAxes.1], outAxes: [outAxes])
  return { mapped([$0, $1])[0] }
}

/// What a mapped function is called with: the examples counted by the first axis.
private struct Arguments {
  let values: [Batched]
  let examples: Int
}

extension Tape {
  /// The arguments with the examples in front; nil after refusing axes that do not fit.
  fileprivate func batched(_ inputs: [Tensor], _ axes: [Int?]) -> Arguments? {
    func refused(_ message: String) -> Arguments? {
      refuse("vmap: " + message)
      return nil
    }
    if axes.count != inputs.count {
      return refused(
        "\(axes.count) inAxes for \(inputs.count) arguments; give one for each, nil if shared")
    }
    var values: [Batched] = []
    var examples: Int?
    for (position, (input, axis)) in zip(inputs.map(\.strong), axes).enumerated() {
      guard let axis else {
        values.append(Batched(tensor: input, isShared: true))
        continue
      }
      let counted = axis < 0 ? axis + input.rank : axis
      guard counted >= 0, counted < input.rank else {
        return refused(
          "axis \(axis) does not exist in argument \(position) of shape \(input.shape)")
      }
      let count = input.shape[counted]
      if let examples, examples != count {
        return refused(
          """
          argument \(position) of shape \(input.shape) has \(count) examples along axis \(axis), \
          those before have \(examples); all must have equally many
          """)
      }
      examples = count
      values.append(Batched(tensor: input.moveAxis(counted, to: 0), isShared: false))
    }
    guard let examples else {
      return refused("no argument has an axis of examples; give one of inAxes")
    }
    return Arguments(values: values, examples: examples)
  }

  fileprivate func map(
    _ arguments: Arguments, isOwn: Bool, _ outAxes: [Int]?,
    _ function: ([Tensor]) -> [Tensor]
  ) -> [Tensor] {
    let first = count
    var known: [Int32: Batched] = [:]
    let example = arguments.values.map { value in
      if value.isShared { return value.tensor }
      let x = value.tensor
      let placeholder = placeholder(Shape(x.shape.array.dropFirst()), x.dtype)
      known[placeholder.index] = value
      return placeholder
    }
    let results =
      (OpenTape.ofThisTask === self ? function(example) : open { function(example) }).map(\.strong)
    if let outAxes, outAxes.count != results.count {
      refuse("vmap: \(outAxes.count) outAxes for \(results.count) results; give one for each")
      return results
    }
    var replay = Replay(
      self, from: first, onlyDependents: true, knowing: known,
      .batches(on: self, arguments.examples, tracked: !isOwn))
    return results.enumerated().map { position, result in
      let batched =
        result.isTracked && result.owner === self
        ? replay([result.index])[0] : Batched(tensor: result, isShared: true)
      let whole = batched.spread(arguments.examples)
      let axis = outAxes?[position] ?? 0
      return axis == 0 ? whole : whole.moveAxis(0, to: axis)
    }
  }
}
