import Backtape
import Testing

/// A golden file, and what its operations are here.
struct GoldenFamily: Sendable, CustomTestStringConvertible {
  typealias Function = @Sendable (GoldenSettings, [Tensor]) -> Tensor

  /// Without its ending.
  let file: String
  /// The file holds as many cases, or more.
  let least: Int
  /// Whether elements of results are no sums of others.
  let isElementwise: Bool
  /// By the generator's names.
  let operations: [String: Function]

  init(
    _ file: String, least: Int, isElementwise: Bool = false, _ operations: [String: Function]
  ) {
    self.file = file
    self.least = least
    self.isElementwise = isElementwise
    self.operations = operations
  }

  static let all = [
    arithmetic, elementwise, indexing, linear, losses, networks, neural, recurrent,
  ]

  var testDescription: String { file }
}

/// A case of a family, with what it is here.
struct GoldenExample: Sendable, CustomTestStringConvertible {
  let golden: GoldenCase
  let isElementwise: Bool
  let named: GoldenFamily.Function?

  var testDescription: String { golden.testDescription }

  /// Of all families.
  static let all = Result {
    try GoldenFamily.all.flatMap { family in
      let file: GoldenFile<GoldenCase> = try loadGolden(family.file)
      return file.cases.map { golden in
        GoldenExample(
          golden: golden, isElementwise: family.isElementwise,
          named: family.operations[golden.operation])
      }
    }
  }

  /// Those with derivatives that are numbers.
  static let derived = Result {
    try all.get().filter { $0.golden.jvp?.data.allSatisfy(\.isFinite) ?? false }
  }

  /// Those whose differences are their derivatives.
  static let smooth = Result { try all.get().filter { $0.golden.smooth } }

  /// Our function, of the inputs alone.
  func function() throws -> @Sendable ([Tensor]) -> Tensor {
    let named = try #require(named, "no operation \(golden.operation)")
    let settings = golden.settings
    return { named(settings, $0) }
  }
}
