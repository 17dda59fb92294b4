import BacktapeTensors

/// What part a line may take in a tile program.
enum Role: Equatable {
  /// One result for each element of the operands.
  case elementwise
  /// One result for each row of so many neighbouring elements.
  case reduceRows(Int)
  /// The sum of all rows, of so many elements each.
  case sumRows(Int)
  /// The sum of everything.
  case sumAll
  /// None.
  case none
}

extension Program {
  /// - Complexity: a look at the line and its operands.
  func role(of index: Int) -> Role {
    guard let primitive = lines[index].primitive, lines[index].shape.count > 0 else { return .none }
    let dtype = lines[index].dtype
    var float = dtype == .bool ? nil : dtype
    for i in lines[index].operands.indices {
      guard case .line(let operand) = lines[index].operands[i] else { continue }
      if lines[operand].shape.count == 0 { return .none }
      if lines[operand].dtype == .bool { continue }
      if float ?? lines[operand].dtype != lines[operand].dtype { return .none }
      float = lines[operand].dtype
    }
    if let float, !float.isFloatingPoint { return .none }
    switch primitive {
    case .sum(let axes), .max(let axes, _), .min(let axes, _):
      guard case .line(let operand) = lines[index].operands[0] else { return .none }
      return lines[operand].dtype == .bool
        ? .none : reduction(primitive, axes, of: lines[operand].shape)
    case .cast:
      // Of bools; the other way round it is a comparison.
      return dtype == .bool ? .none : .elementwise
    case .and, .or, .xor, .not: return .elementwise
    default: return float == nil || !primitive.isElementwise ? .none : .elementwise
    }
  }

  private func reduction(_ primitive: Primitive, _ axes: AxisMask, of shape: Shape) -> Role {
    let extents = shape.array
    let reduced = extents.indices.filter { extents[$0] != 1 && axes.contains($0) }
    let kept = extents.indices.filter { extents[$0] != 1 && !axes.contains($0) }
    let count = reduced.reduce(1) { $0 * extents[$1] }
    var isSum = false
    if case .sum = primitive { isSum = true }
    if kept.isEmpty { return isSum && count > 4096 ? .sumAll : .reduceRows(count) }
    if reduced.isEmpty || kept.last! < reduced.first! { return .reduceRows(count) }
    if isSum && reduced.last! < kept.first! { return .sumRows(shape.count / count) }
    return .none
  }
}

extension Primitive {
  /// Whether every element of the result comes from one element of each operand.
  var isElementwise: Bool {
    switch self {
    case .negate, .abs, .sign, .floor, .ceil, .round, .not, .cast, .exp, .expm1, .exp2, .log,
      .log1p, .log2, .log10, .sin, .cos, .tan, .tanh, .sigmoid, .erf, .erfc, .erfInverse, .lgamma,
      .sqrt, .rsqrt, .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .remainder,
      .atan2, .equal, .notEqual, .less, .lessEqual, .and, .or, .xor, .select:
      true
    default: false
    }
  }
}
