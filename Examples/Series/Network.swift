import Backtape

/// What every style is given: the post's data, the weights to start from, and how long to train.
struct Network {
  let l0: Tensor
  let y: Tensor
  let synapses0: Tensor
  let synapses1: Tensor
  let iterations: Int
  let learningRate: Double

  /// The post's table: three inputs and the output, row by row.
  ///
  /// Its picture shows `1 1 1 -> 0` in the second row; with the row below, as its text has it, the
  /// published predictions come out to every digit.
  static let table: [[Double]] = [
    [0, 0, 1, 0],
    [0, 1, 1, 0],
    [1, 0, 1, 1],
    [1, 1, 1, 1],
  ]

  /// Weights are drawn in -1..<1 from NumPy's legacy generator, the 3x4 first, then the 4x1.
  init(_ settings: Settings) {
    let rows = Tensor(Network.table)
    l0 = rows[.all, 0..<3].cast(settings.dtype)
    y = rows[.all, 3..<4].cast(settings.dtype)
    var random = NumPyRandomState(seed: settings.seed)
    synapses0 = (2 * random.randomSample([3, 4]) - 1).cast(settings.dtype)
    synapses1 = (2 * random.randomSample([4, 1]) - 1).cast(settings.dtype)
    iterations = settings.iterations
    learningRate = settings.learningRate
  }

  /// The same network trained for another number of iterations.
  init(_ network: Network, iterations: Int) {
    l0 = network.l0
    y = network.y
    synapses0 = network.synapses0
    synapses1 = network.synapses1
    learningRate = network.learningRate
    self.iterations = iterations
  }
}
