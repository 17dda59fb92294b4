import BacktapeTensors

extension Program {
  /// What is computed twice is computed once.
  func mergingCommonSubexpressions() -> Program {
    // Lines by what they compute: each in the slot that its hash names, or in the next free one
    // behind. Half of the slots stay free.
    let mask = 2 << (Int.bitWidth - lines.count.leadingZeroBitCount) - 1
    var slots = [Int](repeating: -1, count: mask + 1)
    return Rewriting.of(self) { rewriting, _, line in
      var slot = line.hash & mask
      while slots[slot] >= 0 {
        if line.computesSame(as: rewriting[slots[slot]]) { return slots[slot] }
        slot = (slot + 1) & mask
      }
      slots[slot] = rewriting.keep(line)
      return slots[slot]
    }
  }
}

extension Line {
  /// Equal operations on equal operands have all but always the same shape.
  fileprivate var hash: Int {
    var hasher = Hasher()
    hasher.combine(operation)
    for i in operands.indices { hasher.combine(operands[i]) }
    return hasher.finalize()
  }

  fileprivate func computesSame(as other: Line) -> Bool {
    operands == other.operands && operation == other.operation && shape == other.shape
      && dtype == other.dtype && stretch == other.stretch
  }
}
