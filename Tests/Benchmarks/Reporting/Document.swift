import Foundation

/// `Performance.md`: everything a run found, so that running again writes it again.
struct Document {
  let outcomes: [Outcome]
  /// Who could not be measured, and why.
  let missing: [String: String]
  let failures: [String]
  let options: Options
  let arguments: [String]
  let start: Date

  var text: String {
    ([head, asked, machine] + groups.map(section) + [method, gaps])
      .joined(separator: "\n\n") + "\n"
  }

  private var limits: Limits { Limits(outcomes) }

  /// Outcomes by workload, those of the machine apart.
  private var groups: [[Outcome]] {
    var groups: [[Outcome]] = []
    for outcome in outcomes where !(outcome.workload is W0Machine) {
      if groups.last?.first?.workload.name == outcome.workload.name {
        groups[groups.count - 1].append(outcome)
      } else {
        groups.append([outcome])
      }
    }
    return groups
  }

  // MARK: parts

  private var head: String {
    let day = start.formatted(.iso8601.year().month().day())
    var command = "swift run -c release benchmarks"
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      // Where the peers are installed is the machine's own matter.
      if argument == "--python" { rest = rest.dropFirst() } else { command += " \(argument)" }
    }
    return """
      # Performance

      How fast Backtape is beside what people would use instead, all measured on one machine, in one
      run, in turns.

      Written on \(day) by `\(command)`; running it again writes this page again. `Tests/Benchmarks/install-peers` installs the peers.
      """
  }

  private var asked: String {
    let all = Verdict.all(\.must, of: outcomes)
    let missed = all.count { $0.verdict?.isMet == false }
    let absent = all.count { $0.verdict == nil }
    var table = Table(["figure", "threads", "Backtape", "must", "reached", "", "aim", ""])
    for group in groups {
      let rows = Verdict.all(\.must, of: group)
      guard rows.count > Document.mostRows else {
        let summary = TerminalReport(group).summaryRows
        for row in summary {
          table.append(row.map { $0 == "MISSED" ? "**missed**" : $0 })
        }
        continue
      }
      for threads in Set(group.map(\.threads)).sorted().reversed() {
        table.append(worst(of: rows.filter { $0.outcome.threads == threads }, threads))
      }
    }
    return """
      ## What is asked, and what was reached

      \(all.count - missed - absent) of \(all.count) are met, \(missed) missed\
      \(absent > 0 ? ", \(absent) not measured" : ""). A ratio is of speeds: 1.2x takes 1/1.2 of the
      time. Must and aim are the project's own.

      \(table.markdown)
      """
  }

  /// A workload of so many figures is summed up in a row.
  private static let mostRows = 12

  private func worst(
    of rows: [(outcome: Outcome, verdict: Verdict?)], _ threads: Int
  ) -> [String] {
    let name = rows.first?.outcome.workload.name ?? ""
    let measured = rows.filter { $0.verdict != nil }
    let lost = measured.filter { $0.verdict?.isMet == false }
    guard let least = measured.min(by: { ($0.verdict?.margin ?? 0) < ($1.verdict?.margin ?? 0) })
    else { return ["\(name), \(rows.count) figures", "\(threads)", "", "", "", "", "", ""] }
    return [
      "\(name), \(rows.count) figures", "\(threads)", "", least.verdict?.asked ?? "",
      "least \(shown(least.verdict?.margin ?? 0))x (\(least.outcome.figure.id))",
      lost.isEmpty ? "met" : "**missed** in \(lost.count)", "", "",
    ]
  }

  private var machine: String {
    """
    ## The machine

    \(MachineDescription.table(python: options.withoutPeers ? nil : options.python).markdown)

    What it can do at most, measured in the same run by programs in `Tests/Benchmarks/Anchors`. The
    limits in the tables below are the floating-point operations of the products alone, by the first
    or second of these. Two threads begin and end an empty piece of work in one of two times,
    several times apart, by phases of the machine that last hours: figures of two threads that were
    taken in different phases don't compare.

    \(limits.table.markdown)
    """
  }

  private func section(_ group: [Outcome]) -> String {
    let workload = group[0].workload
    return """
      ## \(workload.name): \(workload.title)

      \(workload.details)

      \(group.count > 2 * Document.mostRows ? matrix(group) : list(group))
      """
  }

  /// Everybody in every figure, a row each.
  private func list(_ group: [Outcome]) -> String {
    var table = Table(["figure", "threads", "", "fastest", "median", "Backtape is"])
    for outcome in group {
      for (number, row) in TerminalReport.rows(outcome, limits).rows.enumerated() {
        let head = number == 0 ? [outcome.figure.id, "\(outcome.threads)"] : ["", ""]
        table.append(head + row.map { $0 == "Backtape" ? "**Backtape**" : $0 })
      }
    }
    return table.markdown + disturbances(group)
  }

  /// A row for each figure, a column for each participant.
  private func matrix(_ group: [Outcome]) -> String {
    var names: [String] = []
    for one in group.flatMap(\.measurements) where !names.contains(one.name) {
      names.append(one.name)
    }
    let unit = group[0].figure.unit.name
    var table = Table(["figure, \(unit)", "threads"] + names + ["Backtape is", ""])
    for (outcome, verdict) in Verdict.all(\.must, of: group) {
      let cells = names.map { name in
        outcome.measurements.first { $0.name == name }
          .map { shown(outcome.figure.unit.value(of: $0.best)) } ?? ""
      }
      table.append(
        [outcome.figure.id, "\(outcome.threads)"] + cells
          + [
            verdict?.reached ?? "not measured",
            verdict.map { $0.isMet ? "met" : "**missed**" } ?? "",
          ])
    }
    return table.markdown + disturbances(group)
  }

  /// The machine's phase, and whether something else was running meanwhile.
  private func disturbances(_ group: [Outcome]) -> String {
    let phases = Set(group.flatMap(\.phases)).sorted().map { "\(shown($0 * 1e9)) ns" }
    let phase =
      phases.isEmpty
      ? "" : "\n\nAn empty piece of work of two threads took \(phases.joined(separator: ", "))."
    let disturbed = group.filter { ($0.others ?? 0) > 0.1 }
    guard let worst = disturbed.compactMap(\.others).max() else { return phase }
    return phase + """
      \n
      Other processes used up to \(shown((worst * 100).rounded() / 100)) cores during \
      \(disturbed.count) of \(group.count) figures: don't trust those of two threads.
      """
  }

  private var method: String {
    """
    ## How it is measured

    Every participant, Backtape too, is a process of its own that prepares a figure (data, models,
    compilation: not timed, but for W11), checks its result, and waits. Then they take turns: one
    runs, the others are stopped, so that nobody's waiting threads take time from somebody else, and
    all meet the same moods of the machine. Who begins changes with every repetition. A turn is one
    call that does not count and then as many as take a tenth of a second or so. Shown are the
    fastest repetition and the median; ratios are of the fastest. With one thread a process is
    pinned to one core.

    Backtape's side is in `Tests/Benchmarks/Workloads`, in the public API; the peers' in
    `Tests/Benchmarks/Peers`. Of an anchor with several builds the fastest counts.
    """
  }

  private var gaps: String {
    var lines = [
      "- Compilation, but for W11 and as a part of W9.",
      "- Other machines, more than two threads, GPUs.",
      "- Reading data from files: all data is in memory.",
      "- Energy, and how figures change as the machine heats up.",
    ]
    lines += missing.sorted { $0.key < $1.key }.map { "- \($0.key): \($0.value)." }
    lines += failures.map { "- Failed: \($0)." }
    return "## What is not measured\n\n" + lines.joined(separator: "\n")
  }
}
