import BacktapeKernels
import BacktapeTensors

/// Turns the members of a group into steps of an accumulator, pass by pass.
struct StepWriter {
  let program: Program
  let locations: Locations
  let grouping: Grouping
  let group: Group
  let members: Set<Int>
  /// Operands that lie in memory: read by line, written by member.
  let reads: [Int: Int]
  let writes: [Int: Int]
  let period: Int?

  /// Members whose result overwrites a variable that the group reads.
  let updated: [Int: Int]

  var result: TileProgram
  /// The pass over the columns in which a value is made; a row's, the one it is known after.
  var passOf: [Int: Int] = [:]
  var pass = 0
  var isRowPass = false
  /// The member whose value the accumulator holds.
  var accumulator: Int?
  /// Where the values of members lie, if in more than the accumulator.
  var homes: [Int: Int] = [:]
  var freeTiles: [Int] = []
  var numbers: [UInt64: Int] = [:]
  /// How often a value is still to be read in the pass at work; of memory, by its line.
  var readsLeft: [Int: Int] = [:]
  var dying: [Int] = []
  var done = Set<Int>()
  /// Members whose variable is read again before it may be overwritten.
  var deferred: [Int] = []

  init(
    _ grouping: Grouping, _ group: Group, reads: [Int: Int], writes: [Int: Int], period: Int?,
    updated: [Int: Int]
  ) {
    program = grouping.program
    locations = grouping.locations
    self.grouping = grouping
    self.group = group
    members = Set(group.members)
    self.reads = reads
    self.writes = writes
    self.period = period
    self.updated = updated
    result = TileProgram(dtype: .float32, extents: [])
  }

  mutating func write(into tiles: inout TileProgram) {
    result = tiles
    for member in group.members { passOf[member] = pass(of: member) }
    for pass in -1...(passOf.values.max() ?? 0) {
      self.pass = pass
      let lines = group.members.filter { passOf[$0] == pass }
      writePass(lines.filter { !isRowLine($0) }, isRow: false)
      writePass(lines.filter { isRowLine($0) }, isRow: true)
    }
    tiles = result
  }

  // MARK: members

  /// Whether a member is computed once for each row.
  private func isRowLine(_ line: Int) -> Bool {
    grouping.role(line) == .elementwise && hasRowValue(line)
  }

  /// Whether a member's value is one for each row, made there or by a reduction.
  func hasRowValue(_ line: Int) -> Bool {
    grouping.level(of: line, in: group) == .row
  }

  private func pass(of member: Int) -> Int {
    var pass = isRowLine(member) ? -1 : 0
    for operand in program.lines[member].lines where members.contains(locations.roots[operand]) {
      let root = locations.roots[operand]
      let known = passOf[root]!
      pass = Swift.max(pass, hasRowValue(root) && !isRowLine(member) ? known + 1 : known)
    }
    return pass
  }

  /// Whether a value is read after the pass at work, or in it by another kind of step.
  func isReadLater(_ line: Int) -> Bool {
    grouping.uses[line].contains {
      members.contains($0.line) && (passOf[$0.line]! > pass || isRowLine($0.line) != isRowPass)
    }
  }

  // MARK: passes

  private mutating func writePass(_ lines: [Int], isRow: Bool) {
    let first = result.steps.count
    isRowPass = isRow
    accumulator = nil
    done = []
    deferred = []
    readsLeft = [:]
    let inPass = Set(lines)
    for line in lines {
      for operand in program.lines[line].lines {
        let root = locations.roots[operand]
        if inPass.contains(root) || !members.contains(root) { readsLeft[root, default: 0] += 1 }
      }
    }
    // Depth first, so that a value is used where it has just been made.
    for line in lines.reversed() where readsLeft[line] == nil { visit(line, inPass) }
    if isRow { storeReductions() }
    for member in deferred {
      load(.line(member))
      append(bt_step_store, writes[member]!)
    }
    spill()
    if result.steps.count > first {
      result.passes.append(
        TileProgram.Pass(first: first, count: result.steps.count - first, isRow: isRow))
    }
    for line in lines { if let home = homes[line], isTile(home) { free(line) } }
  }

  private mutating func visit(_ line: Int, _ inPass: Set<Int>) {
    if !done.insert(line).inserted { return }
    // The first operand last: it is to be in the accumulator.
    for operand in Array(program.lines[line].lines).reversed() {
      let root = locations.roots[operand]
      if inPass.contains(root) { visit(root, inPass) }
    }
    if grouping.role(line) == .elementwise { compute(line) } else { reduce(line) }
  }

  /// What the reductions of the pass over the columns have left in slots, to memory.
  private mutating func storeReductions() {
    for member in group.members
    where passOf[member] == pass && !isRowLine(member) && hasRowValue(member) {
      guard let place = writes[member] else { continue }
      load(.line(member))
      append(bt_step_store, place)
    }
  }

  // MARK: steps

  mutating func append(_ operation: Int, _ x: Int = 0, _ y: Int = 0) {
    result.steps.append(
      bt_step(operation: UInt8(operation), code: 0, x: UInt16(x), y: UInt16(y)))
  }

  private mutating func compute(_ line: Int) {
    result.operations.append(program.lines[line].primitive!)
    let operands = program.lines[line].operands
    switch program.lines[line].primitive!.step {
    case .binary(let code):
      if !holds(operands[0]) && holds(operands[1]) {
        let x = place(of: operands[0])
        release(operands)
        append(bt_step_reversed + code, x)
      } else {
        let x = place(of: operands[1])
        load(operands[0])
        release(operands)
        append(bt_step_binary + code, x)
      }
    case .unary(let code):
      load(operands[0])
      release(operands)
      append(bt_step_unary + code)
    case .select:
      let x = place(of: operands[1])
      let y = place(of: operands[2])
      load(operands[0])
      release(operands)
      append(bt_step_select, x, y)
    case .copy:
      load(operands[0])
      release(operands)
    }
    bury()
    accumulator = line
    guard let place = writes[line] else { return }
    if let variable = updated[line], readsLeft[variable, default: 0] > 0 {
      deferred.append(line)
    } else {
      append(bt_step_store, place)
      // A bool would be converted back and forth.
      if program.lines[line].dtype != .bool && !isRowPass { homes[line] = place }
    }
  }

  private mutating func reduce(_ line: Int) {
    result.operations.append(program.lines[line].primitive!)
    let operand = program.lines[line].operands[0]
    load(operand)
    let target: TileProgram.Place =
      switch grouping.role(line) {
      case .sumAll: .totals(line)
      case .sumRows: .columnSums(line, period: period ?? 0)
      default: .slot
      }
    let x = add(TileProgram.Operand(place: target, dtype: result.dtype))
    switch program.lines[line].primitive! {
    case .max: append(bt_step_max, x)
    case .min: append(bt_step_min, x)
    default: append(bt_step_sum, x)
    }
    if case .slot = target { homes[line] = x }
    release([operand])
    bury()
  }
}

extension Primitive {
  /// How a tile program computes it.
  fileprivate enum Step {
    case unary(Int)
    case binary(Int)
    case select, copy
  }

  fileprivate var step: Step {
    switch kernel {
    case .unary(let operation): .unary(Int(operation.rawValue))
    case .binary(let operation), .comparison(let operation): .binary(Int(operation.rawValue))
    case .select: .select
    default: .copy
    }
  }
}
