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
    ([head, asked, machine] + outcomes.byWorkload.map(section) + [method, gaps])
      .joined(separator: "\n\n") + "\n"
  }

  private var limits: Limits { Limits(outcomes) }

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
    let summary = Summary(outcomes)
    var table = Table(Summary.header)
    for row in summary.rows {
      table.append(row.map { $0.hasPrefix(Summary.missed) ? "**\($0.lowercased())**" : $0 })
    }
    let met = summary.asked - summary.missed - summary.unmeasured
    let unmeasured = summary.unmeasured > 0 ? ", \(summary.unmeasured) not measured" : ""
    return """
      ## What is asked, and what was reached

      Of \(summary.asked) figures \(met) are as they must be, \(summary.missed) are not\(unmeasured).
      A ratio is of speeds: 1.2x takes 1/1.2 of the time. Must and aim are the project's own.

      \(table.markdown)
      """
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

    \(limits.table.markdown)\(disturbances(outcomes.filter { $0.workload is W0Machine }))
    """
  }

  /// Figures of a workload beyond which each is a row.
  private static let mostListed = 24

  private func section(_ group: [Outcome]) -> String {
    let workload = group[0].workload
    return """
      ## \(workload.name): \(workload.title)

      \(workload.details)

      \(group.count > Document.mostListed ? matrix(group) : list(group))
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
    fastest repetition and the median; ratios are of the fastest. A process is pinned to as many
    cores as it has threads.

    Where every repetition is a process of its own, half a gibibyte of free memory is touched and
    given back right before the turn, whosever it is. The host of a virtual machine takes free
    memory back, and to get it again takes milliseconds for a large page: W11 would tell more about
    the host than about who runs. Without this it took twice to three times as long here at times.

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
