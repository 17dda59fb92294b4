import Backtape
import Testing

@Suite("Elementwise operations against NumPy and PyTorch")
struct ElementwiseTests {
  private static let unary: [String: @Sendable (Tensor) -> Tensor] = [
    "negate": { -$0 }, "abs": { abs($0) }, "sign": { sign($0) }, "floor": { floor($0) },
    "ceil": { ceil($0) }, "round": { round($0) }, "exp": { exp($0) }, "expm1": { expm1($0) },
    "log": { log($0) }, "log1p": { log1p($0) }, "sin": { sin($0) }, "cos": { cos($0) },
    "tan": { tan($0) }, "tanh": { tanh($0) }, "sigmoid": { sigmoid($0) }, "erf": { erf($0) },
    "sqrt": { sqrt($0) }, "rsqrt": { rsqrt($0) }, "squared": { $0.squared() },
    "relu": { relu($0) }, "not": { !$0 },
  ]
  private static let binary: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
    "+": { $0 + $1 }, "-": { $0 - $1 }, "*": { $0 * $1 }, "/": { $0 / $1 }, "%": { $0 % $1 },
    "power": { $0.power($1) }, "maximum": { maximum($0, $1) }, "minimum": { minimum($0, $1) },
    "atan2": { atan2($0, $1) }, ".==": { $0 .== $1 }, ".!=": { $0 .!= $1 }, ".<": { $0 .< $1 },
    ".<=": { $0 .<= $1 }, ".>": { $0 .> $1 }, ".>=": { $0 .>= $1 }, ".&": { $0 .& $1 },
    ".|": { $0 .| $1 }, ".^": { $0 .^ $1 },
  ]
  /// Exact in IEEE arithmetic, the sign of zeros included.
  private static let exact: Set = [
    "negate", "abs", "floor", "ceil", "round", "sqrt", "squared", "+", "-", "*", "/",
  ]

  @Test("of one operand, at the edges of every type")
  func ofOne() throws {
    for golden in try TensorGolden.cases(\.unary) {
      let function = try #require(Self.unary[golden.name])
      let nearness = Self.exact.contains(golden.name) ? Nearness.exact : .ulps(4)
      let x = golden.operands[0]
      let result = function(x)
      #expect(mismatch(result, golden.expected, nearness) == nil, "\(golden.testDescription)")
      let gaps = function(Tensor.stack([x, x], axis: 1)[.all, 1])
      #expect(mismatch(gaps, result) == nil, "\(golden.testDescription) with gaps")
      if x.count > 0 {
        #expect(mismatch(function(x[0]), result[0]) == nil, "\(golden.testDescription) of rank 0")
      }
    }
  }

  @Test("of two operands, every pair of edge values")
  func ofTwo() throws {
    for golden in try TensorGolden.cases(\.binary) where golden.name != "where" {
      let function = try #require(Self.binary[golden.name])
      let nearness = Self.exact.contains(golden.name) ? Nearness.exact : .ulps(4)
      let (x, y) = (golden.operands[0], golden.operands[1])
      let result = function(x, y)
      #expect(mismatch(result, golden.expected, nearness) == nil, "\(golden.testDescription)")
      let flipped = function(x.flip(), y.transposed.flip().transposed)
      #expect(mismatch(flipped.flip(), result) == nil, "\(golden.testDescription) flipped")
    }
  }

  @Test("where")
  func choice() throws {
    for golden in try TensorGolden.cases(\.binary) where golden.name == "where" {
      let x = golden.operands
      let result = Tensor.where(x[0], x[1], x[2])
      #expect(mismatch(result, golden.expected) == nil, "\(golden.testDescription)")
    }
    #expect(Tensor.where([true, false], 1, 2.5).scalars(as: Double.self) == [1, 2.5])
    #expect(Tensor.where([true, false], 1, 2).dtype == .int64)
    #expect(Tensor.where(Tensor([0, 3]), Tensor([1.0]), 0).scalars(as: Double.self) == [0, 1])
  }

  @Test("casts between all types; floating point to integer saturates, NaN becomes 0")
  func casts() throws {
    for golden in try TensorGolden.cases(\.casts) {
      let result = golden.operands[0].cast(try #require(golden.castType))
      #expect(mismatch(result, golden.expected) == nil, "\(golden.testDescription)")
    }
    let extremes = [
      0.0, -0.0, 0.9, -0.9, 1.5, -1.5, 255, 255.9, 256, -1, 2e9, 3e9, -3e9, 9e18, 1e19, -1e19,
      1e300, .infinity, -.infinity, .nan,
    ]
    func saturated<T: FixedWidthInteger>(_ x: Double) -> T {
      x.isNaN ? 0 : T(exactly: x.rounded(.towardZero)) ?? (x < 0 ? .min : .max)
    }
    for x in [Tensor(extremes), Tensor(extremes.map { Float($0) })] {
      let values = x.scalars(as: Double.self)
      #expect(x.cast(.uint8).scalars(as: UInt8.self) == values.map { saturated($0) })
      #expect(x.cast(.int32).scalars(as: Int32.self) == values.map { saturated($0) })
      #expect(x.cast(.int64).scalars(as: Int.self) == values.map { saturated($0) })
      for (position, value) in values.enumerated() {
        #expect(x[position].cast(.int32).item(as: Int32.self) == saturated(value))
      }
    }
  }

  @Test("comparisons with variables of Swift's number types")
  func comparisonsWithNumbers() {
    let x = Tensor([1.0, 2.0, 3.0])
    let d = 2.0
    let i = 2
    let cases: [(Tensor, [Bool])] = [
      (x .== d, [false, true, false]), (x .!= d, [true, false, true]),
      (x .< d, [true, false, false]), (x .<= d, [true, true, false]),
      (x .> d, [false, false, true]), (x .>= d, [false, true, true]),
      (d .== x, [false, true, false]), (d .!= x, [true, false, true]),
      (d .< x, [false, false, true]), (d .<= x, [false, true, true]),
      (d .> x, [true, false, false]), (d .>= x, [true, true, false]),
      (x .== i, [false, true, false]), (x .!= i, [true, false, true]),
      (x .< i, [true, false, false]), (x .<= i, [true, true, false]),
      (x .> i, [false, false, true]), (x .>= i, [false, true, true]),
      (i .== x, [false, true, false]), (i .!= x, [true, false, true]),
      (i .< x, [false, false, true]), (i .<= x, [false, true, true]),
      (i .> x, [true, false, false]), (i .>= x, [true, true, false]),
    ]
    for (place, (result, expected)) in cases.enumerated() {
      #expect(result.dtype == .bool)
      #expect(result.scalars(as: Bool.self) == expected, "case \(place)")
    }
    #expect((Tensor([1, 2]) .< 1.5).scalars(as: Bool.self) == [true, false])
  }

  @Test("softmax, logSoftmax and clip at the extremes")
  func normalising() throws {
    for golden in try TensorGolden.cases(\.normalising) {
      let x = golden.operands
      let wide = x[0].dtype == .float64
      let relative = wide ? 1e-14 : 1e-6
      switch golden.name {
      case "softmax":
        let result = softmax(x[0], axis: try #require(golden.axis))
        let nearness = Nearness.relative(relative, scale: 0)
        #expect(mismatch(result, golden.expected, nearness) == nil, "\(x[0])")
      case "logSoftmax":
        let result = logSoftmax(x[0], axis: try #require(golden.axis))
        let nearness = Nearness.relative(relative, scale: 1)
        #expect(mismatch(result, golden.expected, nearness) == nil, "\(x[0])")
      default:
        let result = x[0].clip(x[1], x[2])
        #expect(mismatch(result, golden.expected, .ulps(0)) == nil, "\(golden.testDescription)")
      }
    }
  }

  @Test("atan2 with a number on either side")
  func anglesWithNumbers() {
    let x = Tensor([2.0, -2.0])
    #expect(mismatch(atan2(x, 0), Tensor([Double.pi / 2, -.pi / 2]), .ulps(1)) == nil)
    #expect(mismatch(atan2(0.0, x), Tensor([0.0, .pi]), .ulps(1)) == nil)
    #expect(atan2(Tensor([1]), 0.5).dtype == .float32)
  }

  @Test("powers by a number")
  func powers() {
    let x = Tensor([-2.0, 0.0, 3.0])
    #expect(x.power(2).scalars(as: Double.self) == [4, 0, 9])
    #expect(x.power(3).scalars(as: Double.self) == [-8, 0, 27])
    #expect(x.power(0).scalars(as: Double.self) == [1, 1, 1])
    #expect(x.power(-1).scalars(as: Double.self) == [-0.5, .infinity, 1.0 / 3])
    #expect(x.power(0.5).scalars(as: Double.self)[0].isNaN)
    #expect(Tensor([2, 3]).power(3).scalars(as: Int.self) == [8, 27])
    #expect(Tensor([4]).power(0.5).dtype == .float32)
    #expect(Tensor(3).power(41).item(as: Int.self) == -420_491_770_248_316_829)  // 3^41 modulo 2^64
  }
}
