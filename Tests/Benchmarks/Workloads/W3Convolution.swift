import Backtape

/// A network of two convolutions, as people train on images of digits.
struct W3Convolution: Workload {
  let name = "W3"
  let title = "a convolutional network on 28x28 images"
  let details = """
    Convolution of 3x3 to 16 channels, ReLU, pooling by 2, the same to 32 channels, dense 128, ReLU,
    dense 10; softmax cross-entropy, Adam, float32, batches of 64 that are in memory. `train` by a
    function of a graph, `fit` by a model, beside Keras.
    """
  let program: String? = "convolution.py"

  private static let batch = 64

  private static var flops: Double {
    let first = 26 * 26 * 9 * 16
    let second = 11 * 11 * 144 * 32
    let dense = 800 * 128 + 128 * 10
    // Forward, by weights, by inputs; nobody needs the derivative of the image.
    return Double(2 * (2 * first + 3 * (second + dense)))
  }

  var figures: [Figure] {
    let samples = Figure.Unit.perSecond("samples")
    return [
      Figure(
        id: "train", unit: samples, rivals: ["torch", "torch-compile", "jax", "tensorflow"],
        flops: Self.flops, must: [2: .times(2), 1: .times(2)], aim: [2: .value(42_000)]),
      Figure(
        id: "fit", unit: samples, rivals: ["keras-jax"], flops: Self.flops,
        must: [2: .times(2), 1: .times(2)], aim: [2: .value(42_000)]),
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let batches = size == .full ? 20 : 1
    switch figure {
    case "train": return try train(batches)
    case "fit": return try fit(batches)
    default: throw WrongResult(description: "W3 has no \(figure)")
    }
  }

  private func data(_ samples: Int) -> (x: Tensor, y: Tensor) {
    let x = Tensor.randomNormal([samples, 28, 28, 1], key: RandomKey(seed: 3))
    let y = (10 * Tensor.random([samples], key: RandomKey(seed: 3, stream: 1))).cast(.int64)
    return (x, y)
  }

  private func parameters() -> [Tensor] {
    func kernel(_ shape: Shape, fan: Int, _ stream: UInt32) -> Tensor {
      let scale = (2 / Double(fan)).squareRoot()
      return scale * .randomNormal(shape, key: RandomKey(seed: 3, stream: stream))
    }
    return [
      kernel([3, 3, 1, 16], fan: 9, 2), .zeros([16]),
      kernel([3, 3, 16, 32], fan: 144, 3), .zeros([32]),
      kernel([800, 128], fan: 800, 4), .zeros([128]),
      kernel([128, 10], fan: 128, 5), .zeros([10]),
    ]
  }

  private func forward(_ p: [Tensor], _ x: Tensor) -> Tensor {
    var x = maxPool2d(relu(conv2d(x, p[0]) + p[1]), size: 2)
    x = maxPool2d(relu(conv2d(x, p[2]) + p[3]), size: 2)
    x = relu(x.reshape([-1, 800]).dot(p[4]) + p[5])
    return x.dot(p[6]) + p[7]
  }

  private func train(_ count: Int) throws -> Work {
    let graph = Graph()
    let variables = parameters().map { graph.variable("parameter", $0) }
    let x = graph.placeholder("x", [Self.batch, 28, 28, 1])
    let y = graph.placeholder("y", [Self.batch], .int64)
    let loss = crossEntropy(forward(variables, x), y)
    let step = try Function(
      inputs: [x, y], outputs: [loss], updates: Adam().minimize(loss, in: graph))
    let (images, labels) = data(count * Self.batch)
    let batches = (0..<count).map { i in
      let rows = i * Self.batch..<(i + 1) * Self.batch
      return (images.slice(axis: 0, rows), labels.slice(axis: 0, rows))
    }
    let (first, answers) = batches[0]
    let check = {
      let before = try step(first, answers)[0].item()
      for _ in 0..<5 { try step(first, answers) }
      try expectDescent(from: before, to: try step(first, answers)[0].item())
    }
    return Work(items: count * Self.batch, check: check) {
      for (x, y) in batches { try step(x, y) }
    }
  }

  private func fit(_ count: Int) throws -> Work {
    let model = Model(input: [28, 28, 1]) {
      Conv2D(16, 3, activation: .relu)
      MaxPooling2D()
      Conv2D(32, 3, activation: .relu)
      MaxPooling2D()
      Flatten()
      Dense(128, activation: .relu)
      Dense(10)
    }
    model.compile(
      optimizer: .adam(), loss: .sparseCategoricalCrossEntropy(fromLogits: true))
    let (x, y) = data(count * Self.batch)
    let check = {
      let history = try model.fit(x, y, batchSize: Self.batch, epochs: 5, verbosity: .silent)
      try expectDescent(from: history.loss[0], to: history.loss[4])
    }
    return Work(items: count * Self.batch, check: check) {
      try model.fit(x, y, batchSize: Self.batch, verbosity: .silent)
    }
  }
}
