import Backtape
import Testing

@Suite("Ways in and out")
struct ConversionTests {
  @Test("arrays of every element type and nesting")
  func arrays() {
    #expect(Tensor([1.5, 2]).dtype == .float64)
    #expect(Tensor([1.5 as Float]).dtype == .float32)
    #expect(Tensor([1]).dtype == .int64)
    #expect(Tensor([1 as Int32]).dtype == .int32)
    #expect(Tensor([1 as UInt8]).dtype == .uint8)
    #expect(Tensor([true]).dtype == .bool)
    #expect(Tensor(2.5).shape == [] && Tensor(2.5).dtype == .float64)
    let cube = Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 10], [11, 12]]])
    #expect(cube.shape == [3, 2, 2] && cube.scalars(as: Int.self) == Array(1...12))
    #expect(Tensor([[Double]]()).shape == [0])
    #expect(Tensor([[], []] as [[Double]]).shape == [2, 0])
    #expect(Tensor(Array(0..<6), [2, 3])[1, 2].item() == 5)
    #expect(Tensor([Double](), [0, 4]).count == 0)
  }

  @Test("elements come out converted, in order, from any view")
  func scalars() {
    let x = Tensor([[1.9, -2.9], [300, .nan]])
    #expect(x.scalars(as: Int.self) == [1, -2, 300, 0])
    #expect(x.scalars(as: UInt8.self) == [1, 0, 255, 0])
    #expect(x.scalars(as: Bool.self) == [true, true, true, true])
    #expect(x.transposed[0].scalars(as: Float.self) == [1.9, 300])
    #expect(Tensor(Int.max).item(as: Int.self) == .max)
    #expect(Tensor([[2.5]]).item() == 2.5)
  }

  @Test("bytes go in and come out")
  func bytes() {
    let x = Tensor([1, 2, 3, 4] as [Int32])
    let copy = x.withUnsafeBytes { Tensor(bytes: $0, shape: [2, 2], dtype: .int32) }
    #expect(mismatch(copy, x.reshape([2, 2])) == nil)
    let gaps = Tensor([[1, 9], [2, 9]] as [[Int32]])[.all, 0]
    #expect(gaps.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) } == [1, 2])
    let empty = Tensor.zeros([0, 2])
    #expect(empty.withUnsafeBytes { $0.count } == 0)
    #expect(Tensor(bytes: .init(start: nil, count: 0), shape: [0], dtype: .float64).shape == [0])
    let untidy: [UInt8] = [0, 1, 2, 255]
    let truth = untidy.withUnsafeBytes { Tensor(bytes: $0, shape: [4], dtype: .bool) }
    #expect((truth .& [true, true, true, true]).sum().item() == 3)
    #expect(truth.withUnsafeBytes { Array($0) } == [0, 1, 1, 1])
  }

  @Test("writing through one copy leaves the others as they were")
  func writing() {
    for count in [4, 4096] {  // beside the descriptor, and in memory of its own
      let original = Tensor.arange(count)
      var copy = original
      copy.withUnsafeMutableBytes { $0.storeBytes(of: 99, as: Int.self) }
      #expect(copy[0].item() == 99 && original[0].item() == 0)
      var view = original[1...]
      view.withUnsafeMutableBytes { $0.storeBytes(of: 77, as: Int.self) }
      #expect(view[0].item() == 77 && original[1].item() == 1)
      var constant = Tensor.zeros([count])
      constant.withUnsafeMutableBytes { $0.storeBytes(of: 1, as: Float.self) }
      #expect(constant.sum().item() == 1)
      var alone = Tensor.arange(count)
      let before = alone.withUnsafeBytes { $0.baseAddress }
      alone.withUnsafeMutableBytes { $0.storeBytes(of: 5, as: Int.self) }
      #expect(alone.withUnsafeBytes { $0.baseAddress } == before)
    }
  }

  @Test("allClose")
  func closeness() {
    let x = Tensor([1.0, .nan, .infinity])
    #expect(x.allClose(x))
    #expect(!x.allClose(Tensor([1.0, .nan, -.infinity])))
    #expect(!x.allClose(Tensor([1.0, 2.0, .infinity])))
    #expect(!x.allClose(x.reshape([1, 3])))
    #expect(Tensor([1.0]).allClose(Tensor([1.0 + 1e-6])))
    #expect(!Tensor([1.0]).allClose(Tensor([1.0 + 1e-4])))
    #expect(Tensor([1.0]).allClose(Tensor([1.1]), absolute: 0.2))
    #expect(Tensor.zeros([0]).allClose(.zeros([0])))
    #expect(!Tensor([1e308]).allClose(Tensor([Double.infinity])))
  }
}
