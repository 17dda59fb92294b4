import Backtape

/// The network of the series: 3 inputs, 4 hidden units, 1 output, in float64.
struct W1Step: Workload {
  let name = "W1"
  let title = "a step of the 3-4-1 network"
  let details = """
    Four samples of three inputs, sigmoids, no biases, half the sum of squared errors, rate 1,
    float64: forward pass, gradient and update. The predictions of iteration 50 are checked against
    the published ones. A public call feeds the data and gives the predictions, as those of the
    peers do; the step without feeds and results is the plan alone, beside C written by hand (the
    best of five builds). An epoch of `fit` is one batch, beside Keras.
    """
  let program: String? = "step.py"

  var anchors: [Anchor] {
    [
      Anchor(
        name: "C", source: "step.c",
        builds: [
          [], ["-O2"], ["-funroll-loops"], ["-falign-functions=64", "-falign-loops=64"],
          ["-fno-tree-vectorize"],
        ]),
      Anchor(name: "C, -ffast-math", source: "step.c", builds: [["-ffast-math"]]),
    ]
  }

  var figures: [Figure] {
    [
      Figure(
        id: "plan", rivalID: "step", unit: .nanoseconds, threads: [1],
        rivals: ["C", "C, -ffast-math"], must: [1: .times(1 / 1.4, of: ["C"])],
        aim: [1: .times(1 / 1.05, of: ["C"])]),
      Figure(
        id: "call", rivalID: "step", unit: .microseconds, threads: [1],
        rivals: ["numpy", "torch", "jax", "tensorflow"], must: [1: .times(15, of: ["numpy"])],
        aim: [1: .value(0.4)]),
      Figure(
        id: "fit", unit: .microseconds, rivals: ["keras-jax", "keras-tensorflow"],
        must: [2: .times(200, of: ["keras-jax"]), 1: .times(200, of: ["keras-jax"])],
        aim: [2: .times(1000, of: ["keras-jax"]), 1: .times(1000, of: ["keras-jax"])]),
    ]
  }

  private let x = Tensor([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1.0]])
  private let y = Tensor([[0], [0], [1], [1.0]])

  private var synapses: [Tensor] {
    var random = NumPyRandomState(seed: 1)
    return [2 * random.randomSample([3, 4]) - 1, 2 * random.randomSample([4, 1]) - 1]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let steps = size == .full ? 1000 : 2
    switch figure {
    case "plan": return try plan(steps)
    case "call": return try call(steps)
    case "fit": return try fit(steps)
    default: throw WrongResult(description: "W1 has no \(figure)")
    }
  }

  /// The step alone: the data is part of the graph, and nothing is asked for.
  private func plan(_ steps: Int) throws -> Work {
    let graph = Graph()
    let weights = synapses.enumerated().map { graph.variable("synapses\($0)", $1) }
    let train = try Function(
      inputs: [], outputs: [], updates: updates(graph, weights, predictions(weights, x), y))
    let check = {
      for _ in 0..<49 { try train() }
      let now = try weights.map { try graph.value(of: $0) }
      try checkPublished(predictions(now, x))
    }
    let plan = train.plan
    return Work(items: steps, check: check) { for _ in 0..<steps { plan.step() } }
  }

  /// A call of a function as its users write it.
  private func call(_ steps: Int) throws -> Work {
    let graph = Graph()
    let weights = synapses.enumerated().map { graph.variable("synapses\($0)", $1) }
    let inputs = graph.placeholder("x", [4, 3], .float64)
    let labels = graph.placeholder("y", [4, 1], .float64)
    let outputs = predictions(weights, inputs)
    let train = try Function(
      inputs: [inputs, labels], outputs: [outputs],
      updates: updates(graph, weights, outputs, labels))
    let check = {
      var last = y
      for _ in 0..<50 { last = try train(x, y)[0] }
      try checkPublished(last)
    }
    return Work(items: steps, check: check) { for _ in 0..<steps { try train(x, y) } }
  }

  /// An epoch of one batch.
  private func fit(_ steps: Int) throws -> Work {
    let model = Model(input: [3], dtype: .float64) {
      Dense(4, activation: .sigmoid, useBias: false)
      Dense(1, activation: .sigmoid, useBias: false)
    }
    try model.setParameter("dense/kernel", to: synapses[0])
    try model.setParameter("dense_1/kernel", to: synapses[1])
    model.compile(optimizer: .sgd(learningRate: 1), loss: .halfSquaredErrorSum)
    let check = {
      try model.fit(x, y, batchSize: 4, epochs: 49, verbosity: .silent)
      try checkPublished(try model.predict(x))
    }
    return Work(items: steps, check: check) {
      try model.fit(x, y, batchSize: 4, epochs: steps, shuffle: false, verbosity: .silent)
    }
  }

  private func predictions(_ weights: [Tensor], _ inputs: Tensor) -> Tensor {
    sigmoid(sigmoid(inputs.dot(weights[0])).dot(weights[1]))
  }

  private func updates(
    _ graph: Graph, _ weights: [Tensor], _ outputs: Tensor, _ labels: Tensor
  ) -> [Update] {
    let loss = 0.5 * (labels - outputs).squared().sum()
    let slopes = graph.gradients(of: loss, withRespectTo: weights)
    return zip(weights, slopes).map { Update($0, to: $0 - $1) }
  }
}

/// Throws unless these are the published predictions of iteration 50.
func checkPublished(_ predictions: Tensor) throws {
  let published = [0.16773399, 0.1427798, 0.84060332, 0.82558171]
  for (got, expected) in zip(predictions.scalars(as: Double.self), published) {
    try expect("a prediction of iteration 50", got, near: expected, tolerance: 2e-8)
  }
}
