import BacktapeTensors

/// Named numbers in a fixed order: the loss, then metrics.
public struct Logs: Sendable, Hashable, CustomStringConvertible {
  /// In the order they are shown.
  public let names: [String]
  /// One for each name.
  public let values: [Double]

  init(names: [String], values: [Double]) {
    self.names = names
    self.values = values
  }

  /// The value of a name, nil if there is none of that name.
  public subscript(name: String) -> Double? {
    names.firstIndex(of: name).map { values[$0] }
  }

  /// The loss.
  public var loss: Double { values[0] }

  /// `loss: 0.1234 - accuracy: 0.9000`.
  public var description: String {
    zip(names, values).map { "\($0): \(formatted($1))" }.joined(separator: " - ")
  }

  /// Followed by others under names of their own.
  func appending(_ other: Logs, prefix: String) -> Logs {
    Logs(names: names + other.names.map { prefix + $0 }, values: values + other.values)
  }
}

/// What a training run was like: for every name one value an epoch.
public struct History: Sendable, Hashable, CustomStringConvertible {
  /// The epochs trained, from 0.
  public private(set) var epochs: [Int] = []
  /// `loss`, metrics, and the same on validation data as `val_loss` and so on.
  public private(set) var names: [String] = []
  private var columns: [String: [Double]] = [:]

  /// The values of a name, one an epoch; nil if there is none of that name.
  public subscript(name: String) -> [Double]? { columns[name] }

  /// The loss of every epoch; empty if none was trained.
  public var loss: [Double] { columns["loss"] ?? [] }

  /// A line for every epoch.
  public var description: String {
    epochs.enumerated().map { i, epoch in
      "epoch \(epoch + 1)"
        + names.map { " - \($0): \(columns[$0].map { formatted($0[i]) } ?? "")" }.joined()
    }.joined(separator: "\n")
  }

  mutating func append(_ logs: Logs, epoch: Int) {
    epochs.append(epoch)
    if names.isEmpty { names = logs.names }
    for (name, value) in zip(logs.names, logs.values) { columns[name, default: []].append(value) }
  }
}

/// The loss and metrics of the batches so far.
struct Totals {
  private let names: [String]
  private let metrics: [Metric]
  private let reduction: Loss.Reduction
  private var loss = 0.0
  private var samples = 0
  private var sums: [[Double]]

  init(_ compilation: Model.Compilation, _ blueprint: Blueprint) throws(ModelError) {
    let producers = blueprint.producers
    metrics = producers.flatMap { _ in compilation.metrics }
    let names =
      ["loss"]
      + producers.flatMap { producer in
        compilation.metrics.map { producers.count == 1 ? $0.name : "\(producer)_\($0.name)" }
      }
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw .argument(
        name: "metrics", message: "two are called '\(twice)'; give one a name with named(_:)")
    }
    self.names = names
    reduction = compilation.loss.reduction
    sums = [[Double]](repeating: [], count: metrics.count)
  }

  /// Adds a batch: what its plan gave.
  mutating func add(_ results: [Tensor], count: Int) {
    loss += results[0].item() * (reduction == .mean ? Double(count) : 1)
    samples += count
    for (i, result) in results.dropFirst().enumerated() {
      let batch = result.scalars(as: Double.self)
      sums[i] = sums[i].isEmpty ? batch : zip(sums[i], batch).map { $0 + $1 }
    }
  }

  var logs: Logs {
    Logs(
      names: names,
      values: [reduction == .mean ? loss / Double(samples) : loss]
        + zip(metrics, sums).map { $0.result($1) })
  }
}
