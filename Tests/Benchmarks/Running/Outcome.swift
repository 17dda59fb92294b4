/// What was measured of one figure with one number of threads.
struct Outcome {
  let workload: any Workload
  let figure: Figure
  let threads: Int
  /// In the order in which they took their turns.
  var measurements: [Measurement]
  /// How many cores other processes kept busy while somebody's turn was; nil if not known.
  var others: Double?
  /// Seconds of an empty piece of work of two threads, before the workload and after it.
  var phases: [Double] = []

  /// Ours, if it could be measured.
  var ours: Measurement? { measurements.first(where: \.isOurs) }

  /// Everybody else: the named ones, or all that are not anchors.
  func rivals(_ names: [String]) -> [Measurement] {
    let anchors = Set(workload.anchors.map(\.name))
    return measurements.filter {
      !$0.isOurs && (names.isEmpty ? !anchors.contains($0.name) : names.contains($0.name))
    }
  }
}

/// The costs that one participant had: runs of repetitions.
struct Measurement {
  let name: String
  let isOurs: Bool
  var runs: [[Double]]

  /// The least of all.
  var best: Double { runs.joined().min() ?? .nan }

  /// The middle one; of an even number the mean of the two in the middle.
  var median: Double {
    let sorted = runs.joined().sorted()
    if sorted.isEmpty { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// The least of one run.
  func best(run: Int) -> Double { runs[run].min() ?? .nan }
}
