import Backtape
import Testing

/// The 3-4-1 network of the series, trained as a graph: the post's table, to its last digit.
@Suite("The published network as a graph")
struct PublishedNetworkTests {
  let graph = Graph()
  let x: Tensor
  let y: Tensor
  let l2: Tensor
  let loss: Tensor
  let steps: [Update]
  let data = Tensor([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
  let labels = Tensor([[0.0], [0], [1], [1]])

  /// From the post: predictions of the 50th iteration, before its update.
  let published = Tensor([[0.16773399], [0.1427798], [0.84060332], [0.82558171]])
  /// Of the same network in NumPy: after that update.
  let afterwards = Tensor([[0.16469423], [0.13982662], [0.84363017], [0.82874687]])

  init() {
    var random = NumPyRandomState(seed: 1)
    let first = 2 * random.randomSample([3, 4]) - 1
    let second = 2 * random.randomSample([4, 1]) - 1
    x = graph.placeholder("x", [4, 3], .float64)
    y = graph.placeholder("y", [4, 1], .float64)
    let synapses0 = graph.variable("synapses_0", first)
    let synapses1 = graph.variable("synapses_1", second)
    l2 = sigmoid(sigmoid(x.dot(synapses0)).dot(synapses1))
    loss = 0.5 * (y - l2).squared().sum()
    let gradients = graph.gradients(of: loss, withRespectTo: [synapses0, synapses1])
    steps = [
      Update(synapses0, to: synapses0 - gradients[0]),
      Update(synapses1, to: synapses1 - gradients[1]),
    ]
  }

  func check(_ losses: [Double], _ predictions: Tensor, _ after: Tensor) {
    #expect(abs(losses[0] - 0.4394351225) < 5e-11)
    #expect(abs(losses[49] - 0.0521749008) < 5e-11)
    #expect(predictions.allClose(published, relative: 0, absolute: 0.5e-8))
    #expect(after.allClose(afterwards, relative: 0, absolute: 0.5e-8))
  }

  @Test("in the manner of TensorFlow 1")
  func session() throws {
    let session = Session(graph)
    var losses: [Double] = []
    var predictions = labels
    for _ in 0..<50 {
      let values = try session.run(
        [loss, l2], feeding: [x: data, y: labels], updating: steps)
      losses.append(values[0].item())
      predictions = values[1]
    }
    check(losses, predictions, try session.run(l2, feeding: [x: data]))
  }

  @Test("in the manner of Theano")
  func function() throws {
    let train = try Function(inputs: [x, y], outputs: [loss, l2], updates: steps)
    let predict = try Function(inputs: [x], outputs: [l2])
    let history = try (0..<50).map { _ in try train(data, labels) }
    check(history.map { $0[0].item() }, history[49][1], try predict(data)[0])
  }

  @Test("as a compiled step")
  func compiledStep() throws {
    var weights = try graph.allVariables.map { try graph.value(of: $0) }
    let (data, labels) = (data, labels)
    let step = compiled { (w: [Tensor]) -> [Tensor] in
      var l2 = labels
      let (loss, gradient) = valueWithGradient(at: w) { w in
        l2 = sigmoid(sigmoid(data.dot(w[0])).dot(w[1]))
        return 0.5 * (labels - l2).squared().sum()
      }
      return [loss, l2, w[0] - gradient[0], w[1] - gradient[1]]
    }
    var losses: [Double] = []
    var predictions = labels
    for _ in 0..<50 {
      let values = step(weights)
      losses.append(values[0].item())
      predictions = values[1]
      weights = Array(values[2...])
    }
    check(losses, predictions, step(weights)[1])
  }
}
