import Backtape
import Foundation

/// What the run ran on and with what, for the report.
enum MachineDescription {
  /// Rows of a table: processor, memory, system, compilers, peers.
  static func table(python: String?) -> Table {
    var table = Table(["", ""])
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { table.append([name, value]) }
    }
    let cores = ProcessInfo.processInfo.processorCount
    add("processor", processor.map { "\($0), \(cores) cores" } ?? "\(cores) cores")
    add("caches", caches)
    let memory = Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)
    add("memory", String(format: "%.0f GiB", memory))
    add("system", ProcessInfo.processInfo.operatingSystemVersionString)
    add("kernels of Backtape", Machine.instructionSet)
    add("Swift", output(["swift", "--version"])?.firstLine)
    add("C compiler of the anchors", output(["cc", "--version"])?.firstLine)
    if let python {
      let program = Paths.programs.appending(path: "versions.py").path
      let versions = output([python, program])?.split(separator: "\n").joined(separator: ", ")
      add("peers", versions)
    }
    return table
  }

  private static var processor: String? {
    #if os(Linux)
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
        return nil
      }
      func field(_ name: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix(name) }?
          .split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init)
      }
      guard let model = field("model name") else { return nil }
      return field("cpu family").map { "\(model) (family \($0))" } ?? model
    #else
      return output(["sysctl", "-n", "machdep.cpu.brand_string"])?.firstLine
    #endif
  }

  private static var caches: String? {
    let folder = "/sys/devices/system/cpu/cpu0/cache"
    let found = (0..<4).compactMap { index -> String? in
      func read(_ name: String) -> String? {
        try? String(contentsOfFile: "\(folder)/index\(index)/\(name)", encoding: .utf8).firstLine
      }
      guard let level = read("level"), let kind = read("type"), let size = read("size") else {
        return nil
      }
      return kind == "Instruction" ? nil : "L\(level) \(size)"
    }
    return found.joined(separator: ", ")
  }

  /// What a command prints, or nil if it cannot be run.
  private static func output(_ command: [String]) -> String? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}

extension String {
  fileprivate var firstLine: String? { split(separator: "\n").first.map(String.init) }
}
