import Backtape
import Testing

/// The content of a file that a generator with `Tests/Golden/calculus/cases.py` writes.
struct CalculusGolden: Decodable {
  struct Header: Decodable {
    let generator: String
    let cases: Int
    let jaxChecked: Int
  }
  let header: Header
  let cases: [CalculusCase]

  static func load(_ name: String) throws -> CalculusGolden { try loadGolden(name) }
}

/// A function, where it is evaluated, and what is expected there.
struct CalculusCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let operation: String
  let settings: Settings
  let smooth: Bool
  let inputs: [CalculusArray]
  let cotangent: CalculusArray
  let tangents: [CalculusArray]
  let value: CalculusArray
  let jvp: CalculusArray?
  let vjp: [CalculusArray]
  let hvp: [CalculusArray]

  var testDescription: String { name }

  /// Attributes of an operation by name.
  struct Settings: Decodable, Sendable {
    let values: [String: Expression]

    init(from decoder: any Decoder) throws {
      values = try decoder.singleValueContainer().decode([String: Expression].self)
    }

    func number(_ key: String) -> Double? {
      switch values[key] {
      case .number(let value): value
      case .text(let text): Double(text)
      default: nil
      }
    }
    func int(_ key: String) -> Int? { number(key).map { Int($0) } }
    func ints(_ key: String) -> [Int]? { values[key]?.axes }
    func text(_ key: String) -> String? {
      if case .text(let text)? = values[key] { text } else { nil }
    }
    func isTrue(_ key: String) -> Bool { values[key]?.isTrue ?? false }
    func has(_ key: String) -> Bool { values[key] != nil }

    /// Nested lists of numbers or flags as a tensor; integers stay integers.
    func tensor(_ key: String) -> Tensor {
      guard let value = values[key] else { fatalError("no setting \(key)") }
      var shape: [Int] = []
      var level = value
      while case .list(let list) = level {
        shape.append(list.count)
        guard let first = list.first else { break }
        level = first
      }
      func flat(_ value: Expression) -> [Expression] {
        if case .list(let list) = value { list.flatMap(flat) } else { [value] }
      }
      let numbers = flat(value).map {
        if case .number(let n) = $0 { n } else { $0.isTrue ? 1.0 : 0 }
      }
      let tensor = Tensor(numbers, Shape(shape))
      if case .flag = level { return tensor.cast(.bool) }
      return numbers.allSatisfy { $0 == $0.rounded() } ? tensor.cast(.int64) : tensor
    }
  }
}

/// An array whose elements may be "NaN", "Infinity" or "-Infinity".
struct CalculusArray: Decodable, Sendable {
  let shape: [Int]
  let data: [Double]

  private enum Keys: CodingKey { case shape, data }

  private struct Element: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        value =
          try container.decode(String.self) == "NaN"
          ? .nan : try container.decode(String.self) == "Infinity" ? .infinity : -.infinity
      }
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    shape = try container.decode([Int].self, forKey: .shape)
    data = try container.decode([Element].self, forKey: .data).map(\.value)
  }

  var tensor: Tensor { Tensor(data, Shape(shape)) }

  /// Within 1e-10 of each element and 1e-13, or of `scale` where elements are sums of others.
  func expectNear(
    _ ours: Tensor, _ what: String, scale: Double = 1e-3,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(ours.shape.array == shape, "\(what): shape", sourceLocation: sourceLocation)
    #expect(ours.dtype == .float64, "\(what): type", sourceLocation: sourceLocation)
    let elements = ours.scalars(as: Double.self)
    let isNear = zip(elements, data).allSatisfy { found, expected in
      found == expected || found.isNaN && expected.isNaN
        || (found - expected).magnitude <= 1e-10 * (expected.magnitude + scale)
    }
    #expect(
      isNear, "\(what): \(elements), expected \(data)", sourceLocation: sourceLocation)
  }

  /// The largest number.
  var size: Double { data.filter(\.isFinite).map(\.magnitude).max() ?? 0 }
}

extension CalculusCase {
  typealias Function = @Sendable (Settings, [Tensor]) -> Tensor

  /// Expects value and derivatives at once and on the tape, and in a plan.
  ///
  /// - Parameter isElementwise: whether every element stands for itself.
  func expectDerivatives(of named: @escaping Function, isElementwise: Bool) throws {
    let settings = settings
    let function: @Sendable ([Tensor]) -> Tensor = { named(settings, $0) }
    let point = inputs.map(\.tensor)
    let directions = tangents.map(\.tensor)
    let u = cotangent.tensor
    func near(_ expected: CalculusArray, _ ours: Tensor, _ what: String) {
      expected.expectNear(ours, what, scale: isElementwise ? 1e-3 : expected.size + 1e-3)
    }

    let (found, pullback) = valueWithPullback(at: point, of: function)
    near(value, found, "value")
    near(value, function(point), "value off the tape")
    for (i, (pulled, expected)) in zip(pullback(u), vjp).enumerated() {
      near(expected, pulled, "vjp of input \(i)")
    }
    if let jvp {
      near(jvp, Backtape.jvp(at: point, along: directions, of: function), "jvp")
    }
    let curvature = hessianVectorProduct(at: point, along: directions) { (function($0) * u).sum() }
    for (i, (product, expected)) in zip(curvature, hvp).enumerated() {
      near(expected, product, "hvp of input \(i)")
    }

    let graph = Graph()
    let places = inputs.map { graph.placeholder("x", Shape($0.shape), .float64) }
    let result = function(places)
    let gradients = graph.gradients(of: (result * u).sum(), withRespectTo: places)
    let results = try Session(graph).run(
      [result] + gradients, feeding: Feeds(Array(zip(places, point))))
    near(value, results[0], "value in a graph")
    for (i, (gradient, expected)) in zip(results.dropFirst(), vjp).enumerated() {
      near(expected, gradient, "gradient of input \(i) in a graph")
    }

    if smooth {
      for order in 1...2 {
        let report = checkGradients(of: { (function($0) * u).sum() }, at: point, order: order)
        #expect(report.agrees, "order \(order): \(report)")
      }
      let pairs = zip(pullback(u), directions).map { ($0 * $1).sum().scalars(as: Double.self)[0] }
      let along = (Backtape.jvp(at: point, along: directions, of: function) * u).sum()
      let difference = along.scalars(as: Double.self)[0] - pairs.reduce(0, +)
      #expect(difference.magnitude <= 1e-10 * (1 + pairs.reduce(0) { $0 + $1.magnitude }))
    }
  }
}
