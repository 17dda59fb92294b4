import BacktapeKernels
import BacktapeTensors

/// Turns the members of a group into steps of an accumulator, pass by pass.
struct StepWriter {
  let grouping: Grouping
  let number: Int
  let group: Group
  /// Operands that lie in memory: read by line, written by the member's position.
  let reads: [Int: Int]
  let writes: [Int?]
  let period: Int?

  /// Members whose result overwrites a variable that the group reads.
  let updated: [Int: Int]

  var result: TileProgram
  // What is known of members, by their positions.

  /// Whether there is one value for each row, made there or by a reduction.
  let hasRowValue: [Bool]
  /// Whether it is computed once for each row.
  let isRowLine: [Bool]
  /// The pass over the columns in which a value is made; a row's, the one it is known after.
  var passOf: [Int]
  /// Where values lie, if in more than the accumulator.
  var homes: [Int?]
  /// How often a value is still to be read in the pass at work.
  var readsLeft: [Int]
  var isDone: [Bool]

  /// How often variables that are overwritten are still to be read in the pass at work, by line.
  var variableReadsLeft: [Int: Int] = [:]
  var pass = 0
  var isRowPass = false
  /// The member whose value the accumulator holds.
  var accumulator: Int?
  var freeTiles: [Int] = []
  var dying: [Int] = []
  /// Members whose variable is read again before it may be overwritten.
  var deferred: [Int] = []

  init(
    _ grouping: Grouping, _ number: Int, reads: [Int: Int], writes: [Int?], period: Int?,
    updated: [Int: Int]
  ) {
    self.grouping = grouping
    self.number = number
    group = grouping.groups[number]!
    hasRowValue = group.members.map { grouping.level(of: $0, in: grouping.groups[number]!) == .row }
    isRowLine = zip(group.members, hasRowValue).map { grouping.role($0) == .elementwise && $1 }
    passOf = group.members.map { _ in 0 }
    homes = group.members.map { _ in nil }
    readsLeft = passOf
    isDone = group.members.map { _ in false }
    self.reads = reads
    self.writes = writes
    self.period = period
    self.updated = updated
    result = TileProgram(dtype: .float32, extents: [])
  }

  mutating func write(into tiles: inout TileProgram) {
    result = tiles
    for member in passOf.indices { passOf[member] = pass(of: member) }
    for pass in -1...(passOf.max() ?? 0) {
      self.pass = pass
      let members = passOf.indices.filter { passOf[$0] == pass }
      writePass(members.filter { !isRowLine[$0] }, isRow: false)
      writePass(members.filter { isRowLine[$0] }, isRow: true)
    }
    tiles = result
  }

  var program: Program { grouping.program }
  var locations: Locations { grouping.locations }

  // MARK: members

  /// The member a value is, or is a look at; nil for those from outside.
  func member(behind line: Int) -> Int? {
    let root = locations.roots[line]
    return grouping.groupOf[root] == number ? grouping.positions[root] : nil
  }

  private func pass(of member: Int) -> Int {
    var pass = isRowLine[member] ? -1 : 0
    for operand in program.lines[group.members[member]].lines {
      guard let source = self.member(behind: operand) else { continue }
      let isReduced = hasRowValue[source] && !isRowLine[member]
      pass = Swift.max(pass, passOf[source] + (isReduced ? 1 : 0))
    }
    return pass
  }

  /// Whether a value is read after the pass at work, or in it by another kind of step.
  func isReadLater(_ member: Int) -> Bool {
    grouping.uses[group.members[member]].contains {
      guard grouping.groupOf[$0.line] == number else { return false }
      let user = grouping.positions[$0.line]
      return passOf[user] > pass || isRowLine[user] != isRowPass
    }
  }

  private func isInPass(_ member: Int) -> Bool {
    passOf[member] == pass && isRowLine[member] == isRowPass
  }

  // MARK: passes

  private mutating func writePass(_ members: [Int], isRow: Bool) {
    let first = result.steps.count
    isRowPass = isRow
    accumulator = nil
    deferred = []
    variableReadsLeft = [:]
    for member in members {
      for operand in program.lines[group.members[member]].lines {
        if let source = self.member(behind: operand) {
          if isInPass(source) { readsLeft[source] += 1 }
        } else if !updated.isEmpty {
          variableReadsLeft[locations.roots[operand], default: 0] += 1
        }
      }
    }
    // Depth first, so that a value is used where it has just been made.
    for member in members.reversed() where readsLeft[member] == 0 { visit(member) }
    if isRow { storeReductions() }
    for member in deferred {
      load(.line(group.members[member]))
      append(bt_step_store, writes[member]!)
    }
    spill()
    if result.steps.count > first {
      result.passes.append(
        TileProgram.Pass(first: first, count: result.steps.count - first, isRow: isRow))
    }
    for member in members { if let home = homes[member], isTile(home) { free(member) } }
  }

  private mutating func visit(_ member: Int) {
    if isDone[member] { return }
    isDone[member] = true
    // The first operand last: it is to be in the accumulator.
    let line = program.lines[group.members[member]]
    for operand in line.operands.reversed() {
      if case .line(let operand) = operand, let source = self.member(behind: operand),
        isInPass(source)
      {
        visit(source)
      }
    }
    if grouping.role(group.members[member]) == .elementwise {
      compute(member, line)
    } else {
      reduce(member, line)
    }
  }

  /// What the reductions of the pass over the columns have left in slots, to memory.
  private mutating func storeReductions() {
    for member in passOf.indices
    where passOf[member] == pass && !isRowLine[member] && hasRowValue[member] {
      guard let place = writes[member] else { continue }
      load(.line(group.members[member]))
      append(bt_step_store, place)
    }
  }

  // MARK: steps

  mutating func append(_ operation: Int, _ x: Int = 0, _ y: Int = 0) {
    result.steps.append(
      bt_step(operation: UInt8(operation), code: 0, x: UInt16(x), y: UInt16(y)))
  }

  private mutating func compute(_ member: Int, _ line: Line) {
    result.operations.append(line.primitive!)
    let operands = line.operands
    switch line.primitive!.step {
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
    accumulator = member
    guard let place = writes[member] else { return }
    if let variable = updated[group.members[member]],
      variableReadsLeft[variable, default: 0] > 0
    {
      deferred.append(member)
    } else {
      append(bt_step_store, place)
      // A bool would be converted back and forth.
      if line.dtype != .bool && !isRowPass { homes[member] = place }
    }
  }

  private mutating func reduce(_ member: Int, _ line: Line) {
    result.operations.append(line.primitive!)
    let operand = line.operands[0]
    load(operand)
    let index = group.members[member]
    let target: TileProgram.Place =
      switch grouping.role(index) {
      case .sumAll: .totals(index)
      case .sumRows: .columnSums(index, period: period ?? 0)
      default: .slot
      }
    let x = add(TileProgram.Operand(place: target, dtype: result.dtype))
    switch line.primitive! {
    case .max: append(bt_step_max, x)
    case .min: append(bt_step_min, x)
    default: append(bt_step_sum, x)
    }
    if case .slot = target { homes[member] = x }
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
