import BacktapeTensors

extension Tape {
  /// What a record is called in listings and messages: its name, or its number.
  package func label(_ index: Int32) -> String { names[Int(index)] ?? "%\(index)" }

  /// Gives a tensor of this tape a name for listings and messages.
  public func name(_ tensor: Tensor, _ name: String) {
    if tensor.isTracked && tensor.owner === self { names[Int(tensor.index)] = name }
  }

  /// The records some tensors of this tape depend on, one a line, in order.
  ///
  /// Each line names the result, the operation with its operands, the shape and the type, in
  /// columns:
  /// ```
  /// l2 = sigmoid(%4)       [4, 1] float64
  /// %6 = multiply(%5, l2)  [4, 1] float64
  /// ```
  /// - Parameter upTo: tensors not to look behind: they appear as operands only.
  public func listing(of tensors: [Tensor], upTo known: [Tensor] = []) -> String {
    let stops = Set(known.filter(\.isTracked).map(\.index))
    var isNeeded = [Bool](repeating: false, count: count)
    for tensor in tensors where tensor.isTracked { isNeeded[Int(tensor.index)] = true }
    for index in stride(from: count - 1, through: 0, by: -1)
    where isNeeded[index] && !stops.contains(Int32(index)) {
      let record = record(at: index)
      for i in 0..<record.operandCount where record.operands[i] != Record.number {
        isNeeded[Int(record.operands[i])] = true
      }
    }
    let shown = isNeeded.indices.filter { isNeeded[$0] && !stops.contains(Int32($0)) }
    let lines = shown.map { index in
      let descriptor = record(at: index).descriptor
      return (label(Int32(index)), operation(index), "\(descriptor.shape) \(descriptor.dtype)")
    }
    let labelWidth = lines.map(\.0.count).max() ?? 0
    let operationWidth = lines.map(\.1.count).max() ?? 0
    return lines.map { label, operation, type in
      "\(label.padded(to: labelWidth)) = \(operation.padded(to: operationWidth))  \(type)"
    }.joined(separator: "\n")
  }

  private func operation(_ index: Int) -> String {
    let record = record(at: index)
    let operands = (0..<record.operandCount).map { i in
      let place = record.operands[i]
      return place == Record.number ? "\(record.pointee.number!)" : label(place)
    }
    let attributes = record.pointee.primitive.attributes(rank: operandRank(record))
    let name = roles[index] ?? record.pointee.primitive.name
    if record.operandCount == 0 { return name + constantValue(index) }
    return name + "(" + (operands + attributes).joined(separator: ", ") + ")"
  }

  private func operandRank(_ record: RecordPointer) -> Int {
    record.operandCount == 0 || record.operands[0] == Record.number
      ? 0 : self.record(at: Int(record.operands[0])).descriptor.rank
  }

  /// A constant shows its value if that is one number, be it repeated; large ones are not read.
  private func constantValue(_ index: Int) -> String {
    let descriptor = record(at: index).descriptor
    guard record(at: index).pointee.primitive == .constant, descriptor.pointee.address != nil,
      descriptor.count > 0
    else { return "" }
    let stretched = (0..<descriptor.rank).filter { descriptor.strides[$0] == 0 }
    let distinct = stretched.reduce(tensor(at: index, tracked: false)) {
      $0.slice(axis: $1, 0..<1)
    }
    guard distinct.count <= 1024 else { return "" }
    let elements = distinct.scalars(as: Double.self)
    guard elements.allSatisfy({ $0 == elements[0] }) else { return "" }
    return distinct.dtype.isFloatingPoint ? " \(elements[0])" : " \(Int(elements[0]))"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(width - count, 0))
  }
}

extension Primitive {
  /// The case's name without its attributes.
  package var name: String { String("\(self)".prefix { $0 != "(" }) }

  /// The attributes as a listing shows them.
  package func attributes(rank: Int) -> [String] {
    switch self {
    case .sum(let axes), .max(let axes, _), .min(let axes, _), .flip(let axes):
      ["axes: \(axes.axes)"]
    case .argmax(let axis), .argmin(let axis), .concatenate(let axis), .cumulativeSum(let axis):
      ["axis: \(axis)"]
    case .argsort(let axis, let descending):
      ["axis: \(axis)"] + (descending ? ["descending"] : [])
    case .permute(let order): ["axes: \(order.axes(rank: rank))"]
    case .slice(let start, let step, let axis), .pad(let start, let step, let axis):
      ["axis: \(axis)", "start: \(start)"] + (step == 1 ? [] : ["step: \(step)"])
    case .windows(let step, let dilation, let axis), .fold(let step, let dilation, let axis):
      ["axis: \(axis)"] + (step == 1 ? [] : ["step: \(step)"])
        + (dilation == 1 ? [] : ["dilation: \(dilation)"])
    case .gather(let axis, let batch), .scatterAdd(let axis, let batch):
      ["axis: \(axis)"] + (batch == 0 ? [] : ["batch axes: \(batch)"])
    case .dot(let batch, let contracted):
      (batch == 0 ? [] : ["batch axes: \(batch)"])
        + (contracted == 1 ? [] : ["contracted axes: \(contracted)"])
    case .polygamma(let order): ["order: \(order)"]
    case .solve(let part): part == .whole ? [] : ["\(part) triangle"]
    default: []
    }
  }
}

extension Tape: CustomStringConvertible {
  /// All records, one a line.
  public var description: String {
    listing(of: (0..<count).map { tensor(at: $0) })
  }
}
