import BacktapeTensors

extension Program {
  /// Operations that change nothing are left out, and constants of one value become numbers.
  ///
  /// Every rule keeps the value of every element: NaN, infinities and the sign of zero included.
  func simplified(_ sources: Sources) -> Program {
    // By line: the one value of all elements; what is a constant, or a slice of one. No line
    // becomes more than one.
    var numbers = [Number?](repeating: nil, count: lines.count)
    var constants = [Tensor?](repeating: nil, count: lines.count)
    return Rewriting.of(self) { rewriting, _, line in
      if let primitive = line.primitive {
        line.takeNumbers(primitive, rewriting, numbers)
        if let same = line.identity(primitive, rewriting) { return same }
        line.mergeMovement(primitive, rewriting)
        if let same = line.identity(line.primitive!, rewriting) { return same }
        if case .stopGradient = primitive, case .line(let x) = line.operands[0] { return x }
      }
      let constant = line.constant(sources, constants)
      let number = constant.map(\.oneNumber) ?? line.number(numbers)
      let place = rewriting.append(line)
      constants[place] = constant
      numbers[place] = number
      return place
    }
  }
}

extension Line {
  /// The value of a constant, or of a slice of one.
  fileprivate func constant(_ sources: Sources, _ constants: [Tensor?]) -> Tensor? {
    if case .constant(let index) = source { return sources.constants[index] }
    guard case .slice(let start, let step, let axis) = primitive,
      case .line(let operand) = operands[0], let whole = constants[operand], shape.count > 0
    else { return nil }
    let span = (shape.array[Int(axis)] - 1) * step + 1
    return whole.slice(axis: Int(axis), start..<start + span, step: step)
  }

  /// The one value of all elements, if that of what it is a look at is known.
  fileprivate func number(_ numbers: [Number?]) -> Number? {
    switch primitive {
    case .reshape, .broadcast, .permute, .stopGradient, .slice:
      guard case .line(let operand) = operands[0], shape.count > 0 else { return nil }
      return numbers[operand]
    default: return nil
    }
  }

  /// Operands of one known value, where the other has the result's shape.
  fileprivate mutating func takeNumbers(
    _ primitive: Primitive, _ rewriting: Rewriting, _ numbers: [Number?]
  ) {
    let first: Int
    switch primitive {
    case .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .remainder, .atan2,
      .equal, .notEqual, .less, .lessEqual:
      first = 0
    case .select: first = 1
    default: return
    }
    for (i, other) in [(first, first + 1), (first + 1, first)] {
      guard case .line(let operand) = operands[i], let number = numbers[operand] else { continue }
      if first == 0 {
        guard case .line(let other) = operands[other], rewriting[other].shape == shape else {
          continue
        }
      }
      operands[i] = .number(number)
    }
  }

  /// The line that has the same value, if there is one.
  fileprivate func identity(_ primitive: Primitive, _ rewriting: Rewriting) -> Int? {
    if case .multiply = primitive, operands[0].isNumber(1), dtype.isFloatingPoint,
      case .line(let x) = operands[1]
    {
      return x
    }
    guard case .line(let x)? = operands.first else { return nil }
    let before = rewriting[x]
    switch primitive {
    case .slice(let start, 1, let axis):
      return before.shape == shape ? x : before.part(at: start, Int(axis), rewriting, like: self)
    case .reshape, .broadcast, .slice, .pad: return before.shape == shape ? x : nil
    case .cast: return before.dtype == dtype ? x : nil
    case .permute(let order):
      return order.axes(rank: shape.rank) == Array(0..<shape.rank) ? x : nil
    case .negate:
      if case .primitive(.negate) = before.operation, case .line(let same) = before.operands[0] {
        return same
      }
      return nil
    case .sum(let axes), .max(let axes, _), .min(let axes, _): return axes.isEmpty ? x : nil
    case .multiply, .divide, .power:
      return operands[1].isNumber(1) && dtype.isFloatingPoint ? x : nil
    case .subtract: return operands[1].isNumber(0) && dtype.isFloatingPoint ? x : nil
    default: return nil
    }
  }

  /// The operand of an assembly in order that lies at a place and fills a slice's shape.
  fileprivate func part(
    at start: Int, _ axis: Int, _ rewriting: Rewriting, like slice: Line
  ) -> Int? {
    guard case .assemble(let parts) = operation else { return nil }
    var low = 0
    var high = parts.count
    while low < high {
      let middle = (low + high) / 2
      if parts[middle].start < start { low = middle + 1 } else { high = middle }
    }
    while low < parts.count, parts[low].start == start {
      if parts[low] == Line.Part(axis: axis, start: start, step: 1),
        case .line(let part) = operands[low], rewriting[part].shape == slice.shape
      {
        return part
      }
      low += 1
    }
    return nil
  }

  /// A movement of a movement as one.
  fileprivate mutating func mergeMovement(_ primitive: Primitive, _ rewriting: Rewriting) {
    guard case .line(let x)? = operands.first else { return }
    let before = rewriting[x]
    switch (primitive, before.operation) {
    case (.reshape, .primitive(.reshape)): operands = before.operands
    case (.broadcast, .primitive(.broadcast)):
      // Aligned at the last axis, one repetition after the other is one repetition.
      operands = before.operands
    case (.permute(let second), .primitive(.permute(let first))):
      operation = .primitive(
        .permute(Permutation((0..<shape.rank).map { first[second[$0]] })))
      operands = before.operands
    case (.max(let axes, _), _), (.min(let axes, _), _):
      // Over axes of one element a reduction only drops them.
      if before.shape.count > 0, axes.axes.allSatisfy({ before.shape[$0] == 1 }) {
        operation = .primitive(.reshape)
      }
    default: break
    }
  }
}

extension Line.Operand {
  /// Whether it is a number of just these bits: 0 is not -0.
  fileprivate func isNumber(_ value: Double) -> Bool {
    if case .number(let number) = self {
      number.double.bitPattern == value.bitPattern
    } else {
      false
    }
  }
}

extension Tensor {
  /// The value of all elements, if strides say that there is but one.
  var oneNumber: Number? {
    let repeats = withExtendedLifetime(self) {
      (0..<rank).allSatisfy { descriptor.extents[$0] == 1 || descriptor.strides[$0] == 0 }
    }
    guard repeats, count > 0 else { return nil }
    let one = (0..<rank).reduce(self) { $0.slice(axis: $1, 0..<1) }
    switch dtype {
    case .float32, .float64: return Number(one.scalars(as: Double.self)[0])
    case .int32, .int64, .uint8: return Number(one.scalars(as: Int.self)[0])
    case .bool: return nil
    }
  }
}
