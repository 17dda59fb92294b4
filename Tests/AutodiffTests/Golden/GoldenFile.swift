import Foundation
import Testing

/// The content of `Tests/Golden/NAME.json`.
func loadGolden<Content: Decodable>(_ name: String) throws -> Content {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let data = try Data(contentsOf: tests.appending(path: "Golden/\(name).json"))
  return try JSONDecoder().decode(Content.self, from: data)
}

/// What a test is run for.
protocol GoldenNamed: Decodable, Sendable, CustomTestStringConvertible {
  var name: String { get }
}

extension GoldenNamed {
  var testDescription: String { name }
}

/// A file of cases by name.
struct GoldenFile<Case: GoldenNamed>: Decodable {
  struct Header: Decodable {
    let generator: String
    let cases: Int
    let jaxChecked: Int?
  }
  let header: Header
  let cases: [Case]

  /// Expects that the file names its generator and holds as many cases as it says, and no name
  /// twice.
  func expectWhole(
    _ name: String, least: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(header.generator == "Tests/Golden/\(name).py", sourceLocation: sourceLocation)
    #expect(
      cases.count == header.cases && cases.count >= least, sourceLocation: sourceLocation)
    #expect(Set(cases.map(\.name)).count == cases.count, sourceLocation: sourceLocation)
  }
}

/// A function, where it is evaluated, and what is expected there.
struct GoldenCase: GoldenNamed {
  let name: String
  let operation: String
  let settings: GoldenSettings
  /// Whether JAX has confirmed what PyTorch says.
  let jax: Bool
  /// Whether differences of PyTorch's function are what PyTorch derives.
  let smooth: Bool
  let inputs: [GoldenArray]
  let cotangent: GoldenArray
  let tangents: [GoldenArray]
  let value: GoldenArray
  /// None where no derivative is expected.
  let jvp: GoldenArray?
  /// Of every input, or none.
  let vjp: [GoldenArray]
  /// Of every input, or none.
  let hvp: [GoldenArray]
}
