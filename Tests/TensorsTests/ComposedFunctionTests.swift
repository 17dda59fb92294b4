import Backtape
import Foundation
import Testing

/// Functions composed of others: how near they come, what they do at edges, and which types they
/// give.
struct ComposedFunctionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let range: ClosedRange<Double>
    let function: @Sendable (Tensor) -> Tensor
    let exact: @Sendable (Double) -> Double

    init(
      _ name: String, _ range: ClosedRange<Double>,
      _ function: @escaping @Sendable (Tensor) -> Tensor,
      _ exact: @escaping @Sendable (Double) -> Double
    ) {
      testDescription = name
      self.range = range
      self.function = function
      self.exact = exact
    }
  }

  static let cases = [
    Case("sinh", -711...711, { sinh($0) }, { Foundation.sinh($0) }),
    Case("cosh", -711...711, { cosh($0) }, { Foundation.cosh($0) }),
    Case("asin", -1...1, { asin($0) }, { Foundation.asin($0) }),
    Case("acos", -1...1, { acos($0) }, { Foundation.acos($0) }),
    Case("atan", -20...20, { atan($0) }, { Foundation.atan($0) }),
    Case("asinh", -20...20, { asinh($0) }, { Foundation.asinh($0) }),
    Case("acosh", 1...20, { acosh($0) }, { Foundation.acosh($0) }),
    Case("atanh", -1...1, { atanh($0) }, { Foundation.atanh($0) }),
    Case("hypot", -5...5, { hypot($0, 3) }, { Foundation.hypot($0, 3) }),
    Case(
      "logaddexp", 0...50, { logaddexp($0, 1) },
      { x in
        max(x, 1) + Foundation.log1p(Foundation.exp(-abs(x - 1)))
      }),
    Case(
      "softplus", -700...50, { softplus($0) },
      { x in
        max(x, 0) + Foundation.log1p(Foundation.exp(-abs(x)))
      }),
  ]

  /// Spread over the range, and of every size on both sides of 0 and of 1.
  static func points(_ range: ClosedRange<Double>) -> [Double] {
    let spread = (0...2000).map {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / 2000
    }
    let sizes = stride(from: -300.0, through: 307, by: 1.7).map { Foundation.pow(10, $0) }
    let near = stride(from: -15.9, through: -1, by: 0.37).map { Foundation.pow(10, $0) }
    let all = spread + sizes + sizes.map { -$0 } + near.flatMap { [1 - $0, 1 + $0, $0 - 1] }
    return all.filter(range.contains)
  }

  @Test("They are within 4 units in the last place", arguments: cases)
  func areNear(function: Case) {
    let wide = Self.points(function.range)
    let found = function.function(Tensor(wide)).scalars(as: Double.self)
    for (x, y) in zip(wide, found) {
      let exact = function.exact(x)
      let isNear = y == exact || (y - exact).magnitude <= 4.5 * exact.ulp
      #expect(isNear, "\(function) at \(x): \(y), expected \(exact)")
    }
    let narrow = wide.map { Float($0) }
    for (x, y) in zip(narrow, function.function(Tensor(narrow)).scalars(as: Float.self)) {
      let exact = function.exact(Double(x))
      let isNear =
        y == Float(exact) || (Double(y) - exact).magnitude <= 4 * Double(Float(exact).ulp)
      #expect(isNear, "\(function) of float32 at \(x): \(y), expected \(exact)")
    }
  }

  @Test("Beyond their range and at infinities they are NaN or infinite, as in C")
  func edges() {
    func values(_ x: Tensor) -> [Double] { x.scalars(as: Double.self) }
    let infinity = Double.infinity
    let beyond = Tensor([1.5, -1.5, .nan, infinity, -infinity])
    for function in [asin(beyond), acos(beyond), atanh(beyond), erfinv(beyond)] {
      #expect(values(function).allSatisfy { $0.isNaN })
    }
    #expect(values(acosh(Tensor([0.5, -1, -1e9, -1e300, .nan]))).allSatisfy { $0.isNaN })
    #expect(values(acosh(Tensor([infinity, 1]))) == [infinity, 0])
    #expect(values(asinh(Tensor([infinity, -infinity]))) == [infinity, -infinity])
    #expect(values(sinh(Tensor([infinity, -infinity]))) == [infinity, -infinity])
    #expect(values(cosh(Tensor([infinity, -infinity]))) == [infinity, infinity])
    #expect(
      values(hypot(Tensor([infinity, 0, -3, 1e300]), Tensor([1, 0, -4, 0.0]))) == [
        infinity, 0, 5, 1e300,
      ])
    #expect(
      values(
        logaddexp(Tensor([infinity, -infinity, -infinity]), Tensor([infinity, -infinity, 1])))
        == [infinity, -infinity, 1])
    #expect(values(xlogy(Tensor([0.0, 0, 0]), Tensor([0, -1, infinity]))) == [0, 0, 0])
    #expect(values(xlogy(Tensor([0.0]), Tensor([Double.nan])))[0].isNaN)
  }

  @Test("Remainders have the sign of the divisor or of the dividend")
  func remainders() {
    let a: Tensor = [7, -7, 7, -7, 6, -6, 0]
    let b: Tensor = [3, 3, -3, -3, 3, 3, 3]
    for dtype in [DType.int32, .int64, .float32, .float64] {
      let x = a.cast(dtype)
      let y = b.cast(dtype)
      #expect(remainder(x, y).scalars(as: Double.self) == [1, 2, -2, -1, 0, 0, 0])
      #expect(fmod(x, y).scalars(as: Double.self) == [1, -1, 1, -1, 0, 0, 0])
      #expect(fmod(x, y).dtype == dtype)
    }
    #expect(fmod(Tensor([Int.min, .max]), 3).scalars(as: Int.self) == [Int.min % 3, .max % 3])
    #expect(fmod(Tensor([7, 200]).cast(.uint8), 9).scalars(as: Int.self) == [7, 2])
    #expect(remainder(7, Tensor([4, -4])).scalars(as: Int.self) == [3, -1])
    // C's is exact however far apart the operands are.
    let far = Tensor([1e300, -1e-20, 5.3])
    #expect(
      fmod(far, Tensor([0.7, 1, .infinity])).scalars(as: Double.self) == [
        Foundation.fmod(1e300, 0.7), -1e-20, 5.3,
      ])
  }

  @Test("What is no number is found, in every type")
  func kinds() {
    let x = Tensor([1, .nan, .infinity, -.infinity, -0.0])
    for x in [x, x.cast(.float32)] {
      #expect(isnan(x).scalars(as: Bool.self) == [false, true, false, false, false])
      #expect(isinf(x).scalars(as: Bool.self) == [false, false, true, true, false])
      #expect(isfinite(x).scalars(as: Bool.self) == [true, false, false, false, true])
    }
    for dtype in [DType.bool, .uint8, .int32, .int64] {
      let x = Tensor([0, 1]).cast(dtype)
      #expect(isnan(x).scalars(as: Bool.self) == [false, false])
      #expect(isinf(x).scalars(as: Bool.self) == [false, false])
      #expect(isfinite(x).scalars(as: Bool.self) == [true, true])
    }
    let a = Tensor([1, 1.001, .infinity, -.infinity, .nan, 5])
    let b = Tensor([1.000001, 1, .infinity, .infinity, .nan, .infinity])
    #expect(isClose(a, b).scalars(as: Bool.self) == [true, false, true, false, false, false])
    #expect(isClose(a, b, equalNaN: true).scalars(as: Bool.self)[4])
    #expect(isClose(a, 1, relative: 0.01).scalars(as: Bool.self)[1])
  }

  @Test("Integers and bools become float32 where they leave the integers, as in PyTorch")
  func types() {
    let floats: [@Sendable (Tensor) -> Tensor] = [
      { exp2($0) }, { log2($0) }, { log10($0) }, { erfc($0) }, { erfinv($0) }, { lgamma($0) },
      { digamma($0) }, { polygamma(2, $0) }, { sinh($0) }, { cosh($0) }, { asin($0) }, { acos($0) },
      { atan($0) }, { asinh($0) }, { acosh($0) }, { atanh($0) }, { reciprocal($0) },
      { hypot($0, 2) }, { logaddexp($0, 2) }, { xlogy($0, 2) }, { elu($0) }, { celu($0) },
      { selu($0) }, { mish($0) }, { softsign($0) }, { softplus($0, beta: 2) }, { logSigmoid($0) },
      { hardSwish($0) }, { leakyRelu($0) },
    ]
    for dtype in [DType.uint8, .int32, .int64, .bool] {
      let x = Tensor([1, 0]).cast(dtype)
      for function in floats { #expect(function(x).dtype == .float32) }
    }
    for function in floats { #expect(function(Tensor([0.5])).dtype == .float64) }
    for dtype in [DType.uint8, .int32, .int64] {
      let x = Tensor([9, 2]).cast(dtype)
      for y in [trunc(x), square(x), relu6(x), x.clip(min: 1), x.clip(max: 3), fmod(x, 4)] {
        #expect(y.dtype == dtype)
      }
      #expect(x.maskedFill([true, false], 7.5).scalars(as: Int.self) == [7, 2])
      #expect(relu6(x).scalars(as: Int.self) == [6, 2])
    }
    #expect(logaddexp(Tensor([1.0]), Tensor([1]).cast(.float32)).dtype == .float64)
    #expect(hypot(3, Tensor([4.0])).scalars(as: Double.self) == [5])
  }

  @Test("Views and empty tensors are computed as they lie")
  func views() {
    let x = Tensor.linspace(0.1, 0.9, 12).reshape([3, 4]).cast(.float64)
    let view = x.transposed.flip(axes: [0]).slice(axis: 1, 0..<3, step: 2)
    let packed = Tensor(view.scalars(as: Double.self), view.shape)
    let functions: [@Sendable (Tensor) -> Tensor] = [
      { exp2($0) }, { log10($0) }, { erfinv($0) }, { lgamma($0) }, { polygamma(1, $0) },
      { acos($0) }, { mish($0) }, { hypot($0, $0.flip(axes: [0])) },
    ]
    for function in functions {
      #expect(function(view).scalars(as: Double.self) == function(packed).scalars(as: Double.self))
      #expect(function(Tensor.zeros([0, 3])).shape == [0, 3])
    }
  }
}
