/// Rows of text, printed with aligned columns or as Markdown.
struct Table {
  private let header: [String]
  private(set) var rows: [[String]] = []

  init(_ header: [String]) { self.header = header }

  var isEmpty: Bool { rows.isEmpty }

  mutating func append(_ row: [String]) { rows.append(row) }

  /// Columns as wide as their widest cell, numbers to the right.
  var text: String {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    func line(_ row: [String]) -> String {
      row.indices.map { i in
        let gap = String(repeating: " ", count: widths[i] - row[i].count)
        return isNumeric(i) ? gap + row[i] : row[i] + gap
      }.joined(separator: "  ")
    }
    let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
    return ([line(header), rule] + rows.map(line)).map { "  " + $0 }.joined(separator: "\n")
  }

  var markdown: String {
    func line(_ row: [String]) -> String { "| " + row.joined(separator: " | ") + " |" }
    let rule = "|" + header.indices.map { isNumeric($0) ? "---:|" : "---|" }.joined()
    return ([line(header), rule] + rows.map(line)).joined(separator: "\n")
  }

  /// Whether a column holds numbers, with units perhaps, and nothing else.
  private func isNumeric(_ column: Int) -> Bool {
    rows.allSatisfy { $0[column].first?.isNumber ?? true }
  }
}
