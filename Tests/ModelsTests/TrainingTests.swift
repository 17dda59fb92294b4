import Backtape
import BacktapeModels
import Testing

/// Whole trainings against PyTorch's in `Tests/Golden/trainings.json`: losses of every step, and
/// weights and moving averages at the end, within 1e-9.
struct TrainingTests {
  struct Golden: Decodable {
    struct Header: Decodable {
      let generator: String
      let cases: Int
    }
    let header: Header
    let cases: [Case]

    static func load() throws -> Golden { try loadGolden("trainings") }
  }

  struct Values: Decodable, Sendable {
    let shape: [Int]
    let data: [Double]

    var tensor: Tensor { Tensor(data, Shape(shape)) }
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let optimizer: String
    let x: Values
    let y: Values
    let losses: [Double]
    let initial: [String: Values]
    let final: [String: Values]
    let running: [Values]?
    let inference: Values?

    var testDescription: String { name }

    var rule: any Optimizer {
      get throws {
        switch optimizer {
        case "sgd": .sgd(learningRate: 0.1)
        case "momentum": .sgd(learningRate: 0.1, momentum: 0.9)
        case "nesterov": .sgd(learningRate: 0.1, momentum: 0.8, nesterov: true)
        case "adam": .adam(learningRate: 0.02, epsilon: 1e-300)
        case "adamW": .adamW(learningRate: 0.02, weightDecay: 0.004, epsilon: 1e-300)
        default: throw UnknownOptimizer()
        }
      }
    }
  }

  struct UnknownOptimizer: Error {}

  /// What a network gives, and what normalized channels were.
  typealias Outcome = (logits: Tensor, channels: [BatchNormalized])

  static func logits(_ name: String, _ p: [String: Tensor], _ x: Tensor) -> Outcome {
    switch name.prefix(while: { $0 != "," }) {
    case "convolutional":
      let first = batchNorm(conv2d(x, p["k0"]!), scale: p["scale0"], offset: p["offset0"])
      let pooled = maxPool2d(relu(first.output), size: 2)
      let second = batchNorm(conv2d(pooled, p["k1"]!), scale: p["scale1"], offset: p["offset1"])
      let means = relu(second.output).mean(axes: [1, 2])
      return (means.dot(p["w"]!) + p["b"]!, [first, second])
    case "memory":
      let y = lstm(x, kernel: p["k"]!, recurrentKernel: p["u"]!, bias: p["b"])
      return (y.hidden.dot(p["w"]!), [])
    case "gated":
      let y = gru(
        x, kernel: p["k"]!, recurrentKernel: p["u"]!, bias: p["b"], recurrentBias: p["c"],
        gates: .resetUpdateNew)
      return (y.hidden.dot(p["w"]!), [])
    default:
      let hidden = tanh(gelu(x.dot(p["w0"]!) + p["b0"]!).dot(p["w1"]!) + p["b1"]!)
      return (hidden.dot(p["w2"]!), [])
    }
  }

  /// The convolutional network in use, by moving averages.
  static func inference(_ p: [String: Tensor], _ x: Tensor, _ running: [Tensor]) -> Tensor {
    let first = batchNorm(
      conv2d(x, p["k0"]!), mean: running[0], variance: running[1], scale: p["scale0"],
      offset: p["offset0"])
    let second = batchNorm(
      conv2d(maxPool2d(relu(first), size: 2), p["k1"]!), mean: running[2], variance: running[3],
      scale: p["scale1"], offset: p["offset1"])
    return relu(second).mean(axes: [1, 2]).dot(p["w"]!) + p["b"]!
  }

  private func expect(
    _ found: Tensor, _ expected: Values, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      found.allClose(expected.tensor, relative: 1e-9, absolute: 1e-10),
      "\(what): \(found), expected \(expected.data)", sourceLocation: sourceLocation)
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try Golden.load()
    #expect(golden.header.generator == "Tests/Golden/trainings.py")
    #expect(golden.cases.count == golden.header.cases && golden.cases.count == 12)
    #expect(golden.cases.filter { Self.momenta.keys.contains($0.optimizer) }.count == 5)
    #expect(golden.cases.contains { $0.running?.count == 4 && $0.inference != nil })
    #expect(golden.cases.allSatisfy { $0.initial.keys == $0.final.keys && !$0.losses.isEmpty })
  }

  @Test("In a plan", arguments: try Golden.load().cases)
  func inPlan(golden: Case) throws {
    let graph = Graph()
    let x = graph.placeholder("x", Shape(golden.x.shape), .float64)
    let y = graph.placeholder("y", Shape(golden.y.shape), .int64)
    let weights = golden.initial.mapValues { graph.variable("weight", $0.tensor) }
    let (logits, channels) = TrainingTests.logits(golden.name, weights, x)
    let loss = crossEntropy(logits, y)
    var updates = try golden.rule.minimize(loss, in: graph)
    // PyTorch's moving averages take the variance divided by n - 1.
    let counts = [6 * 6 * 6, 6 * 2 * 2]
    let averages = zip(channels, counts).flatMap { channel, count -> [Tensor] in
      let variance = channel.variance * (Double(count) / Double(count - 1))
      return [(channel.mean, 0.0), (variance, 1.0)].map { now, start in
        let average = graph.variable("average", .full(now.shape, start, .float64))
        updates.append(Update(average, to: 0.9 * average + 0.1 * now))
        return average
      }
    }
    let step = try Function(inputs: [x, y], outputs: [loss], updates: updates)
    let data = (golden.x.tensor, golden.y.tensor.cast(.int64))
    for (i, expected) in golden.losses.enumerated() {
      let found = try step(data.0, data.1)[0].item()
      #expect((found - expected).magnitude < 1e-9 * (1 + expected.magnitude), "step \(i)")
    }
    let final = try weights.mapValues { try graph.value(of: $0) }
    for (name, expected) in golden.final { expect(final[name]!, expected, name) }
    let running = try averages.map { try graph.value(of: $0) }
    #expect(running.count == golden.running?.count ?? 0)
    for (average, expected) in zip(running, golden.running ?? []) {
      expect(average, expected, "moving average")
    }
    if let expected = golden.inference {
      expect(TrainingTests.inference(final, golden.x.tensor, running), expected, "inference")
    }
  }

  /// Momenta of what is written by hand below.
  private static let momenta = ["sgd": 0, "momentum": 0.9]

  @Test(
    "On the tape, step by step",
    arguments: try Golden.load().cases.filter { momenta.keys.contains($0.optimizer) })
  func onTape(golden: Case) throws {
    let momentum = try #require(Self.momenta[golden.optimizer])
    var velocities: [String: Tensor] = [:]
    var weights = golden.initial.mapValues(\.tensor)
    let (x, y) = (golden.x.tensor, golden.y.tensor.cast(.int64))
    for (i, expected) in golden.losses.enumerated() {
      let (found, slopes) = valueWithGradient(at: weights) {
        crossEntropy(TrainingTests.logits(golden.name, $0, x).logits, y)
      }
      #expect((found.item() - expected).magnitude < 1e-9 * (1 + expected.magnitude), "step \(i)")
      for (name, slope) in slopes {
        let velocity = velocities[name].map { momentum * $0 + slope } ?? slope
        weights[name] = weights[name]! - 0.1 * velocity
        velocities[name] = velocity
      }
    }
    for (name, expected) in golden.final { expect(weights[name]!, expected, name) }
  }
}
