import BacktapeKernels
import BacktapeTensors

/// A byte of a buffer that an instruction holds the address of.
struct Reference: Equatable {
  let buffer: Lowering.Buffer
  let offset: Int
}

/// What a work does, but for where: two with the same do the same in other places.
struct Pattern: Hashable {
  var numbers: [Int]
  var primitive: Primitive?
}

extension Lowering {
  /// Everything a work refers to, in the order of the addresses in its instruction.
  func references(of work: Work) -> [Reference] {
    switch work.action {
    case .tile(let tiles): tiles.operands.compactMap(reference)
    case .product(let product):
      [
        reference(product.terms[0].a), scratchOr(product.terms[0].b, product.panels),
        scratchOr(product.line, product.parts),
      ]
    case .copy(let copy):
      [Reference(buffer: copy.target, offset: copy.to.offset * copy.dtype.size)]
        + (copy.source.map { [Reference(buffer: $0, offset: copy.from.offset * copy.dtype.size)] }
          ?? [])
    case .primitive(let line, let target):
      program.lines[line].lines.map(reference)
        + [Reference(buffer: buffers[target]!, offset: 0)]
    case .sum(_, let parts, let line):
      [Reference(buffer: buffers[line]!, offset: 0), Reference(buffer: buffers[parts]!, offset: 0)]
    }
  }

  /// Where an operand of a tile program lies, if that is in a buffer.
  func reference(_ operand: TileProgram.Operand) -> Reference? {
    switch operand.place {
    case .stream(let access), .rowElement(let access), .periodic(let access, _):
      Reference(
        buffer: buffers[access.buffer]!, offset: access.offset * operand.dtype.size)
    case .columnSums(let line, _), .totals(let line):
      Reference(buffer: buffers[parts[line] ?? line]!, offset: 0)
    case .number, .tile, .row, .slot: nil
    }
  }

  private func reference(_ line: Int) -> Reference {
    Reference(
      buffer: buffers[locations.owners[line]]!,
      offset: locations.layouts[line].offset * program.lines[line].dtype.size)
  }

  private func scratchOr(_ line: Int, _ scratch: Int?) -> Reference {
    scratch.map { Reference(buffer: buffers[$0]!, offset: 0) } ?? reference(line)
  }

  /// What a work does, but for where.
  func pattern(of work: Work) -> Pattern {
    Pattern(numbers: numbers(of: work), primitive: primitive(of: work))
  }

  private func primitive(of work: Work) -> Primitive? {
    if case .primitive(let line, _) = work.action { program.lines[line].primitive } else { nil }
  }

  private func numbers(of work: Work) -> [Int] {
    var pattern: [Int] = []
    switch work.action {
    case .tile(let tiles):
      pattern = [0, tiles.dtype.number, tiles.unit]
      pattern.append(list: tiles.extents)
      pattern.append(list: tiles.steps.flatMap { [Int($0.operation), Int($0.x), Int($0.y)] })
      pattern.append(list: tiles.passes.flatMap { [$0.first, $0.count, $0.isRow ? 1 : 0] })
      for operand in tiles.operands { pattern += operand.pattern }
    case .product(let product):
      pattern = [1, product.parts == nil ? 0 : 1, product.panels == nil ? 0 : 1]
      pattern += product.contraction.pattern
      // The terms of a sum lie anywhere: it is like no other.
      if product.terms.count > 1 { pattern.append(product.line) }
    case .copy(let copy):
      pattern = [2, copy.dtype.number, copy.source == nil ? 0 : 1]
      pattern.append(list: copy.to.extents)
      pattern += copy.to.strides + (copy.source == nil ? [] : copy.from.strides)
    case .primitive(let index, _):
      let line = program.lines[index]
      pattern = [3, line.dtype.number]
      pattern.append(list: line.shape.array)
      for operand in line.operands {
        guard case .line(let operand) = operand else { return pattern + [-1, index] }
        pattern.append(program.lines[operand].dtype.number)
        pattern.append(list: locations.layouts[operand].extents)
        pattern += locations.layouts[operand].strides
      }
    case .sum(let chunks, _, let line):
      pattern = [4, chunks, program.lines[line].shape.count, program.lines[line].dtype.number]
    }
    return pattern
  }
}

extension TileProgram.Operand {
  fileprivate var pattern: [Int] {
    switch place {
    case .stream(let access): [0, dtype.number] + access.strides
    case .rowElement(let access): [1, dtype.number] + access.strides
    case .periodic(let access, let period): [2, dtype.number, period] + access.strides
    case .number(let number): [3, Int(bitPattern: UInt(number.bitPattern))]
    case .tile: [4]
    case .row: [5]
    case .slot: [6]
    case .columnSums(_, let period): [7, period]
    case .totals: [8]
    }
  }
}

extension bt_contraction {
  fileprivate var pattern: [Int] {
    [Int(dtype.rawValue), accumulate ? 1 : 0, Int(bitPattern: UInt(scale.bitPattern))]
      + [Int(cut.rawValue), Int(c_part)]
      + [batchAxes, rowAxes, columnAxes, contractedAxes].flatMap { axes in
        [axes.count] + axes.flatMap { [Int($0.extent), Int($0.a), Int($0.b), Int($0.c)] }
      }
  }
}

extension DType {
  fileprivate var number: Int { Int(rawValue) }
}

extension [Int] {
  fileprivate mutating func append(list: [Int]) {
    append(list.count)
    append(contentsOf: list)
  }
}
