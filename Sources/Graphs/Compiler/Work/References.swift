import BacktapeKernels
import BacktapeTensors

/// A byte of a buffer that an instruction holds the address of.
struct Reference: Equatable {
  let buffer: Lowering.Buffer
  let offset: Int
}

extension Lowering {
  /// Everything a work refers to, in the order of the addresses in its instruction.
  func references(of work: Work) -> [Reference] {
    switch work.action {
    case .tile(let tiles): tiles.operands.compactMap { reference($0) }
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
      program.lines[line].lines.map { reference($0) }
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
}
