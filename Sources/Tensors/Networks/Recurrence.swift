// Computations over time.

/// A body applied to one element after another of a leading axis, handing on a state.
///
/// ```swift
/// // Running sums of rows:
/// let (_, sums) = scan(x, initial: [.zeros([3])]) { state, row in
///   let sum = state[0] + row
///   return ([sum], sum)
/// }
/// ```
/// The body is called once for each step, so a tape or a graph holds the operations of all steps; a
/// plan holds those of one, and a loop.
/// - Parameters:
///   - xs: `[n, ...]`, with at least one element.
///   - initial: the state before the first step.
///   - body: of the state and an element `[...]`: the next state, in the shapes and types of the
///     one before, and an output, of the same shape at every step.
/// - Returns: the state after the last step, and the outputs along a new leading axis.
public func scan(
  _ xs: Tensor, initial: [Tensor],
  _ body: (_ state: [Tensor], _ x: Tensor) -> (state: [Tensor], output: Tensor)
) -> (state: [Tensor], outputs: Tensor) {
  guard xs.rank > 0, xs.shape[0] > 0 else {
    let message = """
      scan: a tensor of shape \(xs.shape) has no steps along its first axis; it needs at least one
      """
    return (initial, xs.refusing(message, standIn: xs.shape))
  }
  let element = Shape(xs.shape.array.dropFirst())
  var state = initial.map(\.strong)
  var outputs: [Tensor] = []
  for step in 0..<xs.shape[0] {
    let x = xs.slice(axis: 0, step..<step + 1).reshape(element)
    let (next, output) = body(state, x)
    guard next.count == state.count,
      zip(state, next).allSatisfy({ $0.shape == $1.shape && $0.dtype == $1.strongType })
    else {
      let message = """
        scan: a state of \(state.map { "\($0.dtype) \($0.shape)" }) became \
        \(next.map { "\($0.strongType) \($0.shape)" }); every step must keep shapes and types
        """
      let recorder = (next + state + [output, xs]).first(where: \.isTracked) ?? xs
      return (state, recorder.refusing(message, standIn: xs.shape))
    }
    if let first = outputs.first, first.shape != output.shape {
      let message = """
        scan: the output of step \(step) has shape \(output.shape), the first has \(first.shape); \
        outputs of all steps are stacked and must have one shape
        """
      let recorder = [first, output, xs].first(where: \.isTracked) ?? xs
      return (state, recorder.refusing(message, standIn: xs.shape))
    }
    state = next.map(\.strong)
    outputs.append(output)
  }
  return (state, .stack(outputs))
}
