import Backtape
import Testing

/// Operations of networks where shapes and values are at their borders.
struct NeuralEdgeTests {
  static let key = RandomKey(seed: 21)

  @Test("A batch of nothing gives nothing, and its derivatives are 0")
  func emptyBatches() {
    let kernel = Tensor.ones([3, 3, 1, 2], .float64)
    let x = Tensor.zeros([0, 5, 6, 1], .float64)
    #expect(conv2d(x, kernel).shape == [0, 3, 4, 2])
    #expect(maxPool2d(x, size: 2).shape == [0, 2, 3, 1])
    #expect(avgPool2d(x, size: 3, stride: 1, padding: .same).shape == [0, 5, 6, 1])
    let gradients = gradient(at: [x, kernel]) { p in
      maxPool2d(conv2d(p[0], p[1], padding: .same), size: 3, stride: 2).sum()
    }
    #expect(gradients[0].shape == x.shape)
    #expect(gradients[1].allClose(.zeros([3, 3, 1, 2]), relative: 0, absolute: 0))
    #expect(layerNorm(Tensor.zeros([0, 3])).shape == [0, 3])
    #expect(crossEntropies(.zeros([0, 3]), .zeros([0], .int64)).shape == [0])
    #expect(embedding(.zeros([0, 4], .int64), .zeros([2, 3])).shape == [0, 4, 3])
    let q = Tensor.zeros([0, 4, 2])
    #expect(scaledDotProductAttention(q, q, q, isCausal: true).shape == [0, 4, 2])
  }

  @Test("Views with any strides give what their copies give")
  func views() {
    let x = Tensor.randomNormal([2, 3, 8, 7], key: Self.key, .float64)
    let view = x.flip(axes: [2]).permute([0, 2, 3, 1])[.all, .every(1), 1...]
    let copy = view * 1
    let kernel = Tensor.randomNormal([3, 2, 2, 3], key: Self.key, .float64).permute([1, 2, 3, 0])
      .flip(axes: [0])
    let functions: [(Tensor) -> Tensor] = [
      { conv2d($0, kernel, stride: 2, padding: .same) },
      { maxPool2d($0, size: 3, stride: 2, padding: .same) }, { avgPool2d($0, size: 2) },
      { $0.take([1, 0, 1], axis: 2) }, { layerNorm($0) },
      { $0.windows(axis: 2, size: 2).windows(axis: 1, size: 3, step: 2) },
    ]
    for function in functions {
      #expect(function(view).allClose(function(copy), relative: 1e-14))
      let a = gradient(at: view) { (function($0) * function($0)).sum() }
      #expect(
        a.allClose(
          gradient(at: copy) { (function($0) * function($0)).sum() }, relative: 0, absolute: 0))
    }
  }

  @Test("A window's derivative goes to one element, whatever is in it")
  func oneWinner() {
    let windows: [[Double]] = [
      [0, 0, 0, 0], [1, 2, 2, 1], [-0.0, 0, -0.0, 0], [.infinity, .infinity, 1, 2],
      [-.infinity, -.infinity, -.infinity, -.infinity], [.nan, 1, .nan, 2],
    ]
    for values in windows {
      let x = Tensor(values, [1, 2, 2, 1])
      for stride in [1, 2] {
        let slope = gradient(at: x) { maxPool2d($0, size: 2, stride: stride).sum() }
          .scalars(as: Double.self)
        #expect(slope.sorted() == [0, 0, 0, 1], "\(values)")
      }
    }
    let x = Tensor([[1.0, 2, 2], [3, 3, 0]])
    let slope = gradient(at: x.reshape([1, 2, 3, 1])) { maxPool2d($0, size: 2, stride: 1).sum() }
    #expect(slope.scalars(as: Double.self) == [0, 0, 0, 1, 1, 0])
  }

  @Test("Pooling keeps integers, and the mean of them is a float")
  func integers() {
    let x = Tensor.arange(16).reshape([1, 4, 4, 1])
    #expect(maxPool2d(x, size: 2).scalars(as: Int.self) == [5, 7, 13, 15])
    #expect(maxPool2d(x, size: 2).dtype == .int64)
    #expect(avgPool2d(x, size: 2).scalars(as: Double.self) == [2.5, 4.5, 10.5, 12.5])
    #expect(maxPool2d(-x, size: 3, stride: 2, padding: .same).dtype.isFloatingPoint)
    let k = Tensor.ones([2, 2, 1, 1], .int64)
    #expect(conv2d(x, k, stride: 2).scalars(as: Int.self) == [10, 18, 42, 50])
  }

  @Test("Windows farther apart than the image are one, whatever the distance")
  func farWindows() {
    let x = Tensor.arange(16).reshape([1, 4, 4, 1])
    let k = Tensor.ones([3, 3, 1, 1], .int64)
    for stride in [4, 5, 1 << 40, Int.max] {
      #expect(conv2d(x, k, stride: stride).scalars(as: Int.self) == [45])
      #expect(conv2d(x, k, stride: stride, padding: .same).scalars(as: Int.self) == [45])
      #expect(maxPool2d(x, size: 3, stride: stride).scalars(as: Int.self) == [10])
    }
  }

  @Test("Losses stay finite where logits are not small")
  func largeLogits() {
    let x = Tensor([[1e30, -1e30, 0], [-Double.infinity, 0, -Double.infinity]])
    #expect(crossEntropies(x, [0, 1]).scalars(as: Double.self) == [0, 0])
    let slope = gradient(at: x) { crossEntropy($0, [0, 1]) }
    #expect(slope.scalars(as: Double.self) == [0, 0, 0, 0, 0, 0])
    #expect(logSumExp(Tensor([-Double.infinity, -Double.infinity])).item() == -.infinity)
    #expect(logSumExp(Tensor([Double.infinity, 0.0])).item() == .infinity)
    let mixed = gradient(at: Tensor([-Double.infinity, 0.0])) { logSumExp($0) }
    #expect(mixed.scalars(as: Double.self) == [0, 1])
  }

  @Test("The first query of a causal attention sees one key")
  func causal() {
    let q = Tensor.randomNormal([3, 4], key: Self.key, .float64)
    let v = Tensor.randomNormal([3, 2], key: Self.key, .float64)
    let seen = scaledDotProductAttention(q, q, v, isCausal: true)
    #expect(seen[0].allClose(v[0], relative: 0, absolute: 0))
    #expect(seen[2].allClose(scaledDotProductAttention(q[2...], q, v)[0], relative: 1e-14))
  }

  @Test("The states of an LSTM have the type that series and kernels meet in")
  func lstmTypes() {
    let x = Tensor.randomNormal([2, 3, 4], key: Self.key)
    let kernel = Tensor.randomNormal([4, 8], key: Self.key)
    let recurrent = Tensor.randomNormal([2, 8], key: Self.key, .float64)
    let wide = lstm(x.cast(.float64), kernel: kernel.cast(.float64), recurrentKernel: recurrent)
    let mixed = lstm(x, kernel: kernel, recurrentKernel: recurrent)
    #expect(mixed.cell.dtype == .float64)
    // The product with the kernel is rounded to float32, everything else is not.
    #expect(mixed.outputs.allClose(wide.outputs, relative: 1e-5, absolute: 1e-6))
  }

  @Test("A scan hands on its state, and derivatives flow through all steps")
  func scans() {
    let x = Tensor([[1.0, 2], [3, 4], [5, 6]])
    func sums(_ x: Tensor) -> (state: [Tensor], outputs: Tensor) {
      scan(x, initial: [.zeros([2], .float64)]) { state, row in
        ([state[0] + row], state[0] * row)
      }
    }
    let (state, outputs) = sums(x)
    #expect(state[0].scalars(as: Double.self) == [9, 12])
    #expect(outputs.scalars(as: Double.self) == [0, 0, 3, 8, 20, 36])
    // The sum over pairs of different rows of their products: each element's slope is all others.
    let slope = gradient(at: x) { sums($0).outputs.sum() }
    #expect(slope.scalars(as: Double.self) == [8, 10, 6, 8, 4, 6])
    let report = checkGradients(of: { sin(sums($0).outputs).sum() }, at: x, order: 2)
    #expect(report.agrees, "\(report)")
  }

  @Test("What is left out of a recurrent network is 0")
  func recurrentDefaults() {
    let x = Tensor.randomNormal([2, 3, 4], key: RandomKey(seed: 1), .float64)
    let (w, u) = (
      Tensor.randomNormal([4, 15], key: RandomKey(seed: 2), .float64),
      Tensor.randomNormal([5, 15], key: RandomKey(seed: 3), .float64)
    )
    let short = gru(x, kernel: w, recurrentKernel: u)
    let zero = Tensor.zeros([15], .float64)
    let long = gru(
      x, kernel: w, recurrentKernel: u, bias: zero, recurrentBias: zero,
      initial: .zeros([2, 5], .float64))
    #expect(
      short.outputs.allClose(long.outputs, relative: 0, absolute: 0)
        && short.hidden.allClose(long.hidden, relative: 0, absolute: 0))
    #expect(short.hidden.allClose(short.outputs[..., 2, 0...], relative: 0, absolute: 0))
  }
}
