/// One figure of a workload: what is timed, who takes part, and what is asked of it.
///
/// A participant answers with a cost: seconds for one item, or mebibytes. Less is better always;
/// units only say how a cost is shown.
struct Figure: Sendable {
  /// How a cost is shown.
  enum Unit: Sendable {
    /// Items in a second, by their name.
    case perSecond(String)
    case milliseconds, microseconds, nanoseconds
    /// 10⁹ operations in a second, of an item that does so many.
    case gigaflops(operations: Double)
    /// 10⁹ bytes in a second; an item is a byte.
    case gigabytesPerSecond
    case mebibytes
  }

  /// What one figure is asked to be.
  enum Target: Sendable {
    /// At least so many times as fast as the fastest of the named participants, or of all peers.
    case times(Double, of: [String] = [])
    /// Not slower: below 0.97 of the fastest of the named in most runs is lost.
    case level(of: [String])
    /// At least so fast, or with so little memory, in the figure's unit.
    case value(Double)
    /// No cost above so many times that of the figure before it in the workload.
    case noCliff(Double)
  }

  /// What asks for it, in the conversation with participants.
  let id: String
  /// What peers and anchors call it; left out, the same.
  var rivalID: String?
  let unit: Unit
  /// Numbers of threads it is measured with.
  var threads = [2, 1]
  /// The peers and anchors that take part.
  var rivals: [String] = []
  /// Floating-point operations of an item, from which the machine's limit follows.
  var flops: Double?
  /// Whether those are of float64.
  var isDouble = false
  /// By number of threads.
  var must: [Int: Target] = [:]
  /// By number of threads.
  var aim: [Int: Target] = [:]
  /// Whether every repetition needs a new process.
  var isFresh = false
  /// Separate runs of all repetitions.
  var runs = 1
  /// How often everybody is measured, in each run.
  var repetitions = 7
  /// How long a repetition takes, at least.
  var seconds = 0.1
}

extension Figure.Unit {
  /// A cost as it is shown, without the unit.
  func value(of cost: Double) -> Double {
    switch self {
    case .perSecond: 1 / cost
    case .milliseconds: cost * 1e3
    case .microseconds: cost * 1e6
    case .nanoseconds: cost * 1e9
    case .gigaflops(let operations): operations / cost / 1e9
    case .gigabytesPerSecond: 1e-9 / cost
    case .mebibytes: cost
    }
  }

  /// The cost that is shown as a value.
  func cost(of value: Double) -> Double {
    switch self {
    case .perSecond: 1 / value
    case .milliseconds: value / 1e3
    case .microseconds: value / 1e6
    case .nanoseconds: value / 1e9
    case .gigaflops(let operations): operations / value / 1e9
    case .gigabytesPerSecond: 1e-9 / value
    case .mebibytes: value
    }
  }

  var name: String {
    switch self {
    case .perSecond(let items): "\(items)/s"
    case .milliseconds: "ms"
    case .microseconds: "µs"
    case .nanoseconds: "ns"
    case .gigaflops: "GFLOP/s"
    case .gigabytesPerSecond: "GB/s"
    case .mebibytes: "MiB"
    }
  }

  /// A cost with its unit.
  func text(_ cost: Double) -> String { "\(shown(value(of: cost))) \(name)" }
}
