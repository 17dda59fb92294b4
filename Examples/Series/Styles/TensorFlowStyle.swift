import Backtape

/// Part 2, third step: a graph and an optimizer that minimizes; a session holds the variables.
///
/// - Returns: the predictions of the last iteration, before its update.
func tensorFlowStyle(_ network: Network) throws -> Tensor {
  let graph = Graph()
  let l0 = graph.placeholder("l0", network.l0.shape, network.l0.dtype)
  let y = graph.placeholder("y", network.y.shape, network.y.dtype)
  let synapses0 = graph.variable("synapses0", network.synapses0)
  let synapses1 = graph.variable("synapses1", network.synapses1)
  let l1 = sigmoid(l0.dot(synapses0))
  let l2 = sigmoid(l1.dot(synapses1))
  let loss = 0.5 * (y - l2).squared().sum()
  let train = SGD(learningRate: network.learningRate).minimize(loss, in: graph)
  let session = Session(graph)
  var predictions = network.y
  for _ in 0..<network.iterations {
    predictions = try session.run(
      [l2], feeding: [l0: network.l0, y: network.y], updating: train)[0]
  }
  return predictions
}
