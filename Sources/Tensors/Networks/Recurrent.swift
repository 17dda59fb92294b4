// Recurrent networks over series, by scans.

/// A long short-term memory over series (Hochreiter and Schmidhuber 1997, with forget gates):
/// `[batch, time, in]` gives `[batch, time, units]`.
///
/// Gates come in the order of Keras and PyTorch: input, forget, cell, output. Of PyTorch's weights
/// the kernels are the transposes, and the bias is the sum of its two.
/// - Parameters:
///   - x: the series, of at least one time.
///   - kernel: `[in, 4 units]`.
///   - recurrentKernel: `[units, 4 units]`.
///   - bias: `[4 units]`; left out, 0.
///   - initial: hidden state and cell before the first time, `[batch, units]` each; left out, 0.
/// - Returns: the hidden state at every time, and hidden state and cell at the end, `[batch, units]`.
public func lstm(
  _ x: Tensor, kernel: Tensor, recurrentKernel: Tensor, bias: Tensor? = nil,
  initial: (hidden: Tensor, cell: Tensor)? = nil
) -> (outputs: Tensor, hidden: Tensor, cell: Tensor) {
  let network = RecurrentNetwork(
    "lstm", gates: 4, x, kernel, recurrentKernel, [bias], [initial?.hidden, initial?.cell])
  if let refused = network.refused { return (refused, refused, refused) }
  let inputs = network.inputs(bias)
  let start = [network.state(initial?.hidden), network.state(initial?.cell)]
  let (state, outputs) = scan(inputs, initial: start) { state, input in
    let gates = (input + state[0].dot(recurrentKernel)).split(4, axis: -1)
    let cell = sigmoid(gates[1]) * state[1] + sigmoid(gates[0]) * tanh(gates[2])
    let hidden = sigmoid(gates[3]) * tanh(cell)
    return ([hidden, cell], hidden)
  }
  return (outputs.swapAxes(0, 1), state[0], state[1])
}

/// In which order the gates of a ``gru(_:kernel:recurrentKernel:bias:recurrentBias:gates:resetAfter:initial:)``
/// stand in its kernels.
public enum GRUGates: Sendable, Hashable {
  /// Update, reset, new: as in Keras.
  case updateResetNew
  /// Reset, update, new: as in PyTorch.
  case resetUpdateNew
}

/// Gated recurrent units over series (Cho et al. 2014): `[batch, time, in]` gives
/// `[batch, time, units]`.
///
/// The state h becomes `z * h + (1 - z) * n`, with the update gate z and the new value
/// `n = tanh(x Wn + bn + r * (h Un + cn))`; with `resetAfter: false`, as in the paper,
/// `tanh(x Wn + bn + (r * h) Un + cn)`. Of PyTorch's weights the kernels are the transposes.
/// - Parameters:
///   - x: the series, of at least one time.
///   - kernel: `[in, 3 units]`.
///   - recurrentKernel: `[units, 3 units]`.
///   - bias: `[3 units]`, of the inputs; left out, 0.
///   - recurrentBias: `[3 units]`, of the state; left out, 0.
///   - gates: their order; that of Keras if left out.
///   - resetAfter: whether the reset gate acts after the product, as in PyTorch and Keras.
///   - initial: the state before the first time, `[batch, units]`; left out, 0.
/// - Returns: the state at every time, and that at the end, `[batch, units]`.
public func gru(
  _ x: Tensor, kernel: Tensor, recurrentKernel: Tensor, bias: Tensor? = nil,
  recurrentBias: Tensor? = nil, gates order: GRUGates = .updateResetNew, resetAfter: Bool = true,
  initial: Tensor? = nil
) -> (outputs: Tensor, hidden: Tensor) {
  let network = RecurrentNetwork(
    "gru", gates: 3, x, kernel, recurrentKernel, [bias, recurrentBias], [initial])
  if let refused = network.refused { return (refused, refused) }
  let (update, reset) = order == .updateResetNew ? (0, 1) : (1, 0)
  func recurrent(_ h: Tensor, _ gates: Range<Int>) -> Tensor {
    let columns = gates.lowerBound * network.units..<gates.upperBound * network.units
    let product = h.dot(recurrentKernel.slice(axis: 1, columns))
    return recurrentBias.map { product + $0.slice(axis: 0, columns) } ?? product
  }
  let (state, outputs) = scan(
    network.inputs(bias), initial: [network.state(initial)]
  ) { state, input in
    let h = state[0]
    let x = input.split(3, axis: -1)
    let parts = recurrent(h, 0..<(resetAfter ? 3 : 2)).split(resetAfter ? 3 : 2, axis: -1)
    let z = sigmoid(x[update] + parts[update])
    let r = sigmoid(x[reset] + parts[reset])
    let new = tanh(x[2] + (resetAfter ? r * parts[2] : recurrent(r * h, 2..<3)))
    let next = z * h + (1 - z) * new
    return ([next], next)
  }
  return (outputs.swapAxes(0, 1), state[0])
}

/// What recurrent networks have in common.
private struct RecurrentNetwork {
  let x: Tensor
  let kernel: Tensor
  let units: Int
  let dtype: DType
  /// What stands for the results if shapes don't fit.
  var refused: Tensor?

  init(
    _ name: String, gates: Int, _ x: Tensor, _ kernel: Tensor, _ recurrentKernel: Tensor,
    _ biases: [Tensor?], _ states: [Tensor?]
  ) {
    self.x = x
    self.kernel = kernel
    units = recurrentKernel.rank == 2 ? recurrentKernel.shape[0] : 0
    dtype = Tensor.promotedType(x, recurrentKernel)
    let (units, (width, overflow)) = (units, units.multipliedReportingOverflow(by: gates))
    let areFitting =
      !overflow && x.rank == 3 && x.shape[1] > 0 && kernel.shape == [x.shape.last, width]
      && recurrentKernel.shape == [units, width]
      && biases.allSatisfy { $0.map { $0.shape == [width] } ?? true }
      && states.allSatisfy { $0.map { $0.shape == [x.shape[0], units] } ?? true }
    if areFitting { return }
    let known = [x, kernel, recurrentKernel] + biases.compactMap { $0 } + states.compactMap { $0 }
    let others = known.dropFirst(3).map { "\($0.shape)" }.joined(separator: ", ")
    let message = """
      \(name): a series of shape \(x.shape), a kernel \(kernel.shape), a recurrent kernel \
      \(recurrentKernel.shape)\(others.isEmpty ? "" : " and biases and states \(others)") do not \
      fit; they are [batch, time, in], [in, \(gates) units], [units, \(gates) units], \
      [\(gates) units] and [batch, units], with a time of at least 1
      """
    refused = (known.first(where: \.isTracked) ?? x).refusing(message, standIn: x.shape)
  }

  /// What the inputs of all times give to the gates: `[time, batch, gates * units]`.
  func inputs(_ bias: Tensor?) -> Tensor {
    let product = x.swapAxes(0, 1).dot(kernel)
    return bias.map { product + $0 } ?? product
  }

  func state(_ initial: Tensor?) -> Tensor {
    initial ?? .zeros([x.shape[0], units], dtype)
  }
}
