import Backtape
import Testing

@Suite("Division downwards")
struct DivisionTests {
  @Test("is exact for integers of every size", arguments: [DType.uint8, .int32, .int64])
  func integers(dtype: DType) {
    let (low, high) =
      switch dtype {
      case .uint8: (0, 255)
      case .int32: (Int(Int32.min), Int(Int32.max))
      default: (Int.min, Int.max)
      }
    var random = SeededGenerator(seed: 7)
    var left = [low, low, low + 1, high, high, high - 1, 0]
    var right = [3, high, 2, high, 1, 7, 5]
    for _ in 0..<500 {
      // Of every number of digits.
      let divisor = max(high >> Int.random(in: 0..<62, using: &random), 1)
      left.append(Int.random(in: low...high, using: &random))
      right.append(low < 0 && Bool.random(using: &random) ? -divisor : divisor)
    }
    let expected = zip(left, right).map { a, b in
      a % b != 0 && (a < 0) != (b < 0) ? a / b - 1 : a / b
    }
    let found = floorDivide(Tensor(left).cast(dtype), Tensor(right).cast(dtype))
    #expect(found.dtype == dtype)
    #expect(found.scalars(as: Int.self) == expected)
  }

  @Test("of floating-point numbers is Python's, and of a divisor 0 the quotient")
  func floatingPoint() {
    // Left, right, and what Python says; at 0 PyTorch says the quotient.
    let cases: [(Double, Double, Double)] = [
      (7, 2, 3), (-7, 2, -4), (7, -2, -4), (-7, -2, 3), (1, 0, .infinity), (0, 0, .nan),
      (5, .infinity, 0), (-5, .infinity, -1), (0.3, 0.1, 2), (1, -.infinity, -1),
      (-.infinity, 2, .nan), (.nan, 1, .nan), (1, 3, 0), (-1, -3, 0), (-0.0, 3, -0.0),
      (0, -3, -0.0), (-0.0, -.infinity, 0), (1e16, 3, 3_333_333_333_333_333),
      (1e16, -3, -3_333_333_333_333_335), (1e300, 1e-300, .infinity),
      (.leastNonzeroMagnitude, 1e300, 0),
    ]
    let found = floorDivide(Tensor(cases.map(\.0)), Tensor(cases.map(\.1)))
    for ((left, right, expected), found) in zip(cases, found.scalars(as: Double.self)) {
      let isSame = found == expected && found.sign == expected.sign
      #expect(isSame || (found.isNaN && expected.isNaN), "\(left) // \(right) is \(found)")
    }
    #expect(floorDivide(Tensor([7, -7]), 2.0).dtype == .float32)
    #expect(floorDivide(100, Tensor([7, -7])).scalars(as: Int.self) == [14, -15])
    let slope = gradient(at: Tensor([7.5])) { floorDivide($0, 2).sum() }
    #expect(slope.scalars(as: Double.self) == [0])
  }
}
