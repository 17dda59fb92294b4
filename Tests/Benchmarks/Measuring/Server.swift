import Foundation

/// This program as a participant: answers the conversation that `Peers/protocol.py` describes.
///
/// Ours runs in a process of its own like everybody else's, so that it is pinned, stopped and
/// started in the same way, and a crash of one workload is one missing figure.
enum Server {
  static func serve(_ workload: any Workload) {
    var work: Work?
    while let line = readLine() {
      let parts = line.split(separator: " ", maxSplits: 1)
      let argument = parts.count > 1 ? String(parts[1]) : ""
      var answer: String
      do {
        switch parts.first {
        case "prepare":
          let prepared = try workload.prepare(argument, .full)
          try prepared.check()
          work = prepared
          answer = "ready"
        case "run":
          guard let work, let seconds = Double(argument) else {
            throw WrongResult(description: "nothing is prepared")
          }
          answer = "value \(try work.cost(atLeast: seconds))"
        default: throw WrongResult(description: "'\(line)' is no request")
        }
      } catch {
        answer = "failed " + "\(error)".replacing("\n", with: " ")
      }
      FileHandle.standardOutput.write(Data("\(answer)\n".utf8))
    }
  }
}
