import Backtape
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Programs of layers, parts, bools, integers and empty tensors: a plan agrees with the tape.
@Suite("Random programs of layers")
struct RandomLayerTests {
  /// More of them, when something has changed: `BACKTAPE_FUZZ=2000 swift test --filter Random`.
  static let count = environment("BACKTAPE_FUZZ") ?? 0

  @Test("small, with and without each pass", arguments: 0..<max(24, count))
  func small(seed: Int) throws {
    try PassTests.compare(
      seed: seed, steps: 40, seed < 12 ? PassTests.choices : [Plan.Pass.all, []], .layers)
  }

  @Test("large, in parts", arguments: 0..<max(8, count / 4))
  func large(seed: Int) throws {
    try PassTests.compare(seed: seed, steps: 25, PassTests.choices(seed), .large)
  }

  @Test("of several hundred steps", arguments: 0..<max(3, count / 8))
  func long(seed: Int) throws {
    try PassTests.compare(
      seed: 1000 + 2 * seed, steps: 300, [Plan.Pass.all], seed % 2 == 0 ? .layers : .small)
  }
}
