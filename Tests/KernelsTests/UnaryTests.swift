import BacktapeKernels
import Foundation
import Testing

extension Kernels {
  @Suite struct Unary {
    static let floats: [bt_unary_operation] = [
      .negate, .abs, .sign, .floor, .ceil, .round, .exp, .expm1, .exp2, .log, .log1p, .log2, .log10,
      .sin, .cos, .tan, .tanh, .sigmoid, .erf, .erfc, .erf_inverse, .lgamma, .sqrt, .rsqrt,
    ]

    /// What C's library and plain arithmetic say, in double.
    static func reference(_ operation: bt_unary_operation, _ x: Double) -> Double {
      switch operation {
      case .negate: -x
      case .abs: abs(x)
      case .sign: x.isNaN ? x : x > 0 ? 1 : x < 0 ? -1 : 0
      case .floor: Foundation.floor(x)
      case .ceil: Foundation.ceil(x)
      case .round: x.rounded(.toNearestOrEven)
      case .exp: Foundation.exp(x)
      case .expm1: Foundation.expm1(x)
      case .exp2: Foundation.exp2(x)
      case .log: Foundation.log(x)
      case .log1p: Foundation.log1p(x)
      case .log2: Foundation.log2(x)
      case .log10: Foundation.log10(x)
      case .sin: Foundation.sin(x)
      case .cos: Foundation.cos(x)
      case .tan: Foundation.tan(x)
      case .tanh: Foundation.tanh(x)
      case .sigmoid: (x < 0 ? Foundation.exp(x) : 1) / (1 + Foundation.exp(-abs(x)))
      case .erf: Foundation.erf(x)
      case .erfc: Foundation.erfc(x)
      case .erf_inverse: erfInverse(x)
      case .lgamma: x.isInfinite ? .infinity : Foundation.lgamma(x).0
      case .sqrt: x.squareRoot()
      case .rsqrt: 1 / x.squareRoot()
      default: .nan
      }
    }

    /// By halving where the C library's error functions are on either side.
    static func erfInverse(_ x: Double) -> Double {
      if !(abs(x) < 1) { return abs(x) == 1 ? x * .infinity : .nan }
      if abs(x) < 1e-8 { return x * (Double.pi.squareRoot() / 2) }
      var low = 0.0
      var high = 6.0
      while true {
        let middle = low + (high - low) / 2
        if middle <= low || middle >= high { break }
        let isBelow =
          abs(x) < 0.5
          ? Foundation.erf(middle) < abs(x) : Foundation.erfc(middle) > 1 - abs(x)
        if isBelow { low = middle } else { high = middle }
      }
      return x < 0 ? -high : high
    }

    /// Units in the last place an operation may be off; 0 means the same bits, zeros' signs too.
    static func bound(_ operation: bt_unary_operation) -> Double {
      switch operation {
      case .negate, .abs, .sign, .floor, .ceil, .round, .sqrt: 0
      case .rsqrt: 1.5
      case .exp, .exp2, .log, .log2, .log10, .tanh, .sigmoid: 2.5
      case .erf_inverse: 4
      default: 2
      }
    }

    static let edges: [Double] = [
      0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, -0.3, 0.3, 3.7, -3.7, 100, -100, 1000, -1000,
      88.5, -88.5, 103.9, -103.9, 104.5, -104.5, 709.5, -709.5, 745, -745, 746, -746, 0.625, 20,
      .infinity, -.infinity, .nan, 4_503_599_627_370_497, -8_388_609, 0x1p-126, 0x1p-130, -0x1p-149,
      0x1p-1022, 0x1p-1074, 1e30, -1e30,
    ]

    func check<T: Element & BinaryFloatingPoint>(
      _ operation: bt_unary_operation, _ inputs: [T], _ name: String
    ) {
      let outputs = unary(operation, inputs)
      var worst = 0.0
      var at: T = 0
      for (x, y) in zip(inputs, outputs) {
        let exact = Self.reference(operation, Double(x))
        var error = ulps(y, exact: exact)
        if exact == 0, y == 0, T(exact).sign != y.sign { error = .infinity }
        if error > worst { (worst, at) = (error, x) }
      }
      #expect(worst <= Self.bound(operation), "\(T.self) \(operation) at \(at), \(name)")
    }

    /// Sets with fused products have the same bits as each other, and so do those without: half the
    /// vectors may then stand in for whole ones.
    @Test(.enabled(if: testsEverySet), arguments: [["avx512", "avx2"], ["sse2", "scalar"]])
    func setsOfOneArithmeticAgree(sets: [String]) {
      func check<T: Element & BinaryFloatingPoint>(_ type: T.Type) {
        var numbers = Numbers(23)
        let spread = (0..<40_000).map { T(numbers.unit() * ($0 % 2 == 0 ? 3 : 760)) }
        let inputs = Self.edges.map { T($0) } + spread
        for operation in Self.floats {
          let results = sets.filter(instructionSets.contains).map { name in
            bt_select_instruction_set(name)
            return unary(operation, inputs)
          }
          guard let first = results.first else { return }
          for other in results.dropFirst() {
            let differs = inputs.indices.first { !isSame(first[$0], other[$0]) }
            #expect(differs.map { inputs[$0] } == nil, "\(T.self) \(operation) on \(sets)")
          }
        }
      }
      defer { bt_select_instruction_set(nil) }
      check(Float.self)
      check(Double.self)
    }

    @Test(arguments: floats)
    func edgeValues(operation: bt_unary_operation) {
      forEachInstructionSet { name in
        check(operation, Self.edges.map { Float($0) }, name)
        check(operation, Self.edges, name)
      }
    }

    /// Every 100,003rd float there is, and doubles as dense around 0; a tenth of them for what is
    /// not approximated here.
    @Test(arguments: floats)
    func sweep(operation: bt_unary_operation) {
      // Away from where libm itself reduces arguments by many digits.
      let periodic = [.sin, .cos, .tan].contains(operation)
      let ours = [.exp, .exp2, .log, .log2, .log10, .tanh, .sigmoid].contains(operation)
      let step: UInt32 = ours ? 100_003 : 1_000_003
      let singles = stride(from: UInt32.min, to: .max - step, by: Int(step))
        .map(Float.init(bitPattern:)).filter { !periodic || abs($0) < 1e5 }
      let doubles =
        (-10_000...10_000).map { Double($0) * 0.0746 } + singles.map { Double($0) * 1.1 }
      forEachInstructionSet { name in
        check(operation, singles, name)
        check(operation, doubles, name)
      }
    }

    @Test func sigmoidOfLargeNumbers() {
      forEachInstructionSet { _ in
        #expect(unary(.sigmoid, [1000, -1000] as [Float]) == [1, 0])
        #expect(unary(.sigmoid, [1000, -1000] as [Double]) == [1, 0])
        #expect(unary(.sigmoid, [-100] as [Float])[0] > 0)
      }
    }

    @Test func powersAreExact() {
      forEachInstructionSet { name in
        let exponents = (-1074...1023).map { Double($0) }
        let powers = exponents.map { Foundation.exp2($0) }
        #expect(unary(.exp2, exponents) == powers, "\(name)")
        #expect(unary(.log2, powers) == exponents, "\(name)")
        let singles = (-149...127).map { Float($0) }
        #expect(unary(.exp2, singles) == singles.map { Foundation.exp2($0) }, "\(name)")
        #expect(unary(.log2, singles.map { Foundation.exp2($0) }) == singles, "\(name)")
        let tens = (0...22).map { Double("1e\($0)")! }
        #expect(unary(.log10, tens) == (0...22).map { Double($0) }, "\(name)")
        #expect(unary(.log10, tens.prefix(11).map { Float($0) }) == (0...10).map { Float($0) })
      }
    }

    @Test func everyLengthOfTail() {
      forEachInstructionSet { name in
        for count in 0...67 {
          let x = (0..<count).map { Double($0) / 16 - 2 }
          let y = unary(.exp, x)
          #expect(zip(x, y).allSatisfy { ulps($1, exact: Foundation.exp($0)) <= 2.5 }, "\(name)")
          let negated = unary(.negate, x.map { Float($0) })
          #expect(negated == x.map { Float(-$0) }, "\(name)")
        }
      }
    }

    @Test func integers() {
      forEachInstructionSet { _ in
        let x: [Int32] = [0, 5, -7, .max, .min]
        #expect(unary(.negate, x) == [0, -5, 7, -.max, .min])
        #expect(unary(.abs, x) == [0, 5, 7, .max, .min])
        #expect(unary(.sign, x) == [0, 1, -1, 1, -1])
        let y: [Int64] = [0, 5, -7, .max, .min]
        #expect(unary(.negate, y) == [0, -5, 7, -.max, .min])
        #expect(unary(.abs, y) == [0, 5, 7, .max, .min])
        #expect(unary(.sign, y) == [0, 1, -1, 1, -1])
        let z: [UInt8] = [0, 1, 128, 255]
        #expect(unary(.negate, z) == [0, 255, 128, 1])
        #expect(unary(.abs, z) == z)
        #expect(unary(.sign, z) == [0, 1, 1, 1])
        for operation: bt_unary_operation in [.floor, .ceil, .round] {
          #expect(unary(operation, x) == x)
          #expect(unary(operation, y) == y)
          #expect(unary(operation, z) == z)
        }
      }
    }

    @Test func unsupportedTypes() {
      var memory: [Int64] = [1]
      let one: [Int64] = [1]
      func status(_ operation: bt_unary_operation, _ dtype: bt_dtype) -> bt_status {
        memory.withUnsafeMutableBytes { memory in
          one.withUnsafeBufferPointer { one in
            let operand = bt_operand(address: memory.baseAddress, strides: one.baseAddress)
            return bt_unary(operation, dtype, 1, one.baseAddress, operand, operand)
          }
        }
      }
      for dtype: bt_dtype in [.bool, .uint8, .int32, .int64] {
        #expect(status(.exp, dtype) == .unsupported)
        #expect(status(.rsqrt, dtype) == .unsupported)
      }
      for dtype: bt_dtype in [.uint8, .int32, .int64, .float32, .float64] {
        #expect(status(.not, dtype) == .unsupported)
      }
      #expect(status(.negate, .bool) == .unsupported)
      #expect(status(.not, .bool) == .ok)
      #expect(memory == [0])
    }
  }
}
