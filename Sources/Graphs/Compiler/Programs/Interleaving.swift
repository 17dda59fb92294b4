import BacktapeTensors

extension Program {
  /// Operations on a few elements and on what a reduction over them gives, as in the derivative of
  /// pooling, are done for each position among them alone, and so is what follows: reduction and
  /// operations can then be one tile program, which writes the positions of its results in turns.
  ///
  /// Values keep their bits, but sums are added up in another order.
  func interleavingPositions(_ sources: Sources) -> Program {
    guard let first = lines.indices.first(where: { reduced(behind: $0) != nil }) else {
      return self
    }
    func concerns(_ index: Int) -> Bool { index >= first }
    var known: [Int: Interleaved] = [:]
    return Rewriting.of(self, where: concerns) { rewriting, index, line in
      let parts: Interleaved?
      if line.primitive?.isElementwise ?? false {
        let whole = line.lines.lazy.compactMap { known[$0] }.first ?? reduced(behind: index)
        parts = whole.flatMap { rewriting.parts(of: line, like: $0, known, sources) }
      } else if let operand = line.lines.first(where: { _ in true }), let whole = known[operand] {
        switch line.operation {
        case .assemble(let places) where places.count == 1:
          parts = whole.padded(by: places[0], to: line.shape)
        case .primitive(.reshape): parts = whole.reshaped(to: line.shape, &rewriting)
        default: return rewriting.reduced(whole, to: line) ?? rewriting.keep(line)
        }
      } else {
        parts = nil
      }
      guard let parts else { return rewriting.keep(line) }
      let place = rewriting.append(parts, line.dtype)
      known[place] = parts
      return place
    }
  }

  /// The positions that an operand of a line was reduced over before it was repeated for them.
  private func reduced(behind index: Int) -> Interleaved? {
    guard lines[index].primitive?.isElementwise ?? false else { return nil }
    return lines[index].lines.lazy.compactMap { operand -> Interleaved? in
      guard case .primitive(.broadcast) = lines[operand].operation,
        case .line(let row) = lines[operand].operands[0]
      else { return nil }
      let line = behindReshapes(row)
      guard let reduction = SmallReduction(lines[line], shapeOf: { lines[$0].shape }),
        reduction.shape == lines[index].shape,
        reduction.axes.reduce(reduction.shape, { $0.with(1, at: $1) }) == lines[row].shape
      else { return nil }
      return Interleaved(reduction.shape, positionsOf: reduction.axes)
    }.first
  }
}

extension Program {
  /// What a line is another look at, with the same elements in the same order.
  fileprivate func behindReshapes(_ line: Int) -> Int {
    switch lines[line].operation {
    case .primitive(.reshape), .primitive(.stopGradient):
      if case .line(let before) = lines[line].operands[0] { behindReshapes(before) } else { line }
    default: line
    }
  }
}

/// A value in parts that lie between each other along some axes; the rest of it are zeros.
private struct Interleaved {
  /// Every part has so many elements along the axis: one at each start, and others by steps.
  struct Axis: Equatable {
    var axis: Int
    var starts: [Int]
    var step: Int
    var count: Int
  }

  /// More parts would be more streams through memory than the processor follows.
  private static let limit = 4

  var shape: Shape
  /// In order. Parts are those of every combination of starts, the last axis fastest.
  var axes: [Axis]
  /// The lines that compute them, of one shape.
  var parts: [Int] = []

  /// Every position along some axes for itself; nil if that is not worth it.
  init?(_ shape: Shape, positionsOf positions: [Int]) {
    self.shape = shape
    axes = positions.filter { shape[$0] > 1 }.map {
      Axis(axis: $0, starts: Array(0..<shape[$0]), step: 1, count: 1)
    }
    if axes.reduce(1, { $0 * $1.starts.count }) > Interleaved.limit { return nil }
  }

  private init(shape: Shape, axes: [Axis], parts: [Int]) {
    self.shape = shape
    self.axes = axes.sorted { $0.axis < $1.axis }
    self.parts = parts
  }

  /// That of the lines.
  var partShape: Shape { axes.reduce(shape) { $0.with($1.count, at: $1.axis) } }

  /// Whether there are zeros around the parts.
  var hasGaps: Bool {
    axes.contains { $0.starts.count * $0.count != shape[$0.axis] }
  }

  /// Where each part begins, by axis.
  var starts: [[Int]] {
    axes.reduce([[]]) { starts, axis in
      starts.flatMap { start in axis.starts.map { start + [$0] } }
    }
  }

  /// As another shape, if parts stay parts.
  func reshaped(to new: Shape, _ rewriting: inout Rewriting) -> Interleaved? {
    var axes: [Axis] = []
    var (i, j) = (0, 0)
    while i < shape.rank {
      // The fewest axes of both that have as many elements.
      var (old, other) = (shape[i], j < new.rank ? new[j] : 1)
      let (first, target) = (i, j)
      i += 1
      j += 1
      while old != other {
        if old < other {
          old *= shape[i]
          i += 1
        } else {
          other *= new[j]
          j += 1
        }
      }
      let inside = self.axes.filter { first..<i ~= $0.axis }
      guard let axis = inside.first else { continue }
      let extents = (first..<i).filter { shape[$0] > 1 || $0 == axis.axis }
      let results = (target..<Swift.min(j, new.rank)).filter { new[$0] > 1 }
      guard inside.count == 1, results.count == 1, let result = results.first,
        let moved = axis.merged(extents.map { (axis: $0, extent: shape[$0]) }, into: result)
      else { return nil }
      axes.append(moved)
    }
    var turned = Interleaved(shape: new, axes: axes, parts: [])
    turned.parts = parts.map {
      rewriting.append(
        Line(
          operation: .primitive(.reshape), operands: [.line($0)], shape: turned.partShape,
          dtype: rewriting[$0].dtype))
    }
    return turned
  }

  /// With zeros around it.
  func padded(by part: Line.Part, to new: Shape) -> Interleaved {
    var axes = axes
    let own = axes.firstIndex { $0.axis == part.axis } ?? axes.endIndex
    if own == axes.endIndex {
      axes.append(Axis(axis: part.axis, starts: [0], step: 1, count: shape[part.axis]))
    }
    axes[own].starts = axes[own].starts.map { part.start + part.step * $0 }
    axes[own].step *= part.step
    return Interleaved(shape: new, axes: axes, parts: parts)
  }
}

extension Interleaved.Axis {
  /// As one axis with its neighbours, of more than one element each.
  fileprivate func merged(
    _ neighbours: [(axis: Int, extent: Int)], into result: Int
  ) -> Interleaved.Axis? {
    let own = neighbours.firstIndex { $0.axis == axis }!
    let before = neighbours[..<own].reduce(1) { $0 * $1.extent }
    let behind = neighbours[(own + 1)...].reduce(1) { $0 * $1.extent }
    var merged = self
    merged.axis = result
    if before == 1 && behind == 1 { return merged }
    if before == 1 && step == 1 {
      merged.starts = starts.map { $0 * behind }
      merged.count *= behind
    } else if behind == 1 && count == 1 {
      merged.step = neighbours[own].extent
      merged.count = before
    } else {
      return nil
    }
    return merged
  }
}

extension Rewriting {
  /// An elementwise operation on each part; nil if zeros around them would not stay zeros.
  fileprivate mutating func parts(
    of line: Line, like whole: Interleaved, _ known: [Int: Interleaved], _ sources: Sources
  ) -> Interleaved? {
    guard line.shape == whole.shape, line.lines.allSatisfy({ self[$0].shape == line.shape }),
      !whole.hasGaps || keepsZeros(line, sources, { known[$0]?.axes == whole.axes })
    else { return nil }
    var result = whole
    result.parts = whole.starts.enumerated().map { i, starts in
      var part = line
      part.shape = whole.partShape
      for (position, operand) in line.operands.enumerated() {
        guard case .line(let operand) = operand else { continue }
        let parts = known[operand].flatMap { $0.axes == whole.axes ? $0.parts : nil }
        part.operands[position] = .line(parts?[i] ?? slice(operand, whole.axes, starts))
      }
      return append(part)
    }
    return result
  }

  /// - Parameter isAlike: whether a line is zeros at the same places.
  private func keepsZeros(_ line: Line, _ sources: Sources, _ isAlike: (Int) -> Bool) -> Bool {
    guard case .select = line.primitive else { return false }
    return line.operands[1...].allSatisfy {
      if case .line(let line) = $0, isAlike(line) { true } else { $0.isZero(self, sources) }
    }
  }

  private mutating func slice(_ line: Int, _ axes: [Interleaved.Axis], _ starts: [Int]) -> Int {
    zip(axes, starts).reduce(line) { line, place in
      let (axis, start) = place
      return append(
        Line(
          operation: .primitive(.slice(start: start, step: axis.step, axis: UInt8(axis.axis))),
          operands: [.line(line)], shape: self[line].shape.with(axis.count, at: axis.axis),
          dtype: self[line].dtype))
    }
  }

  /// The value put together, for what does not take it in parts.
  fileprivate mutating func append(_ whole: Interleaved, _ dtype: DType) -> Int {
    let parts = whole.axes.reversed().reduce(whole.parts) { parts, axis in
      let places = axis.starts.map { Line.Part(axis: axis.axis, start: $0, step: axis.step) }
      let shape = self[parts[0]].shape.with(whole.shape[axis.axis], at: axis.axis)
      return stride(from: 0, to: parts.count, by: places.count).map { first in
        append(
          Line(
            operation: .assemble(places),
            operands: parts[first..<first + places.count].map { .line($0) }, shape: shape,
            dtype: dtype))
      }
    }
    return parts[0]
  }

  /// A reduction over all parts, which are combined element by element first; nil if it is none.
  fileprivate mutating func reduced(_ whole: Interleaved, to line: Line) -> Int? {
    guard let (mask, combination) = line.combination,
      whole.axes.allSatisfy({ mask.contains($0.axis) }), combination == .add || !whole.hasGaps
    else { return nil }
    var result = line
    result.operands[0] = .line(
      whole.parts.dropFirst().reduce(whole.parts[0]) { total, part in
        append(
          Line(
            operation: .primitive(combination), operands: [.line(total), .line(part)],
            shape: whole.partShape, dtype: line.dtype))
      })
    if mask.axes.allSatisfy({ $0 >= whole.shape.rank || whole.partShape[$0] == 1 }) {
      result.operation = .primitive(.reshape)
    }
    return append(result)
  }
}

extension Line.Operand {
  /// Whether it is zeros, not -0, everywhere.
  fileprivate func isZero(_ rewriting: Rewriting, _ sources: Sources) -> Bool {
    let value: Number?
    switch self {
    case .number(let number): value = number
    case .line(let line):
      guard case .constant(let number) = rewriting[line].source else { return false }
      value = sources.constants[number].oneNumber
    }
    return value?.double.bitPattern == 0
  }
}
