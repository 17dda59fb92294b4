import BacktapeKernels
import Testing

/// The unit roundoff.
func roundoff<T: BinaryFloatingPoint>(_ type: T.Type) -> Double { Double(T.ulpOfOne) / 2 }

/// The sum and the sum of absolute values, in about twice the precision of Double (Neumaier).
func exactSum<T: BinaryFloatingPoint>(_ values: some Sequence<T>) -> (sum: Double, size: Double) {
  var sum = 0.0
  var low = 0.0
  var size = 0.0
  for value in values {
    let value = Double(value)
    let next = sum + value
    low += abs(sum) >= abs(value) ? sum - next + value : value - next + sum
    sum = next
    size += abs(value)
  }
  return (sum.isFinite ? sum + low : sum, size)
}

/// Checks a sum against the stated bound.
func expectSum<T: BinaryFloatingPoint>(
  _ actual: T, _ values: [T], chunks: Int = 1, _ comment: @autoclosure () -> String
) {
  let (sum, size) = exactSum(values)
  // What overflows on the way may do so in eights.
  if size > 1e37, size.isFinite, T.self == Float.self { return }
  if !sum.isFinite {
    #expect(isSame(actual, T(sum)), "\(comment())")
    return
  }
  let u = roundoff(T.self)
  let bound = T.self == Float.self ? 3.01 * u * size + u * abs(sum) : 6 * u * size
  #expect(
    abs(Double(actual) - sum) <= bound + Double(T.leastNonzeroMagnitude),
    "\(comment()): \(actual) is not \(sum)")
}

extension TestProgram {
  /// Makes the steps one by one with the eager kernels over the whole domain and compares all
  /// memory with what `run` left. Results of reductions into a slot are looked up in `mirrors`, the
  /// row elements a row pass stores them in, and checked.
  func check(chunks: Int = 1, mirrors: [Int: Int], _ name: String) {
    let results = run(chunks: chunks)
    var memory = storages
    var isCompared = [Bool](repeating: true, count: storages.count)
    for operand in operands where ![.stream, .row_element, .periodic].contains(operand.place) {
      isCompared[operand.storage] = false
    }
    for pass in passes {
      let isRow = pass.is_row
      let count = isRow ? domain.rows : domain.rows * domain.columns
      var accumulator = [T](repeating: 0, count: count)
      func value(_ operand: UInt16) -> [T] {
        let operand = operands[Int(operand)]
        let storage = memory[operand.storage]
        if operand.place == .number { return Array(repeating: storage[0], count: count) }
        return operand.places(domain, inRow: isRow).map { storage[$0] }
      }
      for step in steps[Int(pass.first)..<Int(pass.first + pass.count)] {
        let x = Int(step.x)
        let operation = Int(step.operation)
        if operation >= bt_step_binary {
          let isReversed = operation >= bt_step_reversed
          let code = UInt8(operation % 32)
          let right = value(step.x)
          accumulator =
            isReversed
            ? applied(code, right, accumulator) : applied(code, accumulator, right)
        } else if operation >= bt_step_unary {
          accumulator = applied(UInt8(operation % 32), accumulator)
        } else if operation == bt_step_load {
          accumulator = value(step.x)
        } else if operation == bt_step_store {
          let places = operands[x].places(domain, inRow: isRow)
          let stored = operands[x].isBool ? accumulator.map { $0 != 0 ? 1 : 0 } : accumulator
          for (place, value) in zip(places, stored) { memory[operands[x].storage][place] = value }
        } else if operation == bt_step_select {
          let left = value(step.x)
          let right = value(step.y)
          accumulator = accumulator.indices.map { accumulator[$0] != 0 ? left[$0] : right[$0] }
        } else if operands[x].place == .slot {
          let mirror = operands[mirrors[x]!]
          let places = mirror.places(domain, inRow: true)
          for row in 0..<domain.rows {
            let width = count / domain.rows
            let values = Array(accumulator[row * width..<(row + 1) * width])
            let actual = results[mirror.storage][places[row]]
            memory[operands[x].storage][row] = actual
            checkReduction(operation, actual, values, "\(name) row \(row)")
          }
        } else {
          checkSums(operands[x], accumulator, results[operands[x].storage], chunks, isRow, name)
        }
      }
    }
    for index in storages.indices where isCompared[index] {
      let differs = memory[index].indices.first { !isSame(memory[index][$0], results[index][$0]) }
      if let differs {
        Issue.record(
          """
          \(name): storage \(index) place \(differs) of \(memory[index].count): \
          \(results[index][differs]), not \(memory[index][differs]); \(domain) \(chunks) chunks \
          \(operands.filter { $0.storage == index }) \(steps.map { ($0.operation, $0.x, $0.y) })
          """)
      }
    }
  }

  private func applied(_ code: UInt8, _ values: [T]) -> [T] {
    guard let operation = bt_unary_operation(rawValue: code) else { return values }
    if operation == .not { return values.map { $0 == 0 ? 1 : 0 } }
    return values.isEmpty ? [] : unary(operation, values)
  }

  private func applied(_ code: UInt8, _ left: [T], _ right: [T]) -> [T] {
    guard let operation = bt_binary_operation(rawValue: code), !left.isEmpty else { return left }
    switch operation {
    case .equal, .not_equal, .less, .less_equal:
      return binary(operation, left, right, into: UInt8(9)).map { T($0) }
    case .and, .or, .xor:
      let a = left.map { $0 != 0 ? UInt8(1) : 0 }
      let b = right.map { $0 != 0 ? UInt8(1) : 0 }
      return binary(operation, dtype: .bool, a, b, into: UInt8(9)).map { T($0) }
    default:
      return binary(operation, left, right, into: T(9))
    }
  }

  /// Maxima of zeros may have either sign.
  private func checkReduction(_ operation: Int, _ actual: T, _ values: [T], _ name: String) {
    if operation == bt_step_sum {
      expectSum(actual, values, "\(name), row sum")
      return
    }
    let isMax = operation == bt_step_max
    var expected = isMax ? -T.infinity : T.infinity
    for value in values {
      if value.isNaN || (isMax ? value > expected : value < expected) { expected = value }
      if expected.isNaN { break }
    }
    #expect(actual == expected || (actual.isNaN && expected.isNaN), "\(name), extreme")
  }

  /// Sums of columns or totals, chunk by chunk.
  private func checkSums(
    _ operand: TestOperand, _ values: [T], _ results: [T], _ chunks: Int, _ isRow: Bool,
    _ name: String
  ) {
    let columns = isRow ? 1 : domain.columns
    let extent = domain.extents.first ?? (domain.columns + unit - 1) / unit
    let step = domain.extents.isEmpty ? unit : columns * domain.extents.dropFirst().reduce(1, *)
    let width = operand.place == .totals ? 1 : operand.period > 0 ? operand.period : columns
    for chunk in 0..<chunks {
      let begin = min(extent * chunk / chunks * step, values.count)
      let end = min(extent * (chunk + 1) / chunks * step, values.count)
      for column in 0..<width {
        let mine = (begin..<end).filter { $0 % columns % width == column }.map { values[$0] }
        let all = operand.place == .totals ? Array(values[begin..<end]) : mine
        expectSum(results[chunk * width + column], all, "\(name) chunk \(chunk) sum \(column)")
      }
    }
    #expect(results.last == 99, "\(name) wrote past its sums")
  }
}
