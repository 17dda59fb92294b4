import BacktapeTensors

extension Program {
  /// Products alike that are added up become one sum of products: what a weight used at many steps
  /// of a series gets as its derivative.
  ///
  /// Sums are added up in another order.
  func mergingSumsOfProducts() -> Program {
    let uses = useCounts()
    return Rewriting.of(self, where: isAddition) { rewriting, _, line in
      rewriting.sumOfProducts(line, uses).map { rewriting.append($0) } ?? rewriting.keep(line)
    }
  }
}

extension Rewriting {
  /// An addition of two sums of products alike, used nowhere else, as one.
  fileprivate mutating func sumOfProducts(_ line: Line, _ uses: [Int]) -> Line? {
    guard case .line(let a) = line.operands[0], case .line(let b) = line.operands[1], a != b,
      isOwn(a, uses), isOwn(b, uses),
      case .dots = self[a].operation, self[a].operation == self[b].operation,
      // Those of one sum have the same shapes.
      zip(self[a].lines.prefix(2), self[b].lines.prefix(2)).allSatisfy({
        self[$0].shape == self[$1].shape
      })
    else { return nil }
    let isOrdered = self[a].operands.count >= self[b].operands.count
    var sum = take(isOrdered ? a : b)
    sum.operands += self[isOrdered ? b : a].operands
    return sum
  }
}

extension Program {
  /// A product over one element has nothing to add up: it is a multiplication of elements, which
  /// others of its kind can join. Small ones stay: there is no memory to save.
  func multiplyingOverOne() -> Program {
    func isLargeProduct(_ index: Int) -> Bool {
      if case .dots = lines[index].operation { lines[index].shape.count >= 1024 } else { false }
    }
    return Rewriting.of(self, where: isLargeProduct) { rewriting, _, line in
      guard case .dots(let batch, let contracted) = line.operation,
        line.operands.count == 2,
        case .line(let a) = line.operands[0], case .line(let b) = line.operands[1],
        rewriting[a].shape.array.suffix(contracted).allSatisfy({ $0 == 1 })
      else { return rewriting.keep(line) }
      let rows = rewriting[a].shape.array.dropFirst(batch).dropLast(contracted)
      let columns = rewriting[b].shape.array.dropFirst(batch + contracted)
      let shared = Array(rewriting[a].shape.array.prefix(batch))
      let left = shared + rows + columns.map { _ in 1 }
      let right = shared + rows.map { _ in 1 } + columns
      func spread(_ operand: Int, _ extents: [Int]) -> Line.Operand {
        let shape = Shape(extents)
        var place = operand
        if rewriting[place].shape != shape {
          place = rewriting.append(
            Line(
              operation: .primitive(.reshape), operands: [.line(place)], shape: shape,
              dtype: line.dtype))
        }
        if shape != line.shape {
          place = rewriting.append(
            Line(
              operation: .primitive(.broadcast), operands: [.line(place)], shape: line.shape,
              dtype: line.dtype))
        }
        return .line(place)
      }
      return rewriting.append(
        Line(
          operation: .primitive(.multiply), operands: [spread(a, left), spread(b, right)],
          shape: line.shape, dtype: line.dtype))
    }
  }
}
