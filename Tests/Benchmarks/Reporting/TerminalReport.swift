/// The results of a figure as they are printed.
enum TerminalReport {
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
    let absent = outcome.workload is W0Machine ? "" : "missing"
    var table = Table(["", "fastest", "median", "ours is"])
    for one in outcome.measurements.sorted(by: { $0.best < $1.best }) {
      let ratio =
        one.isOurs ? "" : outcome.ours.map { "\(shown(one.best / $0.best))x" } ?? absent
      table.append([one.name, unit.text(one.best), unit.text(one.median), ratio])
    }
    if let limit = limits.cost(of: outcome.figure, threads: outcome.threads) {
      let ratio = outcome.ours.map { "\(shown(limit / $0.best))x" } ?? ""
      table.append(["limit of the arithmetic", unit.text(limit), "", ratio])
    }
    return table
  }
}
