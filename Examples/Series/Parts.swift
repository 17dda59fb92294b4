import Backtape
import Foundation

/// What the series prints, part by part. Remembers whether anything disagreed.
struct Parts {
  let settings: Settings
  let network: Network
  private(set) var disagreements: [String] = []

  init(_ settings: Settings) {
    self.settings = settings
    network = Network(settings)
  }

  mutating func run() throws {
    print(
      """
      One network, five styles: 3 inputs, 4 hidden units, 1 output, sigmoid, no biases.
      \(settings.dtype), seed \(settings.seed), learning rate \(settings.learningRate), \
      \(settings.iterations) iterations.
      """)
    for part in settings.parts {
      switch part {
      case .part1: try part1()
      case .part2: try part2()
      case .part3: try part3()
      }
    }
    print()
    if disagreements.isEmpty {
      print("All agree.")
    } else {
      for line in disagreements { print("DISAGREES: \(line)") }
    }
  }

  // MARK: the parts

  private mutating func part1() throws {
    heading("Part 1", "arrays and deltas by hand")
    try predictions(of: ["NumPy"])
    let comparison = DeltaComparison(network)
    print("\nThe loss, 0.5 * sum((y - l2)^2), over the iterations:\n")
    print(LossCurve(values: comparison.rows.map(\.loss)).text)
  }

  private mutating func part2() throws {
    heading("Part 2", "a tape or a graph derives what part 1 derived by hand")
    try predictions(of: ["NumPy", "tape", "Theano", "TensorFlow"])
    gradients()
    print("\nThe gradient as the graph derives it, and the deltas it replaces:\n")
    print(DerivedGraph.text(network))
    addedLayer()
  }

  private mutating func part3() throws {
    heading("Part 3", "the layers declared, the loop the library's")
    try predictions(of: Style.all.map(\.name))
    try comparisonOfStyles()
  }

  private func heading(_ part: String, _ title: String) {
    let line = "\(part): \(title)"
    print("\n\(line)\n" + String(repeating: "=", count: line.count) + "\n")
  }

  /// The published table beside the styles' own.
  private mutating func predictions(of names: [String]) throws {
    let styles = Style.all.filter { names.contains($0.name) }
    let results = try styles.map { try $0.run(network) }
    let actual = network.y.scalars(as: Double.self)
    var table = TextTable(["actual", "published"] + styles.map(\.name))
    for row in 0..<4 {
      let published = settings.arePublished ? Published.predictions[row] : "-"
      table.append(
        ["\(Int(actual[row]))", published]
          + results.map { String(format: "%.10f", $0[row, 0].item()) })
    }
    print(table.text)
    for (style, result) in zip(styles, results) { check(style, result, against: results[0]) }
  }

  private mutating func check(_ style: Style, _ result: Tensor, against first: Tensor) {
    if settings.arePublished && !Published.matches(result) {
      disagreements.append("\(style.name) predicts \(result.flatten()), not the published table")
    }
    let tolerance = settings.dtype == .float32 ? 1e-4 : 1e-9
    if !result.allClose(first, relative: tolerance, absolute: tolerance) {
      disagreements.append("\(style.name) predicts \(result.flatten()), NumPy \(first.flatten())")
    }
  }

  /// Every iteration's gradients against the deltas.
  private mutating func gradients() {
    let comparison = DeltaComparison(network)
    print("\nLargest difference between each derived gradient and its delta by hand:\n")
    var table = TextTable(["iteration", "loss"] + DeltaComparison.names + ["ulp"])
    let step = max(1, comparison.rows.count / 50)
    for (iteration, row) in comparison.rows.enumerated()
    where iteration % step == 0 || !row.agrees {
      table.append(
        ["\(iteration + 1)", String(format: "%.10f", row.loss)]
          + row.reports.map(\.largestDifference).map { $0 == 0 ? "0" : String(format: "%.2g", $0) }
          + [String(format: "%.2g", row.unitsInLastPlace)])
    }
    print(table.text)
    print("\n  ulp: the largest, in units of the last place of the largest element compared.")
    if !comparison.agrees {
      disagreements.append(
        "a derived gradient is more than \(Int(DeltaComparison.tolerance)) ulp from its delta")
    }
  }

  /// What the old deltas do when a layer is added, and who notices.
  private func addedLayer() {
    print("\nA second hidden layer of four, with the first delta not derived again:\n")
    // Any 4x4 weights will do for the layer in the middle.
    let deeper = [
      network.synapses0, network.synapses0[0..<1] + network.synapses1, network.synapses1,
    ]
    let report = compareGradients(
      derived: derivedSteps(network.l0, network.y, deeper),
      handDerived: forgottenDelta(network.l0, network.y, deeper),
      names: ["synapses0", "synapses1", "synapses2"])
    for line in report.description.split(separator: "\n") { print("  \(line)") }
    print("\n  Every shape fits, so the program by hand runs on and says nothing.")
  }

  /// Lines, time and character of each style.
  private func comparisonOfStyles() throws {
    var figures = TextTable(
      ["style", "lines", "us/iteration", "us before", "derives the gradient", "owns the loop"])
    for style in Style.all {
      let time = try style.time(network)
      figures.append(
        [
          style.name, style.linesOfCode.map(String.init) ?? "-",
          String(format: "%.2f", time.iteration), String(format: "%.0f", time.setUp),
          style.gradient, style.loop,
        ])
    }
    print("\nMeasured here and now; `us before` is set-up, before the first iterations:\n")
    print(figures.text)
    var character = TextTable(["style", "gains", "loses"])
    for style in Style.all { character.append([style.name, style.gains, style.loses]) }
    print()
    print(character.text)
  }
}
