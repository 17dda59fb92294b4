import BacktapeKernels
import BacktapeTensors

/// The last pass: work becomes instructions that the kernels run.
struct Emission {
  let lowering: Lowering
  let memory: PlanMemory
  private(set) var instructions: [bt_instruction] = []
  private(set) var phases: [bt_phase] = []
  /// Where own buffers are in the plan's memory.
  private let offsets: [Int: Int]

  init(_ lowering: Lowering, _ works: [Work], _ phases: [Phase], _ memory: PlanMemory) {
    self.lowering = lowering
    self.memory = memory
    let lifetimes = Lifetimes(lowering, works, phases)
    let arena = Arena(bytes: lowering.bytes, lifetimes: lifetimes.ranges)
    offsets = arena.offsets.merging(lifetimes.places.mapValues { arena.offsets[$0]! }) { $1 }
    for phase in phases {
      let first = instructions.count
      var chunks = 1
      for (i, index) in phase.works.enumerated() {
        var work = works[index]
        if let chain = phase.chain { work = work.cut(along: chain.axes[i], into: chain.chunks) }
        chunks = phase.chain?.chunks ?? work.chunks
        emit(work, chunks)
      }
      self.phases.append(
        bt_phase(
          first: Int64(first), count: Int64(instructions.count - first),
          chunks: Int64(chunks)))
    }
    memory.place(offsets, size: arena.size)
  }

  private mutating func append(
    _ run: @escaping bt_run, _ body: UnsafeRawPointer, extent: Int
  ) {
    instructions.append(bt_instruction(run: run, body: body, extent: Int64(extent)))
  }

  /// - Parameter chunks: in how many parts it will be shared out.
  private mutating func emit(_ work: Work, _ chunks: Int) {
    switch work.action {
    case .tile(let tiles): emit(tiles, chunks)
    case .product(let product): emit(product)
    case .primitive(let line, let target):
      emitPrimitive(line, into: target, lowering.program.lines[line].primitive!)
    case .copy(let copy): emit(copy)
    case .sum(let chunks, let parts, let line): emitSum(chunks, parts, line)
    }
  }

  // MARK: kinds of instruction

  private mutating func emit(_ tiles: TileProgram, _ chunks: Int) {
    let operands = memory.allocate(tiles.operands.map(\.unplaced))
    for (i, operand) in tiles.operands.enumerated() {
      guard let (buffer, offset) = place(operand) else { continue }
      let field = UnsafeMutableRawPointer(operands + i)
      memory.refer(
        field + MemoryLayout<bt_program_operand>.offset(of: \.address)!, buffer, offset)
    }
    let passes = memory.allocate(
      tiles.passes.map {
        bt_pass(first: Int32($0.first), count: Int32($0.count), is_row: $0.isRow)
      })
    var program = bt_program()
    program.dtype = tiles.dtype.code
    program.rank = Int32(tiles.extents.count - 1)
    program.columns = Int64(tiles.extents.last!)
    program.unit = Int64(tiles.unit)
    program.operand_count = Int32(tiles.operands.count)
    program.operands = operands
    program.step_count = Int32(tiles.steps.count)
    program.steps = memory.allocate(tiles.steps)
    program.pass_count = Int32(tiles.passes.count)
    program.passes = UnsafePointer(passes)
    withUnsafeMutableBytes(of: &program.extents) {
      let extents = $0.bindMemory(to: Int64.self)
      for (axis, extent) in tiles.extents.dropLast().enumerated() {
        extents[axis] = Int64(extent)
      }
    }
    let body = memory.allocate([program])
    bt_prepare_program(body)
    // Of the plan's own if no two chunks run at once.
    if chunks <= 1, body.pointee.prepared.is_plain, body.pointee.prepared.takes_scratch {
      bt_keep_scratch(body, memory.scratch(bytes: Int(body.pointee.prepared.scratch_bytes)))
    }
    append(bt_run_program, body, extent: tiles.extent)
  }

  private func place(_ operand: TileProgram.Operand) -> (Lowering.Buffer, Int)? {
    switch operand.place {
    case .stream(let access), .rowElement(let access), .periodic(let access, _):
      (lowering.buffers[access.buffer]!, access.offset * operand.dtype.size)
    case .columnSums(let line, _), .totals(let line):
      (lowering.buffers[lowering.parts[line] ?? line]!, 0)
    case .number, .tile, .row, .slot: nil
    }
  }

  private mutating func emitPrimitive(_ index: Int, into target: Int, _ primitive: Primitive) {
    let line = lowering.program.lines[index]
    let locations = lowering.locations
    let operands = line.operands.map { operand in
      switch operand {
      case .line(let line):
        memory.descriptor(
          locations.layouts[line], lowering.program.lines[line].dtype,
          lowering.buffers[locations.owners[line]]!)
      case .number(let number): memory.number(number, lowering.program.numberType(in: line))
      }
    }
    let result = memory.descriptor(
      Layout(contiguous: line.shape), line.dtype, lowering.buffers[target]!)
    let body = memory.allocate([
      PrimitiveBody(
        primitive: primitive,
        operands: UnsafeBufferPointer(start: memory.allocate(operands), count: operands.count),
        result: result)
    ])
    append(runPrimitive, body, extent: 1)
  }

  private mutating func emit(_ product: ProductWork) {
    let locations = lowering.locations
    let line = lowering.program.lines[product.line]
    let place = memory.allocate([product.contraction])
    let field = UnsafeMutableRawPointer(place)
    func refer(_ key: PartialKeyPath<bt_contraction>, _ value: Int) {
      memory.refer(
        field + MemoryLayout<bt_contraction>.offset(of: key)!,
        lowering.buffers[locations.owners[value]]!,
        locations.layouts[value].offset * line.dtype.size)
    }
    refer(\.a, product.terms[0].a)
    if let panels = product.panels {
      memory.refer(
        field + MemoryLayout<bt_contraction>.offset(of: \.b)!, lowering.buffers[panels]!, 0)
    } else {
      refer(\.b, product.terms[0].b)
    }
    if let parts = product.parts {
      memory.refer(
        field + MemoryLayout<bt_contraction>.offset(of: \.c)!, lowering.buffers[parts]!, 0)
    } else {
      refer(\.c, product.line)
    }
    if product.terms.count > 1 {
      place.pointee.a_terms = distances(product.terms.map(\.a))
      place.pointee.b_terms = distances(product.terms.map(\.b))
    }
    append(bt_run_contraction, place, extent: Int(product.contraction.prepared.extent))
  }

  /// How far values in the plan's own memory are from the first of them, in elements.
  private func distances(_ values: [Int]) -> UnsafePointer<Int64> {
    let places = values.map { value in
      let line = lowering.program.lines[value]
      return offsets[lowering.locations.owners[value]]! / line.dtype.size
        + lowering.locations.layouts[value].offset
    }
    return UnsafePointer(memory.allocate(places.map { Int64($0 - places[0]) }))
  }

  private mutating func emit(_ copy: CopyWork) {
    var body = bt_copy_body()
    body.size = copy.dtype.size
    body.rank = Int32(copy.to.extents.count)
    func set<T>(_ field: inout T, _ values: [Int]) {
      withUnsafeMutableBytes(of: &field) {
        let field = $0.bindMemory(to: Int64.self)
        for (axis, value) in values.enumerated() { field[axis] = Int64(value) }
      }
    }
    set(&body.extents, copy.to.extents)
    set(&body.to_strides, copy.to.strides)
    if copy.source != nil { set(&body.from_strides, copy.from.strides) }
    let zero = memory.allocate([UInt64(0)])
    body.from = UnsafeRawPointer(zero).assumingMemoryBound(to: CChar.self)
    let place = memory.allocate([body])
    let field = UnsafeMutableRawPointer(place)
    memory.refer(
      field + MemoryLayout<bt_copy_body>.offset(of: \.to)!, copy.target,
      copy.to.offset * copy.dtype.size)
    if let source = copy.source {
      memory.refer(
        field + MemoryLayout<bt_copy_body>.offset(of: \.from)!, source,
        copy.from.offset * copy.dtype.size)
    }
    append(bt_run_copy, place, extent: copy.to.extents.first ?? 1)
  }

  private mutating func emitSum(_ chunks: Int, _ parts: Int, _ line: Int) {
    let value = lowering.program.lines[line]
    var body = bt_sum_body()
    body.dtype = value.dtype.code
    body.parts = Int64(chunks)
    body.count = Int64(value.shape.count)
    let place = memory.allocate([body])
    let field = UnsafeMutableRawPointer(place)
    memory.refer(
      field + MemoryLayout<bt_sum_body>.offset(of: \.to)!, lowering.buffers[line]!, 0)
    memory.refer(
      field + MemoryLayout<bt_sum_body>.offset(of: \.from)!, lowering.buffers[parts]!, 0)
    append(bt_run_sum, place, extent: value.shape.count)
  }
}

/// A primitive run as it is run outside a plan.
struct PrimitiveBody {
  let primitive: Primitive
  let operands: UnsafeBufferPointer<DescriptorPointer>
  let result: DescriptorPointer
}

private let runPrimitive: bt_run = { body, _, _, _ in
  let body = body!.assumingMemoryBound(to: PrimitiveBody.self).pointee
  body.primitive.execute(body.operands, into: body.result)
}

extension TileProgram.Operand {
  /// For the kernels, its address still open.
  fileprivate var unplaced: bt_program_operand {
    var operand = bt_program_operand()
    operand.dtype = dtype.code
    switch place {
    case .stream(let access):
      operand.place = .stream
      operand.setStrides(access.strides.dropLast())
    case .rowElement(let access):
      operand.place = .row_element
      operand.setStrides(access.strides.dropLast())
    case .periodic(let access, let period):
      operand.place = .periodic
      operand.period = Int64(period)
      operand.setStrides(access.strides.dropLast())
    case .number(let number):
      operand.place = .number
      operand.number = number
    case .tile: operand.place = .tile
    case .row: operand.place = .row
    case .slot: operand.place = .slot
    case .columnSums(_, let period):
      operand.place = .column_sums
      operand.period = Int64(period)
    case .totals: operand.place = .totals
    }
    return operand
  }
}

extension bt_program_operand {
  fileprivate mutating func setStrides(_ values: some Sequence<Int>) {
    withUnsafeMutableBytes(of: &strides) {
      let strides = $0.bindMemory(to: Int64.self)
      for (axis, value) in values.enumerated() { strides[axis] = Int64(value) }
    }
  }
}

extension Program {
  /// The type a Swift number takes among the operands of a line.
  func numberType(in line: Line) -> DType {
    if line.primitive == .select { return line.dtype }
    return line.lines.first { _ in true }.map { lines[$0].dtype } ?? line.dtype
  }
}

extension Lowering {
  /// The plan's own buffers that work touches.
  func ownBuffers(of work: Work) -> Set<Int> {
    var touched = Set<Int>()
    for line in work.reads.union(work.writes) {
      let owner = line < program.lines.count ? locations.owners[line] : line
      if case .own(let buffer) = buffers[owner] { touched.insert(buffer) }
    }
    return touched
  }
}
