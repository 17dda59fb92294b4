import Foundation

/// Processor time of the whole machine and of processes, to see who else was running.
///
/// From Linux's `/proc`; other systems tell nothing.
enum ProcessorTime {
  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  /// Seconds that all cores together were busy.
  static var busy: Double? {
    guard let line = text("/proc/stat")?.split(separator: "\n").first else { return nil }
    let fields = line.split(separator: " ").dropFirst().compactMap { Double($0) }
    guard fields.count >= 8 else { return nil }
    // Of user, nice, system, idle, iowait, irq, softirq and steal all but idle and iowait.
    return (fields[..<8].reduce(0, +) - fields[3] - fields[4]) / ticksPerSecond
  }

  /// Seconds that a process used, with those of its children that have ended.
  static func used(by process: Int32) -> Double? {
    guard let stat = text("/proc/\(process)/stat"), let name = stat.lastIndex(of: ")") else {
      return nil
    }
    let fields = stat[name...].split(separator: " ")
    guard fields.count > 15 else { return nil }
    return fields[12...15].compactMap { Double($0) }.reduce(0, +) / ticksPerSecond
  }

  private static func text(_ path: String) -> String? {
    try? String(contentsOfFile: path, encoding: .utf8)
  }
}
