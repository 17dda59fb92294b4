import BacktapeTensors

// What a plan does, in words and numbers.

extension Plan: CustomStringConvertible {
  /// What an instruction does, and how much of it.
  struct Note {
    let kind: String
    let text: String
    /// Arithmetic of elements; a function counts as one.
    let flops: Double
    /// Read from and written to memory, each operand counted once.
    let bytes: Double
  }

  /// The instructions in order, one a line: the phase that begins with it, in how many parts that
  /// is shared out, kind, shape and operations, thousands of floating-point operations and of bytes
  /// moved; then the totals and the memory. Threads meet between phases. Above the instructions of
  /// a loop stands how often they are done.
  public var description: String {
    let listing = listing
    var rows = [["", "phase", "instruction", "shape and operations", "kflop", "kB"]]
    var (flops, bytes) = (0.0, 0.0)
    for (index, listed) in listing.enumerated() {
      if listed.beginsLoop, let loop = listed.loop {
        let count = listing[index...].prefix { $0.loop == loop }.count
        let last = count == 1 ? "\(index)" : "\(index) to \(index + count - 1)"
        rows.append(["", "", "loop", "\(loop.rounds) rounds of \(last)", "", ""])
      }
      let note = note(listed.work)
      let parts = listed.chunks == 1 ? "" : " by \(listed.chunks)"
      rows.append([
        "\(index)", listed.phase.map { "\($0)" + parts } ?? "", note.kind, note.text,
        (note.flops / 1e3).thousands, (note.bytes / 1e3).thousands,
      ])
      flops += Double(listed.rounds) * note.flops
      bytes += Double(listed.rounds) * note.bytes
    }
    return """
      \(Plan.table(rows, left: [1, 2, 3]))
      \(listing.count) instructions in \(phaseCount) \(phaseCount == 1 ? "phase" : "phases"), \((flops / 1e3).thousands) kflop, \
      \((bytes / 1e3).thousands) kB moved, \((Double(memory.arenaBytes) / 1e3).thousands) kB of \
      own memory
      """
  }

  func note(_ work: Work) -> Note {
    let lines = lowering.program.lines
    switch work.action {
    case .tile(let tiles):
      let written = Set(work.writes)
      let text = "\(tiles.extents) " + tiles.operations.map(\.name).joined(separator: " ")
      let memory = tiles.operands.reduce(0.0) { $0 + $1.elements(of: tiles) }
      return Note(
        kind: work.kind, text: text + (written.count > 1 ? " (\(written.count) results)" : ""),
        flops: Double(tiles.count * tiles.operations.count), bytes: memory)
    case .product(let product):
      let line = lines[product.line]
      guard let (batch, contracted) = line.product else { break }
      let k = lines[product.terms[0].a].shape.array.suffix(contracted).reduce(1, *)
      let terms = product.terms.count
      let text =
        "\(line.shape) over \(k)" + (batch == 0 ? "" : ", batch axes: \(batch)")
        + (terms == 1 ? "" : ", \(terms) terms")
      return Note(
        kind: work.kind, text: text,
        flops: 2 * Double(line.shape.count) * Double(k) * Double(terms),
        bytes: moved(product.terms.flatMap { [$0.a, $0.b] }, to: line))
    case .primitive(let index, _):
      let line = lines[index]
      return Note(
        kind: work.kind, text: "\(line.shape) \(line.primitive!.name)",
        flops: Double(line.shape.count), bytes: moved(line.lines, to: line))
    case .copy(let copy):
      let sides = copy.source == nil ? 1.0 : 2.0
      return Note(
        kind: work.kind, text: "\(copy.to.extents)", flops: 0,
        bytes: sides * Double(copy.to.count * copy.dtype.size))
    case .sum(let chunks, _, let line):
      return Note(
        kind: work.kind, text: "\(chunks) parts of \(lines[line].shape)",
        flops: Double(chunks * lines[line].shape.count),
        bytes: Double((chunks + 1) * lines[line].shape.count * lines[line].dtype.size))
    }
    return Note(kind: work.kind, text: "", flops: 0, bytes: 0)
  }

  private func moved(_ operands: some Sequence<Int>, to line: Line) -> Double {
    operands.reduce(line.bytes) { $0 + lowering.program.lines[$1].bytes }
  }

  /// Columns side by side, the numbered ones aligned to the left.
  static func table(_ rows: [[String]], left: Set<Int>) -> String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var text = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return left.contains(column) ? cell + space : space + cell
      }.joined(separator: "  ")
      while text.last == " " { text.removeLast() }
      return text
    }.joined(separator: "\n")
  }
}

extension Line {
  fileprivate var bytes: Double { Double(shape.count * dtype.size) }
}

extension TileProgram.Operand {
  /// Bytes of memory an operand stands for.
  fileprivate func elements(of tiles: TileProgram) -> Double {
    switch place {
    case .stream: return Double(tiles.count * dtype.size)
    case .rowElement(let access):
      let rows = zip(tiles.extents, access.strides).reduce(1) { $1.1 == 0 ? $0 : $0 * $1.0 }
      return Double(rows * dtype.size)
    case .periodic(_, let period): return Double(period * dtype.size)
    case .columnSums, .totals, .number, .tile, .row, .slot: return 0
    }
  }
}

extension Double {
  /// With one digit behind the point and groups of three before it.
  var thousands: String {
    let tenths = (self * 10).rounded()
    guard tenths.isFinite, Swift.abs(tenths) < 9e15 else { return "\(self)" }
    var digits = Array(String(Int(tenths) / 10))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return String(digits) + ".\(Int(tenths) % 10)"
  }
}
