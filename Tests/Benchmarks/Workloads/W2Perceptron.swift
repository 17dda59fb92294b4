import Backtape

/// A perceptron as people train on images of digits.
struct W2Perceptron: Workload {
  let name = "W2"
  let title = "a perceptron 784-512-256-10"
  let details = """
    ReLU, softmax cross-entropy of integer labels, Adam, float32, batches of 128 that are in memory:
    `train` and `infer` by a function of a graph, `fit` by a model, beside Keras; `eager` on the
    tape, beside PyTorch run in the same way. Inference is of one sample and of 128.
    """
  let program: String? = "perceptron.py"

  private static let widths = [784, 512, 256, 10]
  private static let batch = 128
  private static let inferenceFlops = Double(2 * (784 * 512 + 512 * 256 + 256 * 10))
  // Nobody needs the gradient of the input.
  private static let trainingFlops = 3 * inferenceFlops - Double(2 * 784 * 512)

  var figures: [Figure] {
    let samples = Figure.Unit.perSecond("samples")
    let peers = ["numpy", "torch", "torch-compile", "jax", "tensorflow"]
    let keras = ["keras-jax", "keras-tensorflow"]
    return [
      Figure(
        id: "train", unit: samples, rivals: peers, flops: Self.trainingFlops,
        must: [2: .times(1.2), 1: .times(1.15)], aim: [2: .value(85_000), 1: .value(43_000)]),
      Figure(
        id: "fit", unit: samples, rivals: keras, flops: Self.trainingFlops,
        must: [2: .times(1.2), 1: .times(1.15)], aim: [2: .value(85_000), 1: .value(43_000)]),
      Figure(
        id: "eager", rivalID: "train", unit: samples, rivals: ["torch"],
        flops: Self.trainingFlops, must: [2: .times(1.2), 1: .times(1.2)],
        aim: [2: .times(1.5), 1: .times(1.5)]),
      Figure(
        id: "infer 1", unit: samples, rivals: peers + ["onnxruntime"], must: [2: .times(1.5)],
        aim: [2: .value(80_000)]),
      Figure(
        id: "infer 128", unit: samples, rivals: peers + ["onnxruntime"],
        flops: Self.inferenceFlops, must: [2: .times(1)], aim: [2: .value(205_000)]),
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let batches = size == .full ? 50 : 2
    switch figure {
    case "train": return try train(batches)
    case "fit": return try fit(batches)
    case "eager": return eager(batches)
    case "infer 1": return try infer(1)
    case "infer 128": return try infer(128)
    default: throw WrongResult(description: "W2 has no \(figure)")
    }
  }

  // MARK: data

  private func data(_ samples: Int) -> (x: Tensor, y: Tensor) {
    let x = Tensor.randomNormal([samples, 784], key: RandomKey(seed: 2))
    let y = (10 * Tensor.random([samples], key: RandomKey(seed: 2, stream: 1))).cast(.int64)
    return (x, y)
  }

  private func batches(_ count: Int) -> [(x: Tensor, y: Tensor)] {
    let (x, y) = data(count * Self.batch)
    return (0..<count).map { i in
      let rows = i * Self.batch..<(i + 1) * Self.batch
      return (x.slice(axis: 0, rows), y.slice(axis: 0, rows))
    }
  }

  /// Kernel and bias of every layer.
  private func parameters() -> [Tensor] {
    zip(Self.widths, Self.widths.dropFirst()).enumerated().flatMap { layer, extents in
      let scale = (2 / Double(extents.0)).squareRoot()
      let key = RandomKey(seed: 2, stream: UInt32(layer) + 2)
      return [
        Tensor.randomNormal([extents.0, extents.1], key: key) * scale, .zeros([extents.1]),
      ]
    }
  }

  private func forward(_ p: [Tensor], _ x: Tensor) -> Tensor {
    relu(relu(x.dot(p[0]) + p[1]).dot(p[2]) + p[3]).dot(p[4]) + p[5]
  }

  // MARK: figures

  private func train(_ count: Int) throws -> Work {
    let graph = Graph()
    let variables = parameters().map { graph.variable("parameter", $0) }
    let x = graph.placeholder("x", [Self.batch, 784])
    let y = graph.placeholder("y", [Self.batch], .int64)
    let loss = crossEntropy(forward(variables, x), y)
    let step = try Function(
      inputs: [x, y], outputs: [loss], updates: Adam().minimize(loss, in: graph))
    let data = batches(count)
    let check = {
      let before = try step(data[0].x, data[0].y)[0].item()
      for _ in 0..<5 { try step(data[0].x, data[0].y) }
      try expectDescent(from: before, to: try step(data[0].x, data[0].y)[0].item())
    }
    return Work(items: count * Self.batch, check: check) {
      for (x, y) in data { try step(x, y) }
    }
  }

  private func fit(_ count: Int) throws -> Work {
    let model = Model(input: [784]) {
      Dense(512, activation: .relu)
      Dense(256, activation: .relu)
      Dense(10)
    }
    model.compile(
      optimizer: .adam(), loss: .sparseCategoricalCrossEntropy(fromLogits: true))
    let (x, y) = data(count * Self.batch)
    let check = {
      let history = try model.fit(
        x, y, batchSize: Self.batch, epochs: 3, verbosity: .silent)
      try expectDescent(from: history.loss[0], to: history.loss[2])
    }
    return Work(items: count * Self.batch, check: check) {
      try model.fit(x, y, batchSize: Self.batch, verbosity: .silent)
    }
  }

  private func eager(_ count: Int) -> Work {
    let start = parameters()
    let optimizer = EagerAdam(start)
    let data = batches(count)
    func step(_ x: Tensor, _ y: Tensor) -> Double {
      optimizer.step { p in crossEntropy(forward(p, x), y) }
    }
    let check = {
      let before = step(data[0].x, data[0].y)
      for _ in 0..<5 { _ = step(data[0].x, data[0].y) }
      try expectDescent(from: before, to: step(data[0].x, data[0].y))
    }
    return Work(items: count * Self.batch, check: check) {
      for (x, y) in data { _ = step(x, y) }
    }
  }

  private func infer(_ samples: Int) throws -> Work {
    let graph = Graph()
    let values = parameters()
    let variables = values.map { graph.variable("parameter", $0) }
    let x = graph.placeholder("x", [samples, 784])
    let predict = try Function(inputs: [x], outputs: [forward(variables, x)])
    let input = data(samples).x
    let check = {
      let expected = forward(values.map { $0.cast(.float64) }, input.cast(.float64))
      let got = try predict(input)[0].cast(.float64)
      if !got.allClose(expected, relative: 1e-3, absolute: 1e-3) {
        throw WrongResult(description: "the outputs differ from those in float64")
      }
    }
    return Work(items: samples, check: check) { _ = try predict(input) }
  }
}
