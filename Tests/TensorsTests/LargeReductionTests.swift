import Backtape
import Foundation
import Testing

/// 400 MB each: run by `.ci/nightly`, which sets BACKTAPE_LARGE_TESTS.
@Suite(
  "Sums of 10^8 numbers", .serialized,
  .enabled(if: ProcessInfo.processInfo.environment["BACKTAPE_LARGE_TESTS"] != nil))
struct LargeReductionTests {
  /// The exact sum: 0.1 in float32 is a dyadic fraction of 24 bits, its multiple fits float64.
  func expected(_ count: Int) -> Double { Double(Float(0.1)) * Double(count) }

  func tenths(_ shape: Shape) -> Tensor {
    Tensor([Float](repeating: 0.1, count: shape.count), shape)
  }

  @Test("of all elements, contiguous or repeated without memory")
  func whole() {
    let n = 100_000_000
    for x in [tenths([n]), Tensor.full([n], 0.1)] {
      let sum = x.sum()
      #expect(sum.dtype == .float32)
      #expect(abs(sum.item() - expected(n)) <= 1e-6 * expected(n))
      #expect(abs(x.mean().item() - Double(Float(0.1))) <= 1e-7)
    }
  }

  @Test("along the first axis of [10^7, 8], and along the last of its transpose")
  func columns() {
    let x = tenths([10_000_000, 8])
    for sums in [x.sum(axis: 0), x.transposed.sum(axis: 1)] {
      #expect(sums.shape == [8])
      for sum in sums.scalars(as: Float.self) {
        #expect(abs(Double(sum) - expected(10_000_000)) <= 1e-6 * expected(10_000_000))
      }
    }
  }
}
