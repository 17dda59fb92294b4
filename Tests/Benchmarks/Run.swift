import Backtape
import Foundation

/// A measured run, from the first turn to the report.
struct Run {
  let options: Options
  let arguments: [String]
  let log = Log()

  init(_ options: Options, _ arguments: [String]) {
    self.options = options
    self.arguments = arguments
  }

  /// Measures, prints and writes.
  ///
  /// - Returns: false if something of ours could not be measured. A missed target is no failure: it
  ///   is a result.
  func run() throws -> Bool {
    let start = Date()
    var outcomes: [Outcome] = []
    var missing: [String: String] = [:]
    for workload in workloads {
      // The machine's own limits belong to every report.
      guard options.only.isEmpty || options.only.contains(workload.name) || workload is W0Machine
      else { continue }
      for threads in options.threads {
        var turns = Turns(workload: workload, threads: threads, options: options, log: log)
        for outcome in turns.outcomes() {
          outcomes.append(outcome)
          print(TerminalReport.text(outcome, Limits(outcomes)) + "\n")
          fflush(nil)
        }
        missing.merge(turns.missing) { first, _ in first }
      }
    }
    let summary = Summary(outcomes)
    if !summary.rows.isEmpty { print(summary.table.text + "\n") }
    for (name, reason) in missing.sorted(by: { $0.key < $1.key }) {
      print("not measured: \(name), \(reason)")
    }
    for failure in log.failures { print("failed: \(failure)") }
    let document = Document(
      outcomes: outcomes, missing: missing, failures: log.failures, options: options,
      arguments: arguments, start: start)
    if options.writes ?? options.isWhole {
      try document.text.write(to: Paths.report, atomically: true, encoding: .utf8)
      print("wrote \(Paths.report.path)")
    } else if options.writes == nil {
      print("a part of the run: Performance.md is as it was; --write writes it")
    }
    return !outcomes.contains {
      $0.ours == nil && !($0.workload is W0Machine)
    }
  }
}

/// Runs every workload once and checks its result.
struct Smoke {
  let options: Options

  init(_ options: Options) { self.options = options }

  /// - Returns: whether all results were right.
  func run() -> Bool {
    let log = Log()
    for workload in workloads
    where options.only.isEmpty || options.only.contains(workload.name) {
      for figure in workload.figures {
        do {
          log.line("\(workload.name) \(figure.id)")
          let work = try workload.prepare(figure.id, .smoke)
          try work.check()
          _ = try work.cost(atLeast: 0)
        } catch {
          log.failures.append("\(workload.name) \(figure.id): \(error)")
        }
      }
    }
    for failure in log.failures { print("failed: \(failure)") }
    print(log.failures.isEmpty ? "all workloads work" : "\(log.failures.count) do not work")
    return log.failures.isEmpty
  }
}
