import BacktapeKernels
import Foundation
import Testing

extension Kernels {
  @Suite struct Binary {
    static let edges: [Double] = [
      0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, 7.5, -7.5, 1e20, -1e20, .infinity, -.infinity, .nan,
    ]

    /// Python's float modulo.
    static func modulo(_ x: Double, _ y: Double) -> Double {
      let r = fmod(x, y)
      if r == 0 { return copysign(0, y) }
      return (r < 0) != (y < 0) ? r + y : r
    }

    static func reference(_ operation: bt_binary_operation, _ x: Double, _ y: Double) -> Double {
      switch operation {
      case .add: x + y
      case .subtract: x - y
      case .multiply: x * y
      case .divide: x / y
      case .power: pow(x, y)
      case .maximum: x.isNaN || y.isNaN ? .nan : max(x, y)
      case .minimum: x.isNaN || y.isNaN ? .nan : min(x, y)
      case .remainder: modulo(x, y)
      case .atan2: atan2(x, y)
      default: .nan
      }
    }

    /// All pairs of edge values, in arrays and with either operand a single value.
    func checkPairs<T: Element & BinaryFloatingPoint>(
      _ type: T.Type, _ operation: bt_binary_operation, _ bound: Double, _ name: String
    ) {
      let values = Self.edges.map { T($0) }
      let left = values.flatMap { x in values.map { _ in x } }
      let right = values.flatMap { _ in values }
      func compare(_ x: [T], _ y: [T]) {
        let outputs = binary(operation, x, y)
        for place in outputs.indices {
          let a = x[x.count == 1 ? 0 : place]
          let b = y[y.count == 1 ? 0 : place]
          var exact = Self.reference(operation, Double(a), Double(b))
          // Two zeros have no order: either may be the larger.
          if a == 0, b == 0, operation == .maximum || operation == .minimum { exact = 0 }
          #expect(
            ulps(outputs[place], exact: exact) <= bound, "\(T.self) \(operation) \(a) \(b) \(name)")
        }
      }
      compare(left, right)
      for value in [T(3), T(-0.5), T.nan, T.infinity] {
        compare([value], values)
        compare(values, [value])
      }
    }

    @Test(
      arguments: [
        .add, .subtract, .multiply, .divide, .power, .maximum, .minimum, .remainder, .atan2,
      ] as [bt_binary_operation])
    func edgeValues(operation: bt_binary_operation) {
      let bound = operation == .power || operation == .atan2 ? 1.0 : 0
      forEachInstructionSet { name in
        checkPairs(Float.self, operation, operation == .remainder ? 0.51 : bound, name)
        checkPairs(Double.self, operation, bound, name)
      }
    }

    @Test func floatPowerIsRounded() {
      var numbers = Numbers(5)
      let x = (0..<2000).map { _ in Float(numbers.unit() + 1.001) * 10 }
      let y = (0..<2000).map { _ in Float(numbers.unit()) * 20 }
      let z = binary(.power, x, y)
      for place in x.indices {
        #expect(ulps(z[place], exact: pow(Double(x[place]), Double(y[place]))) <= 1)
      }
      #expect(binary(.power, x, [2]) == x.map { $0 * $0 })
    }

    @Test func comparisons() {
      func check<T: Element>(_ values: [T], _ less: (T, T) -> Bool) {
        let left = values.flatMap { x in values.map { _ in x } }
        let right = values.flatMap { _ in values }
        let pairs = Array(zip(left, right))
        func expect(_ operation: bt_binary_operation, _ truth: (T, T) -> Bool) {
          let expected = pairs.map { truth($0, $1) ? UInt8(1) : 0 }
          #expect(binary(operation, left, right, into: UInt8(9)) == expected, "\(operation)")
          let first = values.map { truth(values[0], $0) ? UInt8(1) : 0 }
          #expect(binary(operation, [values[0]], values, into: UInt8(9)) == first)
        }
        expect(.equal) { $0 == $1 }
        expect(.not_equal) { $0 != $1 }
        expect(.less) { less($0, $1) }
        expect(.less_equal) { less($0, $1) || $0 == $1 }
      }
      forEachInstructionSet { _ in
        check(Self.edges) { $0 < $1 }
        check(Self.edges.map { Float($0) }) { $0 < $1 }
        check([0, 1, -1, .max, .min] as [Int32]) { $0 < $1 }
        check([0, 1, -1, .max, .min] as [Int64]) { $0 < $1 }
        check([0, 1, 127, 128, 255] as [UInt8]) { $0 < $1 }
      }
    }

    // MARK: integers

    @Test func integersWrap() {
      func check<T: Element & FixedWidthInteger>(_ values: [T]) {
        let left = values.flatMap { x in values.map { _ in x } }
        let right = values.flatMap { _ in values }
        let pairs = Array(zip(left, right))
        #expect(binary(.add, left, right) == pairs.map { $0 &+ $1 })
        #expect(binary(.subtract, left, right) == pairs.map { $0 &- $1 })
        #expect(binary(.multiply, left, right) == pairs.map { $0 &* $1 })
        #expect(binary(.maximum, left, right) == pairs.map { max($0, $1) })
        #expect(binary(.minimum, left, right) == pairs.map { min($0, $1) })
        let divisors = pairs.filter { $0.1 != 0 }
        let quotients = divisors.map { $0.dividedReportingOverflow(by: $1).partialValue }
        #expect(binary(.divide, divisors.map(\.0), divisors.map(\.1)) == quotients)
        let remainders = divisors.map { x, y -> T in
          let r = x.remainderReportingOverflow(dividingBy: y).partialValue
          return r != 0 && (r < 0) != (y < 0) ? r + y : r
        }
        #expect(binary(.remainder, divisors.map(\.0), divisors.map(\.1)) == remainders)
      }
      forEachInstructionSet { _ in
        check([0, 1, 2, 7, 100, 200, 255] as [UInt8])
        check([0, 1, -1, 2, -2, 7, -7, 100, .max, .min] as [Int32])
        check([0, 1, -1, 2, -2, 7, -7, 100, .max, .min] as [Int64])
      }
    }

    @Test func zeroDivisorsAreFoundBeforeAnythingIsWritten() {
      let x: [Int32] = [4, 5, 6]
      let zero: [Int32] = [1, 2, 0]
      for operation: bt_binary_operation in [.divide, .remainder] {
        #expect(
          binary(operation, x, zero, into: Int32(9), status: .division_by_zero) == [9, 9, 9])
        #expect(binary(operation, x, [0], into: Int32(9), status: .division_by_zero) == [9, 9, 9])
        #expect(binary(operation, [] as [Int64], [], into: 0) == [])
        #expect(binary(operation, [1] as [Int64], [0], into: 9, status: .division_by_zero) == [9])
        #expect(
          binary(operation, [1] as [UInt8], [0], into: 9, status: .division_by_zero) == [9])
      }
    }

    @Test func zeroDivisorsInEveryLayout() {
      for layout in Layout.allCases {
        for place in [0, 5, 23] {
          var b = Strided([2, 3, 4], layout, guard: Int64(0)) { $0 == place ? 0 : 3 }
          let hasZero = b.values.contains(0)
          var a = [Int64](repeating: 6, count: 24)
          let strides: [Int64] = [12, 4, 1]
          let extents: [Int64] = [2, 3, 4]
          let status = a.withUnsafeMutableBytes { a in
            strides.withUnsafeBufferPointer { strides in
              let operand = bt_operand(address: a.baseAddress, strides: strides.baseAddress)
              return b.withOperand { bt_binary(.divide, .int64, 3, extents, operand, operand, $0) }
            }
          }
          #expect(status == (hasZero ? .division_by_zero : .ok), "\(layout)")
          #expect(a == [Int64](repeating: hasZero ? 6 : 2, count: 24), "\(layout)")
        }
      }
    }

    @Test func integerPowers() {
      #expect(
        binary(.power, [2, 3, -2, 5, 0, 0, 7] as [Int64], [62, 4, 3, 0, 0, 5, 30])
          == [1 << 62, 81, -8, 1, 1, 0, sevenToThe30])
      #expect(
        binary(.power, [2, 1, -1, -1, 0, -2] as [Int32], [-1, -5, -3, -4, -1, -2])
          == [0, 1, -1, 1, 0, 0])
      #expect(binary(.power, [2, 3, 255] as [UInt8], [8, 6, 2]) == [0, 217, 1])
      #expect(binary(.power, [3, 2] as [Int32], [40]) == [threeToThe40, 0])
    }

    private var sevenToThe30: Int64 { (0..<30).reduce(1) { product, _ in product &* 7 } }
    private var threeToThe40: Int32 { (0..<40).reduce(1) { product, _ in product &* 3 } }

    // MARK: bool

    @Test func logic() {
      let left: [UInt8] = [0, 0, 1, 1]
      let right: [UInt8] = [0, 1, 0, 1]
      let truths: [(bt_binary_operation, [UInt8])] = [
        (.add, [0, 1, 1, 1]), (.multiply, [0, 0, 0, 1]), (.maximum, [0, 1, 1, 1]),
        (.minimum, [0, 0, 0, 1]), (.and, [0, 0, 0, 1]), (.or, [0, 1, 1, 1]), (.xor, [0, 1, 1, 0]),
        (.equal, [1, 0, 0, 1]), (.not_equal, [0, 1, 1, 0]), (.less, [0, 1, 0, 0]),
        (.less_equal, [1, 1, 0, 1]),
      ]
      for (operation, expected) in truths {
        #expect(binary(operation, dtype: .bool, left, right, into: 9) == expected, "\(operation)")
      }
      for operation: bt_binary_operation in [.subtract, .divide, .power, .remainder, .atan2] {
        let out = binary(operation, dtype: .bool, left, right, into: 9, status: .unsupported)
        #expect(out == [9, 9, 9, 9])
      }
      let one: [Float] = [1]
      for operation: bt_binary_operation in [.and, .or, .xor] {
        #expect(binary(operation, one, one, into: 9, status: .unsupported) == [9])
      }
      #expect(binary(.atan2, [1] as [Int32], [1], into: 9, status: .unsupported) == [9])
    }
  }
}
