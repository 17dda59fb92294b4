/// What the machine itself can do, as the anchors of W0 measured it in the same run.
struct Limits {
  private let outcomes: [Outcome]

  init(_ outcomes: [Outcome]) {
    self.outcomes = outcomes.filter { $0.workload is W0Machine }
  }

  /// The least cost an item can have, by its floating-point operations alone.
  func cost(of figure: Figure, threads: Int) -> Double? {
    guard let flops = figure.flops,
      let peak = best(figure.isDouble ? "f64" : "f32", threads: threads)
    else { return nil }
    return flops * peak
  }

  /// The cost of a figure of the machine.
  func best(_ id: String, threads: Int) -> Double? {
    outcomes.first { $0.figure.id == id && $0.threads == threads }?.measurements.map(\.best).min()
  }

  /// Rows of a table: what, with one thread, with two.
  var table: Table {
    var table = Table(["limit", "1 thread", "2 threads"])
    var seen: Set<String> = []
    for outcome in outcomes where seen.insert(outcome.figure.id).inserted {
      let id = outcome.figure.id
      table.append(
        [W0Machine.titles[id] ?? id]
          + [1, 2].map { best(id, threads: $0).map(outcome.figure.unit.text) ?? "" })
    }
    return table
  }
}
