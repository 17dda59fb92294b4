/// Something people compute, written with the public API as a user would write it.
protocol Workload: Sendable {
  /// What the command line calls it: "W2".
  var name: String { get }
  /// What it is, in a few words.
  var title: String { get }
  /// Shapes, data and what is counted, for the report.
  var details: String { get }
  /// The peers' program in `Peers`.
  var program: String? { get }
  /// C and C++ programs that take part.
  var anchors: [Anchor] { get }
  /// What is measured.
  var figures: [Figure] { get }
  /// How this package takes part; nil if it does not.
  var ours: Contestant? { get throws }

  /// How a peer takes part.
  func peer(_ name: String, python: String, threads: Int) throws -> Contestant

  /// Makes everything that is not timed: data, models, plans.
  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work
}

extension Workload {
  var program: String? { nil }
  var anchors: [Anchor] { [] }

  var ours: Contestant? {
    get throws {
      Contestant(
        name: Contestant.oursName, command: [Paths.executable.path, "serve", name], isOurs: true)
    }
  }

  func peer(_ name: String, python: String, threads: Int) throws -> Contestant {
    let path = Paths.programs.appending(path: program ?? "").path
    return Contestant(name: name, command: [python, path, name, "\(threads)"])
  }
}

/// How much of a workload is done.
enum WorkloadSize { case full, smoke }

/// What a workload prepared.
struct Work {
  /// How its cost is found.
  enum Kind {
    /// A call that does so many items is timed.
    case timed(items: Double, call: () throws -> Void)
    /// It measures itself, and gives the cost.
    case reported(() throws -> Double)
  }
  let kind: Kind
  /// Throws if the result is wrong.
  let check: () throws -> Void

  /// A call that does so many items, to be timed.
  init(
    items: Int = 1, check: @escaping () throws -> Void = {}, _ call: @escaping () throws -> Void
  ) {
    kind = .timed(items: Double(items), call: call)
    self.check = check
  }

  /// A call that measures itself.
  init(
    reported call: @escaping () throws -> Double, check: @escaping () throws -> Void = {}
  ) {
    kind = .reported(call)
    self.check = check
  }

  /// The cost of an item, over at least so many seconds, after one call that does not count.
  func cost(atLeast least: Double) throws -> Double {
    switch kind {
    case .reported(let call): return try call()
    case .timed(let items, let call):
      let first = try seconds(1, call)
      var count = max(1, (least / max(first, 1e-9)).rounded())
      var elapsed = try seconds(count, call)
      // A first call may be slow by chance; what then runs too short is run again for longer.
      while elapsed < least / 2 {
        count *= 2
        elapsed = try seconds(count, call)
      }
      return elapsed / (count * items)
    }
  }

  private func seconds(_ count: Double, _ call: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    for _ in 0..<Int(count) { try call() }
    return (clock.now - start).seconds
  }
}

/// A result that is not what it should be, or a figure that a workload does not have.
struct WrongResult: Error, CustomStringConvertible {
  let description: String
}

/// Throws unless two numbers agree to a tolerance, relative where they are above one.
func expect(_ name: String, _ got: Double, near expected: Double, tolerance: Double) throws {
  if !((got - expected).magnitude <= tolerance * max(1, expected.magnitude)) {
    throw WrongResult(description: "\(name) is \(got), expected \(expected)")
  }
}

/// Throws unless training made a loss smaller, and a number still.
func expectDescent(from before: Double, to after: Double) throws {
  if !(after.isFinite && after < before) {
    throw WrongResult(description: "the loss went from \(before) to \(after)")
  }
}

extension Duration {
  /// As a number of seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
