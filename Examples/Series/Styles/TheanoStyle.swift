import Backtape

/// Part 2, second step: the computation is defined, differentiated and compiled, then called.
///
/// - Returns: the predictions of the last iteration, before its update.
func theanoStyle(_ network: Network) throws -> Tensor {
  let graph = Graph()
  let l0 = graph.placeholder("l0", network.l0.shape, network.l0.dtype)
  let y = graph.placeholder("y", network.y.shape, network.y.dtype)
  let synapses0 = graph.variable("synapses0", network.synapses0)
  let synapses1 = graph.variable("synapses1", network.synapses1)
  let l1 = sigmoid(l0.dot(synapses0))
  let l2 = sigmoid(l1.dot(synapses1))
  let loss = 0.5 * (y - l2).squared().sum()
  let slopes = graph.gradients(of: loss, withRespectTo: [synapses0, synapses1])
  let train = try Function(
    inputs: [l0, y], outputs: [l2],
    updates: [
      Update(synapses0, to: synapses0 - network.learningRate * slopes[0]),
      Update(synapses1, to: synapses1 - network.learningRate * slopes[1]),
    ])
  var predictions = network.y
  for _ in 0..<network.iterations { predictions = try train(network.l0, network.y)[0] }
  return predictions
}
