import BacktapeTensors

extension Program {
  /// What is computed twice is computed once.
  func mergingCommonSubexpressions() -> Program {
    struct Expression: Hashable {
      let operation: Line.Operation
      let operands: [Line.Operand]
      let shape: Shape
      let dtype: DType
      let stretch: Int

      /// Equal operations on equal operands have all but always the same shape.
      func hash(into hasher: inout Hasher) {
        hasher.combine(operation)
        hasher.combine(operands)
      }
    }
    var known: [Expression: Int] = [:]
    known.reserveCapacity(lines.count)
    return Rewriting.of(self) { rewriting, _, line in
      let expression = Expression(
        operation: line.operation, operands: line.operands, shape: line.shape, dtype: line.dtype,
        stretch: line.stretch)
      if let place = known[expression] { return place }
      let place = rewriting.keep(line)
      known[expression] = place
      return place
    }
  }
}
