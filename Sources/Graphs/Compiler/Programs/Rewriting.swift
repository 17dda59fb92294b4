import BacktapeTensors

/// A program made anew from another, line by line. Nothing is copied until something changes.
struct Rewriting {
  private let old: Program
  private var program = Program()
  /// Where the lines of the old program went.
  private var places: [Int] = []
  /// How many lines there are of the new program. Until the first change they are the old ones.
  private var count = 0
  private var hasChanged = false
  /// That of the line at work: what it becomes belongs to it, too.
  private var stretch = 0

  /// - Parameter rule: appends what a line becomes, its operands already in terms of the new
  ///   program, and answers the line that stands for it.
  static func of(
    _ old: Program, _ rule: (inout Rewriting, Int, Line) -> Int
  ) -> Program {
    var rewriting = Rewriting(old: old)
    rewriting.places.reserveCapacity(old.lines.count)
    for index in old.lines.indices {
      let moved = rewriting.moved(old.lines[index])
      rewriting.stretch = moved.stretch
      rewriting.places.append(rule(&rewriting, index, moved))
    }
    return rewriting.result()
  }

  private init(old: Program) { self.old = old }

  private func moved(_ line: Line) -> Line {
    var line = line
    for (i, operand) in line.operands.enumerated() {
      if case .line(let old) = operand, places[old] != old { line.operands[i] = .line(places[old]) }
    }
    return line
  }

  private mutating func result() -> Program {
    if !hasChanged && count == old.lines.count { return old }
    change()
    program.outputs = old.outputs.map { places[$0] }
    program.updates = old.updates.map { ($0.variable, places[$0.line]) }
    return program
  }

  private mutating func change() {
    if hasChanged { return }
    hasChanged = true
    program.lines.reserveCapacity(old.lines.count)
    program.lines += old.lines[..<count]
  }

  /// A line as it was, but for the places of its operands.
  mutating func keep(_ line: Line) -> Int {
    if hasChanged || count != places.count { return append(line) }
    count += 1
    return count - 1
  }

  /// A new or changed line.
  mutating func append(_ line: Line) -> Int {
    change()
    program.lines.append(line)
    program.lines[count].stretch = stretch
    count += 1
    return count - 1
  }

  /// A line that nothing else will use: its operands can grow without being copied. Zeros stay in
  /// its place.
  mutating func take(_ index: Int) -> Line {
    change()
    let line = program.lines[index]
    program.lines[index] = Line(
      operation: .assemble([]), operands: [], shape: line.shape, dtype: line.dtype,
      stretch: line.stretch)
    return line
  }

  /// Where a line of the old program went.
  func place(of line: Int) -> Int { places[line] }

  subscript(line: Int) -> Line { hasChanged ? program.lines[line] : old.lines[line] }
}
