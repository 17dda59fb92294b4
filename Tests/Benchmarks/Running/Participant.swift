import Foundation

/// Somebody who can be measured: a command that answers the conversation.
struct Contestant: Sendable {
  static let oursName = "Backtape"

  /// What the report calls it.
  let name: String
  let command: [String]
  /// Whether it is this package.
  var isOurs = false
}

/// A contestant's process, stopped unless it is its turn.
final class Participant {
  enum Failure: Error, CustomStringConvertible {
    /// It does not have this figure, or the library is not installed.
    case absent(String)
    case failed(String)

    /// What an answer that is not the one waited for means.
    static func unexpected(_ answer: (word: String, rest: String)) -> Failure {
      .failed(answer.word == "failed" ? answer.rest : "it answered '\(answer.word) \(answer.rest)'")
    }

    var description: String {
      switch self {
      case .absent(let reason): reason.isEmpty ? "does not have it" : reason
      case .failed(let reason): reason
      }
    }
  }

  let contestant: Contestant
  private let process = Process()
  private let channel: LineChannel

  /// Starts the process, on as many cores as it may use threads.
  init(_ contestant: Contestant, threads: Int) throws {
    self.contestant = contestant
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = Cores.pinning(threads: threads) + contestant.command
    var environment = ProcessInfo.processInfo.environment
    for name in [
      "BACKTAPE_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
      "TF_NUM_INTRAOP_THREADS",
    ] {
      environment[name] = "\(threads)"
    }
    process.environment = environment
    process.standardInput = input
    process.standardOutput = output
    process.standardError = contestant.isOurs ? FileHandle.standardError : FileHandle.nullDevice
    channel = LineChannel(
      writingTo: input.fileHandleForWriting, readingFrom: output.fileHandleForReading)
    try process.run()
  }

  /// Makes a figure ready and checks its result.
  func prepare(_ figure: String) throws(Failure) {
    let answer = try ask("prepare \(figure)", timeout: 600)
    if answer.word == "absent" { throw .absent(answer.rest) }
    if answer.word != "ready" { throw .unexpected(answer) }
  }

  /// The cost of an item of what was prepared last.
  func run(seconds: Double) throws(Failure) -> Double {
    let answer = try ask("run \(seconds)", timeout: 300 + 100 * seconds)
    guard answer.word == "value", let cost = Double(answer.rest), cost.isFinite else {
      throw .unexpected(answer)
    }
    return cost
  }

  /// Seconds of processor time used so far; nil where the system does not tell.
  var processorTime: Double? { ProcessorTime.used(by: process.processIdentifier) }

  func stop() {
    channel.close()
    kill(process.processIdentifier, SIGCONT)
    for _ in 0..<100 where process.isRunning { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  private func ask(_ line: String, timeout: Double) throws(Failure) -> (word: String, rest: String)
  {
    // Threads that still spin after an answer would take time from the next participant.
    kill(process.processIdentifier, SIGCONT)
    defer { kill(process.processIdentifier, SIGSTOP) }
    let answer: String
    do throws(LineChannel.Silence) {
      answer = try channel.ask(line, timeout: timeout)
    } catch {
      throw .failed(error == .ended ? "the process ended" : "no answer in \(Int(timeout)) s")
    }
    let parts = answer.split(separator: " ", maxSplits: 1)
    return (parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]) : "")
  }
}

/// Which cores a process is held on.
enum Cores {
  /// Words before a command that pin it to as many cores as it has threads; none if it may have all,
  /// or where the system has no such tool.
  static func pinning(threads: Int) -> [String] {
    let count = ProcessInfo.processInfo.processorCount
    let tool = "/usr/bin/taskset"
    if threads >= count || !FileManager.default.isExecutableFile(atPath: tool) { return [] }
    return [tool, "-c", "\(count - threads)-\(count - 1)"]
  }
}
