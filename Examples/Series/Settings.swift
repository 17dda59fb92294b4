import Backtape

/// What the command line asks for.
struct Settings {
  enum Part: String, CaseIterable { case part1, part2, part3 }

  var parts = Part.allCases
  var iterations = 50
  var seed: UInt32 = 1
  var learningRate = 1.0
  var dtype = DType.float64
  var wantsHelp = false

  /// Whether the published table is what should come out.
  var arePublished: Bool {
    iterations == 50 && seed == 1 && learningRate == 1 && dtype == .float64
  }

  static let usage = """
    usage: series [part1|part2|part3] [--iterations N] [--seed N] [--learning-rate X] [--float32]
    """

  struct Wrong: Error {
    let message: String
  }

  init(_ arguments: [String]) throws(Wrong) {
    var rest = arguments[...]
    var chosen: [Part] = []
    while let argument = rest.popFirst() {
      switch argument {
      case "--float32": dtype = .float32
      case "--help", "-h": wantsHelp = true
      case "--iterations":
        iterations = try Settings.value(argument, "a whole number from 1 to 10000000", &rest) {
          (1...10_000_000).contains($0)
        }
      case "--seed":
        seed = try Settings.value(argument, "a whole number from 0 to \(UInt32.max)", &rest)
      case "--learning-rate":
        learningRate = try Settings.value(argument, "a number", &rest, where: \.isFinite)
      default:
        guard let part = Part(rawValue: argument) else {
          throw Wrong(message: "series: '\(argument)' is no part and no option")
        }
        chosen.append(part)
      }
    }
    if !chosen.isEmpty { parts = Part.allCases.filter(chosen.contains) }
  }

  private static func value<Value: LosslessStringConvertible>(
    _ option: String, _ what: String, _ rest: inout ArraySlice<String>,
    where isAllowed: (Value) -> Bool = { _ in true }
  ) throws(Wrong) -> Value {
    guard let text = rest.popFirst() else {
      throw Wrong(message: "series: \(option) takes \(what)")
    }
    guard let value = Value(text), isAllowed(value) else {
      throw Wrong(message: "series: \(option) takes \(what), not '\(text)'")
    }
    return value
  }
}
