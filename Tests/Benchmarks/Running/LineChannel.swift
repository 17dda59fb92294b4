import Foundation

/// Lines to and from another process.
final class LineChannel {
  private let input: FileHandle
  private let output: FileHandle
  private var buffer = Data()

  init(writingTo input: FileHandle, readingFrom output: FileHandle) {
    self.input = input
    self.output = output
  }

  enum Silence: Error { case ended, tooLong }

  /// Sends a line and waits for the answer.
  func ask(_ line: String, timeout: Double) throws(Silence) -> String {
    do {
      try input.write(contentsOf: Data("\(line)\n".utf8))
    } catch {
      throw .ended
    }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(timeout)
    while true {
      if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...newline) }
        return String(decoding: buffer[..<newline], as: UTF8.self)
      }
      let left = (end - clock.now).seconds
      if left <= 0 || !isReadable(within: left) { throw .tooLong }
      let chunk = output.availableData
      if chunk.isEmpty { throw .ended }
      buffer.append(chunk)
    }
  }

  /// Says that nothing more will be asked.
  func close() { try? input.close() }

  private func isReadable(within seconds: Double) -> Bool {
    var descriptor = pollfd(fd: output.fileDescriptor, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, Int32(min(seconds, 1e6) * 1000)) > 0
  }
}
