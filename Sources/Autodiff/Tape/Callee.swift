import BacktapeTensors

/// What a record of a call stands for: a stretch of the same tape.
///
/// A checkpoint's values are dropped once it has been recorded; a custom rule keeps its own and
/// brings the pullback with it, traced with a cotangent that has no value.
package struct Callee: Sendable {
  /// The records made by the function and, if there is one, the pullback.
  package let records: Range<Int>
  /// What stands for each operand of the call in these records.
  let inputs: [Int32]
  /// What the call comes to.
  package let output: Int32
  let pullback: Pullback?

  struct Pullback: Sendable {
    /// The cotangent of the output: a record without a value.
    let cotangent: Int32
    /// The cotangents of the inputs; nil where there is none.
    let results: [Int32?]
  }

  /// Whether the values are computed again for the derivative.
  package var isCheckpoint: Bool { pullback == nil }
}

extension Tape {
  /// Records a call of what has just been recorded.
  func call(_ callee: Callee, _ operands: [Int32]) -> Tensor {
    callees.append(callee)
    return record(.call(Int32(callees.count - 1)), operands, giving: result(of: callee))
  }

  /// A callee's value; a part of a larger one that belongs to the callee is copied out of it.
  private func result(of callee: Callee) -> Tensor {
    let value = tensor(at: Int(callee.output))
    var root = callee.output
    while record(at: Int(root)).pointee.primitive.isView {
      root = record(at: Int(root)).operands[0]
    }
    let isPart =
      callee.records.contains(Int(root)) && record(at: Int(root)).descriptor.count > value.count
    return isPart && !value.isAbstract ? Tensor(Node.copy(of: value.descriptor)) : value
  }

  /// The records that some results depend on, in order, looking no further than `isOutside`.
  func needed(for results: [Int32], from first: Int, _ isOutside: (Int32) -> Bool) -> [Int32] {
    guard let last = results.max(), Int(last) >= first else { return [] }
    var isNeeded = [Bool](repeating: false, count: Int(last) - first + 1)
    for result in results where Int(result) >= first { isNeeded[Int(result) - first] = true }
    for index in stride(from: Int(last), through: first, by: -1)
    where isNeeded[index - first] && !isOutside(Int32(index)) {
      let record = record(at: index)
      for i in 0..<record.operandCount where Int(record.operands[i]) >= first {
        isNeeded[Int(record.operands[i]) - first] = true
      }
    }
    return isNeeded.indices.compactMap {
      isNeeded[$0] && !isOutside(Int32(first + $0)) ? Int32(first + $0) : nil
    }
  }

  /// What records use that they do not compute: what was computed before `first`, constants apart,
  /// and inputs declared since.
  func used(by records: [Int32], before first: Int) -> [Int32] {
    var used: Set<Int32> = []
    for index in records {
      let record = record(at: Int(index))
      if record.pointee.primitive == .input { used.insert(index) }
      for i in 0..<record.operandCount {
        let operand = record.operands[i]
        if operand == Record.number || Int(operand) >= first { continue }
        if self.record(at: Int(operand)).pointee.primitive != .constant { used.insert(operand) }
      }
    }
    return used.sorted()
  }
}
