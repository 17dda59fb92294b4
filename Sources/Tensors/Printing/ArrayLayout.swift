/// Brackets, separators, line breaks and dots around the elements: NumPy's `_formatArray`.
struct ArrayLayout {
  let shape: [Int]
  /// How many items to show at each end of an axis; nil shows all.
  let edgeItems: Int?
  let separator: String
  /// The text of the element at a row-major position.
  let element: (Int) -> String

  /// - Parameters:
  ///   - indent: What stands before a continuation line of the outermost axis.
  ///   - width: The most characters on a line.
  /// - Returns: The text; its first line has no indent.
  func text(indent: String, width: Int) -> String {
    text(axis: 0, position: 0, indent: indent, width: width)
  }

  /// `position` counts subarrays of the rank that is left.
  private func text(axis: Int, position: Int, indent: String, width: Int) -> String {
    let axesLeft = shape.count - axis
    if axesLeft == 0 { return element(position) }
    let items = items(axis: axis)
    let first = position * shape[axis]
    if axesLeft == 1 {
      let row = row(items, position: first, indent: indent, width: width)
      return "[" + String(row.dropFirst(indent.utf8.count)) + "]"
    }
    let gap = trimmed(separator) + String(repeating: "\n", count: axesLeft - 1) + indent
    var text = "["
    for (count, item) in items.enumerated() {
      if count > 0 { text += gap }
      guard let item else {
        text += "..."
        continue
      }
      text += self.text(
        axis: axis + 1, position: first + item, indent: indent + " ", width: width - 1)
    }
    return text + "]"
  }

  /// The indices to show on an axis, nil for dots. The last item is always shown.
  private func items(axis: Int) -> [Int?] {
    let size = shape[axis]
    guard let edge = edgeItems, edge < size - edge else { return Array(0..<size) }
    return Array(0..<edge) + [nil] + Array(min(size - edge, size - 1)..<size)
  }

  /// A row with its indent, broken before the item that does not fit.
  private func row(_ items: [Int?], position: Int, indent: String, width: Int) -> String {
    let room = width - max(trimmed(separator).utf8.count, 1)
    var finished = ""
    var line = indent
    for (count, item) in items.enumerated() {
      if count > 0 { line += separator }
      let word = item.map { element(position + $0) } ?? "..."
      let isTooLong = line.utf8.count + word.utf8.count > room
      // Breaking an empty line would not help.
      if isTooLong && line.utf8.count > indent.utf8.count {
        finished += trimmed(line) + "\n"
        line = indent
      }
      line += word
    }
    return finished + line
  }
}

/// The text without spaces at its end.
private func trimmed(_ text: String) -> String {
  var text = Substring(text)
  while text.last == " " { text.removeLast() }
  return String(text)
}
