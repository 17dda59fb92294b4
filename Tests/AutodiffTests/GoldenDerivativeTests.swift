import Backtape
import Foundation
import Testing

/// Values, pullbacks, Jacobian and Hessian products against PyTorch's and JAX's in
/// `Tests/Golden/autodiff.json`.
struct GoldenDerivativeTests {
  @Test("Derivatives equal PyTorch's", arguments: try GoldenDerivatives.load().cases)
  func derivativesEqualPyTorch(golden: GoldenDerivative) {
    let inputs = golden.inputs.map(\.tensor)
    let tangents = golden.tangents.map(\.tensor)
    let cotangent = golden.cotangent.tensor
    func function(_ x: [Tensor]) -> Tensor { golden.expression.value(x) }

    let (value, pullback) = valueWithPullback(at: inputs, of: function)
    golden.value.expectNear(value, "value")
    for (position, (pulled, expected)) in zip(pullback(cotangent), golden.vjp).enumerated() {
      expected.expectNear(pulled, "vjp of input \(position)")
    }
    golden.jvp.expectNear(jvp(at: inputs, along: tangents, of: function), "jvp")
    let curvature = hessianVectorProduct(at: inputs, along: tangents) { x in
      (function(x) * cotangent).sum()
    }
    for (position, (product, expected)) in zip(curvature, golden.hvp).enumerated() {
      expected.expectNear(product, "hvp of input \(position)")
    }
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

  static func load(from file: String = #filePath) throws -> GoldenDerivatives {
    let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(contentsOf: tests.appendingPathComponent("Golden/autodiff.json"))
    return try JSONDecoder().decode(GoldenDerivatives.self, from: data)
  }
}

struct GoldenDerivative: Decodable, Sendable, CustomTestStringConvertible {
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

  /// Within 1e-10 of the largest element.
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
