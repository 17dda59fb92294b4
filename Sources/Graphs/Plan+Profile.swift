import BacktapeKernels
import BacktapeTensors

/// How long every instruction of a plan takes.
///
/// ```swift
/// try step(x, y)
/// print(step.plan.profile())
/// ```
public struct PlanProfile: Sendable, CustomStringConvertible {
  /// One instruction.
  public struct Entry: Sendable {
    /// What it is: `tile`, `product`, `copy`, `sum`, `zeros` or `primitive`.
    public let kind: String
    /// Its shape and operations.
    public let text: String
    /// How often a run does it: more than once in a loop.
    public let rounds: Int
    /// The least time of all repetitions, of all rounds, in seconds.
    public let seconds: Double
    /// Arithmetic of elements in all rounds; a function counts as one.
    public let flops: Double
    /// Bytes read and written in all rounds, each operand counted once.
    public let bytes: Double
    /// Billions of floating-point operations in a second.
    public var gigaflops: Double { seconds == 0 ? 0 : flops / seconds / 1e9 }
    /// Billions of bytes in a second.
    public var gigabytes: Double { seconds == 0 ? 0 : bytes / seconds / 1e9 }
  }

  /// The instructions in the order they run.
  public let entries: [Entry]
  /// All of them, in seconds.
  public var seconds: Double { entries.reduce(0) { $0 + $1.seconds } }

  /// A table, one instruction a line.
  public var description: String {
    var rows = [["", "instruction", "shape and operations", "us", "%", "GFLOP/s", "GB/s"]]
    let total = seconds
    for (index, entry) in entries.enumerated() {
      rows.append([
        "\(index)", entry.kind, (entry.rounds == 1 ? "" : "\(entry.rounds) x ") + entry.text,
        (entry.seconds * 1e6).thousands,
        (total == 0 ? 0 : 100 * entry.seconds / total).thousands, entry.gigaflops.thousands,
        entry.gigabytes.thousands,
      ])
    }
    return Plan.table(rows, left: [1, 2]) + "\n\((total * 1e6).thousands) us in all"
  }
}

extension Plan {
  /// Times every instruction by itself, on the values last fed.
  ///
  /// Variables have afterwards the values they had before. Traps if inputs have never been fed.
  /// - Parameter repetitions: how often; the least time of each instruction counts.
  public func profile(repetitions: Int = 20) -> PlanProfile {
    access.exclusively {
      prepareAgain("profile")
      let before = memory.sources.variables.map(\.value)
      let listing = listing
      let single = SinglePhases(self, listing)
      var least = [Double](repeating: .infinity, count: listing.count)
      let clock = ContinuousClock()
      for _ in 0..<Swift.max(repetitions, 1) {
        for (variable, value) in zip(memory.sources.variables, before) { variable.value = value }
        for index in listing.indices {
          let taken = clock.measure { single.run(index) }
          let parts = taken.components
          let seconds = Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
          least[index] = Swift.min(least[index], seconds)
        }
      }
      for (variable, value) in zip(memory.sources.variables, before) { variable.value = value }
      return PlanProfile(
        entries: zip(listing, least).map { listed, seconds in
          let note = note(listed.work)
          let rounds = Double(listed.rounds)
          return PlanProfile.Entry(
            kind: note.kind, text: note.text, rounds: listed.rounds, seconds: seconds,
            flops: rounds * note.flops, bytes: rounds * note.bytes)
        })
    }
  }
}
