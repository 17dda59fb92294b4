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

/// A long short-term memory over series (Hochreiter and Schmidhuber 1997, with forget gates):
/// `[batch, time, in]` gives `[batch, time, units]`.
///
/// Gates come in Keras's order: input, forget, cell, output.
/// - Parameters:
///   - x: the series, of at least one time.
///   - kernel: `[in, 4 units]`.
///   - recurrentKernel: `[units, 4 units]`.
///   - bias: `[4 units]`; left out, 0.
/// - Returns: the hidden state at every time, and hidden state and cell at the end, `[batch, units]`.
public func lstm(
  _ x: Tensor, kernel: Tensor, recurrentKernel: Tensor, bias: Tensor? = nil
) -> (outputs: Tensor, hidden: Tensor, cell: Tensor) {
  let units = recurrentKernel.rank == 2 ? recurrentKernel.shape[0] : 0
  guard x.rank == 3, x.shape[1] > 0, kernel.shape == [x.shape.last, 4 * units],
    recurrentKernel.shape == [units, 4 * units], bias.map({ $0.shape == [4 * units] }) ?? true
  else {
    let refused = Tensor.refuse(
      """
      lstm: a series of shape \(x.shape), a kernel \(kernel.shape), a recurrent kernel \
      \(recurrentKernel.shape) and a bias \(bias.map { "\($0.shape)" } ?? "left out") do not fit; \
      they are [batch, time, in], [in, 4 units], [units, 4 units] and [4 units], with a time of at \
      least 1
      """, x, kernel, recurrentKernel, bias ?? x)
    return (refused, refused, refused)
  }
  var inputs = x.swapAxes(0, 1).dot(kernel)
  if let bias { inputs = inputs + bias }
  let zeros = Tensor.zeros(
    [x.shape[0], units], Tensor.promotedType(inputs, recurrentKernel))
  let (state, outputs) = scan(inputs, initial: [zeros, zeros]) { state, input in
    let gates = (input + state[0].dot(recurrentKernel)).split(4, axis: -1)
    let cell = sigmoid(gates[1]) * state[1] + sigmoid(gates[0]) * tanh(gates[2])
    let hidden = sigmoid(gates[3]) * tanh(cell)
    return ([hidden, cell], hidden)
  }
  return (outputs.swapAxes(0, 1), state[0], state[1])
}
