import Backtape

/// Part 3: the layers are declared, the loop is the library's.
///
/// - Returns: the predictions after one iteration less, which are those of the last iteration
///   before its update.
func kerasStyle(_ network: Network) throws -> Tensor {
  let model = Model(input: [3], dtype: network.l0.dtype) {
    Dense(4, activation: .sigmoid, useBias: false)
    Dense(1, activation: .sigmoid, useBias: false)
  }
  try model.setParameter("dense/kernel", to: network.synapses0)
  try model.setParameter("dense_1/kernel", to: network.synapses1)
  model.compile(optimizer: .sgd(learningRate: network.learningRate), loss: .halfSquaredErrorSum)
  try model.fit(
    network.l0, network.y, batchSize: 4, epochs: network.iterations - 1, verbosity: .silent)
  return try model.predict(network.l0)
}
