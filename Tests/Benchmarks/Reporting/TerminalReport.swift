/// The results as they are printed.
struct TerminalReport {
  let outcomes: [Outcome]
  let limits: Limits

  init(_ outcomes: [Outcome]) {
    self.outcomes = outcomes
    limits = Limits(outcomes)
  }

  /// One figure: everybody, the fastest first.
  static func text(_ outcome: Outcome, _ limits: Limits) -> String {
    let others = outcome.others.map { ", others used \(shown(($0 * 100).rounded() / 100)) cores" }
    let title =
      "\(outcome.workload.name) \(outcome.figure.id), "
      + "\(outcome.threads) thread\(outcome.threads == 1 ? "" : "s")\(others ?? "")"
    if outcome.measurements.isEmpty { return "\(title)\n  nobody could be measured" }
    return "\(title)\n\(rows(outcome, limits).text)"
  }

  /// Everybody's fastest and median, and how many times as fast ours is.
  static func rows(_ outcome: Outcome, _ limits: Limits) -> Table {
    let unit = outcome.figure.unit
    var table = Table(["", "fastest", "median", "ours is"])
    for one in outcome.measurements.sorted(by: { $0.best < $1.best }) {
      let ratio =
        one.isOurs ? "" : outcome.ours.map { "\(shown(one.best / $0.best))x" } ?? "missing"
      table.append([one.name, unit.text(one.best), unit.text(one.median), ratio])
    }
    if let limit = limits.cost(of: outcome.figure, threads: outcome.threads) {
      let ratio = outcome.ours.map { "\(shown(limit / $0.best))x" } ?? ""
      table.append(["limit of the arithmetic", unit.text(limit), "", ratio])
    }
    return table
  }

  /// What was asked, and what came out.
  var summary: Table {
    var table = Table(["figure", "threads", "Backtape", "must", "reached", "", "aim", ""])
    for row in summaryRows { table.append(row) }
    return table
  }

  /// Its rows.
  var summaryRows: [[String]] {
    let aims = Verdict.all(\.aim, of: outcomes)
    return Verdict.all(\.must, of: outcomes).map { outcome, verdict in
      let aim = aims.first {
        $0.outcome.workload.name == outcome.workload.name
          && $0.outcome.figure.id == outcome.figure.id && $0.outcome.threads == outcome.threads
      }?.verdict
      return [
        "\(outcome.workload.name) \(outcome.figure.id)", "\(outcome.threads)",
        outcome.ours.map { outcome.figure.unit.text($0.best) } ?? "missing",
        verdict?.asked ?? "", verdict?.reached ?? "not measured",
        verdict.map { $0.isMet ? "met" : "MISSED" } ?? "",
        aim?.asked ?? "", aim.map { $0.isMet ? "reached" : "short by \(Self.percent($0))" } ?? "",
      ]
    }
  }

  private static func percent(_ verdict: Verdict) -> String {
    "\(shown(((1 - verdict.margin) * 100).rounded()))%"
  }
}
