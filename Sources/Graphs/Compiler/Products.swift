import BacktapeTensors

extension Program {
  /// Products alike that are added up become one sum of products: what a weight used at many steps
  /// of a series gets as its derivative.
  ///
  /// Sums are added up in another order.
  func mergingSumsOfProducts() -> Program {
    var uses = [Int](repeating: 0, count: lines.count)
    for line in lines { for operand in line.lines { uses[operand] += 1 } }
    for line in outputs + updates.map(\.line) { uses[line] += 1 }
    var isShared: [Int: Bool] = [:]
    return Rewriting.of(self) { rewriting, index, line in
      let place: Int
      if let terms = rewriting.terms(of: line, { isShared[$0] == false }) {
        place = rewriting.append(terms)
      } else {
        place = rewriting.append(line)
      }
      isShared[place] = uses[index] != 1
      return place
    }
  }
}

extension Rewriting {
  /// An addition of two sums of products alike, used nowhere else, as one.
  fileprivate func terms(of line: Line, _ isOwn: (Int) -> Bool) -> Line? {
    guard case .primitive(.add) = line.operation, case .line(let a) = line.operands[0],
      case .line(let b) = line.operands[1], a != b, isOwn(a), isOwn(b),
      case .dots = self[a].operation, self[a].operation == self[b].operation,
      zip(self[a].lines, self[b].lines).allSatisfy({ self[$0].shape == self[$1].shape })
    else { return nil }
    return Line(
      operation: self[a].operation, operands: self[a].operands + self[b].operands,
      shape: line.shape, dtype: line.dtype)
  }
}
