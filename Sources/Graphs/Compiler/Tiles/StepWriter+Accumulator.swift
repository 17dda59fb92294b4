import BacktapeKernels
import BacktapeTensors

// What the accumulator holds, and where values go that it cannot keep.

extension StepWriter {
  func holds(_ operand: Line.Operand) -> Bool {
    if case .line(let line) = operand, let member = member(behind: line) {
      accumulator == member
    } else {
      false
    }
  }

  mutating func load(_ operand: Line.Operand) {
    if holds(operand) { return }
    let x = place(of: operand)
    spill()
    append(bt_step_load, x)
    accumulator = nil
    if case .line(let line) = operand { accumulator = member(behind: line) }
  }

  /// Keeps the accumulator's value if it is wanted and lies nowhere else.
  mutating func spill() {
    guard let member = accumulator, homes[member] == nil else { return }
    let isLater = isReadLater(member)
    if isLater || readsLeft[member] > 0 || deferred.contains(member) { keep(member, isLater) }
  }

  mutating func keep(_ member: Int, _ isLater: Bool) {
    let home: Int
    if isRowPass {
      home = add(TileProgram.Operand(place: .slot, dtype: result.dtype))
    } else if isLater {
      home = add(TileProgram.Operand(place: .row, dtype: result.dtype))
    } else {
      home = freeTiles.popLast() ?? add(TileProgram.Operand(place: .tile, dtype: result.dtype))
    }
    append(bt_step_store, home)
    homes[member] = home
  }

  /// An operand's place in memory or scratch.
  mutating func place(of operand: Line.Operand) -> Int {
    switch operand {
    case .number(let number):
      let value = number.double
      let known = result.operands.firstIndex {
        guard case .number(let other) = $0.place else { return false }
        return other.bitPattern == value.bitPattern
      }
      return known ?? add(TileProgram.Operand(place: .number(value), dtype: result.dtype))
    case .line(let line):
      guard let member = member(behind: line) else { return reads[line]! }
      if homes[member] == nil { keep(member, isReadLater(member)) }
      return homes[member]!
    }
  }

  mutating func add(_ operand: TileProgram.Operand) -> Int {
    result.operands.append(operand)
    return result.operands.count - 1
  }

  /// Notes that operands are read by the next step, which overwrites the accumulator.
  mutating func release(_ operands: [Line.Operand]) {
    for case .line(let line) in operands {
      if let member = member(behind: line) {
        if readsLeft[member] == 0 { continue }
        readsLeft[member] -= 1
        if readsLeft[member] == 0 { dying.append(member) }
      } else if !updated.isEmpty {
        variableReadsLeft[locations.roots[line], default: 0] -= 1
      }
    }
    spill()
  }

  /// Frees the scratch of what has been read for the last time.
  mutating func bury() {
    for member in dying where !deferred.contains(member) {
      if let home = homes[member], isTile(home) { free(member) }
    }
    dying.removeAll(keepingCapacity: true)
  }

  func isTile(_ home: Int) -> Bool {
    if case .tile = result.operands[home].place { true } else { false }
  }

  mutating func free(_ member: Int) {
    freeTiles.append(homes[member]!)
    homes[member] = nil
  }
}
