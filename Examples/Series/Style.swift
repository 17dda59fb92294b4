import Backtape
import Foundation

/// One way to write the network, and what is said of it.
struct Style: Sendable {
  let name: String
  let run: @Sendable (Network) throws -> Tensor
  /// The file the style stands in, to count its lines.
  let file: String
  let gradient: String
  let loop: String
  let gains: String
  let loses: String

  static let all = [
    Style(
      name: "NumPy", run: numPyStyle, file: "NumPyStyle.swift",
      gradient: "you, by hand", loop: "you",
      gains: "every value at hand; nothing hidden",
      loses: "a wrong delta is silent; all deltas again for every layer"),
    Style(
      name: "tape", run: tapeStyle, file: "TapeStyle.swift",
      gradient: "a tape, at once", loop: "you",
      gains: "no deltas; any Swift control flow; values in a debugger",
      loses: "each operation pays for its record"),
    Style(
      name: "Theano", run: theanoStyle, file: "TheanoStyle.swift",
      gradient: "the graph", loop: "you",
      gains: "the gradient can be read and optimised before it runs",
      loses: "no values while defining; errors far from their source"),
    Style(
      name: "TensorFlow", run: tensorFlowStyle, file: "TensorFlowStyle.swift",
      gradient: "minimize()", loop: "you",
      gains: "the update rule is one call; several sessions of one graph",
      loses: "two worlds: the graph, and the session that feeds it"),
    Style(
      name: "Keras", run: kerasStyle, file: "KerasStyle.swift",
      gradient: "hidden", loop: "the library",
      gains: "only the layers are left to write",
      loses: "the loss's scale is hidden: a mean needs another learning rate"),
  ]

  /// Lines of the style's function without comments, signature and closing brace; nil where the
  /// source is not at hand.
  var linesOfCode: Int? {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    guard
      let source = try? String(
        contentsOf: folder.appending(path: "Styles/\(file)"), encoding: .utf8)
    else { return nil }
    let lines = source.split(separator: "\n").drop { !$0.hasPrefix("func ") }.dropFirst()
    return lines.prefix { $0 != "}" }.count { !$0.drop { $0 == " " }.hasPrefix("//") }
  }

  /// Microseconds of one iteration and of everything before the first: the least of several runs,
  /// told apart by running twice as long.
  func time(_ network: Network) throws -> (iteration: Double, setUp: Double) {
    let clock = ContinuousClock()
    func microseconds(_ iterations: Int) throws -> Double {
      let shortened = Network(network, iterations: iterations)
      var least = Double.infinity
      for _ in 0..<5 {
        let duration = try clock.measure { _ = try run(shortened) }
        least = min(least, Double(duration.components.attoseconds) / 1e12)
      }
      return least
    }
    // Two iterations are the fewest that also compile what trains.
    let (short, long) = (2, 1002)
    let shortTime = try microseconds(short)
    let iteration = max(0, try microseconds(long) - shortTime) / Double(long - short)
    return (iteration, max(0, shortTime - iteration * Double(short)))
  }
}
