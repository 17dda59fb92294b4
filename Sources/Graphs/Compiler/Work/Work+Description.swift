extension Work: CustomStringConvertible {
  /// Its kind and what it reads and writes: numbers of lines, and beyond those of scratch. A
  /// schedule is a list of such.
  var description: String {
    func names(_ lines: [Int]) -> String { lines.map { "\($0)" }.joined(separator: ", ") }
    var text = kind
    if !reads.isEmpty { text += " of " + names(reads) }
    if !writes.isEmpty { text += " to " + names(writes) }
    if !overwrites.isEmpty { text += " over " + names(overwrites) }
    return text
  }

  var kind: String {
    switch action {
    case .tile: "tile"
    case .product: "product"
    case .primitive: "primitive"
    case .copy(let copy): copy.source == nil ? "zeros" : "copy"
    case .sum: "sum"
    }
  }
}
