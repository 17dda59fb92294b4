import BacktapeAutodiff
import BacktapeTensors

/// What the sources of a program stand for. They stay as they are through every pass.
final class Sources {
  private(set) var variables: [Variable] = []
  private(set) var constants: [Tensor] = []
  private var numbers: [ObjectIdentifier: Int] = [:]

  func variable(_ variable: Variable) -> Line.Source {
    let number = numbers[ObjectIdentifier(variable)] ?? variables.count
    if number == variables.count {
      variables.append(variable)
      numbers[ObjectIdentifier(variable)] = number
    }
    return .variable(number)
  }

  func constant(_ value: Tensor) -> Line.Source {
    constants.append(value)
    return .constant(constants.count - 1)
  }
}

extension Program {
  /// The records of a tape that outputs and updates depend on.
  ///
  /// - Parameters:
  ///   - bindings: of inputs, by record.
  init(
    tracing tape: Tape, bindings: [Int32: Plan.Binding], outputs: [Tensor],
    updates: [(variable: Variable, value: Tensor)], _ sources: Sources
  ) throws(GraphError) {
    let outputs = outputs.map(\.strong)
    let results = outputs + updates.map(\.value)
    for result in results {
      if result.isTracked && result.owner !== tape {
        throw .foreign("a result of shape \(result.shape)")
      }
      if !result.isTracked && result.isAbstract {
        throw .noValue("a result of shape \(result.shape)")
      }
    }
    var places: [Int32: Int] = [:]
    for index in tape.needed(for: results) {
      places[index] = lines.count
      lines.append(try Program.line(index, of: tape, bindings, places, sources))
    }
    for output in outputs { self.outputs.append(add(output, places, sources)) }
    for (variable, value) in updates {
      self.updates.append((variable, add(value, places, sources)))
    }
  }

  private mutating func add(
    _ result: Tensor, _ places: [Int32: Int], _ sources: Sources
  ) -> Int {
    if result.isTracked { return places[result.index]! }
    lines.append(
      Line(
        operation: .source(sources.constant(result)), operands: [], shape: result.shape,
        dtype: result.dtype))
    return lines.count - 1
  }

  private static func line(
    _ index: Int32, of tape: Tape, _ bindings: [Int32: Plan.Binding], _ places: [Int32: Int],
    _ sources: Sources
  ) throws(GraphError) -> Line {
    let record = tape.record(at: Int(index))
    let model = record.descriptor
    var line = Line(
      operation: .primitive(record.pointee.primitive), operands: [], shape: model.shape,
      dtype: model.dtype)
    switch bindings[index] {
    case .variable(let variable): line.operation = .source(sources.variable(variable))
    case .fed(let position): line.operation = .source(.fed(position))
    case nil where model.pointee.address != nil:
      let value = tape.tensor(at: Int(index), tracked: false)
      line.operation = .source(sources.constant(value))
    case nil where record.operandCount == 0:
      throw .unfed(placeholder: tape.label(index), shape: model.shape, dtype: model.dtype)
    case nil:
      line.operands = (0..<record.operandCount).map { i in
        let operand = record.operands[i]
        return operand == Record.number
          ? .number(record.pointee.number!) : .line(places[operand]!)
      }
    }
    return line
  }
}

extension Tape {
  /// The records some tensors depend on, in order.
  fileprivate func needed(for results: [Tensor]) -> [Int32] {
    var isNeeded = [Bool](repeating: false, count: count)
    for result in results where result.isTracked { isNeeded[Int(result.index)] = true }
    for index in stride(from: count - 1, through: 0, by: -1) where isNeeded[index] {
      let record = record(at: index)
      for i in 0..<record.operandCount where record.operands[i] != Record.number {
        isNeeded[Int(record.operands[i])] = true
      }
    }
    return isNeeded.indices.filter { isNeeded[$0] }.map(Int32.init)
  }
}
