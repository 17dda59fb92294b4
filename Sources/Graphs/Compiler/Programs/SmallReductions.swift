import BacktapeTensors

extension Program {
  /// Reductions over a few elements that are not neighbours, as in pooling, become operations on
  /// slices, and so does what is computed for them alone: all of it can then be one tile program.
  ///
  /// Maxima and minima keep their values; sums are added up in the order of the elements.
  func unrollingSmallReductions() -> Program {
    let uses = useCounts()
    func isReduction(_ index: Int) -> Bool { lines[index].combination != nil }
    return Rewriting.of(self, where: isReduction) { rewriting, index, line in
      SmallReduction(line) { rewriting[$0].shape }?.unrolled(&rewriting, uses)
        ?? rewriting.keep(line)
    }
  }
}

extension Line {
  /// Of a reduction of floating-point numbers: the axes, and what combines two elements.
  var combination: (axes: AxisMask, combination: Primitive)? {
    guard dtype.isFloatingPoint else { return nil }
    return switch primitive {
    case .max(let axes, _): (axes, .maximum)
    case .min(let axes, _): (axes, .minimum)
    case .sum(let axes): (axes, .add)
    default: nil
    }
  }
}

/// A reduction over at most ``limit`` elements with others running on behind them.
struct SmallReduction {
  private static let limit = 16
  /// Elements behind those reduced: enough to fill a vector.
  private static let run = 8
  /// How many operations in a row are computed for each position alone.
  private static let depth = 8

  private let operand: Int
  let shape: Shape
  let axes: [Int]
  private let combination: Primitive
  private let result: Line

  init?(_ line: Line, shapeOf: (Int) -> Shape) {
    guard let (mask, combination) = line.combination, case .line(let operand)? = line.operands.first
    else { return nil }
    let shape = shapeOf(operand)
    let axes = mask.axes.filter { $0 < shape.rank }
    guard let first = axes.first, let last = axes.last, shape.count > 0 else { return nil }
    let extents = shape.array
    let reduced = axes.reduce(1) { $0 * extents[$1] }
    let behind = extents[(last + 1)...].reduce(1, *)
    // In front there must be something too: else it is a sum over rows.
    let before = extents[..<first].reduce(1, *)
    guard reduced > 1, reduced <= SmallReduction.limit, behind >= SmallReduction.run, before > 1
    else { return nil }
    self.operand = operand
    self.shape = shape
    self.axes = axes
    self.combination = combination
    result = line
  }

  func unrolled(_ rewriting: inout Rewriting, _ uses: [Int]) -> Int {
    var total: Int?
    for position in positions() {
      var known: [Int: Int] = [:]
      let part = sliced(operand, position, &rewriting, SmallReduction.depth, uses, &known)
      guard let sum = total else {
        total = part
        continue
      }
      total = rewriting.append(
        Line(
          operation: .primitive(combination), operands: [.line(sum), .line(part)],
          shape: rewriting[part].shape, dtype: result.dtype))
    }
    return rewriting.append(
      Line(
        operation: .primitive(.reshape), operands: [.line(total!)], shape: result.shape,
        dtype: result.dtype))
  }

  /// Every combination of positions along the reduced axes, the last fastest.
  private func positions() -> [[Int]] {
    axes.reduce([[]]) { positions, axis in
      positions.flatMap { position in (0..<shape.array[axis]).map { position + [$0] } }
    }
  }

  /// A value at one position of the reduced axes, which keep an extent of 1. What is computed for
  /// the reduction alone is computed for the position alone.
  private func sliced(
    _ line: Int, _ position: [Int], _ rewriting: inout Rewriting, _ depth: Int,
    _ uses: [Int], _ known: inout [Int: Int]
  ) -> Int {
    if let place = known[line] { return place }
    var value = rewriting[line]
    let place: Int
    if let primitive = value.primitive, primitive.isElementwise, depth > 0,
      rewriting.isOwn(line, uses)
    {
      for (i, operand) in value.operands.enumerated() {
        guard case .line(let operand) = operand else { continue }
        value.operands[i] = .line(
          sliced(operand, position, &rewriting, depth - 1, uses, &known))
      }
      value.shape = axes.reduce(value.shape) { $0.with(1, at: $1) }
      place = rewriting.append(value)
    } else {
      var part = line
      for (axis, start) in zip(axes, position) {
        part = rewriting.append(
          Line(
            operation: .primitive(.slice(start: start, step: 1, axis: UInt8(axis))),
            operands: [.line(part)], shape: rewriting[part].shape.with(1, at: axis),
            dtype: value.dtype))
      }
      place = part
    }
    known[line] = place
    return place
  }
}
