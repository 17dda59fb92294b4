import BacktapeTensors

extension Tape {
  /// The computation of this tape done again on other inputs: recorded where they are recorded.
  package func replay(inputs: [Tensor], _ values: [Tensor], outputs: [Tensor]) -> [Tensor] {
    guard let last = outputs.lazy.filter(\.isTracked).map(\.index).max() else { return outputs }
    var results = [Tensor?](repeating: nil, count: Int(last) + 1)
    for (input, value) in zip(inputs, values) where input.index <= last {
      results[Int(input.index)] = value
    }
    for index in 0...Int(last) where results[index] == nil {
      let record = record(at: index)
      if record.operandCount == 0 {
        results[index] = tensor(at: index).detached
        continue
      }
      let target = Target(shape: record.descriptor.shape, dtype: record.descriptor.dtype)
      let primitive = record.pointee.primitive
      if let number = record.pointee.number {
        let numberFirst = record.operands[0] == Record.number
        let operand = results[Int(record.operands[numberFirst ? 1 : 0])]!
        results[index] = .apply(primitive, operand, number, numberFirst: numberFirst)
      } else {
        let operands = (0..<record.operandCount).map { results[Int(record.operands[$0])]! }
        results[index] = .apply(primitive, operands, target: target)
      }
    }
    return outputs.map { $0.isTracked ? results[Int($0.index)]! : $0 }
  }
}
