import BacktapeTensors

/// The pass from lines to work: what is to be done, and in which memory.
struct Lowering {
  /// Memory that instructions refer to.
  enum Buffer: Hashable {
    /// The plan's own, by the line that owns it; numbers beyond the lines are scratch.
    case own(Int)
    case fed(Int)
    case variable(Int)
    case constant(Int)
    case output(Int)
  }

  let program: Program
  let locations: Locations
  let grouping: Grouping
  var works: [Work] = []
  /// Where lines and scratch with a buffer have it, and how many bytes own buffers take.
  private(set) var buffers: [Buffer?]
  private(set) var bytes: [Int: Int] = [:]
  /// Scratch for the partial sums of a line.
  private(set) var parts: [Int: Int] = [:]
  /// Lines computed straight into a variable, with the line that reads the variable.
  private(set) var updated: [Int?]
  /// The line that stands for a variable.
  private(set) var readers: [Int: Int] = [:]
  /// How many products of two matrices have a line as their second.
  private(set) var products: [Int: Int] = [:]
  /// Scratch that holds such a matrix in panels, by line.
  var panels: [Int: Int] = [:]
  private var areTilePrograms: [Int: Bool] = [:]
  /// Readers of variables, and the lines that may overwrite those only after them.
  private var mustPrecede: [Int: [Int]] = [:]

  /// - Parameter sharesMatrices: whether what many products are made with is laid out for them.
  init(
    _ program: Program, _ locations: Locations, _ grouping: Grouping, sharesMatrices: Bool = true
  ) {
    self.program = program
    self.locations = locations
    self.grouping = grouping
    buffers = [Buffer?](repeating: nil, count: program.lines.count)
    updated = [Int?](repeating: nil, count: program.lines.count)
    bytes.reserveCapacity(program.lines.count)
    assignBuffers()
    if sharesMatrices { products = program.productsByMatrix() }
    for (number, group) in grouping.groups.enumerated() {
      if let group { lower(number, group) }
    }
    for index in program.lines.indices
    where grouping.groupOf[index] == nil && program.lines[index].source == nil {
      lower(index)
    }
    copyOutputs()
    copyUpdates()
  }

  // MARK: memory

  private mutating func assignBuffers() {
    for (index, line) in program.lines.enumerated() where locations.owners[index] == index {
      switch line.source {
      case .fed(let position): buffers[index] = .fed(position)
      case .variable(let number):
        buffers[index] = .variable(number)
        readers[number] = index
      case .constant(let number): buffers[index] = .constant(number)
      case nil:
        buffers[index] = .own(index)
        bytes[index] = line.shape.count * line.dtype.size
      }
    }
    for (number, output) in program.outputs.enumerated() where isWhole(output) {
      let root = locations.roots[output]
      if buffers[root] == .own(root) { buffers[root] = .output(number) }
    }
    for update in program.updates where isWhole(update.line) {
      let root = locations.roots[update.line]
      let reader = readers[update.variable]
      if buffers[root] == .own(root), mayOverwrite(reader, by: root) {
        buffers[root] = .variable(update.variable)
        updated[root] = reader
      }
    }
  }

  /// Whether a value is all of its root's buffer, in order.
  private func isWhole(_ line: Int) -> Bool {
    let root = locations.roots[line]
    return locations.owners[root] == root && locations.layouts[line].isContiguous
      && locations.layouts[root].isContiguous
      && program.lines[line].shape.count == program.lines[root].shape.count
  }

  /// Whether a line may be computed into the memory of a variable: all others that read the
  /// variable can do so before, and the line's own group reads just the element it writes.
  private mutating func mayOverwrite(_ reader: Int?, by line: Int) -> Bool {
    guard let reader else { return true }
    var others: [Int] = []
    if case .addedDot = program.lines[line].operation {
      others = grouping.uses[reader].map(\.line).filter { $0 != line }
      // Nothing but what is added to, in the order it lies in.
      guard grouping.uses[reader].filter({ $0.line == line }).map(\.relation) == [.same],
        program.lines[line].lines.first(where: { _ in true }).map({ locations.roots[$0] }) == reader
      else { return false }
    } else {
      guard let number = grouping.groupOf[line], let group = grouping.groups[number],
        group.dtype != nil,
        group.members.allSatisfy({ grouping.level(of: $0, in: group) == .element }),
        isTileProgram(number)
      else { return false }
      for use in grouping.uses[reader] {
        if grouping.groupOf[use.line] != number {
          others.append(use.line)
        } else if use.relation != .same {
          return false
        }
      }
    }
    if others.isEmpty { return true }
    if grouping.reaches(from: line, others, mustPrecede) { return false }
    for other in others { mustPrecede[other, default: []].append(line) }
    return true
  }

  /// Whether a group will be one tile program, once what does not fit it has been copied.
  private mutating func isTileProgram(_ number: Int) -> Bool {
    if let known = areTilePrograms[number] { return known }
    var redirected: [Int: Int] = [:]
    var answer: Bool?
    while answer == nil {
      let writer = TileWriter(number, grouping, redirected: redirected)
      for operand in writer.misfits { redirected[operand] = operand }
      if !writer.isPossible || writer.misfits.isEmpty { answer = writer.isPossible }
    }
    areTilePrograms[number] = answer
    return answer!
  }

  /// Memory of its own beside that of the lines.
  mutating func scratch(bytes count: Int) -> Int {
    let number = buffers.count
    buffers.append(.own(number))
    bytes[number] = count
    return number
  }

  // MARK: work

  /// What is behind some lines, in order, each once.
  func reads(_ lines: some Sequence<Int>) -> [Int] {
    var reads: [Int] = []
    for root in lines.map({ locations.roots[$0] }).sorted() where reads.last != root {
      reads.append(root)
    }
    return reads
  }

  mutating func add(
    _ action: Work.Action, reads: [Int], writes: [Int], overwrites: [Int] = [], order: Int
  ) {
    works.append(
      Work(action: action, reads: reads, writes: writes, overwrites: overwrites, order: order))
  }

  /// A group as one tile program, or as its lines one by one if it cannot be.
  private mutating func lower(_ number: Int, _ group: Group) {
    var redirected: [Int: Int] = [:]
    var overwritten: [Int: Int] = [:]
    for member in group.members { overwritten[member] = updated[member] }
    while group.dtype != nil {
      let writer = TileWriter(number, grouping, redirected: redirected)
      if !writer.isPossible { break }
      for operand in writer.misfits { redirected[operand] = copied(operand) }
      if writer.misfits.isEmpty {
        addTiles(number, group, writer.written(updating: overwritten), redirected, overwritten)
        return
      }
    }
    for member in group.members { lower(member) }
  }

  private mutating func addTiles(
    _ number: Int, _ group: Group, _ tiles: TileProgram, _ redirected: [Int: Int],
    _ overwritten: [Int: Int]
  ) {
    var reads: SmallSet = []
    for member in group.members {
      program.forEachOperand(of: member) { operand in
        let root = locations.roots[operand]
        if grouping.groupOf[root] != number { reads.insert(redirected[operand] ?? root) }
      }
    }
    let chunks = tiles.chunks
    var writes = group.members.filter { grouping.leaves($0) }
    var sums: [(line: Int, parts: Int)] = []
    if chunks > 1 {
      let totals = writes.filter { grouping.level(of: $0, in: group) == .total }
      for line in totals {
        parts[line] = scratch(bytes: chunks * bytes[line]!)
        sums.append((line, parts[line]!))
      }
      writes = writes.filter { !totals.contains($0) } + sums.map(\.parts)
    }
    add(
      .tile(tiles), reads: reads.sorted, writes: writes, overwrites: Array(overwritten.values),
      order: overwritten.isEmpty ? group.members.last! : -1)
    for sum in sums {
      add(
        .sum(chunks: chunks, parts: sum.parts, line: sum.line), reads: [sum.parts],
        writes: [sum.line], order: sum.line)
    }
  }

  /// A copy of a value without gaps: the number of its memory.
  mutating func copied(_ line: Int) -> Int {
    let value = program.lines[line]
    let copy = scratch(bytes: value.shape.count * value.dtype.size)
    self.copy(line, to: .own(copy), Layout(contiguous: value.shape), writes: [copy], order: line)
    return copy
  }

  /// Work that copies a value to a layout of the same extents.
  mutating func copy(
    _ line: Int, to target: Buffer, _ layout: Layout, writes: [Int], overwrites: [Int] = [],
    order: Int
  ) {
    if layout.count == 0 { return }
    let copy = CopyWork(
      source: buffers[locations.owners[line]]!, from: locations.layouts[line], target: target,
      to: layout, dtype: program.lines[line].dtype)
    add(
      .copy(copy), reads: reads([line]), writes: writes, overwrites: overwrites, order: order)
  }
}
