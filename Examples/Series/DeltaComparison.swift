import Backtape

/// Trains by the tape and, at every iteration, holds each derived gradient against the delta the
/// post derives by hand.
struct DeltaComparison {
  /// What is compared: minus the derived gradient on the left, the post's name on the right.
  static let names = ["-dz2, l2Delta", "-dz1, l1Delta", "synapses1", "synapses0"]
  static let tolerance = 4.0

  /// One iteration: the loss before its update, and a report for each name.
  struct Row {
    let loss: Double
    let reports: [GradientReport]

    var unitsInLastPlace: Double { reports.compactMap(\.unitsInLastPlace).max() ?? 0 }
    var agrees: Bool { reports.allSatisfy(\.agrees) }
  }
  let rows: [Row]

  init(_ network: Network) {
    var synapses0 = network.synapses0
    var synapses1 = network.synapses1
    var rows: [Row] = []
    for _ in 0..<network.iterations {
      let tape = Tape()
      let weights0 = tape.variable(synapses0)
      let weights1 = tape.variable(synapses1)
      let z1 = network.l0.dot(weights0)
      let l1 = sigmoid(z1)
      let z2 = l1.dot(weights1)
      let l2 = sigmoid(z2)
      let loss = 0.5 * (network.y - l2).squared().sum()
      let derived = tape.gradient(of: loss, withRespectTo: [z2, z1, weights1, weights0])
      let byHand = deltasByHand(network, synapses1, l1.detached, l2.detached)
      rows.append(
        Row(
          loss: loss.item(),
          reports: DeltaComparison.names.indices.map { i in
            compareGradients(
              derived: [-derived[i]], handDerived: [byHand[i]], names: [DeltaComparison.names[i]],
              tolerance: .unitsInLastPlace(DeltaComparison.tolerance))
          }))
      synapses1 -= network.learningRate * derived[2]
      synapses0 -= network.learningRate * derived[3]
    }
    self.rows = rows
  }

  var agrees: Bool { rows.allSatisfy(\.agrees) }
}

/// The post's two deltas, and the steps it adds to the weights.
private func deltasByHand(
  _ network: Network, _ synapses1: Tensor, _ l1: Tensor, _ l2: Tensor
) -> [Tensor] {
  let l2Delta = (network.y - l2) * l2 * (1 - l2)
  let l1Delta = l2Delta.dot(synapses1.transposed) * l1 * (1 - l1)
  return [l2Delta, l1Delta, l1.transposed.dot(l2Delta), network.l0.transposed.dot(l1Delta)]
}
