import Backtape
import Testing

/// The published network of the series: 3 inputs, 4 hidden units, 1 output.
enum Series {
  static let x = Tensor([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
  static let y = Tensor([[0.0], [0], [1], [1]])
  static let published = [0.16773399, 0.1427798, 0.84060332, 0.82558171]

  static func model() -> Model {
    let model = Model(input: [3], dtype: .float64) {
      Dense(4, activation: .sigmoid, useBias: false)
      Dense(1, activation: .sigmoid, useBias: false)
    }
    var random = NumPyRandomState(seed: 1)
    model["dense/kernel"] = 2 * random.randomSample([3, 4]) - 1
    model["dense_1/kernel"] = 2 * random.randomSample([4, 1]) - 1
    return model
  }
}

struct SeriesTests {
  @Test("Half the summed squares at rate 1, or their mean at rate 2, give the published table")
  func published() throws {
    var predictions: [[Double]] = []
    for (rate, loss) in [(1.0, Loss.halfSquaredErrorSum), (2.0, .meanSquaredError)] {
      let model = Series.model()
      model.compile(optimizer: .sgd(learningRate: rate), loss: loss)
      let history = try model.fit(
        Series.x, Series.y, batchSize: 4, epochs: 49, shuffle: false, verbosity: .silent)
      #expect(history.loss.count == 49)
      let prediction = try model.predict(Series.x).scalars(as: Double.self)
      for (value, expected) in zip(prediction, Series.published) {
        #expect(abs(value - expected) <= 0.5e-8)
      }
      predictions.append(prediction)
      if rate == 1 {
        #expect(abs(history.loss[0] - 0.4394351225) < 1e-10)
        #expect(abs(try model.evaluate(Series.x, Series.y).loss - 0.0521749008) < 1e-10)
      }
    }
    for (a, b) in zip(predictions[0], predictions[1]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("The mean of squares at rate 1 gives another table: the trap of equal names")
  func meanAtRateOne() throws {
    let model = Series.model()
    model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
    try model.fit(Series.x, Series.y, batchSize: 4, epochs: 49, verbosity: .silent)
    let prediction = try model.predict(Series.x).scalars(as: Double.self)
    for (value, expected) in zip(prediction, [0.2918, 0.2814, 0.7075, 0.6940]) {
      #expect(abs(value - expected) <= 0.5e-4)
    }
  }

  @Test("minimize in a graph gives the published table, with a session and with a function")
  func minimize() throws {
    let weights = Series.model()
    let graph = Graph()
    let input = graph.placeholder("x", [4, 3], .float64)
    let target = graph.placeholder("y", [4, 1], .float64)
    let a = graph.variable("synapses_0", weights["dense/kernel"])
    let b = graph.variable("synapses_1", weights["dense_1/kernel"])
    let output = sigmoid(sigmoid(input.dot(a)).dot(b))
    let loss = 0.5 * (target - output).squared().sum()
    let train = SGD(learningRate: 1).minimize(loss, in: graph)
    #expect(train.count == 2)
    let session = Session(graph)
    let function = try Function(inputs: [input, target], outputs: [output], updates: train)
    for step in 1...50 {
      let fetched = try session.run(
        [output], feeding: [input: Series.x, target: Series.y], updating: train)[0]
      let returned = try function(Series.x, Series.y)[0]
      if step < 50 { continue }
      for prediction in [fetched, returned] {
        for (value, expected) in zip(prediction.scalars(as: Double.self), Series.published) {
          #expect(abs(value - expected) <= 0.5e-8)
        }
      }
    }
  }
}
