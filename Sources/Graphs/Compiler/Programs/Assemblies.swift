import BacktapeTensors

extension Program {
  /// Values padded with zeros and added up, each in a place of its own, are put there at once: what
  /// the derivative of a split or of slices comes to.
  ///
  /// Values stay but for the sign of zeros.
  func assemblingSums() -> Program {
    let uses = useCounts()
    var positions: [Int: Positions] = [:]
    return Rewriting.of(self, where: isAddition) { rewriting, _, line in
      guard let (large, small) = rewriting.assemblies(of: line, uses),
        let taken = rewriting.taken(by: large, small, &positions)
      else { return rewriting.keep(line) }
      let isOwn = rewriting.isOwn(large, uses)
      let place = rewriting.append(rewriting.joined(large, small, isOwn: isOwn))
      positions[place] = taken
      return place
    }
  }
}

extension Rewriting {
  /// Two assemblies along one axis that are added up, the one of more parts first. That one may be
  /// used nowhere else: what is copied for sums of sums would grow with the square of their number.
  fileprivate func assemblies(
    of line: Line, _ uses: [Int]
  ) -> (large: Int, small: Int)? {
    guard case .line(let a) = line.operands[0],
      case .line(let b) = line.operands[1], a != b,
      case .assemble(let left) = self[a].operation, case .assemble(let right) = self[b].operation,
      let axis = left.first?.axis, axis == right.first?.axis
    else { return nil }
    let isOrdered =
      left.count > right.count
      || left.count == right.count && (isOwn(a, uses) || !isOwn(b, uses))
    let (large, small) = isOrdered ? (a, b) : (b, a)
    return isOwn(large, uses) || max(left.count, right.count) == 1 ? (large, small) : nil
  }

  /// The positions of both, or nil if there is one that both have.
  fileprivate func taken(
    by large: Int, _ small: Int, _ positions: inout [Int: Positions]
  ) -> Positions? {
    var taken = positions.removeValue(forKey: large) ?? Positions()
    let isNew = taken.isEmpty
    for line in isNew ? [large, small] : [small] {
      guard case .assemble(let parts) = self[line].operation else { return nil }
      for (part, operand) in zip(parts, self[line].lines)
      where !taken.insert(part, extent: self[operand].shape.array[part.axis]) { return nil }
    }
    return taken
  }

  /// - Parameter isOwn: whether the larger one is used nowhere else, so that its parts can be taken.
  fileprivate mutating func joined(_ large: Int, _ small: Int, isOwn: Bool) -> Line {
    var line = isOwn ? take(large) : self[large]
    guard case .assemble(var parts) = line.operation,
      case .assemble(let others) = self[small].operation
    else { return line }
    // Parts grow in place if nothing else holds them.
    line.operation = .assemble([])
    parts += others
    line.operation = .assemble(parts)
    line.operands += self[small].operands
    return line
  }
}

/// Positions along an axis, by words of 64.
private struct Positions {
  private var words: [Int: UInt64] = [:]

  var isEmpty: Bool { words.isEmpty }

  /// False if some were there before; what is left then is of no use.
  mutating func insert(_ part: Line.Part, extent: Int) -> Bool {
    var position = part.start
    let end = part.start + extent * part.step
    while position < end {
      let word = position / 64
      var mask: UInt64 = 0
      while position < end, position / 64 == word {
        mask |= 1 << UInt64(position % 64)
        position += part.step
      }
      if words[word, default: 0] & mask != 0 { return false }
      words[word, default: 0] |= mask
    }
    return true
  }
}
