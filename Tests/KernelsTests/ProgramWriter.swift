import BacktapeKernels

/// Writes programs at random.
struct ProgramWriter<T: Element & BinaryFloatingPoint> {
  var numbers: Numbers
  let program: TestProgram<T>
  var sources: [Int] = []  // operands to read
  var outputs: [Int] = []
  var mirrors: [Int: Int] = [:]

  static var unaries: [bt_unary_operation] {
    [
      .negate, .abs, .sign, .floor, .ceil, .round, .not, .exp, .expm1, .exp2, .log, .log1p, .log2,
      .log10, .sin, .cos, .tan, .tanh, .sigmoid, .erf, .erfc, .erf_inverse, .lgamma, .sqrt, .rsqrt,
    ]
  }
  static var binaries: [bt_binary_operation] {
    [
      .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .remainder, .atan2, .equal,
      .not_equal, .less, .less_equal,
    ]
  }

  init(seed: UInt64, _ domain: Domain) {
    numbers = Numbers(seed)
    program = TestProgram(domain)
  }

  mutating func below(_ count: Int) -> Int { Int(numbers.next() % UInt64(count)) }

  mutating func element(isBool: Bool) -> T {
    if isBool { return T(below(2)) }
    switch below(24) {
    case 0: return [0, -0.0, .infinity, -.infinity, .nan, 1, -1][below(7)]
    case 1: return T(below(5)) - 2
    default: return T(numbers.unit() * 3)
    }
  }

  /// Memory of a stream, row element or periodic operand. What is written has a place for each
  /// position; what is read may repeat.
  mutating func memory(_ place: bt_place, isBool: Bool = false, distinct: Bool = false) -> Int {
    let domain = program.domain
    let period = place == .periodic ? 1 + below(domain.columns + 20) : 0
    var reach = place == .row_element ? 1 : max(1, place == .periodic ? period : domain.columns)
    var strides = domain.extents.map { _ in 0 }
    var first = 3
    for axis in domain.extents.indices.reversed() {
      if !distinct, below(3) == 0 { continue }
      let stride = reach + below(2) * 3
      strides[axis] = below(4) == 0 ? -stride : stride
      if strides[axis] < 0 { first += stride * max(0, domain.extents[axis] - 1) }
      reach = stride * max(1, domain.extents[axis])
    }
    let values = (0..<reach + first + 5).map { _ in element(isBool: isBool) }
    return program.add(
      TestOperand(
        place: place, isBool: isBool, storage: 0, first: first, strides: strides, period: period),
      values)
  }

  /// Another operand for the same memory.
  mutating func again(_ operand: Int) -> Int { program.add(program.operands[operand]) }

  mutating func steps(_ count: Int, from sources: [Int], into scratch: [Int]) {
    var sources = sources
    program.load(sources[below(sources.count)])
    for _ in 0..<count {
      let x = sources[below(sources.count)]
      switch below(12) {
      case 0: program.load(x)
      case 1, 2: program.apply(Self.unaries[below(Self.unaries.count)])
      case 3: program.select(x, sources[below(sources.count)])
      case 4:
        guard !scratch.isEmpty else { continue }
        let kept = scratch[below(scratch.count)]
        program.store(kept)
        sources.append(kept)
      case 5:  // of truths
        let kept = program.tile()
        program.apply([.less, .equal][below(2)], x)
        program.store(scratch.isEmpty ? kept : scratch[0])
        sources.append(scratch.isEmpty ? kept : scratch[0])
        program.load(sources[below(sources.count)])
        program.apply([.not_equal, .less_equal][below(2)], x)
        program.apply([.and, .or, .xor][below(3)], sources.last!)
      default:
        program.apply(Self.binaries[below(Self.binaries.count)], x, reversed: below(2) == 0)
      }
    }
  }

  /// One pass over columns alone, with nothing summed or repeated.
  mutating func writePlain() {
    sources = [program.number(0.75), memory(.stream), memory(.stream, isBool: true)]
    sources += [memory(.row_element), memory(.row_element, isBool: true)]
    let changed = memory(.stream, distinct: true)
    sources.append(changed)
    var scratch: [Int] = []
    for _ in 0..<below(9) { scratch.append(below(4) == 0 ? program.row() : program.tile()) }
    for _ in 0..<3 {
      steps(1 + below(6), from: sources, into: scratch)
      program.store(memory(.stream, distinct: true))
      steps(1 + below(3), from: sources, into: scratch)
      program.store(memory(.stream, isBool: true, distinct: true))
    }
    program.store(again(changed))
    program.pass()
  }

  /// Two passes over the columns with one over the rows between them.
  mutating func write() {
    let domain = program.domain
    sources = [program.number(0.75), program.number(-2), memory(.stream), memory(.stream)]
    sources += [memory(.row_element), memory(.periodic), memory(.stream, isBool: true)]
    if below(2) == 0 { sources.append(memory(.periodic, isBool: true)) }
    if below(2) == 0 { sources.append(memory(.row_element, isBool: true)) }
    let out = memory(.stream, distinct: true)
    let changed = memory(.stream, distinct: true)
    sources.append(changed)
    let truth = memory(.stream, isBool: true, distinct: true)
    let total = program.sums(.totals)
    let sums = program.sums(.column_sums)
    let wrapped = program.sums(.column_sums, period: 1 + below(domain.columns + 9))
    let row = program.row()

    steps(2 + below(8), from: sources, into: [program.tile(), program.tile()])
    program.store(out)
    program.sum(below(2) == 0 ? total : sums)
    steps(1 + below(5), from: sources, into: [])
    program.store(again(changed))
    program.store(row)
    if below(2) == 0 { program.sum(wrapped) }
    steps(1, from: sources, into: [])
    program.store(truth)
    if domain.extents.isEmpty {
      program.pass()
      return
    }
    let sum = program.slot()
    let extreme = program.slot()
    let isMax = below(2) == 0
    program.step(isMax ? bt_step_max : bt_step_min, extreme)
    program.load(row)
    program.sum(sum)
    program.pass()
    for slot in [sum, extreme] {
      mirrors[slot] = memory(.row_element, distinct: true)
      program.load(slot)
      program.store(mirrors[slot]!)
    }
    let splats = sources.filter { program.operands[$0].isSplat } + [sum, extreme]
    let slot = program.slot()
    steps(1 + below(4), from: splats, into: [])
    program.store(slot)
    program.sum(program.sums(.totals))
    program.store(memory(.row_element, isBool: true, distinct: true))
    program.pass(isRow: true)
    steps(2 + below(5), from: sources + [sum, extreme, slot, row], into: [program.tile()])
    program.store(memory(.stream, distinct: true))
    program.pass()
  }
}
