import BacktapeKernels
import BacktapeTensors

/// The last pass: work becomes instructions that the kernels run.
struct Emission {
  let lowering: Lowering
  let memory: PlanMemory
  var instructions: [bt_instruction] = []
  var phases: [bt_phase] = []
  /// Where own buffers are in the plan's memory.
  let offsets: [Int: Int]
  /// Addresses in the instructions since the last time this was emptied, in order.
  var fields: [UnsafeMutableRawPointer] = []

  init(
    _ lowering: Lowering, _ works: [Work], _ phases: [Phase], _ loops: Loops,
    _ lifetimes: Lifetimes, _ memory: PlanMemory
  ) {
    self.lowering = lowering
    self.memory = memory
    let arena = Arena(bytes: lifetimes.bytes, lifetimes: lifetimes.ranges)
    offsets = lifetimes.offsets(arena)
    emit(phases, works, loops)
    memory.place(offsets, size: arena.size)
  }

  mutating func append(
    _ run: @escaping bt_run, _ body: UnsafeRawPointer, extent: Int
  ) {
    instructions.append(bt_instruction(run: run, body: body, extent: Int64(extent)))
  }

  /// Notes the addresses of an instruction: those of a work's references, in their order.
  private mutating func refer(_ fields: [UnsafeMutableRawPointer], _ references: [Reference]) {
    for (field, reference) in zip(fields, references) {
      memory.refer(field, reference.buffer, reference.offset)
    }
    self.fields += fields
  }

  /// - Parameter chunks: in how many parts it will be shared out.
  mutating func emit(_ work: Work, _ chunks: Int) {
    let references = lowering.references(of: work)
    switch work.action {
    case .tile(let tiles): emit(tiles, chunks, references)
    case .product(let product): emit(product, references)
    case .primitive(let line, _):
      emitPrimitive(line, lowering.program.lines[line].primitive!, references)
    case .copy(let copy): emit(copy, references)
    case .sum(let chunks, _, let line): emitSum(chunks, line, references)
    }
  }

  // MARK: kinds of instruction

  private mutating func emit(
    _ tiles: TileProgram, _ chunks: Int, _ references: [Reference]
  ) {
    let operands = memory.allocate(tiles.operands.map(\.unplaced))
    let inMemory = tiles.operands.indices.filter { lowering.reference(tiles.operands[$0]) != nil }
    refer(inMemory.map { address(\.address, of: operands + $0) }, references)
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

  /// Where in an instruction an address stands.
  private func address<Body, Address>(
    _ field: KeyPath<Body, Address>, of body: UnsafeMutablePointer<Body>
  ) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(body) + MemoryLayout<Body>.offset(of: field)!
  }

  private mutating func emitPrimitive(
    _ index: Int, _ primitive: Primitive, _ references: [Reference]
  ) {
    let line = lowering.program.lines[index]
    var fields: [UnsafeMutableRawPointer] = []
    let operands = line.operands.map { operand in
      switch operand {
      case .line(let operand):
        let descriptor = memory.descriptor(
          lowering.locations.layouts[operand], lowering.program.lines[operand].dtype)
        fields.append(address(\.address, of: descriptor))
        return descriptor
      case .number(let number):
        return memory.number(number, lowering.program.numberType(in: line))
      }
    }
    let result = memory.descriptor(Layout(contiguous: line.shape), line.dtype)
    refer(fields + [address(\.address, of: result)], references)
    let body = memory.allocate([
      PrimitiveBody(
        primitive: primitive,
        operands: UnsafeBufferPointer(start: memory.allocate(operands), count: operands.count),
        result: result)
    ])
    append(runPrimitive, body, extent: 1)
  }

  private mutating func emit(_ product: ProductWork, _ references: [Reference]) {
    let place = memory.allocate([product.contraction])
    refer(
      [address(\.a, of: place), address(\.b, of: place), address(\.c, of: place)], references)
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

  private mutating func emit(_ copy: CopyWork, _ references: [Reference]) {
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
    let addresses = [address(\.to, of: place), address(\.from, of: place)]
    refer(Array(addresses.prefix(references.count)), references)
    append(bt_run_copy, place, extent: copy.to.extents.first ?? 1)
  }

  private mutating func emitSum(_ chunks: Int, _ line: Int, _ references: [Reference]) {
    let value = lowering.program.lines[line]
    var body = bt_sum_body()
    body.dtype = value.dtype.code
    body.parts = Int64(chunks)
    body.count = Int64(value.shape.count)
    let place = memory.allocate([body])
    refer([address(\.to, of: place), address(\.from, of: place)], references)
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
