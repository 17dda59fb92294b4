import Backtape

/// Part 1: arrays only. You derive the deltas by hand, and again for every architecture.
///
/// - Returns: the predictions of the last iteration, before its update.
func numPyStyle(_ network: Network) -> Tensor {
  let l0 = network.l0
  let y = network.y
  var synapses0 = network.synapses0
  var synapses1 = network.synapses1
  var l2 = y
  for _ in 0..<network.iterations {
    let l1 = sigmoid(l0.dot(synapses0))
    l2 = sigmoid(l1.dot(synapses1))
    let l2Error = y - l2
    let l2Delta = l2Error * l2 * (1 - l2)
    let l1Error = l2Delta.dot(synapses1.transposed)
    let l1Delta = l1Error * l1 * (1 - l1)
    synapses1 += network.learningRate * l1.transposed.dot(l2Delta)
    synapses0 += network.learningRate * l0.transposed.dot(l1Delta)
  }
  return l2
}
