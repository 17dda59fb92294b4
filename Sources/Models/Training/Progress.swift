#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much training tells while it runs.
public enum Verbosity: Sendable, Hashable {
  /// ``bar`` if standard output is a terminal, else ``lines``.
  case automatic
  /// Nothing.
  case silent
  /// A bar that moves, in colour unless the environment has `NO_COLOR`.
  case bar
  /// A line for every epoch, plain text.
  case lines
}

/// Writes how far training is, as Keras does.
package struct Progress {
  package enum Style: Sendable { case silent, bar(isColored: Bool), lines }

  private let style: Style
  private let epochs: Int
  private let steps: Int
  private let now: () -> Double
  private let write: (String) -> Void
  private var begin = 0.0
  private var shown = -Double.infinity
  private var width = 0

  /// - Parameters:
  ///   - style: what to write.
  ///   - epochs: number of the last epoch; the epoch is left out if that is 1.
  ///   - steps: batches in an epoch.
  ///   - now: seconds from anywhere.
  ///   - write: takes the text.
  package init(
    _ style: Style, epochs: Int, steps: Int, now: @escaping () -> Double = Terminal.seconds,
    write: @escaping (String) -> Void
  ) {
    self.style = style
    self.epochs = epochs
    self.steps = steps
    self.now = now
    self.write = write
  }

  /// Whether values of unfinished epochs are shown.
  package var showsSteps: Bool { if case .bar = style { true } else { false } }

  private var isSilent: Bool { if case .silent = style { true } else { false } }

  package mutating func epochBegin(_ epoch: Int) {
    if isSilent { return }
    begin = now()
    shown = -.infinity
    width = 0
    if showsSteps && epochs > 1 { write("Epoch \(epoch + 1)/\(epochs)\n") }
  }

  /// Moves the bar, at most twenty times a second. `step` batches are done.
  package mutating func stepEnd(_ step: Int, _ logs: @autoclosure () -> Logs) {
    guard case .bar(let isColored) = style, step < steps, now() - shown >= 0.05 else { return }
    shown = now()
    let perStep = (shown - begin) / Double(step)
    let left = "ETA \(time(perStep * Double(steps - step))) \(timePerStep(perStep))"
    rewrite(bar(step, isColored), "\(left) - \(logs())", end: "")
  }

  package mutating func epochEnd(_ epoch: Int, _ logs: Logs) {
    if isSilent { return }
    let elapsed = now() - begin
    let speed = "\(time(elapsed)) \(timePerStep(elapsed / Double(max(steps, 1))))"
    switch style {
    case .silent: break
    case .bar(let isColored): rewrite(bar(steps, isColored), "\(speed) - \(logs)", end: "\n")
    case .lines:
      let name = epochs > 1 ? "Epoch \(epoch + 1)/\(epochs) - " : ""
      write("\(name)\(steps)/\(steps) - \(speed) - \(logs)\n")
    }
  }

  /// Replaces the line; what is left of a longer one is blanked.
  private mutating func rewrite(_ bar: (text: String, width: Int), _ rest: String, end: String) {
    let wide = bar.width + rest.count
    let blanks = String(repeating: " ", count: max(0, width - wide))
    write("\r\(bar.text)\(rest)\(blanks)\(end)")
    width = wide
  }

  /// `step/total` and twenty columns, with the columns taken.
  private func bar(_ step: Int, _ isColored: Bool) -> (text: String, width: Int) {
    let total = "\(steps)"
    let count = "\(step)"
    let done = steps == 0 ? 20 : 20 * step / steps
    let number = String(repeating: " ", count: total.count - count.count) + "\(count)/\(total)"
    let full = String(repeating: "━", count: done)
    let left = String(repeating: isColored ? "━" : " ", count: 20 - done)
    let columns = isColored ? "\u{1B}[32m\(full)\u{1B}[37m\(left)\u{1B}[0m" : full + left
    return ("\(number) \(columns) ", number.count + 22)
  }

  private func time(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9))
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    if whole >= 3600 {
      return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
    return whole >= 60 ? "\(whole / 60):\(two(whole % 60))" : "\(whole)s"
  }

  private func timePerStep(_ seconds: Double) -> String {
    if seconds >= 1 || !seconds.isFinite { return "\(text(seconds, "%.0f"))s/step" }
    if seconds >= 1e-3 { return "\(text(seconds * 1e3, "%.0f"))ms/step" }
    return "\(text(seconds * 1e6, "%.0f"))us/step"
  }
}

/// A value as Keras shows it: four decimals, scientific at 0.001 and below.
func formatted(_ value: Double) -> String {
  text(value, value.magnitude > 1e-3 || value == 0 || value.isNaN ? "%.4f" : "%.4e")
}

private func text(_ value: Double, _ format: String) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
    _ = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
    return String(cString: buffer.baseAddress.unsafelyUnwrapped)
  }
}

/// Standard output and what it is connected to.
package enum Terminal {
  /// Writes at once, in order with what `print` writes.
  package static func write(_ text: String) {
    print(text, terminator: "")
    fflush(nil)
  }

  package static var isTerminal: Bool { isatty(1) == 1 }

  /// Whether colour is unwanted: `NO_COLOR` is set and not empty (no-color.org).
  package static var hasNoColor: Bool {
    guard let value = getenv("NO_COLOR") else { return false }
    return value[0] != 0
  }

  package static func seconds() -> Double {
    let time = start.duration(to: .now).components
    return Double(time.seconds) + Double(time.attoseconds) * 1e-18
  }

  private static let start = ContinuousClock.now
}

extension Verbosity {
  /// What a run writes.
  package func style(
    isTerminal: Bool = Terminal.isTerminal, hasNoColor: Bool = Terminal.hasNoColor
  ) -> Progress.Style {
    switch self {
    case .silent: .silent
    case .lines: .lines
    case .bar: .bar(isColored: !hasNoColor)
    case .automatic: isTerminal ? .bar(isColored: !hasNoColor) : .lines
    }
  }
}
