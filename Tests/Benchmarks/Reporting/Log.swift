import Foundation

/// What happens, told on the error output as it does.
final class Log {
  private let start = ContinuousClock.now
  /// What went wrong, for the end.
  var failures: [String] = []

  func line(_ text: String) {
    let seconds = Int((ContinuousClock.now - start).seconds)
    let time = String(format: "[%02d:%02d] ", seconds / 60, seconds % 60)
    FileHandle.standardError.write(Data("\(time)\(text)\n".utf8))
  }
}
