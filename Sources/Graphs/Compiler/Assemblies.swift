import BacktapeTensors

extension Program {
  /// Values padded with zeros and added up, each in a place of its own, are put there at once: what
  /// the derivative of a split or of slices comes to.
  ///
  /// Values stay but for the sign of zeros.
  func assemblingSums() -> Program {
    Rewriting.of(self) { rewriting, _, line in
      if case .primitive(.add) = line.operation, case .line(let a) = line.operands[0],
        case .line(let b) = line.operands[1], case .assemble(let left) = rewriting[a].operation,
        case .assemble(let right) = rewriting[b].operation,
        let parts = rewriting.apart(rewriting[a], left, rewriting[b], right)
      {
        return rewriting.append(
          Line(
            operation: .assemble(parts), operands: rewriting[a].operands + rewriting[b].operands,
            shape: line.shape, dtype: line.dtype))
      }
      return rewriting.keep(line)
    }
  }
}

extension Rewriting {
  /// The parts of two assemblies along one axis, if none overlap.
  fileprivate func apart(
    _ a: Line, _ left: [Line.Part], _ b: Line, _ right: [Line.Part]
  ) -> [Line.Part]? {
    let parts = left + right
    guard let axis = parts.first?.axis, parts.allSatisfy({ $0.axis == axis }) else { return nil }
    var isTaken = [Bool](repeating: false, count: a.shape.array[axis])
    for (part, operand) in zip(parts, Array(a.lines) + Array(b.lines)) {
      for position in 0..<self[operand].shape.array[axis] {
        if isTaken[part.start + position * part.step] { return nil }
        isTaken[part.start + position * part.step] = true
      }
    }
    return parts
  }
}
