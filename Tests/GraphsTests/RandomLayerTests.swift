import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Programs of layers, parts, bools, integers and empty tensors: a plan agrees with the tape.
@Suite("Random programs of layers")
struct RandomLayerTests {
  /// More of them, when something has changed: `BACKTAPE_FUZZ=2000 swift test --filter Random`.
  static let count = environment("BACKTAPE_FUZZ") ?? 0

  static let options: [Plan.Options] =
    PassTests.options + [
      .keepsSums, [.keepsSums, .isUnfused],
      [.keepsSums, .isUnfused, .keepsIdentities, .keepsDuplicates],
    ]

  @Test("small, with all passes and without each", arguments: 0..<max(24, count))
  func small(seed: Int) throws {
    let options = seed < 24 ? RandomLayerTests.options : [[], .isUnfused]
    for options in options {
      try PassTests.compare(
        seed: seed, dtype: seed % 2 == 0 ? .float64 : .float32, steps: 40, options, .layers)
    }
  }

  @Test("large, in parts", arguments: 0..<max(8, count / 4))
  func large(seed: Int) throws {
    for options in [[], Plan.Options.isUnfused] {
      try PassTests.compare(
        seed: seed, dtype: seed % 2 == 0 ? .float64 : .float32, steps: 25, options, .large)
    }
  }

  @Test("of several hundred steps", arguments: 0..<max(3, count / 8))
  func long(seed: Int) throws {
    try PassTests.compare(
      seed: 1000 + seed, dtype: .float64, steps: 300, [], seed % 2 == 0 ? .layers : .small)
  }
}
