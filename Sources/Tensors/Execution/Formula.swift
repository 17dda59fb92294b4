import BacktapeKernels

/// An elementwise computation of a few primitives, taken from a tape once and then run on memory
/// as often as needed, without tensors or records.
///
/// It holds for both floating-point types and any shape, as no step depends on them. The steps are
/// the operations that the tape would run, so results have the same bits. A formula is made for the
/// life of the program: its steps are never freed, and copying it counts no references.
package struct Formula: @unchecked Sendable {
  /// Where a step finds an operand: an input, a constant or the result of an earlier step.
  private struct Place: Sendable {
    enum Kind: UInt8 { case input, constant, step }
    let kind: Kind
    let index: UInt8
  }
  private enum Operation: Sendable {
    case unary(bt_unary_operation)
    case binary(bt_binary_operation)
    case select
  }
  private struct Step: Sendable {
    let operation: Operation
    /// Whether the operands are bools: else they have the type of the whole.
    let isLogical: Bool
    let operands: (Place, Place, Place)
  }
  /// A constant in both types.
  private struct Constant: Sendable {
    let float32: Float
    let float64: Double
  }

  private let steps: UnsafeBufferPointer<Step>
  private let constants: UnsafeBufferPointer<Constant>
  /// The result where there are no steps: one of the inputs.
  private let source: Int
  /// Which inputs are read, as bits.
  package let inputMask: UInt32

  package static let maximumSteps = 16

  /// What the tape of `result` computes from `inputs`, records of rank 0 and type float64 (bool for
  /// conditions); nil if some of it is not elementwise.
  package init?(_ result: Tensor, of inputs: [Tensor]) {
    guard let tape = result.recorder else { return nil }
    var places: [Int32: Place] = [:]
    for (i, input) in inputs.enumerated() {
      places[input.index] = Place(kind: .input, index: UInt8(i))
    }
    var needed: Set<Int32> = []
    var open = [result.index]
    while let index = open.popLast() {
      if places[index] != nil || !needed.insert(index).inserted { continue }
      let record = tape.record(at: Int(index))
      for i in 0..<record.operandCount where record.operands[i] != Record.number {
        open.append(record.operands[i])
      }
    }
    var steps: [Step] = []
    var constants: [Constant] = []
    var mask: UInt32 = 0
    func constant(_ value: Double) -> Place {
      constants.append(Constant(float32: Float(value), float64: value))
      return Place(kind: .constant, index: UInt8(constants.count - 1))
    }
    for index in needed.sorted() {
      let record = tape.record(at: Int(index))
      let descriptor = record.descriptor
      if let address = descriptor.pointee.address, record.operandCount == 0 {
        if descriptor.dtype != .float64 || descriptor.count != 1 { return nil }
        places[index] = constant(address.load(as: Double.self))
        continue
      }
      var operands: [Place] = []
      var dtypes: [DType] = []
      for i in 0..<record.operandCount {
        let operand = record.operands[i]
        if operand == Record.number {
          operands.append(constant(record.pointee.number.unsafelyUnwrapped.double))
        } else if let place = places[operand] {
          if place.kind == .input { mask |= 1 << UInt32(place.index) }
          operands.append(place)
          dtypes.append(tape.record(at: Int(operand)).descriptor.dtype)
        } else {
          return nil
        }
      }
      guard let last = operands.last, let dtype = dtypes.last else { return nil }
      if operands.allSatisfy({ $0.kind == .constant }) || (dtype != .bool && dtype != .float64) {
        return nil
      }
      let operation: Operation
      switch record.pointee.primitive.kernel {
      case .unary(let unary): operation = .unary(unary)
      case .binary(let binary), .comparison(let binary): operation = .binary(binary)
      case .select: operation = .select
      default: return nil
      }
      // A step has the type of its last operand; a choice between bools would need its size too.
      if case .select = operation, dtype == .bool { return nil }
      let second = operands.count > 1 ? operands[1] : last
      steps.append(
        Step(
          operation: operation, isLogical: dtype == .bool, operands: (operands[0], second, last)))
      places[index] = Place(kind: .step, index: UInt8(steps.count - 1))
    }
    if steps.count > Formula.maximumSteps { return nil }
    let end = places[result.index].unsafelyUnwrapped
    if steps.isEmpty {
      if end.kind != .input { return nil }
      mask |= 1 << UInt32(end.index)
    }
    self.steps = .forever(steps)
    self.constants = .forever(constants)
    source = Int(end.index)
    inputMask = mask
  }

  /// The input that is the result; nil if it takes work.
  @inline(__always)
  package var copiedInput: Int? { steps.isEmpty ? source : nil }

  /// Computes `count` elements.
  ///
  /// - Parameters:
  ///   - inputs: addresses of elements without gaps; those not in `inputMask` are not looked at.
  ///   - spare: memory of `maximumSteps` values of 8 bytes an element.
  package func run(
    count: Int, dtype: DType, inputs: UnsafePointer<UnsafeMutableRawPointer?>,
    spare: UnsafeMutableRawPointer, into result: UnsafeMutableRawPointer
  ) {
    if steps.isEmpty {
      result.copyMemory(from: inputs[source].unsafelyUnwrapped, byteCount: count &* dtype.size)
      return
    }
    let offset = dtype == .float32 ? 0 : MemoryLayout<Constant>.offset(of: \.float64)!
    @inline(__always) func address(_ place: Place) -> UnsafeMutableRawPointer? {
      switch place.kind {
      case .input: inputs[Int(place.index)]
      case .step: spare + Int(place.index) &* count &* 8
      case .constant:
        UnsafeMutableRawPointer(mutating: constants.baseAddress.unsafelyUnwrapped)
          + (Int(place.index) &* MemoryLayout<Constant>.stride &+ offset)
      }
    }
    let last = steps.count &- 1
    for i in 0...last {
      let step = steps[i]
      let out = i == last ? result : spare + i &* count &* 8
      let code = step.isLogical ? DType.bool.code : dtype.code
      let (a, b, c) = step.operands
      switch step.operation {
      case .unary(let operation):
        _ = bt_unary_dense(operation, code, Int64(count), out, address(a))
      case .binary(let operation):
        let layout: bt_layout =
          a.kind == .constant ? .left_constant : b.kind == .constant ? .right_constant : .both_vary
        _ = bt_binary_dense(operation, code, Int64(count), out, address(a), address(b), layout)
      case .select:
        bt_select_dense(
          dtype.size, Int64(count), out, address(a), address(b), b.kind == .constant, address(c),
          c.kind == .constant)
      }
    }
  }
}

extension UnsafeBufferPointer {
  /// A copy that is never freed.
  fileprivate static func forever(_ elements: [Element]) -> Self {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = memory.initialize(from: elements)
    return Self(memory)
  }
}

extension Number {
  /// Writes the number as elements of a floating-point type.
  package func fill(_ memory: UnsafeMutableRawPointer, count: Int, dtype: DType) {
    if dtype == .float32 {
      let element = Float(bitPattern: UInt32(truncatingIfNeeded: element(as: dtype)))
      memory.bindMemory(to: Float.self, capacity: count).update(repeating: element, count: count)
    } else {
      let element = Double(bitPattern: element(as: dtype))
      memory.bindMemory(to: Double.self, capacity: count).update(repeating: element, count: count)
    }
  }
}

/// Adds elements without gaps to others in place.
package func accumulate(
  count: Int, dtype: DType, _ addend: UnsafeRawPointer, into total: UnsafeMutableRawPointer
) {
  _ = bt_binary_dense(.add, dtype.code, Int64(count), total, total, addend, .both_vary)
}

extension Primitive {
  /// All elementwise primitives that leave the type as it is.
  package static let elementwise: [Primitive] = [
    .negate, .abs, .sign, .floor, .ceil, .round, .exp, .expm1, .exp2, .log, .log1p, .log2, .log10,
    .sin, .cos, .tan, .tanh, .sigmoid, .erf, .erfc, .erfInverse, .lgamma, .sqrt, .rsqrt, .add,
    .subtract, .multiply, .divide, .power, .maximum, .minimum, .remainder, .atan2, .select,
  ]

  /// One more than the largest code.
  package static let elementwiseCodes = 65

  /// A number for each elementwise primitive, to look something up by.
  package var elementwiseCode: UInt8 {
    switch kernel {
    case .unary(let operation): Primitive.code(operation)
    case .binary(let operation): Primitive.code(operation)
    case .select: 64
    default: Record.notElementwise
    }
  }

  /// How many operands an elementwise primitive has.
  package var elementwiseOperands: Int {
    switch kernel {
    case .unary: 1
    case .binary: 2
    default: 3
    }
  }

  @inline(__always)
  static func code(_ operation: bt_unary_operation) -> UInt8 { operation.rawValue }

  @inline(__always)
  static func code(_ operation: bt_binary_operation) -> UInt8 { 32 | operation.rawValue }
}
