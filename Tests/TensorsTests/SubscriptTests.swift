import Backtape
import Testing

@Suite("Subscripts")
struct SubscriptTests {
  /// A part, read and assigned.
  private struct Part: Sendable {
    let get: @Sendable (Tensor) -> Tensor
    let set: @Sendable (inout Tensor, Tensor) -> Void

    init(
      _ get: @escaping @Sendable (Tensor) -> Tensor,
      _ set: @escaping @Sendable (inout Tensor, Tensor) -> Void
    ) {
      self.get = get
      self.set = set
    }
  }

  private static let parts: [String: Part] = [
    "x[0]": Part({ $0[0] }, { $0[0] = $1 }),
    "x[-1]": Part({ $0[-1] }, { $0[-1] = $1 }),
    "x[1, 2]": Part({ $0[1, 2] }, { $0[1, 2] = $1 }),
    "x[1, 2, 3]": Part({ $0[1, 2, 3] }, { $0[1, 2, 3] = $1 }),
    "x[-2, -3, -4]": Part({ $0[-2, -3, -4] }, { $0[-2, -3, -4] = $1 }),
    "x[0:1]": Part({ $0[0..<1] }, { $0[0...0] = $1 }),
    "x[0:0]": Part({ $0[0..<0] }, { $0[0..<0] = $1 }),
    "x[:, 1:]": Part({ $0[.all, 1...] }, { $0[.all, 1...] = $1 }),
    "x[1:, 0:2]": Part({ $0[1..., 0..<2] }, { $0[1..., 0..<2] = $1 }),
    "x[:, :2]": Part({ $0[.all, ..<2] }, { $0[.all, ...1] = $1 }),
    "x[:, :-1]": Part({ $0[.all, ..<(-1)] }, { $0[.all, ...(-2)] = $1 }),
    "x[:, -2:]": Part({ $0[.all, (-2)...] }, { $0[.all, -2 ... -1] = $1 }),
    "x[:, -2:-1]": Part({ $0[.all, -2 ..< -1] }, { $0[.all, -2 ... -2] = $1 }),
    "x[:, 0:2, 1:4]": Part({ $0[.all, 0...1, 1...3] }, { $0[.all, 0..<2, 1..<4] = $1 }),
    "x[..., 0]": Part({ $0[..., 0] }, { $0[.ellipsis, 0] = $1 }),
    "x[..., -1, 1:3]": Part({ $0[.ellipsis, -1, 1..<3] }, { $0[..., -1, 1..<3] = $1 }),
    "x[0, ..., 0]": Part({ $0[0, .ellipsis, 0] }, { $0[0, .ellipsis, 0] = $1 }),
    "x[..., None]": Part({ $0[..., .newAxis] }, { $0[..., .newAxis] = $1 }),
    "x[None]": Part({ $0[.newAxis] }, { $0[.newAxis] = $1 }),
    "x[:, None, 1]": Part({ $0[.all, .newAxis, 1] }, { $0[.all, .newAxis, 1] = $1 }),
    "x[None, :, :, None, 0]": Part(
      { $0[.newAxis, .all, .all, .newAxis, 0] }, { $0[.newAxis, .all, .all, .newAxis, 0] = $1 }),
    "x[::-1]": Part({ $0[.every(-1)] }, { $0[.every(-1)] = $1 }),
    "x[:, ::2]": Part({ $0[.all, .every(2)] }, { $0[.all, stride(from: 0, to: 3, by: 2)] = $1 }),
    "x[:, ::-2]": Part(
      { $0[.all, .every(-2)] }, { $0[.all, stride(from: -1, through: -3, by: -2)] = $1 }),
    "x[..., ::-1]": Part({ $0[..., .every(-1)] }, { $0[..., .every(-1)] = $1 }),
    "x[::-1, ::-1, ::-1]": Part(
      { $0[.every(-1), .every(-1), .every(-1)] }, { $0[.every(-1), .every(-1), .every(-1)] = $1 }),
    "x[..., ::3]": Part({ $0[..., .every(3)] }, { $0[..., .every(3)] = $1 }),
    "x[..., 1:4:2]": Part(
      { $0[..., stride(from: 1, to: 4, by: 2)] }, { $0[..., stride(from: 1, to: 4, by: 2)] = $1 }),
    "x[..., 3:0:-2]": Part(
      { $0[..., stride(from: 3, to: 0, by: -2)] }, { $0[..., stride(from: 3, to: 0, by: -2)] = $1 }
    ),
    "x[..., 3::-1]": Part(
      { $0[..., stride(from: 3, through: 0, by: -1)] },
      { $0[..., stride(from: 3, through: 0, by: -1)] = $1 }),
    "x[..., 2:2]": Part({ $0[..., 2..<2] }, { $0[..., stride(from: 2, to: 2, by: 1)] = $1 }),
    "x[1, ::2, ::-3]": Part(
      { $0[1, .every(2), .every(-3)] }, { $0[1, .every(2), .every(-3)] = $1 }),
    "x[...]": Part({ $0[...] }, { $0[...] = $1 }),
    "x[:, :, :]": Part({ $0[.all, .all, .all] }, { $0[.all, .all, .all] = $1 }),
    "x[..., 4:4, None]": Part({ $0[..., 4..<4, .newAxis] }, { $0[..., 4..<4, .newAxis] = $1 }),
  ]

  /// What the goldens assign: -1, -2, ... in the part's shape.
  private func values(_ shape: Shape) -> Tensor {
    (-1 - Tensor.arange(shape.count).cast(.float64)).reshape(shape)
  }

  @Test("read and assign what NumPy's do")
  func goldens() throws {
    let x = Tensor.arange(24).reshape([2, 3, 4]).cast(.float64)
    let goldens = try TensorGolden.cases(\.subscripts)
    #expect(goldens.count == Self.parts.count)
    for golden in goldens {
      let part = try #require(Self.parts[golden.name])
      #expect(mismatch(part.get(x), golden.expected) == nil, "\(golden.name)")
      let gaps = Tensor.stack([x, x], axis: 1)[.all, 1].flip().flip()
      #expect(mismatch(part.get(gaps), golden.expected) == nil, "\(golden.name) from gaps")
      let changed = try #require(golden.changed)
      for start in [x, gaps] {
        var copy = start
        part.set(&copy, values(golden.expected.shape))
        #expect(mismatch(copy, changed) == nil, "\(golden.name) assigned")
        #expect(mismatch(start, x) == nil, "\(golden.name) assigned, seen by a copy")
      }
    }
  }

  @Test("on a tape carry derivatives to what was read, what stayed and what was assigned")
  func onATape() throws {
    let x = Tensor.arange(24).reshape([2, 3, 4]).cast(.float64)
    let weights = (Tensor.arange(24).cast(.float64) * 7 % 5 + 1).reshape([2, 3, 4])
    for golden in try TensorGolden.cases(\.subscripts) {
      let part = try #require(Self.parts[golden.name])
      let shape = golden.expected.shape
      // Reading: the weights of the part arrive where it was taken from, zeros elsewhere.
      let read = gradient(at: x) { (part.get($0) * values(shape)).sum() }
      var expected = Tensor.zeros(like: x)
      part.set(&expected, values(shape))
      #expect(mismatch(read, expected, .ulps(0)) == nil, "\(golden.name) read")

      // Assigning: the part's weights go to what was assigned, the others to what stayed.
      var result: Tensor?
      let (toOld, toNew) = gradient(at: x, values(shape)) { old, new in
        var whole = old
        part.set(&whole, new)
        result = whole.detached
        return (whole * weights).sum()
      }
      #expect(try mismatch(#require(result), #require(golden.changed)) == nil, "\(golden.name)")
      var stayed = weights
      part.set(&stayed, .zeros(shape, .float64))
      #expect(mismatch(toOld, stayed, .ulps(0)) == nil, "\(golden.name) to the old")
      #expect(mismatch(toNew, part.get(weights), .ulps(0)) == nil, "\(golden.name) to the new")
    }
  }

  @Test("take what broadcasts, cast to the tensor's type")
  func assignedValues() {
    var x = Tensor.zeros([2, 3], .int32)
    x[0] = 7
    x[1] = [1, 2, 3]
    x[.all, 1] = 2.9
    x[1, 0] = Tensor(-1.5)
    #expect(x.dtype == .int32)
    #expect(x.scalars(as: Int.self) == [7, 2, 7, -1, 2, 3])
    x[...] = Tensor([[10], [20]])
    #expect(x.scalars(as: Int.self) == [10, 10, 10, 20, 20, 20])
    var number = Tensor(2.5)
    number[...] = 3.5
    #expect(number.item() == 3.5)
    // Arithmetic on a part is arithmetic on tensors, never on its element.
    let sums = x[0] + 1
    let products = 2 * x[.all, 0]
    #expect(sums.scalars(as: Int.self) == [11, 11, 11])
    #expect(products.scalars(as: Int.self) == [20, 40])
    let n = 4
    let half: Float = 0.5
    x[0, ..<2] = n
    x[..., 2] = half + 6
    #expect(x.scalars(as: Int.self) == [4, 4, 6, 20, 20, 6])
    var rows = Tensor([[1.0, 2], [3, 4]])
    rows[0] += rows[1]
    rows[.all, 0] *= 10
    #expect(rows.scalars(as: Double.self) == [40, 6, 30, 4])
  }

  @Test("a plain tensor may be assigned a recorded one")
  func plainAndRecorded() {
    let g = gradient(at: Tensor([2.0, 3.0])) { x in
      var table = Tensor.ones([3], .float64)
      table[1] = x[0] * x[1]
      return (table * Tensor([5.0, 7.0, 11.0])).sum()
    }
    #expect(g.scalars(as: Double.self) == [21, 14])
  }
}
