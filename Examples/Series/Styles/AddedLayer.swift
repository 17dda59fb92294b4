import Backtape

/// A second hidden layer of four, in the style of part 1: the forward pass has it, the deltas were
/// not derived again. Every shape fits, so nothing complains.
///
/// - Returns: the steps for the three weight matrices, the first of them wrong.
func forgottenDelta(_ l0: Tensor, _ y: Tensor, _ synapses: [Tensor]) -> [Tensor] {
  let l1 = sigmoid(l0.dot(synapses[0]))
  let l2 = sigmoid(l1.dot(synapses[1]))
  let l3 = sigmoid(l2.dot(synapses[2]))
  let l3Delta = (y - l3) * l3 * (1 - l3)
  let l2Delta = l3Delta.dot(synapses[2].transposed) * l2 * (1 - l2)
  let l1Delta = l3Delta.dot(synapses[2].transposed) * l1 * (1 - l1)  // skips the new layer
  return [l0.transposed.dot(l1Delta), l1.transposed.dot(l2Delta), l2.transposed.dot(l3Delta)]
}

/// The same deeper network with a tape: one line more, and nothing to derive.
///
/// - Returns: the steps for the three weight matrices.
func derivedSteps(_ l0: Tensor, _ y: Tensor, _ synapses: [Tensor]) -> [Tensor] {
  gradient(at: synapses) { synapses in
    let prediction = synapses.reduce(l0) { sigmoid($0.dot($1)) }
    return 0.5 * (y - prediction).squared().sum()
  }.map { -$0 }
}
