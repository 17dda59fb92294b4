import BacktapeTensors

// Lines that are no part of a tile program, and what goes in and out.

extension Lowering {
  /// A line by itself.
  mutating func lower(_ index: Int) {
    let line = program.lines[index]
    if line.shape.count == 0 { return }
    switch line.operation {
    case .source: break
    case .dots: add(.product(index), reads: reads(line.lines), writes: [index], order: index)
    case .assemble(let parts): assemble(index, line, parts)
    case .primitive where line.isView:
      if locations.isLook(index) { return }
      guard case .line(let operand) = line.operands[0] else { return }
      // The operand in its own order, then looked at in the result's shape.
      copy(
        operand, to: buffers[index]!, Layout(contiguous: program.lines[operand].shape),
        writes: [index], order: index)
    case .primitive: compute(index, line)
    }
  }

  /// A primitive as it is run outside a plan: into memory without gaps.
  private mutating func compute(_ index: Int, _ line: Line) {
    let isInPlace = locations.owners[index] == index && locations.layouts[index].isContiguous
    if isInPlace {
      add(
        .primitive(index, into: index), reads: reads(line.lines), writes: [index], order: index)
      return
    }
    let value = scratch(bytes: line.shape.count * line.dtype.size)
    add(.primitive(index, into: value), reads: reads(line.lines), writes: [value], order: index)
    let copy = CopyWork(
      source: .own(value), from: Layout(contiguous: line.shape),
      target: buffers[locations.owners[index]]!, to: locations.layouts[index], dtype: line.dtype)
    add(.copy(copy), reads: [value], writes: [index], order: index)
  }

  /// Zeros where no operand comes, and the operands that are not computed in their place.
  private mutating func assemble(_ index: Int, _ line: Line, _ parts: [Line.Part]) {
    let layout = locations.layouts[index]
    let target = buffers[locations.owners[index]]!
    let covered = line.lines.reduce(0) { $0 + program.lines[$1].shape.count }
    if covered != line.shape.count {
      let zeros = CopyWork(
        source: nil, from: layout, target: target, to: layout, dtype: line.dtype)
      add(.copy(zeros), reads: [], writes: [index], order: -1)
    }
    let placed = locations.placed[index] ?? []
    for (i, operand) in line.lines.enumerated() where !placed.contains(i) {
      let extent = program.lines[operand].shape.array[parts[i].axis]
      copy(
        operand, to: target, layout.part(parts[i], extent: extent), writes: [index], order: index)
    }
  }

  // MARK: what goes out

  mutating func copyOutputs() {
    for (number, output) in program.outputs.enumerated()
    where buffers[locations.roots[output]] != .output(number) {
      copy(
        output, to: .output(number), Layout(contiguous: program.lines[output].shape), writes: [],
        order: output)
    }
  }

  mutating func copyUpdates() {
    for update in program.updates {
      let root = locations.roots[update.line]
      if buffers[root] == .variable(update.variable) && updated.keys.contains(root) { continue }
      if buffers[root] == .variable(update.variable) && program.lines[root].source == nil {
        continue
      }
      let layout = Layout(contiguous: program.lines[update.line].shape)
      let target = Buffer.variable(update.variable)
      let overwritten = program.lines.indices.filter {
        program.lines[$0].source == .variable(update.variable)
      }
      guard case .variable = program.lines[root].source else {
        copy(
          update.line, to: target, layout, writes: [], overwrites: overwritten, order: -1)
        continue
      }
      // Another variable's old value, or the own one moved: set aside before any variable changes.
      let aside = copied(update.line)
      let copy = CopyWork(
        source: .own(aside), from: layout, target: target, to: layout,
        dtype: program.lines[update.line].dtype)
      add(.copy(copy), reads: [aside], writes: [], overwrites: overwritten, order: -1)
    }
  }
}
