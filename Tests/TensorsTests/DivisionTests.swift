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
    let left = Tensor([7, -7, 7, -7, 1, 0, 5, -5, 0.3, 1, -.infinity, .nan])
    let right = Tensor([2, 2, -2, -2, 0, 0, .infinity, .infinity, 0.1, -.infinity, 2, 1])
    let expected = Tensor([3, -4, -4, 3, .infinity, .nan, 0, -1, 2, -1, .nan, .nan])
    #expect(floorDivide(left, right).allClose(expected, relative: 0, absolute: 0))
    #expect(floorDivide(Tensor([7, -7]), 2.0).dtype == .float32)
    #expect(floorDivide(100, Tensor([7, -7])).scalars(as: Int.self) == [14, -15])
    let slope = gradient(at: Tensor([7.5])) { floorDivide($0, 2).sum() }
    #expect(slope.scalars(as: Double.self) == [0])
  }
}
