import Foundation

/// The content of `Tests/Golden/NAME.json`.
func loadGolden<Content: Decodable>(_ name: String) throws -> Content {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let data = try Data(contentsOf: tests.appending(path: "Golden/\(name).json"))
  return try JSONDecoder().decode(Content.self, from: data)
}

/// The content of a file that a generator with `Tests/Golden/calculus/cases.py` writes.
struct GoldenFile: Decodable {
  struct Header: Decodable {
    let generator: String
    let cases: Int
    let jaxChecked: Int
  }
  let header: Header
  let cases: [GoldenCase]
}

/// A function, where it is evaluated, and what is expected there.
struct GoldenCase: Decodable, Sendable {
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
