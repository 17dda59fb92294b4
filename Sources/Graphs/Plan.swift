import BacktapeAutodiff
import BacktapeTensors

/// A stretch of tape made ready to run again and again: a list of instructions over memory that is
/// laid out once.
///
/// Only records that an output or an update needs are in it. Inputs are either fed at every run or
/// bound to a variable's memory.
package final class Plan {
  /// One primitive with its operands' and result's places.
  struct Instruction {
    let primitive: Primitive
    let operands: UnsafeBufferPointer<DescriptorPointer>
    let result: DescriptorPointer
  }

  /// What an input of the tape stands for.
  package enum Binding {
    /// The value comes with every run, at this position.
    case fed(Int)
    /// The value stays in a variable's memory.
    case variable(Variable)
  }

  private(set) var instructions: [Instruction] = []
  private var fed: [(position: Int, place: DescriptorPointer)] = []
  private var outputs: [DescriptorPointer] = []
  private var updates: [(variable: Variable, value: DescriptorPointer)] = []
  /// What the instructions' addresses point into.
  private let memory: PlanMemory

  /// - Parameters:
  ///   - tape: where the computation is recorded.
  ///   - bindings: of inputs, by record.
  ///   - outputs: tensors to hand out after a run.
  ///   - updates: variables and the tensors whose values they have after a run.
  package init(
    _ tape: Tape, bindings: [Int32: Binding], outputs: [Tensor],
    updates: [(variable: Variable, value: Tensor)]
  ) throws(GraphError) {
    memory = PlanMemory(tape)
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
    var places: [Int32: DescriptorPointer] = [:]
    for index in tape.needed(for: results) {
      places[index] = try place(index, of: tape, bindings, places)
    }
    func source(_ x: Tensor) -> DescriptorPointer {
      x.isTracked ? places[x.index]! : memory.keep(x)
    }
    self.outputs = outputs.map(source)
    let computed = Set(instructions.map(\.result))
    for (variable, value) in updates {
      // A value that is or may be a view of a variable is set aside before any variable changes.
      let source = source(value)
      self.updates.append((variable, computed.contains(source) ? source : stage(source)))
    }
  }

  /// Number of instructions.
  package var count: Int { instructions.count }

  /// Runs on the values fed; then variables have their new values.
  package func run(_ feeds: [Tensor]) -> [Tensor] {
    withExtendedLifetime(feeds) {
      for (position, place) in fed { feeds[position].descriptor.copyElements(to: place) }
    }
    for instruction in instructions {
      instruction.primitive.execute(instruction.operands, into: instruction.result)
    }
    let results = outputs.map { Tensor(Node.copy(of: $0)) }
    for (variable, value) in updates { value.copyElements(to: variable.descriptor) }
    return results
  }

  // MARK: building

  private func place(
    _ index: Int32, of tape: Tape, _ bindings: [Int32: Binding],
    _ places: [Int32: DescriptorPointer]
  ) throws(GraphError) -> DescriptorPointer {
    let record = tape.record(at: Int(index))
    let model = record.descriptor
    switch bindings[index] {
    case .variable(let variable):
      memory.keep(variable)
      return variable.descriptor
    case .fed(let position):
      let place = memory.value(like: model)
      fed.append((position, place))
      return place
    case nil: break
    }
    if model.pointee.address != nil { return model }
    if record.operandCount == 0 {
      throw .unfed(placeholder: tape.label(index), shape: model.shape, dtype: model.dtype)
    }
    let operands = memory.table(
      (0..<record.operandCount).map { i in
        let operand = record.operands[i]
        return operand == Record.number ? memory.cell(record) : places[operand]!
      })
    let primitive = record.pointee.primitive
    if primitive.isView {
      let view = memory.view(like: model)
      if primitive.makeView(of: operands[0], in: view) { return view }
    }
    let result = memory.value(like: model)
    instructions.append(Instruction(primitive: primitive, operands: operands, result: result))
    return result
  }

  private func stage(_ source: DescriptorPointer) -> DescriptorPointer {
    let copy = memory.value(like: source)
    instructions.append(
      Instruction(primitive: .reshape, operands: memory.table([source]), result: copy))
    return copy
  }
}

/// Owns what a plan's instructions point at.
private final class PlanMemory {
  private let tape: Tape
  private var nodes: [Node] = []
  private var variables: [Variable] = []
  private var tensors: [Tensor] = []
  private var cells: [UnsafeMutablePointer<NumberCell>] = []
  private var tables: [UnsafeMutableBufferPointer<DescriptorPointer>] = []

  init(_ tape: Tape) { self.tape = tape }

  deinit {
    for cell in cells { cell.deallocate() }
    for table in tables { table.deallocate() }
  }

  func keep(_ variable: Variable) { variables.append(variable) }

  func keep(_ tensor: Tensor) -> DescriptorPointer {
    tensors.append(tensor)
    return tensor.descriptor
  }

  func value(like model: DescriptorPointer) -> DescriptorPointer {
    nodes.append(.make(like: model, dtype: model.dtype))
    return nodes[nodes.count - 1].descriptor
  }

  func view(like model: DescriptorPointer) -> DescriptorPointer {
    nodes.append(.makeView(shape: model.shape, dtype: model.dtype))
    return nodes[nodes.count - 1].descriptor
  }

  /// The Swift number of a record, in the type of the operand beside it.
  func cell(_ record: RecordPointer) -> DescriptorPointer {
    let partner = (0..<record.operandCount).map { record.operands[$0] }
      .first { $0 != Record.number }!
    let dtype = tape.record(at: Int(partner)).descriptor.dtype
    let cell = UnsafeMutablePointer<NumberCell>.allocate(capacity: 1)
    cell.initialize(to: NumberCell(record.pointee.number!, as: dtype))
    cells.append(cell)
    return cell.locate()
  }

  func table(_ operands: [DescriptorPointer]) -> UnsafeBufferPointer<DescriptorPointer> {
    let table = UnsafeMutableBufferPointer<DescriptorPointer>.allocate(capacity: operands.count)
    _ = table.initialize(from: operands)
    tables.append(table)
    return UnsafeBufferPointer(table)
  }
}

extension Tape {
  /// The records some tensors depend on, in order.
  package func needed(for results: [Tensor]) -> [Int32] {
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
