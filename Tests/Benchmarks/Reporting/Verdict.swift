/// Whether a figure is what it is asked to be.
struct Verdict {
  /// What is asked: "1.2x the fastest", "80 ns".
  let asked: String
  /// What was reached: "1.31x jax".
  let reached: String
  let isMet: Bool
  /// How far: reached by asked, above 1 if met.
  let margin: Double

  /// Nil if ours or all rivals are missing.
  ///
  /// - Parameter before: the figure before it in its workload, with as many threads.
  init?(_ target: Figure.Target, of outcome: Outcome, before: Outcome? = nil) {
    guard let ours = outcome.ours else { return nil }
    let unit = outcome.figure.unit
    switch target {
    case .times(let times, let names):
      let rivals = outcome.rivals(names)
      guard let rival = rivals.min(by: { $0.best < $1.best }) else { return nil }
      let ratio = rival.best / ours.best
      asked =
        "\(times < 1 ? shown(1 / times) + "x the time of" : shown(times) + "x") "
        + (names.isEmpty ? "the fastest" : names.joined(separator: ", "))
      reached = "\(shown(ratio))x \(rival.name)"
      isMet = ratio >= times
      margin = ratio / times
    case .level(let names):
      let rivals = outcome.rivals(names)
      if rivals.isEmpty { return nil }
      let ratios = ours.runs.indices.map { run in
        (rivals.map { $0.best(run: run) }.min() ?? .nan) / ours.best(run: run)
      }
      let lost = ratios.count { !($0 >= Verdict.lost) }
      asked = "1x the faster of \(names.joined(separator: ", "))"
      let ratio = (rivals.map(\.best).min() ?? .nan) / ours.best
      reached = "\(shown(ratio))x, lost \(lost) of \(ratios.count) runs"
      isMet = 2 * lost <= ratios.count && lost < 2
      margin = ratio
    case .value(let value):
      asked = "\(shown(value)) \(unit.name)"
      reached = unit.text(ours.best)
      isMet = ours.best <= unit.cost(of: value)
      margin = unit.cost(of: value) / ours.best
    case .noCliff(let times):
      guard let before = before?.ours else { return nil }
      let ratio = ours.best / before.best
      asked = "at most \(shown(times))x the cost before"
      reached = "\(shown(ratio))x"
      isMet = ratio <= times
      margin = times / ratio
    }
  }

  /// Below so much of the other's speed a run counts as lost, not as level.
  private static let lost = 0.97

  /// What was asked of every outcome, in words for a table.
  static func all(_ targets: KeyPath<Figure, [Int: Figure.Target]>, of outcomes: [Outcome])
    -> [(outcome: Outcome, verdict: Verdict?)]
  {
    outcomes.indices.compactMap { i in
      let outcome = outcomes[i]
      guard let target = outcome.figure[keyPath: targets][outcome.threads] else { return nil }
      let before = outcomes[..<i].last {
        $0.workload.name == outcome.workload.name && $0.threads == outcome.threads
      }
      return (outcome, Verdict(target, of: outcome, before: before))
    }
  }
}
