import BacktapeKernels
import Testing

/// Outer axes and columns.
struct Domain {
  var extents: [Int]
  var columns: Int
  var rows: Int { extents.reduce(1, *) }
}

/// An operand of a test program: where each position of the domain finds its element in `storage`.
struct TestOperand {
  var place: bt_place
  var isBool = false
  var storage: Int
  var first = 0
  var strides: [Int] = []
  var period = 0
  var number = 0.0

  /// Elements along the columns move, or are one.
  var isSplat: Bool { place == .row_element || place == .number || place == .slot }

  /// Places in storage, row by row: one for each column, or one for the row.
  func places(_ domain: Domain, inRow: Bool) -> [Int] {
    var starts = [first]
    if place == .tile || place == .row {
      starts = (0..<domain.rows).map { $0 * domain.columns }
    } else if place == .slot {
      starts = Array(0..<domain.rows)
    } else {
      for (extent, stride) in zip(domain.extents, strides) {
        starts = starts.flatMap { start in (0..<extent).map { start + $0 * stride } }
      }
      if strides.isEmpty { starts = Array(repeating: first, count: domain.rows) }
    }
    if inRow { return starts }
    let wrap = place == .periodic ? period : max(domain.columns, 1)
    let steps = isSplat ? 0 : 1
    return starts.flatMap { start in (0..<domain.columns).map { start + $0 % wrap * steps } }
  }
}

/// A tile program with the memory it works on.
final class TestProgram<T: Element & BinaryFloatingPoint> {
  let domain: Domain
  var operands: [TestOperand] = []
  var steps: [bt_step] = []
  var passes: [bt_pass] = []
  var unit = 16
  /// What the memory holds: of bools 0 and 1.
  var storages: [[T]] = []
  /// Whether it runs in scratch of its own, where that is possible.
  var keepsScratch = false
  /// Whether the last run was of columns alone, with nothing summed or repeated.
  private(set) var wasPlain = false

  init(_ domain: Domain) { self.domain = domain }

  func add(_ operand: TestOperand, _ storage: [T]? = nil) -> Int {
    var operand = operand
    if let storage {
      operand.storage = storages.count
      storages.append(storage)
    }
    operands.append(operand)
    return operands.count - 1
  }

  func number(_ value: Double) -> Int {
    add(TestOperand(place: .number, storage: 0, number: value), [T(value)])
  }
  func tile() -> Int {
    add(
      TestOperand(place: .tile, storage: 0),
      Array(repeating: 0, count: domain.rows * domain.columns))
  }
  func row() -> Int {
    add(
      TestOperand(place: .row, storage: 0),
      Array(repeating: 0, count: domain.rows * domain.columns))
  }
  func slot() -> Int {
    add(TestOperand(place: .slot, storage: 0), Array(repeating: 0, count: domain.rows))
  }
  /// Room for sums of that many chunks.
  func sums(_ place: bt_place, period: Int = 0, chunks: Int = 8) -> Int {
    let count = place == .totals ? 1 : period > 0 ? period : domain.columns
    return add(
      TestOperand(place: place, storage: 0, period: period),
      Array(repeating: 99, count: count * chunks + 1))
  }

  func step(_ operation: Int, _ x: Int = 0, _ y: Int = 0) {
    steps.append(
      bt_step(operation: UInt8(operation), code: 0, x: UInt16(x), y: UInt16(y)))
  }
  func load(_ x: Int) { step(bt_step_load, x) }
  func store(_ x: Int) { step(bt_step_store, x) }
  func sum(_ x: Int) { step(bt_step_sum, x) }
  func select(_ x: Int, _ y: Int) { step(bt_step_select, x, y) }
  func apply(_ operation: bt_unary_operation) {
    step(bt_step_unary + Int(operation.rawValue))
  }
  func apply(_ operation: bt_binary_operation, _ x: Int, reversed: Bool = false) {
    let base = reversed ? bt_step_reversed : bt_step_binary
    step(base + Int(operation.rawValue), x)
  }
  /// Ends a pass of the steps since the last one.
  func pass(isRow: Bool = false) {
    let first = passes.last.map { $0.first + $0.count } ?? 0
    passes.append(bt_pass(first: first, count: Int32(steps.count) - first, is_row: isRow))
  }

  /// Runs it in so many chunks; answers the memory afterwards.
  func run(chunks: Int = 1) -> [[T]] {
    var isBool = [Bool](repeating: false, count: storages.count)
    for operand in operands where operand.isBool { isBool[operand.storage] = true }
    let memory = storages.indices.map { index in
      let storage = storages[index]
      let size = isBool[index] ? 1 : MemoryLayout<T>.size
      let memory = UnsafeMutableRawPointer.allocate(
        byteCount: storage.count * size + 1, alignment: 16)
      for (place, value) in storage.enumerated() {
        if isBool[index] {
          memory.storeBytes(of: UInt8(value), toByteOffset: place, as: UInt8.self)
        } else {
          memory.storeBytes(of: value, toByteOffset: place * size, as: T.self)
        }
      }
      return memory
    }
    defer { for block in memory { block.deallocate() } }
    var operands = self.operands.map { operand in
      var result = bt_program_operand()
      result.place = operand.place
      result.dtype = operand.isBool ? .bool : T.dtype
      result.period = Int64(operand.period)
      result.number = operand.number
      let size = operand.isBool ? 1 : MemoryLayout<T>.size
      result.address = (memory[operand.storage] + operand.first * size)
        .assumingMemoryBound(to: CChar.self)
      withUnsafeMutableBytes(of: &result.strides) { strides in
        for (axis, stride) in operand.strides.enumerated() {
          strides.storeBytes(of: Int64(stride), toByteOffset: axis * 8, as: Int64.self)
        }
      }
      return result
    }
    var program = bt_program()
    program.dtype = T.dtype
    program.rank = Int32(domain.extents.count)
    withUnsafeMutableBytes(of: &program.extents) { extents in
      for (axis, extent) in domain.extents.enumerated() {
        extents.storeBytes(of: Int64(extent), toByteOffset: axis * 8, as: Int64.self)
      }
    }
    program.columns = Int64(domain.columns)
    program.unit = Int64(unit)
    program.operand_count = Int32(operands.count)
    program.step_count = Int32(steps.count)
    program.pass_count = Int32(passes.count)
    let extent = domain.extents.first ?? (domain.columns + unit - 1) / unit
    operands.withUnsafeMutableBufferPointer { operands in
      steps.withUnsafeMutableBufferPointer { steps in
        passes.withUnsafeMutableBufferPointer { passes in
          program.operands = operands.baseAddress
          program.steps = steps.baseAddress
          program.passes = UnsafePointer(passes.baseAddress)
          bt_prepare_program(&program)
          wasPlain = program.prepared.is_plain
          let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: Int(program.prepared.scratch_bytes), alignment: 64)
          defer { scratch.deallocate() }
          if keepsScratch, wasPlain {
            bt_keep_scratch(&program, scratch.assumingMemoryBound(to: CChar.self))
          }
          for chunk in 0..<chunks {
            bt_run_program(
              &program, Int64(extent * chunk / chunks), Int64(extent * (chunk + 1) / chunks),
              Int64(chunk))
          }
        }
      }
    }
    return storages.indices.map { index in
      storages[index].indices.map { place in
        isBool[index]
          ? T(memory[index].load(fromByteOffset: place, as: UInt8.self))
          : memory[index].load(fromByteOffset: place * MemoryLayout<T>.size, as: T.self)
      }
    }
  }
}
