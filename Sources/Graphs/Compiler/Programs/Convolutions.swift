import BacktapeTensors

extension Program {
  /// Products whose columns are window elements that are then folded become products with windows:
  /// the derivative of a convolution by its input is a convolution of the padded cotangent with the
  /// kernel turned round, and nothing is added up in memory.
  ///
  /// Sums are added up in another order.
  func convolvingFolds() -> Program {
    let uses = useCounts()
    let folded = folded()
    func isFold(_ index: Int) -> Bool {
      if case .fold = lines[index].primitive { !folded.contains(index) } else { false }
    }
    return Rewriting.of(self, where: isFold) { rewriting, index, line in
      Convolution(index, self, uses)?.written(into: &rewriting, like: line) ?? rewriting.keep(line)
    }
  }

  /// Lines that are folded.
  private func folded() -> Set<Int> {
    var folded = Set<Int>()
    for line in lines {
      if case .primitive(.fold) = line.operation { folded.formUnion(line.lines) }
    }
    return folded
  }
}

/// A product, and the folds of its columns onto its rows.
private struct Convolution {
  private struct Fold {
    let row, column: Int
    let step, dilation: Int
    let extent, size: Int
  }
  private enum Axis: Equatable {
    case row(Int)
    case column(Int)
  }

  private let cotangent, kernel: Int
  private let contracted: Int
  private var folds: [Fold] = []
  /// What the axes of the result are, after the folds.
  private var axes: [Axis] = []
  private let rows, columns: Int

  init?(_ top: Int, _ program: Program, _ uses: [Int]) {
    var chain: [Int] = []
    var line = top
    search: while true {
      if line != top && uses[line] != 1 { return nil }
      switch program.lines[line].operation {
      case .primitive(.fold), .primitive(.permute):
        guard case .line(let next) = program.lines[line].operands[0] else { return nil }
        chain.append(line)
        line = next
      case .dots(batch: 0, _): break search
      default: return nil
      }
    }
    guard case .dots(_, let contracted) = program.lines[line].operation,
      program.lines[line].operands.count == 2,
      case .line(let cotangent) = program.lines[line].operands[0],
      case .line(let kernel) = program.lines[line].operands[1]
    else { return nil }
    self.cotangent = cotangent
    self.kernel = kernel
    self.contracted = contracted
    rows = program.lines[cotangent].shape.rank - contracted
    columns = program.lines[kernel].shape.rank - contracted
    axes = (0..<rows).map { .row($0) } + (0..<columns).map { .column($0) }
    var shape = program.lines[line].shape
    for step in chain.reversed() {
      let moved = program.lines[step]
      if case .primitive(.permute(let order)) = moved.operation {
        axes = axes.indices.map { axes[order[$0]] }
      } else if case .primitive(.fold(let step, let dilation, let axis)) = moved.operation {
        let axis = Int(axis)
        guard case .row(let row) = axes[axis], case .column(let column) = axes[axis + 1],
          !folds.contains(where: { $0.row == row })
        else { return nil }
        let fold = Fold(
          row: row, column: column, step: step, dilation: dilation,
          extent: moved.shape.array[axis], size: shape.array[axis + 1])
        // Zeros between the elements would be multiplied too.
        if fold.extent > 2 * shape.array[axis] { return nil }
        folds.append(fold)
        axes.remove(at: axis + 1)
      }
      shape = moved.shape
    }
    if rows + folds.count + contracted > Shape.maximumRank { return nil }
  }

  func written(into rewriting: inout Rewriting, like line: Line) -> Int {
    let windows = windows(&rewriting)
    let turned = turned(&rewriting)
    let kept = (0..<columns).filter { column in !folds.contains { $0.column == column } }
    let found: [Axis] = (0..<rows).map { .row($0) } + kept.map { .column($0) }
    let extents = found.map { line.shape.array[axes.firstIndex(of: $0)!] }
    let product = rewriting.append(
      Line(
        operation: .dots(batch: 0, contracted: folds.count + contracted),
        operands: [.line(windows), .line(turned)], shape: Shape(extents), dtype: line.dtype))
    return permuted(product, axes.map { found.firstIndex(of: $0)! }, &rewriting)
  }

  /// `[rows..., contracted...]` padded, as `[rows..., window elements..., contracted...]`.
  private func windows(_ rewriting: inout Rewriting) -> Int {
    var value = rewriting.place(of: cotangent)
    let dtype = rewriting[value].dtype
    for fold in folds {
      let reach = fold.dilation * (fold.size - 1)
      value = rewriting.append(
        Line(
          operation: .assemble([Line.Part(axis: fold.row, start: reach, step: fold.step)]),
          operands: [.line(value)],
          shape: rewriting[value].shape.with(fold.extent + reach, at: fold.row), dtype: dtype))
    }
    // From the last axis on, so that the positions of those before hold.
    var places = Array(0..<rewriting[value].shape.rank)
    var elements: [Int: Int] = [:]
    for fold in folds.sorted(by: { $0.row > $1.row }) {
      let shape = rewriting[value].shape
      value = rewriting.append(
        Line(
          operation: .primitive(
            .windows(step: 1, dilation: fold.dilation, axis: UInt8(fold.row))),
          operands: [.line(value)],
          shape: shape.with(fold.extent, at: fold.row).inserting(fold.size, at: fold.row + 1),
          dtype: dtype))
      for axis in places.indices where places[axis] > fold.row { places[axis] += 1 }
      for (column, place) in elements where place > fold.row { elements[column] = place + 1 }
      elements[fold.column] = fold.row + 1
    }
    let order =
      places.prefix(rows) + folds.map { elements[$0.column]! } + places.suffix(contracted)
    return permuted(value, Array(order), &rewriting)
  }

  /// `[contracted..., columns...]` turned round, as `[window elements..., contracted..., kept...]`.
  private func turned(_ rewriting: inout Rewriting) -> Int {
    var mask = AxisMask()
    for fold in folds { mask.insert(contracted + fold.column) }
    let value = rewriting.place(of: kernel)
    let flipped = rewriting.append(
      Line(
        operation: .primitive(.flip(mask)), operands: [.line(value)],
        shape: rewriting[value].shape, dtype: rewriting[value].dtype))
    let elements = folds.map { contracted + $0.column }
    let kept = (contracted..<contracted + columns).filter { !elements.contains($0) }
    return permuted(flipped, elements + Array(0..<contracted) + kept, &rewriting)
  }

  private func permuted(_ value: Int, _ order: [Int], _ rewriting: inout Rewriting) -> Int {
    let shape = rewriting[value].shape
    if order == Array(0..<shape.rank) { return value }
    return rewriting.append(
      Line(
        operation: .primitive(.permute(Permutation(order))), operands: [.line(value)],
        shape: Shape(order.map { shape.array[$0] }), dtype: rewriting[value].dtype))
  }
}
