import Backtape
import Testing

/// Long expressions of tensors and numbers: that this file compiles quickly is part of the test.
@Suite("Expressions that mix tensors and numbers")
struct ExpressionTests {
  private let x = Tensor([1.0, 2.0, 4.0])
  private let y = Tensor([[0.5], [-2.0]])
  private let z = Tensor(3.0)

  /// The same expression in Double.
  private func scalar(_ f: (Double, Double, Double) -> Double) -> [Double] {
    y.scalars(as: Double.self).flatMap { y in
      x.scalars(as: Double.self).map { x in f(x, y, z.item()) }
    }
  }

  @Test("thirty terms")
  func thirtyTerms() {
    let result =
      2 * x + y / 3 - 0.5 * z + x * y - 1 / x + z * z - 4 * y + x / 2 - 3 + y * y * 2 - x + 0.25
      * z - 7 * x * y + 1.5 - y / x + 2 * z - 0.125 * x + y - z / 4 + 5 - x * x + 3 * y - 2 * z + 6
      - y * 0.75 + x / y - z + 1 - 8 * x + 0.5
    let expected = scalar { x, y, z in
      let first = 2 * x + y / 3 - 0.5 * z + x * y - 1 / x + z * z - 4 * y + x / 2 - 3
      let second = first + y * y * 2 - x + 0.25 * z - 7 * x * y + 1.5 - y / x + 2 * z - 0.125 * x
      let third = second + y - z / 4 + 5 - x * x + 3 * y - 2 * z + 6 - y * 0.75 + x / y
      return third - z + 1 - 8 * x + 0.5
    }
    #expect(result.shape == [2, 3])
    #expect(result.scalars(as: Double.self) == expected)
  }

  @Test("functions, powers, parts and comparisons inside")
  func mixed() {
    let result =
      0.5 * exp(-(x - 1).power(2) / 2) + sigmoid(2 * y + 1) * tanh(x / 4) - maximum(x - 3, 0) * 0.1
      + Tensor.where(x .> 1.5, 2 * x, -x) / 3 + (1 - y) * (1 + y) - x[0] * y + 2 * x[-1]
      + (x .>= 2).cast(.float64) * 10 - 3 * relu(y) + abs(y) / (1 + abs(x))
    var expected = Tensor.zeros([2, 3], .float64)
    expected += 0.5 * exp(-((x - 1) * (x - 1)) / 2)
    expected += sigmoid(2 * y + 1) * tanh(x / 4)
    expected -= maximum(x - 3, 0) * 0.1
    expected += Tensor([-1.0, 4, 8]) / 3
    expected += 1 - y * y
    expected += 8 - y
    expected += Tensor([0.0, 10, 10])
    expected -= Tensor([[1.5], [0]])
    expected += Tensor([[0.5], [2]]) / (x + 1)
    #expect(result.allClose(expected, relative: 1e-14))
  }
}
