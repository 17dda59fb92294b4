import Backtape
import Testing

@Suite("Products of matrices against NumPy")
struct ContractionTests {
  @Test("dot and matmul for every combination of ranks")
  func goldens() throws {
    for golden in try TensorGolden.cases(\.contraction) {
      let (a, b) = (golden.operands[0], golden.operands[1])
      let result = golden.name == "dot" ? a.dot(b) : a.matmul(b)
      #expect(mismatch(result, golden.expected, .ulps(0)) == nil, "\(golden.testDescription)")
    }
  }

  @Test("operands may be transposed, flipped, broadcast or have gaps")
  func views() throws {
    for golden in try TensorGolden.cases(\.contraction) {
      let (a, b) = (golden.operands[0], golden.operands[1])
      if a.rank == 0 || b.rank == 0 || a.count == 0 || b.count == 0 { continue }
      let c = a.dtype == .float64 ? a : a.cast(.float64)
      let d = b.cast(.float64)
      // The same elements, laid out backwards with gaps, axes in reverse order.
      func scattered(_ x: Tensor) -> Tensor {
        let order = Array((0..<x.rank).reversed())
        let gaps = Tensor.stack(
          [x.permute(order).flip(), .zeros(like: x.permute(order))], axis: -1)
        return gaps[.ellipsis, 0].flip().permute(order)
      }
      let result =
        golden.name == "dot" ? scattered(c).dot(scattered(d)) : scattered(c).matmul(scattered(d))
      #expect(
        mismatch(result, golden.expected.cast(.float64), .ulps(0)) == nil,
        "\(golden.testDescription)")
    }
    let ones = Tensor.ones([1, 1], .float64).broadcast(to: [3, 4])
    #expect(ones.matmul(ones.transposed).scalars(as: Double.self) == .init(repeating: 4, count: 9))
  }

  @Test("types meet as in an addition")
  func types() {
    let integers = Tensor([[1, 2], [3, 4]])
    #expect(integers.matmul(integers).dtype == .int64)
    #expect(integers.dot(Tensor([[0.5 as Float], [1]])).dtype == .float32)
    #expect(Tensor([[1.0]]).dot(Tensor([[1 as Float]])).dtype == .float64)
    let big = Tensor([[Int.max, 1]])
    #expect(big.dot(Tensor([[2], [1]])).item(as: Int.self) == -1)
  }
}
