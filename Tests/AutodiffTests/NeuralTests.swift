import Backtape
import Testing

/// The operations networks are made of, and their derivatives, against PyTorch's in
/// `Tests/Golden/neural.json`.
struct NeuralTests {
  @Test("Values and derivatives equal PyTorch's", arguments: try NeuralGolden.load().cases)
  func equalsPyTorch(golden: NeuralGolden.Case) throws {
    golden.expectDerivatives(of: try #require(golden.function))
  }

  @Test(
    "Values and gradients in graphs are those at once", arguments: try NeuralGolden.load().cases)
  func graphsAgree(golden: NeuralGolden.Case) throws {
    let inputs = golden.inputs.map(\.tensor)
    let cotangent = golden.cotangent.tensor
    let function = try #require(golden.function)
    let graph = Graph()
    let places = inputs.map { graph.placeholder("x", $0.shape, .float64) }
    let value = function(places)
    let gradients = graph.gradients(of: (value * cotangent).sum(), withRespectTo: places)
    let results = try Session(graph).run(
      [value] + gradients, feeding: Feeds(Array(zip(places, inputs))))
    golden.value.expectNear(results[0], "value")
    for (position, (result, expected)) in zip(results.dropFirst(), golden.vjp).enumerated() {
      expected.expectNear(result, "gradient of input \(position)")
    }
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try NeuralGolden.load()
    #expect(golden.header.generator == "Tests/Golden/neural.py")
    #expect(golden.cases.count == golden.header.cases)
    #expect(golden.cases.count >= 58)
  }
}

struct NeuralGolden: Decodable {
  struct Header: Decodable {
    let generator: String
    let cases: Int
  }
  let header: Header
  let cases: [Case]

  static func load() throws -> NeuralGolden { try loadGolden("neural") }

  struct Case: GoldenFunction, Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let operation: String
    let settings: Settings
    let inputs: [GoldenArray]
    let cotangent: GoldenArray
    let tangents: [GoldenArray]
    let value: GoldenArray
    let vjp: [GoldenArray]
    let jvp: GoldenArray
    let hvp: [GoldenArray]

    var testDescription: String { name }
  }

  struct Settings: Decodable, Sendable {
    let stride: Int?
    let dilation: Int?
    let padding: NeuralPadding?
    let size: Int?
    let step: Int?
    let axis: Int?
    let indices: NestedIntegers?
    let labels: NestedIntegers?
    let epsilon: Double?
    let form: String?
    let slope: Double?
    let keepDims: Bool?
    let isCausal: Bool?
  }
}

/// "valid", "same", or amounts before and after.
struct NeuralPadding: Decodable, Sendable {
  let padding: Padding

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let amounts = try? container.decode([[Int]].self) {
      padding = .explicit(before: amounts[0], after: amounts[1])
    } else {
      padding = try container.decode(String.self) == "same" ? .same : .valid
    }
  }
}

/// A number, a list or a list of lists.
struct NestedIntegers: Decodable, Sendable {
  let tensor: Tensor

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      tensor = Tensor(number)
    } else if let list = try? container.decode([Int].self) {
      tensor = Tensor(list)
    } else {
      tensor = Tensor(try container.decode([[Int]].self))
    }
  }
}

extension NeuralGolden.Case {
  /// The operation with its settings.
  var function: (@Sendable ([Tensor]) -> Tensor)? {
    let settings = settings
    let stride = settings.stride
    let padding = settings.padding?.padding ?? .valid
    let dilation = settings.dilation ?? 1
    let size = settings.size ?? 1
    let axis = settings.axis ?? 0
    switch operation {
    case "conv1d":
      return { conv1d($0[0], $0[1], stride: stride ?? 1, padding: padding, dilation: dilation) }
    case "conv2d":
      return { conv2d($0[0], $0[1], stride: stride ?? 1, padding: padding, dilation: dilation) }
    case "maxPool2d": return { maxPool2d($0[0], size: size, stride: stride, padding: padding) }
    case "avgPool2d": return { avgPool2d($0[0], size: size, stride: stride, padding: padding) }
    case "windows":
      return { $0[0].windows(axis: axis, size: size, step: settings.step ?? 1, dilation: dilation) }
    case "take": return { $0[0].take(settings.indices!.tensor, axis: axis) }
    case "takeAlongAxis": return { $0[0].takeAlongAxis(settings.indices!.tensor, axis: axis) }
    case "embedding": return { embedding(settings.indices!.tensor, $0[0]) }
    case "layerNorm":
      return {
        layerNorm(
          $0[0], scale: $0.count > 1 ? $0[1] : nil, offset: $0.count > 1 ? $0[2] : nil,
          epsilon: settings.epsilon!)
      }
    case "gelu": return { gelu($0[0], settings.form == "tanh" ? .tanh : .exact) }
    case "silu": return { silu($0[0]) }
    case "softplus": return { softplus($0[0]) }
    case "leakyRelu": return { leakyRelu($0[0], slope: settings.slope!) }
    case "logSumExp": return { logSumExp($0[0], axis: axis, keepDims: settings.keepDims!) }
    case "crossEntropy": return { crossEntropy($0[0], settings.labels!.tensor) }
    case "attention":
      return { scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: settings.isCausal!) }
    case "lstm":
      return { lstm($0[0], kernel: $0[1], recurrentKernel: $0[2], bias: $0[3]).outputs }
    case "gpt":
      return {
        languageModelLoss($0, settings.indices!.tensor, heads: size, epsilon: settings.epsilon!)
      }
    default: return nil
    }
  }
}

/// The loss of a language model of one block: pre-norm, causal, with GPT-2's gelu.
private func languageModelLoss(
  _ w: [Tensor], _ tokens: Tensor, heads: Int, epsilon: Double
) -> Tensor {
  let width = w[0].shape[1]
  func normed(_ x: Tensor, _ first: Int) -> Tensor {
    layerNorm(x, scale: w[first], offset: w[first + 1], epsilon: epsilon)
  }
  func linear(_ x: Tensor, _ first: Int) -> Tensor { x.dot(w[first]) + w[first + 1] }

  var x = embedding(tokens.slice(axis: 1, 0..<tokens.shape[1] - 1), w[0]) + w[1]
  let shape = x.shape
  let parts = linear(normed(x, 2), 4).split(3, axis: -1).map {
    $0.reshape([shape[0], shape[1], heads, width / heads]).swapAxes(1, 2)
  }
  let seen = scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true)
  x = x + linear(seen.swapAxes(1, 2).reshape(shape), 6)
  x = x + linear(gelu(linear(normed(x, 8), 10), .tanh), 12)
  return crossEntropy(linear(normed(x, 14), 16), tokens[.all, 1...])
}
