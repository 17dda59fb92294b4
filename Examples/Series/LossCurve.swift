import Foundation

/// A curve drawn with characters: values over iterations.
struct LossCurve {
  let values: [Double]
  private static let height = 10
  private static let width = 60

  /// A line for each level, an axis below.
  var text: String {
    let columns = min(values.count, LossCurve.width)
    let sampled = (0..<columns).map { values[$0 * (values.count - 1) / max(columns - 1, 1)] }
    let top = max(sampled.filter(\.isFinite).max() ?? 1, .leastNormalMagnitude)
    var lines: [String] = []
    for level in (1...LossCurve.height).reversed() {
      let value = top * Double(level) / Double(LossCurve.height)
      let label = level % 5 == 0 ? String(format: "%8.4f", value) : String(repeating: " ", count: 8)
      let points = sampled.map { sample in
        Int((sample / top * Double(LossCurve.height)).rounded(.up)) == level ? "*" : " "
      }
      lines.append("  \(label) |" + points.joined())
    }
    lines.append("    0.0000 +" + String(repeating: "-", count: columns))
    let end = "\(values.count)"
    let gap = String(repeating: " ", count: max(1, columns - 1 - end.count))
    lines.append(String(repeating: " ", count: 12) + "1" + gap + end)
    return lines.joined(separator: "\n")
  }
}
