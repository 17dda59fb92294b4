import Backtape
import Testing

@Suite("Views")
struct ViewTests {
  private static let cases: [String: @Sendable (Tensor) -> Tensor] = [
    "x.reshape(4, 6)": { $0.reshape([4, 6]) },
    "x.reshape(-1)": { $0.reshape([-1]) },
    "x.reshape(2, 1, 12)": { $0.reshape([2, 1, -1]) },
    "x.reshape(24, 1)": { $0.reshape([24, 1]) },
    "x.T": { $0.permute([2, 1, 0]) },
    "x.transpose(2, 0, 1)": { $0.permute([2, 0, 1]) },
    "x.transpose(2, 0, 1).reshape(8, 3)": { $0.permute([2, 0, 1]).reshape([8, 3]) },
    "x.transpose(2, 0, 1).reshape(4, 6)": { $0.permute([-1, 0, 1]).reshape([4, 6]) },
    "x.transpose(1, 0, 2).reshape(3, 2, 2, 2)": { $0.permute([1, 0, 2]).reshape([3, 2, 2, 2]) },
    "x.swapaxes(0, 2)": { $0.swapAxes(0, 2) },
    "x.swapaxes(-1, -2)": { $0.transposed },
    "np.moveaxis(x, 0, -1)": { $0.moveAxis(0, to: -1) },
    "np.moveaxis(x, -1, 0)": { $0.moveAxis(-1, to: 0) },
    "np.moveaxis(x, 1, 1)": { $0.moveAxis(1, to: 1) },
    "np.flip(x)": { $0.flip() },
    "np.flip(x, 1)": { $0.flip(axes: [1]) },
    "np.flip(x, (0, -1))": { $0.flip(axes: [0, -1]) },
    "np.flip(x, 2).reshape(6, 4)": { $0.flip(axes: [2]).reshape([6, 4]) },
    "np.flip(np.flip(x, 2), 2)": { $0.flip(axes: [2]).flip(axes: [2]) },
    "x[:, ::2].reshape(2, 8)": { $0.slice(axis: 1, 0..<3, step: 2).reshape([2, 8]) },
    "x[:, ::2].reshape(4, 4)": { $0.slice(axis: -2, 0..<3, step: 2).reshape([4, 4]) },
    "x[:, :, 1:3].reshape(2, 6)": { $0.slice(axis: 2, 1..<3).reshape([2, 6]) },
    "x[:, :, 1:3].reshape(6, 2)": { $0.slice(axis: 2, 1..<3).reshape([6, 2]) },
    "x[::-1, 1:, ::3].transpose(2, 1, 0)": {
      $0[.every(-1), 1..., .every(3)].permute([2, 1, 0])
    },
    "np.expand_dims(x, 0)": { $0.expandDims(at: 0) },
    "np.expand_dims(x, -1)": { $0.expandDims(at: -1) },
    "np.expand_dims(x, 2)": { $0.expandDims(at: 2) },
    "np.expand_dims(x, -2)": { $0.expandDims(at: -2) },
    "np.squeeze(x[:, :1])": { $0[.all, ..<1].squeeze() },
    "np.squeeze(x[:1, :, :1])": { $0[..<1, .all, ..<1].squeeze() },
    "np.squeeze(x[:1, :, :1], 0)": { $0[..<1, .all, ..<1].squeeze(axes: [0]) },
    "np.squeeze(x[:1, :, :1], (0, -1))": { $0[..<1, .all, ..<1].squeeze(axes: [0, -1]) },
    "np.broadcast_to(x, (2, 2, 3, 4))": { $0.broadcast(to: [2, 2, 3, 4]) },
    "np.broadcast_to(x[:, :1], (2, 3, 4))": { $0[.all, ..<1].broadcast(to: [2, 3, 4]) },
    "np.broadcast_to(x[:, :1], (2, 3, 4)).reshape(6, 4)": {
      $0[.all, ..<1].broadcast(to: [2, 3, 4]).reshape([6, 4])
    },
    "np.broadcast_to(x[0, 0], (5, 4)).T": { $0[0, 0].broadcast(to: [5, 4]).transposed },
    "np.broadcast_to(x[0, 0, 0], (2, 2)).reshape(4)": {
      $0[0, 0, 0].broadcast(to: [2, 2]).reshape([4])
    },
    "np.pad(x, ((0, 0), (1, 2), (0, 0)))": { $0.pad(axis: 1, before: 1, after: 2) },
    "x[:0].reshape(0, 7)": { $0[..<0].reshape([0, 7]) },
    "x[:, :0].transpose(1, 2, 0)": { $0[.all, ..<0].permute([1, 2, 0]) },
  ]

  @Test("show the elements that NumPy's show, plain, from gaps and on a tape")
  func goldens() throws {
    let x = Tensor.arange(24).reshape([2, 3, 4]).cast(.float64)
    let gaps = Tensor.stack([x, x], axis: 2)[.all, .all, 1]
    let tape = Tape()
    let variable = tape.variable(gaps)
    let goldens = try TensorGolden.cases(\.views)
    #expect(goldens.count == Self.cases.count)
    for golden in goldens {
      let view = try #require(Self.cases[golden.name])
      #expect(mismatch(view(x), golden.expected) == nil, "\(golden.name)")
      #expect(mismatch(view(gaps), golden.expected) == nil, "\(golden.name) from gaps")
      #expect(mismatch(view(variable), golden.expected) == nil, "\(golden.name) on a tape")
      // A view moves elements alone: the derivative of its sum counts how often each appears.
      let counted = tape.gradient(of: view(variable).sum(), withRespectTo: [variable])[0]
      var counts = [Double](repeating: 0, count: 24)
      for value in view(x + 1).scalars(as: Int.self) where value > 0 { counts[value - 1] += 1 }
      #expect(counted.scalars(as: Double.self) == counts, "\(golden.name) differentiated")
    }
  }

  /// Where a view without gaps begins, in elements from the start of another tensor.
  private func offset(of view: Tensor, in x: Tensor) -> Int {
    x.withUnsafeBytes { whole in
      view.withUnsafeBytes { ($0.baseAddress! - whole.baseAddress!) / x.dtype.size }
    }
  }

  @Test("share memory wherever strides can express them", arguments: [24, 24_000])
  func sharing(count: Int) {
    let x = Tensor.arange(count).reshape([2, 3, count / 6])
    let row = count / 6
    #expect(offset(of: x, in: x) == 0)
    #expect(offset(of: x.reshape([6, row]), in: x) == 0)
    #expect(offset(of: x.flatten().reshape([3, -1]), in: x) == 0)
    #expect(offset(of: x[1], in: x) == 3 * row)
    #expect(offset(of: x[1, 2], in: x) == 5 * row)
    #expect(offset(of: x[1, 1..<3], in: x) == 4 * row)
    #expect(offset(of: x.expandDims(at: 1).squeeze(), in: x) == 0)
    #expect(offset(of: x.permute([2, 0, 1]).permute([1, 2, 0]), in: x) == 0)
    #expect(offset(of: x.transposed.transposed, in: x) == 0)
    #expect(offset(of: x.flip().flip(), in: x) == 0)
    #expect(offset(of: x.split(2)[1], in: x) == 3 * row)
    #expect(offset(of: x.broadcast(to: [4, 2, 3, row])[3], in: x) == 0)
    #expect(offset(of: x.swapAxes(0, 1)[2].slice(axis: 0, 1..<2), in: x) == 5 * row)
    // Strides of a transposed tensor cannot say this.
    let copy = x.transposed.reshape([count])
    #expect(copy.count == count && !(0..<count).contains(offset(of: copy, in: x)))
  }

  @Test("keep what they show when the original changes, and the reverse")
  func copyOnWrite() {
    for count in [12, 12_000] {
      var x = Tensor.arange(count).reshape([3, count / 3])
      let original = x
      let row = x[1]
      x[1, 0] = -5
      #expect(row[0].item(as: Int.self) == count / 3)
      #expect(x[1, 0].item() == -5)
      #expect(original[1, 0].item(as: Int.self) == count / 3)
      var view = x[1]
      view[0] = 8
      #expect(x[1, 0].item() == -5 && view[0].item() == 8)
      var wide = Tensor([1.0]).broadcast(to: [3])
      wide[1] = 2
      #expect(wide.scalars(as: Double.self) == [1, 2, 1])
    }
  }

  @Test("may be assigned to what they look at")
  func aliasing() {
    var x = Tensor([[1, 2], [3, 4]])
    x[0] = x[1]
    #expect(x.scalars(as: Int.self) == [3, 4, 3, 4])
    x = [[1, 2], [3, 4]]
    x = x.transposed
    x[0] = x[1]
    #expect(x.scalars(as: Int.self) == [2, 4, 2, 4])
    var y = Tensor([1, 2, 3, 4, 5])
    y[1...] = y[..<4]
    #expect(y.scalars(as: Int.self) == [1, 1, 2, 3, 4])
    y[...] = y[.every(-1)]
    #expect(y.scalars(as: Int.self) == [4, 3, 2, 1, 1])
    y[.every(2)] += y[.every(2)]
    #expect(y.scalars(as: Int.self) == [8, 3, 4, 1, 2])
    y[0] *= 2
    y[1] += 0.5  // truncated: an assignment keeps the type
    #expect(y.scalars(as: Int.self) == [16, 3, 4, 1, 2])
  }

  @Test("of nothing, of one element and of rank 0")
  func smallest() {
    let nothing = Tensor.zeros([0, 3])
    #expect(nothing.transposed.shape == [3, 0])
    #expect(nothing.flip().shape == [0, 3])
    #expect(nothing.reshape([3, 0, 5]).shape == [3, 0, 5])
    #expect(nothing[.every(-1)].shape == [0, 3])
    #expect(nothing.broadcast(to: [2, 0, 3]).shape == [2, 0, 3])
    #expect(nothing.pad(axis: 0, before: 1, after: 1).scalars(as: Int.self) == [0, 0, 0, 0, 0, 0])
    let number = Tensor(4.0)
    #expect(number.transposed.shape == [] && number.flip().item() == 4)
    #expect(number.flatten().shape == [1] && number.reshape([1, 1]).squeeze().shape == [])
    #expect(number[...].item() == 4 && number[.newAxis].shape == [1])
    #expect(number.permute([]).item() == 4)
    #expect(number.expandDims(at: -1).shape == [1])
    #expect(Tensor([7]).slice(axis: 0, 0..<1, step: .max).scalars(as: Int.self) == [7])
    #expect(Tensor([7, 8])[.every(.max)].scalars(as: Int.self) == [7])
  }
}
