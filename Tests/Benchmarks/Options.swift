import Foundation

/// What the command line asks for.
struct Options {
  /// Names of workloads; all if empty.
  var only: [String] = []
  /// How often everybody is measured, if not as often as each figure says.
  var repetitions: Int?
  /// Numbers of threads.
  var threads = [2, 1]
  /// The interpreter that has the peers; nil if there is none.
  var python: String?
  var withoutPeers = false
  /// Every workload once, small, in this process, without peers: whether all work.
  var isSmoke = false
  /// Whether the report is written; nil if that depends on the run being whole.
  var writes: Bool?
  var lists = false
  var wantsHelp = false

  static let usage = """
    usage: benchmarks [--only W2,W4] [--repetitions N] [--threads 1|2] [--python PATH] [--no-peers]
                      [--smoke] [--write] [--no-write] [--list] [--help]

      --only NAMES      these workloads, by commas
      --repetitions N   how often everybody is measured; else 7 times, or as a figure needs
      --threads N       with so many threads alone
      --python PATH     the interpreter that has the peers; else BACKTAPE_BENCHMARK_PYTHON, else
                        .build-peers/bin/python, which Tests/Benchmarks/install-peers makes
      --no-peers        ours and the C programs alone
      --smoke           every workload once, small and unmeasured: whether all work
      --write           write Docs/Backtape.docc/Performance.md also from a part of the run
      --no-write        don't write it
      --list            the names of the workloads
    """

  struct Wrong: Error {
    let message: String
  }

  /// Reads arguments without the program's name.
  init(_ arguments: [String], workloads: [String]) throws(Wrong) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--only":
        only = try Options.value(argument, &rest).split(separator: ",").map(String.init)
        if only.isEmpty { throw Wrong(message: "\(argument) needs names, such as W2,W4") }
        for name in only where !workloads.contains(name) {
          throw Wrong(
            message: "'\(name)' is no workload; there are \(workloads.joined(separator: ", "))")
        }
      case "--repetitions":
        repetitions = try Options.number(argument, &rest, 1...10_000)
      case "--threads": threads = [try Options.number(argument, &rest, 1...2)]
      case "--python":
        let path = try Options.value(argument, &rest)
        if !FileManager.default.isExecutableFile(atPath: path) {
          throw Wrong(message: "'\(path)' is no program")
        }
        python = path
      case "--no-peers": withoutPeers = true
      case "--smoke": isSmoke = true
      case "--write": writes = true
      case "--no-write": writes = false
      case "--list": lists = true
      case "--help", "-h": wantsHelp = true
      default: throw Wrong(message: "'\(argument)' is no option")
      }
    }
    if isSmoke && writes == true {
      throw Wrong(message: "--smoke measures nothing that could be written")
    }
    if python == nil && !withoutPeers { python = try Options.pythonFound() }
  }

  /// Whether everything there is takes part, so that the report is whole.
  var isWhole: Bool { only.isEmpty && threads.count == 2 && !withoutPeers && python != nil }

  private static func pythonFound() throws(Wrong) -> String? {
    let files = FileManager.default
    if let path = ProcessInfo.processInfo.environment["BACKTAPE_BENCHMARK_PYTHON"] {
      if files.isExecutableFile(atPath: path) { return path }
      throw Wrong(message: "BACKTAPE_BENCHMARK_PYTHON: '\(path)' is no program")
    }
    let path = Paths.peers.appending(path: "bin/python").path
    return files.isExecutableFile(atPath: path) ? path : nil
  }

  private static func value(
    _ argument: String, _ rest: inout ArraySlice<String>
  ) throws(Wrong) -> String {
    guard let text = rest.popFirst(), !text.hasPrefix("--") else {
      throw Wrong(message: "\(argument) needs a value")
    }
    return text
  }

  private static func number(
    _ argument: String, _ rest: inout ArraySlice<String>, _ range: ClosedRange<Int>
  ) throws(Wrong) -> Int {
    let text = try value(argument, &rest)
    guard let number = Int(text), range.contains(number) else {
      throw Wrong(
        message: "\(argument) takes \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }
}
