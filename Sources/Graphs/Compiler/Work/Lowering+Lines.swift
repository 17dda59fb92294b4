import BacktapeKernels
import BacktapeTensors

// Lines that are no part of a tile program, and what goes in and out.

extension Lowering {
  /// A line by itself.
  mutating func lower(_ index: Int) {
    let line = program.lines[index]
    if line.shape.count == 0 { return }
    switch line.operation {
    case .source: break
    case .dots, .addedDot: multiply(index, line)
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

  /// A sum of products: the terms whose operands lie alike in the plan's own memory together, the
  /// others one after the other.
  private mutating func multiply(_ index: Int, _ line: Line) {
    struct Alike {
      let a, b: [Int]
      var terms: [ProductWork.Term]
    }
    func isOwn(_ line: Int) -> Bool {
      if case .own = buffers[locations.owners[line]] { true } else { false }
    }
    let operands = line.factors
    var groups: [Alike] = []
    /// Those in the plan's own memory, in which distances are known.
    var own: [Int] = []
    for i in stride(from: 0, to: operands.count, by: 2) {
      let term = ProductWork.Term(a: operands[i], b: operands[i + 1])
      let a = locations.layouts[term.a].strides
      let b = locations.layouts[term.b].strides
      let canJoin = isOwn(term.a) && isOwn(term.b)
      if canJoin, let known = own.last(where: { groups[$0].a == a && groups[$0].b == b }) {
        groups[known].terms.append(term)
      } else {
        if canJoin { own.append(groups.count) }
        groups.append(Alike(a: a, b: b, terms: [term]))
      }
    }
    var before: [Int] = []
    if case .addedDot = line.operation, updated[index] == nil {
      let token = scratch(bytes: 0)
      copy(
        line.lines.first { _ in true }!, to: buffers[index]!, Layout(contiguous: line.shape),
        writes: [index, token], order: index)
      before = [token]
    }
    for group in groups {
      let token = scratch(bytes: 0)
      multiply(index, line, group.terms, after: before, token)
      before = [token]
    }
  }

  /// Terms of a sum, cut along what it is summed over if its result is too small to share out.
  private mutating func multiply(
    _ index: Int, _ line: Line, _ terms: [ProductWork.Term], after before: [Int], _ token: Int
  ) {
    let overwritten = updated[index].map { [$0] } ?? []
    var product = ProductWork(
      line: index, terms: terms,
      contraction: contraction(of: line, term: terms[0], to: locations.layouts[index]))
    product.panels = panels(of: line)
    if product.panels != nil { product.contraction.takePanels() }
    product.contraction.term_count = Int64(terms.count)
    product.contraction.accumulate = !before.isEmpty
    if case .addedDot(_, _, let scale) = line.operation {
      product.contraction.accumulate = true
      product.contraction.scale = scale
    }
    let isWhole = locations.owners[index] == index && locations.layouts[index].isContiguous
    let isAlone = terms.count * 2 == line.operands.count && !product.contraction.accumulate
    if isWhole && isAlone { product.contraction.c_part = Int64(line.shape.count) }
    bt_prepare_contraction(&product.contraction)
    let factors = terms.flatMap { product.panels == nil ? [$0.a, $0.b] : [$0.a] }
    let reads = (reads(factors) + before + (product.panels.map { [$0] } ?? [])).sorted()
    let chunks = Int(product.contraction.prepared.chunks)
    guard product.contraction.cut == .contracted, chunks > 1 else {
      add(
        .product(product), reads: reads, writes: [index, token], overwrites: overwritten,
        order: overwritten.isEmpty ? index : -1)
      return
    }
    let parts = scratch(bytes: chunks * bytes[index]!)
    product.parts = parts
    add(.product(product), reads: reads, writes: [parts], order: index)
    add(
      .sum(chunks: chunks, parts: parts, line: index), reads: [parts], writes: [index],
      order: index)
  }

  /// A product as the kernels take it, but for addresses.
  private func contraction(
    of line: Line, term: ProductWork.Term, to c: Layout
  ) -> bt_contraction {
    guard let (batch, contracted) = line.product else { return bt_contraction() }
    let a = locations.layouts[term.a]
    let b = locations.layouts[term.b]
    let rows = a.extents.count - contracted
    var contraction = bt_contraction()
    contraction.dtype = line.dtype.code
    contraction.scale = 1
    contraction.term_count = 1
    contraction.batch_rank = contraction.set(
      \.batch, (0..<batch).map { axis(a.extents[$0], a.strides[$0], b.strides[$0], c.strides[$0]) })
    contraction.row_rank = contraction.set(
      \.rows, (batch..<rows).map { axis(a.extents[$0], a.strides[$0], 0, c.strides[$0]) })
    contraction.contracted_rank = contraction.set(
      \.contracted,
      (0..<contracted).map {
        axis(a.extents[rows + $0], a.strides[rows + $0], b.strides[batch + $0], 0)
      })
    contraction.column_rank = contraction.set(
      \.columns,
      (batch + contracted..<b.extents.count).map {
        axis(b.extents[$0], 0, b.strides[$0], c.strides[rows - batch - contracted + $0])
      })
    return contraction
  }

  private func axis(_ extent: Int, _ a: Int, _ b: Int, _ c: Int) -> bt_contraction_axis {
    bt_contraction_axis(extent: Int64(extent), a: Int64(a), b: Int64(b), c: Int64(c))
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
      // Computed into the variable's memory.
      if buffers[root] == .variable(update.variable) && program.lines[root].source == nil {
        continue
      }
      let layout = Layout(contiguous: program.lines[update.line].shape)
      let target = Buffer.variable(update.variable)
      let overwritten = readers[update.variable].map { [$0] } ?? []
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
