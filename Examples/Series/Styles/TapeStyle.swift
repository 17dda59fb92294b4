import Backtape

/// Part 2, first step: operations run at once and are recorded; the tape derives the gradients.
///
/// - Returns: the predictions of the last iteration, before its update.
func tapeStyle(_ network: Network) -> Tensor {
  let l0 = network.l0
  let y = network.y
  var synapses = [network.synapses0, network.synapses1]
  var l2 = y
  for _ in 0..<network.iterations {
    let gradients = gradient(at: synapses) { synapses in
      let l1 = sigmoid(l0.dot(synapses[0]))
      let prediction = sigmoid(l1.dot(synapses[1]))
      l2 = prediction.detached
      return 0.5 * (y - prediction).squared().sum()
    }
    for i in 0..<2 { synapses[i] -= network.learningRate * gradients[i] }
  }
  return l2
}
