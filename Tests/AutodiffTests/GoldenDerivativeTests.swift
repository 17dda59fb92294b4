import Backtape
import BacktapeAutodiff
import Foundation
import Testing

/// Values, pullbacks, Jacobian and Hessian products against PyTorch's and JAX's in
/// `Tests/Golden/autodiff.json`.
struct GoldenDerivativeTests {
  @Test("Derivatives equal PyTorch's", arguments: try GoldenDerivatives.load().cases)
  func derivativesEqualPyTorch(golden: GoldenDerivative) {
    golden.expectDerivatives { golden.expression.value($0) }
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try GoldenDerivatives.load()
    #expect(golden.header.generator == "Tests/Golden/autodiff.py")
    #expect(golden.cases.count == golden.header.fixed + golden.header.random)
    #expect(golden.header.fixed >= 150)
    #expect(golden.header.random >= 150)
  }
}

struct GoldenDerivatives: Decodable {
  struct Header: Decodable {
    let generator: String
    let fixed: Int
    let random: Int
  }
  let header: Header
  let cases: [GoldenDerivative]

  static func load() throws -> GoldenDerivatives { try loadGolden("autodiff") }
}

/// The content of `Tests/Golden/NAME.json`.
func loadGolden<Content: Decodable>(_ name: String) throws -> Content {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let data = try Data(contentsOf: tests.appendingPathComponent("Golden/\(name).json"))
  return try JSONDecoder().decode(Content.self, from: data)
}

/// A function's value at a point, and the products of its derivatives there.
protocol GoldenFunction {
  var inputs: [GoldenArray] { get }
  var cotangent: GoldenArray { get }
  var tangents: [GoldenArray] { get }
  var value: GoldenArray { get }
  var vjp: [GoldenArray] { get }
  var jvp: GoldenArray { get }
  var hvp: [GoldenArray] { get }
}

extension GoldenFunction {
  /// Expects them of our function, on a tape and off it.
  func expectDerivatives(of function: @escaping ([Tensor]) -> Tensor) {
    let point = inputs.map(\.tensor)
    let directions = tangents.map(\.tensor)
    let cotangent = cotangent.tensor
    #expect(vjp.count == point.count && hvp.count == point.count)

    let (value, pullback) = valueWithPullback(at: point, of: function)
    self.value.expectNear(value, "value")
    self.value.expectNear(function(point), "value off the tape")
    for (position, (pulled, expected)) in zip(pullback(cotangent), vjp).enumerated() {
      expected.expectNear(pulled, "vjp of input \(position)")
    }
    jvp.expectNear(BacktapeAutodiff.jvp(at: point, along: directions, of: function), "jvp")
    let curvature = hessianVectorProduct(at: point, along: directions) { x in
      (function(x) * cotangent).sum()
    }
    for (position, (product, expected)) in zip(curvature, hvp).enumerated() {
      expected.expectNear(product, "hvp of input \(position)")
    }
  }
}

struct GoldenDerivative: GoldenFunction, Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let expression: Expression
  let inputs: [GoldenArray]
  let cotangent: GoldenArray
  let tangents: [GoldenArray]
  let value: GoldenArray
  let vjp: [GoldenArray]
  let jvp: GoldenArray
  let hvp: [GoldenArray]

  var testDescription: String { name }
}

struct GoldenArray: Decodable, Sendable {
  let shape: [Int]
  let data: [Double]

  var tensor: Tensor { Tensor(data, Shape(shape)) }

  /// Within 1e-10 of the largest element: sums of float64 numbers in another order, cancelling.
  func expectNear(
    _ ours: Tensor, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(ours.shape.array == shape, "\(what): shape", sourceLocation: sourceLocation)
    #expect(ours.dtype == .float64, "\(what): type", sourceLocation: sourceLocation)
    let allowed = 1e-10 * (data.map(\.magnitude).max() ?? 0) + 1e-13
    let elements = ours.scalars(as: Double.self)
    #expect(
      zip(elements, data).allSatisfy { ($0 - $1).magnitude <= allowed },
      "\(what): \(elements), expected \(data)", sourceLocation: sourceLocation)
  }
}
