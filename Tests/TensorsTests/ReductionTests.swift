import Backtape
import Testing

@Suite("Reductions against NumPy")
struct ReductionTests {
  @Test("over every subset of axes, with and without keepDims")
  func goldens() throws {
    for golden in try TensorGolden.cases(\.reductions) {
      let x = golden.operands[0]
      let (axes, keep) = (golden.axes, golden.keepDims)
      let result: Tensor
      switch golden.name {
      case "sum": result = x.sum(axes: axes, keepDims: keep)
      case "product": result = x.product(axes: axes, keepDims: keep)
      case "mean": result = x.mean(axes: axes, keepDims: keep)
      case "max": result = x.max(axes: axes, keepDims: keep)
      case "min": result = x.min(axes: axes, keepDims: keep)
      case "any": result = x.any(axes: axes, keepDims: keep)
      case "all": result = x.all(axes: axes, keepDims: keep)
      case "variance":
        result = x.variance(axes: axes, correction: golden.correction ?? 0, keepDims: keep)
      case "argmax":
        result = axes.map { x.argmax(axis: $0[0], keepDims: keep) } ?? x.argmax()
      case "argmin":
        result = axes.map { x.argmin(axis: $0[0], keepDims: keep) } ?? x.argmin()
      default: throw UnknownOperation(name: golden.name)
      }
      let wide = x.dtype == .float64
      let nearness = Nearness.relative(wide ? 1e-14 : 2e-6, scale: wide ? 1 : 0.1)
      #expect(mismatch(result, golden.expected, nearness) == nil, "\(golden.testDescription)")
    }
  }

  struct UnknownOperation: Error {
    let name: String
  }

  @Test("one axis is a list of one, negative ones count from the end")
  func oneAxis() {
    let x = Tensor.arange(24).reshape([2, 3, 4]).cast(.float64)
    for axis in -3..<3 {
      for keep in [false, true] {
        func same(_ a: Tensor, _ b: Tensor) -> Bool { mismatch(a, b) == nil }
        #expect(same(x.sum(axis: axis, keepDims: keep), x.sum(axes: [axis], keepDims: keep)))
        #expect(same(x.mean(axis: axis, keepDims: keep), x.mean(axes: [axis], keepDims: keep)))
        #expect(same(x.max(axis: axis, keepDims: keep), x.max(axes: [axis], keepDims: keep)))
        #expect(same(x.min(axis: axis, keepDims: keep), x.min(axes: [axis], keepDims: keep)))
        #expect(
          same(x.product(axis: axis, keepDims: keep), x.product(axes: [axis], keepDims: keep)))
        #expect(same(x.sum(axis: axis), x.sum(axis: axis < 0 ? axis + 3 : axis - 3)))
      }
    }
  }

  @Test("nothing sums to 0, multiplies to 1, and has no mean")
  func nothing() {
    let x = Tensor.zeros([0, 3])
    #expect(x.sum().item() == 0)
    #expect(x.product().item() == 1)
    #expect(x.mean().item().isNaN)
    #expect(x.variance().item().isNaN)
    #expect(x.sum(axis: 0).scalars(as: Double.self) == [0, 0, 0])
    #expect(x.sum(axis: 1).shape == [0])
    #expect(x.max(axis: 1).shape == [0])
    #expect(x.argmax(axis: 1).shape == [0])
    #expect(x.any().item(as: Bool.self) == false)
    #expect(x.all().item(as: Bool.self) == true)
  }

  @Test("variances with corrections beyond all counts are infinite or nearly 0")
  func corrections() {
    let x = Tensor([1.0, 2, 4])
    #expect(x.variance(correction: .max).item() == .infinity)
    #expect((1e-20...1e-18).contains(x.variance(correction: .min).item()))
  }

  @Test("sums of integers wrap as int64; bools are counted")
  func integers() {
    #expect(Tensor([200, 100] as [UInt8]).sum().item() == 300)
    #expect(Tensor([Int.max, 1]).sum().item(as: Int.self) == .min)
    #expect(Tensor([true, true, false]).sum().item(as: Int.self) == 2)
    #expect(Tensor([true, true, false]).mean().dtype == .float32)
    #expect(Tensor([Int.max, 2]).product().item(as: Int.self) == -2)
  }

  @Test("the sum of many equal float32 values is accurate")
  func accuracy() {
    let x = Tensor.full([10_000_000], 0.1)
    let exact = Double(0.1 as Float) * 1e7
    #expect(abs(x.sum().item() - exact) <= 1e-6 * exact)
    let columns = Tensor.full([1_000_000, 3], 0.1).sum(axis: 0)
    for total in columns.scalars(as: Double.self) {
      #expect(abs(total - exact / 10) <= 1e-7 * exact)
    }
  }
}
