import BacktapeTensors

/// A program made anew from another, line by line. Nothing is copied until something changes.
struct Rewriting {
  private let old: Program
  /// Of the new program. Until the first change they are the old ones.
  private var lines: [Line]
  /// Where the lines of the old program went.
  private var places: [Int] = []
  /// Which line of the old program each of the new one stands for, -1 for what was put between;
  /// kept from the first change on.
  private var origins: [Int] = []
  /// How many lines there are of the new program.
  private var count = 0
  private var hasChanged = false
  /// That of the line at work: what it becomes belongs to it, too.
  private var stretch = 0

  /// - Parameters:
  ///   - concerns: whether the rule may change a line of the old program; others aren't looked at.
  ///   - rule: appends what a line becomes, its operands already in terms of the new program, and
  ///     answers the line that stands for it; -1 for none. Where it answers an earlier one, a gap
  ///     stays: zeros that nothing needs. The line is its own to change.
  @inline(__always)
  static func of(
    _ old: Program, where concerns: (Int) -> Bool = { _ in true },
    _ rule: (inout Rewriting, Int, inout Line) -> Int
  ) -> Program {
    var rewriting = Rewriting(old: old)
    for index in old.lines.indices {
      if concerns(index) {
        var moved = rewriting.moved(index)
        rewriting.stretch = moved.stretch
        let place = rule(&rewriting, index, &moved)
        // The lines behind keep their numbers and can stay as they are.
        if place >= 0 && rewriting.count == index { _ = rewriting.append(old.lines[index].gap) }
        rewriting.note(place)
      } else {
        rewriting.pass(index)
      }
    }
    return rewriting.result()
  }

  private init(old: Program) {
    self.old = old
    lines = old.lines
    places.reserveCapacity(old.lines.count)
  }

  /// The next line as it is.
  private mutating func pass(_ index: Int) {
    if hasChanged || count != places.count {
      stretch = old.lines[index].stretch
      note(append(moved(index)))
    } else {
      count += 1
      places.append(index)
    }
  }

  /// What stands for the next line.
  private mutating func note(_ place: Int) {
    if hasChanged && place >= 0 { origins[place] = places.count }
    places.append(place)
  }

  private func moved(_ index: Int) -> Line {
    var line = old.lines[index]
    for i in line.operands.indices {
      if case .line(let old) = line.operands[i], places[old] != old {
        line.operands[i] = .line(places[old])
      }
    }
    return line
  }

  private mutating func result() -> Program {
    if !hasChanged && count == old.lines.count { return old }
    change()
    return Program(
      lines: lines, outputs: old.outputs.map { places[$0] },
      updates: old.updates.map { ($0.variable, places[$0.line]) })
  }

  private mutating func change() {
    if hasChanged { return }
    hasChanged = true
    lines = []
    lines.reserveCapacity(old.lines.count)
    lines += old.lines[..<count]
    origins.reserveCapacity(old.lines.count)
    origins += 0..<count
  }

  /// A line as it was, but for the places of its operands.
  mutating func keep(_ line: Line) -> Int {
    if hasChanged || count != places.count { return append(line) }
    count += 1
    return count - 1
  }

  /// A new or changed line.
  mutating func append(_ line: consuming Line) -> Int {
    change()
    line.stretch = stretch
    lines.append(line)
    origins.append(-1)
    count += 1
    return count - 1
  }

  /// A line that nothing else will use: its operands can grow without being copied. Zeros stay in
  /// its place.
  mutating func take(_ index: Int) -> Line {
    change()
    let line = lines[index]
    lines[index] = line.gap
    return line
  }

  /// The line of the old program that a new one stands for, if there is one.
  func origin(of place: Int) -> Int? {
    if !hasChanged { return place }
    return origins[place] < 0 ? nil : origins[place]
  }

  /// Whether a line stands for one that is used once.
  ///
  /// - Parameter uses: of the old program's lines.
  func isOwn(_ place: Int, _ uses: [Int]) -> Bool {
    origin(of: place).map { uses[$0] == 1 } ?? false
  }

  /// Where a line of the old program went.
  func place(of line: Int) -> Int { places[line] }

  @inline(__always)
  subscript(line: Int) -> Line { lines[line] }
}

extension Line {
  /// What stands where a line was that nothing needs any more.
  fileprivate var gap: Line {
    Line(operation: .assemble([]), operands: [], shape: shape, dtype: dtype, stretch: stretch)
  }
}
