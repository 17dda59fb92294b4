import BacktapeTensors

/// A stretch of tape done again with other values for some of its records: on other tensors, or on
/// something else that primitives can be applied to.
struct Replay<Value> {
  /// How the values of records are come by.
  struct Source {
    /// A record that is not done again: a source, or one before the stretch.
    let asItIs: (Int32) -> Value
    /// What a record gives for other operands. One that stands for a Swift number is nil.
    let apply: (Int32, [Value?]) -> Value
    /// A value as a tensor to be handed to a user's function, and back.
    let tensor: (Value) -> Tensor
    let value: (Tensor) -> Value
  }

  private let tape: Tape
  private let first: Int
  /// Whether records that depend on nothing known are taken as they are.
  private let onlyDependents: Bool
  private let source: Source
  private var values: [Int32: Value]

  /// - Parameters:
  ///   - first: where the stretch begins.
  ///   - onlyDependents: whether only records are done again that depend on what is known.
  ///   - known: values by record.
  init(
    _ tape: Tape, from first: Int, onlyDependents: Bool, knowing known: [Int32: Value],
    _ source: Source
  ) {
    self.tape = tape
    self.first = first
    self.onlyDependents = onlyDependents
    self.source = source
    values = known
  }

  /// One more value to go by.
  mutating func know(_ value: Value, of record: Int32) { values[record] = value }

  /// The values of records. What was computed once is kept for the next time.
  mutating func callAsFunction(_ results: [Int32]) -> [Value] {
    for index in tape.needed(for: results, from: first, { values[$0] != nil }) {
      let record = tape.record(at: Int(index))
      let operands = UnsafeBufferPointer(start: record.operands, count: record.operandCount)
      if operands.isEmpty { continue }
      if onlyDependents && !operands.contains(where: { values[$0] != nil }) { continue }
      values[index] = source.apply(
        index, operands.map { $0 == Record.number ? nil : values[$0] ?? source.asItIs($0) })
    }
    return results.map { values[$0] ?? source.asItIs($0) }
  }
}

extension Replay<Tensor>.Source {
  /// Applies the tape's primitives again, recorded where the operands are recorded.
  ///
  /// - Parameter tracked: whether records that are not done again keep their place on the tape.
  static func primitives(of tape: Tape, tracked: Bool) -> Self {
    Self(
      asItIs: { tape.tensor(at: Int($0), tracked: tracked) },
      apply: { tape.apply($0, $1) }, tensor: { $0 }, value: { $0 })
  }
}

extension Tape {
  /// What a record of this tape gives for other operands; nil stands for its Swift number.
  func apply(_ index: Int32, _ operands: [Tensor?]) -> Tensor {
    let record = record(at: Int(index))
    let primitive = record.pointee.primitive
    if let number = record.pointee.number {
      let numberFirst = operands[0] == nil
      return .apply(primitive, operands[numberFirst ? 1 : 0]!, number, numberFirst: numberFirst)
    }
    let operands = operands.map { $0! }
    if case .call(let callee) = primitive {
      return callAgain(callees[Int(callee)], operands, .primitives(of: self, tracked: false))
    }
    let target = Target(shape: record.descriptor.shape, dtype: record.descriptor.dtype)
    return .apply(primitive, operands, target: target)
  }

  /// The computation of this tape done again on other inputs: recorded where they are recorded.
  package func replay(inputs: [Tensor], _ values: [Tensor], outputs: [Tensor]) -> [Tensor] {
    let known = Dictionary(uniqueKeysWithValues: zip(inputs.map(\.index), values))
    var replay = Replay(
      self, from: 0, onlyDependents: false, knowing: known,
      .primitives(of: self, tracked: false))
    let results = replay(outputs.filter(\.isTracked).map(\.index))
    var next = results.makeIterator()
    return outputs.map { $0.isTracked ? next.next()! : $0 }
  }
}
