import BacktapeAutodiff
import BacktapeTensors

/// What the sources of a program stand for. They stay as they are through every pass.
final class Sources {
  private(set) var variables: [Variable] = []
  private(set) var constants: [Tensor] = []
  /// By address.
  private var numbers: [Int: Int] = [:]

  /// The number of a variable, a new one if it has none.
  func number(of variable: Variable) -> Int {
    let address = Int(bitPattern: ObjectIdentifier(variable))
    if let known = numbers[address] { return known }
    numbers[address] = variables.count
    variables.append(variable)
    return variables.count - 1
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
    tracing tape: Tape, bindings: [Int: Plan.Binding], outputs: [Tensor],
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
    // By record.
    var places = [Int](repeating: -1, count: tape.count)
    // A variable is one line, whatever stands for it: what overwrites it waits for that line's uses.
    var variables: [Int: Int] = [:]
    let stretches = tape.checkpointStretches
    let needed = tape.needed(for: results)
    lines.reserveCapacity(needed.count)
    for index in needed {
      if let output = tape.resultOfCall(at: index) {
        places[Int(index)] = places[Int(output)]
        continue
      }
      var line = try Program.line(index, of: tape, bindings, places, sources)
      line.stretch = stretches[Int(index)]
      if case .variable(let number) = line.source {
        if let known = variables[number] {
          places[Int(index)] = known
          continue
        }
        variables[number] = lines.count
      }
      places[Int(index)] = lines.count
      lines.append(line)
    }
    for output in outputs { self.outputs.append(add(output, places, sources)) }
    for (variable, value) in updates {
      self.updates.append((sources.number(of: variable), add(value, places, sources)))
    }
  }

  private mutating func add(
    _ result: Tensor, _ places: [Int], _ sources: Sources
  ) -> Int {
    if result.isTracked { return places[Int(result.index)] }
    lines.append(
      Line(
        operation: .source(sources.constant(result)), operands: [], shape: result.shape,
        dtype: result.dtype))
    return lines.count - 1
  }

  private static func line(
    _ index: Int32, of tape: Tape, _ bindings: [Int: Plan.Binding], _ places: [Int],
    _ sources: Sources
  ) throws(GraphError) -> Line {
    let record = tape.record(at: Int(index))
    let model = record.descriptor
    let operation: Line.Operation
    var operands: [Line.Operand] = []
    switch record.operandCount == 0 ? bindings[Int(index)] : nil {
    case .variable(let variable): operation = .source(.variable(sources.number(of: variable)))
    case .fed(let position): operation = .source(.fed(position))
    case nil where model.pointee.address != nil:
      let value = tape.tensor(at: Int(index), tracked: false)
      operation = .source(sources.constant(value))
    case nil where record.operandCount == 0:
      throw .unfed(placeholder: tape.label(index), shape: model.shape, dtype: model.dtype)
    case nil:
      operands.reserveCapacity(record.operandCount)
      for i in 0..<record.operandCount {
        let operand = record.operands[i]
        operands.append(
          operand == Record.number ? .number(record.pointee.number!) : .line(places[Int(operand)]))
      }
      operation = Program.operation(of: record, on: tape)
    }
    return Line(operation: operation, operands: operands, shape: model.shape, dtype: model.dtype)
  }
}

extension Program {
  /// The operation of a record in the compiler's terms.
  private static func operation(of record: RecordPointer, on tape: Tape) -> Line.Operation {
    switch record.pointee.primitive {
    case .dot(let batch, let contracted) where record.descriptor.dtype.isFloatingPoint:
      return .dots(batch: Int(batch), contracted: Int(contracted))
    case .pad(let start, let step, let axis):
      return .assemble([Line.Part(axis: Int(axis), start: start, step: step)])
    case .concatenate(let axis):
      var start = 0
      return .assemble(
        (0..<record.operandCount).map { i in
          defer { start += tape.record(at: Int(record.operands[i])).descriptor.extents[Int(axis)] }
          return Line.Part(axis: Int(axis), start: start, step: 1)
        })
    case let primitive: return .primitive(primitive)
    }
  }
}

extension Tape {
  /// The record a call without a value stands for: what is called is on the tape as well.
  fileprivate func resultOfCall(at index: Int32) -> Int32? {
    let record = record(at: Int(index))
    guard case .call(let callee) = record.pointee.primitive,
      record.descriptor.pointee.address == nil
    else { return nil }
    return callees[Int(callee)].output
  }

  /// For every record the innermost checkpoint it was recorded in, counted from 1; 0 outside.
  fileprivate var checkpointStretches: [Int] {
    var stretches = [Int](repeating: 0, count: count)
    // What lies inside was recorded before what it lies in.
    for (number, callee) in callees.enumerated().reversed() where callee.isCheckpoint {
      for index in callee.records { stretches[index] = number + 1 }
    }
    return stretches
  }

  /// The records some tensors depend on, in order.
  package func needed(for results: [Tensor]) -> [Int32] {
    var isNeeded = [Bool](repeating: false, count: count)
    for result in results where result.isTracked { isNeeded[Int(result.index)] = true }
    for index in stride(from: count - 1, through: 0, by: -1) where isNeeded[index] {
      let record = record(at: index)
      if let output = resultOfCall(at: Int32(index)) {
        isNeeded[Int(output)] = true
        continue
      }
      for i in 0..<record.operandCount where record.operands[i] != Record.number {
        isNeeded[Int(record.operands[i])] = true
      }
    }
    return isNeeded.indices.filter { isNeeded[$0] }.map(Int32.init)
  }
}
