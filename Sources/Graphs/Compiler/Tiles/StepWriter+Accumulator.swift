import BacktapeKernels
import BacktapeTensors

// What the accumulator holds, and where values go that it cannot keep.

extension StepWriter {
  func holds(_ operand: Line.Operand) -> Bool {
    if case .line(let line) = operand { accumulator == locations.roots[line] } else { false }
  }

  mutating func load(_ operand: Line.Operand) {
    if holds(operand) { return }
    let x = place(of: operand)
    spill()
    append(bt_step_load, x)
    accumulator = nil
    if case .line(let line) = operand, members.contains(locations.roots[line]) {
      accumulator = locations.roots[line]
    }
  }

  /// Keeps the accumulator's value if it is wanted and lies nowhere else.
  mutating func spill() {
    guard let line = accumulator, homes[line] == nil else { return }
    let isLater = isReadLater(line)
    if isLater || readsLeft[line, default: 0] > 0 || deferred.contains(line) { keep(line, isLater) }
  }

  mutating func keep(_ line: Int, _ isLater: Bool) {
    let home: Int
    if isRowPass {
      home = add(TileProgram.Operand(place: .slot, dtype: result.dtype))
    } else if isLater {
      home = add(TileProgram.Operand(place: .row, dtype: result.dtype))
    } else {
      home = freeTiles.popLast() ?? add(TileProgram.Operand(place: .tile, dtype: result.dtype))
    }
    append(bt_step_store, home)
    homes[line] = home
  }

  /// An operand's place in memory or scratch.
  mutating func place(of operand: Line.Operand) -> Int {
    switch operand {
    case .number(let number):
      let value = number.double
      if let known = numbers[value.bitPattern] { return known }
      let place = add(TileProgram.Operand(place: .number(value), dtype: result.dtype))
      numbers[value.bitPattern] = place
      return place
    case .line(let line):
      let root = locations.roots[line]
      if !members.contains(root) { return reads[line]! }
      if homes[root] == nil { keep(root, isReadLater(root)) }
      return homes[root]!
    }
  }

  mutating func add(_ operand: TileProgram.Operand) -> Int {
    result.operands.append(operand)
    return result.operands.count - 1
  }

  /// Notes that operands are read by the next step, which overwrites the accumulator.
  mutating func release(_ operands: [Line.Operand]) {
    for case .line(let line) in operands {
      let root = locations.roots[line]
      guard let left = readsLeft[root] else { continue }
      readsLeft[root] = left - 1
      if left == 1, members.contains(root) { dying.append(root) }
    }
    spill()
  }

  /// Frees the scratch of what has been read for the last time.
  mutating func bury() {
    for root in dying where !deferred.contains(root) {
      if let home = homes[root], isTile(home) { free(root) }
    }
    dying = []
  }

  func isTile(_ home: Int) -> Bool {
    if case .tile = result.operands[home].place { true } else { false }
  }

  mutating func free(_ line: Int) {
    freeTiles.append(homes[line]!)
    homes[line] = nil
  }
}
