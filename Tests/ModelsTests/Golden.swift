import Backtape
import Foundation
import Testing

/// The content of `Tests/Golden/NAME.json`.
func loadGolden<Content: Decodable>(_ name: String) throws -> Content {
  let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/\(name).json")
  return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
}

struct GoldenHeader: Decodable {
  let generator: String
}

/// As many numbers as expected, each within a share of it, or of 1 if that is more. The share
/// leaves room for what float64 rounds in the steps of a training.
func expectClose(
  _ values: [Double], _ expected: [Double], _ tolerance: Double = 1e-9, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  for (i, (a, b)) in zip(values, expected).enumerated() {
    #expect(
      abs(a - b) <= tolerance * max(1, abs(b)), "\(what), element \(i)",
      sourceLocation: sourceLocation)
  }
}

/// A training by Keras: weights before and after, losses and metrics of every epoch.
protocol GoldenTraining {
  var initial: [[Double]] { get }
  var final: [[Double]] { get }
  var history: [String: [Double]] { get }
}

extension GoldenTraining {
  /// Gives a model the weights that the training begins with.
  func begin(_ model: Model) throws {
    let paths = try model.parameters.map(\.path)
    try #require(paths.count == initial.count)
    for (path, values) in zip(paths, initial) {
      model[path] = Tensor(values, model[path].shape)
    }
  }

  /// Expects what the training has left.
  func expectEnd(_ model: Model, _ ours: History) throws {
    #expect(Set(ours.names) == Set(history.keys))
    for (name, expected) in history { expectClose(try #require(ours[name]), expected, 1e-9, name) }
    let parameters = try model.parameters
    #expect(parameters.count == final.count)
    for (parameter, expected) in zip(parameters, final) {
      expectClose(parameter.value.scalars(), expected, 1e-9, parameter.path)
    }
  }
}
