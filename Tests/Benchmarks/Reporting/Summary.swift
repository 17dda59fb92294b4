/// What was asked of all figures, and what came out: a row each, workloads of many figures summed up.
struct Summary {
  static let header = ["figure", "threads", "Backtape", "must", "reached", "", "aim", ""]
  static let missed = "MISSED"

  /// A workload with more is summed up.
  private static let mostRows = 12

  private(set) var rows: [[String]] = []
  private(set) var asked = 0
  private(set) var missed = 0
  private(set) var unmeasured = 0

  /// - Parameter outcomes: those of a workload side by side.
  init(_ outcomes: [Outcome]) {
    for group in outcomes.byWorkload {
      let verdicts = Verdict.all(\.must, of: group)
      asked += verdicts.count
      missed += verdicts.count { $0.verdict?.isMet == false }
      unmeasured += verdicts.count { $0.verdict == nil }
      if verdicts.count <= Summary.mostRows {
        rows += zip(verdicts, Summary.aims(verdicts.map(\.outcome), in: group)).map(Summary.row)
        continue
      }
      for threads in Set(group.map(\.threads)).sorted(by: >) {
        let some = verdicts.filter { $0.outcome.threads == threads }
        if !some.isEmpty { rows.append(Summary.row(all: some, threads)) }
      }
    }
  }

  var table: Table {
    var table = Table(Summary.header)
    for row in rows { table.append(row) }
    return table
  }

  private static func aims(_ outcomes: [Outcome], in group: [Outcome]) -> [Verdict?] {
    let aims = Verdict.all(\.aim, of: group)
    return outcomes.map { outcome in
      aims.first {
        $0.outcome.figure.id == outcome.figure.id && $0.outcome.threads == outcome.threads
      }?.verdict
    }
  }

  private static func row(
    _ must: (outcome: Outcome, verdict: Verdict?), _ aim: Verdict?
  ) -> [String] {
    let (outcome, verdict) = must
    return [
      "\(outcome.workload.name) \(outcome.figure.id)", "\(outcome.threads)",
      outcome.ours.map { outcome.figure.unit.text($0.best) } ?? "missing",
      verdict?.asked ?? "", verdict?.reached ?? "not measured",
      verdict.map { $0.isMet ? "met" : missed } ?? "", aim?.asked ?? "",
      aim.map { $0.isMet ? "reached" : "short by \(shown(((1 - $0.margin) * 100).rounded()))%" }
        ?? "",
    ]
  }

  /// The worst of many.
  private static func row(
    all verdicts: [(outcome: Outcome, verdict: Verdict?)], _ threads: Int
  ) -> [String] {
    let name = "\(verdicts[0].outcome.workload.name), \(verdicts.count) figures"
    let measured = verdicts.filter { $0.verdict != nil }
    let lost = measured.filter { $0.verdict?.isMet == false }
    guard
      let least = (lost.isEmpty ? measured : lost).min(by: {
        ($0.verdict?.margin ?? 0) < ($1.verdict?.margin ?? 0)
      }),
      let verdict = least.verdict
    else { return [name, "\(threads)", "", "", "not measured", "", "", ""] }
    return [
      name, "\(threads)", "", verdict.asked,
      "least: \(verdict.reached), \(least.outcome.figure.id)",
      lost.isEmpty ? "met" : "\(missed) in \(lost.count)", "", "",
    ]
  }
}

extension [Outcome] {
  /// Outcomes of each workload, in order; those of the machine are nobody's.
  var byWorkload: [[Outcome]] {
    var groups: [[Outcome]] = []
    for outcome in self where !(outcome.workload is W0Machine) {
      if groups.last?.first?.workload.name == outcome.workload.name {
        groups[groups.count - 1].append(outcome)
      } else {
        groups.append([outcome])
      }
    }
    return groups
  }
}
