import BacktapeTensors

// Sums of products written in the way that costs least.

extension Program {
  /// A product over one element has nothing to add up: it is a multiplication of elements.
  func multiplyingOverOne() -> Program {
    Rewriting.of(self) { rewriting, _, line in
      guard case .dots(let batch, let contracted) = line.operation, line.operands.count == 2,
        case .line(let a) = line.operands[0], case .line(let b) = line.operands[1],
        rewriting[a].shape.array.suffix(contracted).allSatisfy({ $0 == 1 })
      else { return rewriting.append(line) }
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
