import Backtape
import Foundation

/// A whole program, from its start to its end.
struct W9Startup: Workload {
  let name = "W9"
  let title = "start, 50 iterations, exit"
  let details = """
    A program that makes the 3-4-1 network, trains it for 50 iterations, prints the predictions and
    exits: wall time, and the largest resident memory. What it prints is checked.
    """

  private static let peers = ["numpy", "torch", "jax", "tensorflow"]

  var figures: [Figure] {
    [
      Figure(
        id: "wall", unit: .milliseconds, threads: [2], rivals: W9Startup.peers,
        must: [2: .times(15)], aim: [2: .times(30)], seconds: 0),
      Figure(
        id: "memory", unit: .mebibytes, threads: [2], rivals: W9Startup.peers,
        must: [2: .value(16)], repetitions: 2, seconds: 0),
    ]
  }

  private func launched(_ command: [String]) throws -> [String] {
    try Anchor(name: "launch", source: "launch.c").contestants()[0].command + command
  }

  var ours: Contestant? {
    get throws {
      Contestant(
        name: Contestant.oursName, command: try launched([Paths.startup.path]), isOurs: true)
    }
  }

  func peer(_ name: String, python: String, threads: Int) throws -> Contestant {
    let program = Paths.programs.appending(path: "startup.py").path
    return Contestant(name: name, command: try launched([python, program, name]))
  }

  /// The program itself, started by this process; others start it in a measured run.
  func prepare(_ figure: String, _ size: WorkloadSize) -> Work {
    let call = {
      let (process, output) = (Process(), Pipe())
      process.executableURL = Paths.startup
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      if !String(decoding: data, as: UTF8.self).contains("0.1677") {
        throw WrongResult(description: "the program printed something else")
      }
    }
    return Work(call)
  }
}
