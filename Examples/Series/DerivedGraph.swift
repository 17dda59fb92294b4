import Backtape

/// The gradient of the network as the graph derives it, beside the deltas of the post.
enum DerivedGraph {
  static func text(_ network: Network) -> String {
    let graph = Graph()
    let l0 = graph.placeholder("l0", network.l0.shape, network.l0.dtype)
    let y = graph.placeholder("y", network.y.shape, network.y.dtype)
    let synapses0 = graph.variable("synapses0", network.synapses0)
    let synapses1 = graph.variable("synapses1", network.synapses1)
    let z1 = l0.dot(synapses0)
    let l1 = sigmoid(z1)
    let z2 = l1.dot(synapses1)
    let l2 = sigmoid(z2)
    let l2Error = y - l2
    let loss = 0.5 * l2Error.squared().sum()
    let slopes = graph.gradients(of: loss, withRespectTo: [z2, z1, synapses1, synapses0])
    let forward = [l0, y, synapses0, synapses1, z1, l1, z2, l2, l2Error, loss]
    let names = ["z1", "l1", "z2", "l2", "l2Error", "loss"]
    for (tensor, name) in zip(forward.dropFirst(4), names) { graph.name(tensor, name) }
    for (tensor, name) in zip(slopes, ["dz2", "dz1", "dSynapses1", "dSynapses0"]) {
      graph.name(tensor, name)
    }
    return """
      forward
      \(indented(graph.listing(of: [loss])))

      derived from it
      \(indented(graph.listing(of: slopes, upTo: forward)))

      by hand, in the post
        l2Delta = l2Error * l2 * (1 - l2)                    is -dz2
        l1Delta = l2Delta.dot(synapses1.T) * l1 * (1 - l1)   is -dz1
        synapses1 += l1.T.dot(l2Delta)                       adds -dSynapses1
        synapses0 += l0.T.dot(l1Delta)                       adds -dSynapses0
      """
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
  }
}
