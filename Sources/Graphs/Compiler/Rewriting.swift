import BacktapeTensors

/// A program made anew from another, line by line.
struct Rewriting {
  private(set) var program = Program()
  /// Where the lines of the old program went.
  private var places: [Int] = []

  /// - Parameter rule: appends what a line becomes, its operands already in terms of the new
  ///   program, and answers the line that stands for it.
  static func of(
    _ old: Program, _ rule: (inout Rewriting, Int, Line) -> Int
  ) -> Program {
    var rewriting = Rewriting()
    rewriting.program.lines.reserveCapacity(old.lines.count)
    for (index, line) in old.lines.enumerated() {
      let moved = rewriting.moved(line)
      rewriting.places.append(rule(&rewriting, index, moved))
    }
    rewriting.program.outputs = old.outputs.map { rewriting.places[$0] }
    rewriting.program.updates = old.updates.map { ($0.variable, rewriting.places[$0.line]) }
    return rewriting.program
  }

  mutating func append(_ line: Line) -> Int {
    program.lines.append(line)
    return program.lines.count - 1
  }

  /// A line that nothing else will use: its operands can grow without being copied. Zeros stay in
  /// its place.
  mutating func take(_ index: Int) -> Line {
    let line = program.lines[index]
    program.lines[index] = Line(
      operation: .assemble([]), operands: [], shape: line.shape, dtype: line.dtype)
    return line
  }

  /// Where a line of the old program went.
  func place(of line: Int) -> Int { places[line] }

  subscript(line: Int) -> Line { program.lines[line] }

  private func moved(_ line: Line) -> Line {
    var line = line
    line.operands = line.operands.map {
      if case .line(let operand) = $0 { .line(places[operand]) } else { $0 }
    }
    return line
  }
}
