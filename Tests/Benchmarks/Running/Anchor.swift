import Foundation

/// A C or C++ program that says what is possible, compiled here and now.
struct Anchor: Sendable {
  /// What the report calls it.
  let name: String
  /// Its source in `Anchors`.
  let source: String
  /// Options of several builds that mean the same; the fastest counts.
  var builds: [[String]] = [[]]
  /// A header in `.build-peers` that it needs; left out of the run where that is missing.
  var needs: String?
  /// Arguments of the program.
  var arguments: [String] = []

  /// The contestants: one for each build. Throws with the compiler's first complaint.
  func contestants() throws -> [Contestant] {
    if let needs, !FileManager.default.fileExists(atPath: Paths.peers.appending(path: needs).path) {
      throw WrongResult(description: "\(needs) is not in \(Paths.peers.lastPathComponent)")
    }
    return try builds.enumerated().map { number, options in
      let binary = try compile(options, number)
      return Contestant(name: name, command: [binary.path] + arguments)
    }
  }

  private func compile(_ options: [String], _ number: Int) throws -> URL {
    let file = Paths.package.appending(path: "Tests/Benchmarks/Anchors/\(source)")
    let folder = Paths.executable.deletingLastPathComponent().appending(path: "anchors")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let base = file.deletingPathExtension().lastPathComponent
    let binary = folder.appending(path: "\(base)-\(name.replacing(" ", with: "-"))-\(number)")
    let isCPlusPlus = file.pathExtension == "cpp"
    var command = isCPlusPlus ? ["c++", "-std=c++17"] : ["cc", "-std=gnu11"]
    command += ["-O3", "-march=native"] + options + [file.path, "-o", binary.path, "-lm"]
    if let needs {
      command.insert(
        "-I\(Paths.peers.appending(path: needs).deletingLastPathComponent().path)", at: 1)
    }
    let errors = Pipe()
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = command
    compiler.standardError = errors
    try compiler.run()
    let complaint = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    compiler.waitUntilExit()
    if compiler.terminationStatus != 0 {
      let line = complaint.split(separator: "\n").first { $0.contains("error") }
      throw WrongResult(description: "\(source) does not compile: \(line ?? "no compiler")")
    }
    return binary
  }
}

/// Where things lie.
enum Paths {
  /// The package this program was built from.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// What `install-peers` makes.
  static let peers = package.appending(path: ".build-peers")

  /// This program.
  static let executable = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])

  /// The program of W9, built beside this one.
  static let startup = executable.deletingLastPathComponent().appending(path: "benchmark-startup")

  /// The programs of the peers.
  static let programs = package.appending(path: "Tests/Benchmarks/Peers")

  /// What is written.
  static let report = package.appending(path: "Docs/Backtape.docc/Performance.md")
}
