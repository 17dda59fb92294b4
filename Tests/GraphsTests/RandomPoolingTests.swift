import Backtape
import BacktapeGraphs
import BacktapeTensors
import Testing

/// What meets the derivative of pooling: windows side by side of any sizes, edges left out, masks
/// and zeros around them, sums of what comes out.
@Suite("Random poolings: plans agree with the tape")
struct RandomPoolingTests {
  @Test("with all passes, interleaving alone, and all but it", arguments: 0..<60)
  func agree(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
    let size = [(1, 2), (2, 1), (2, 2), (4, 1), (1, 3), (2, 3)][number(0..<6)]
    let channels = [1, 3, 8, 16, 20, 32][number(0..<6)]
    let dtype: DType = number(0..<2) == 0 ? .float64 : .float32
    let cut = number(0..<2)
    let shape: Shape = [
      number(1..<4), cut + size.0 * number(1..<6) + number(0..<2),
      size.1 * number(1..<6) + number(0..<2), channels,
    ]
    let before = number(0..<4)
    let behind = number(0..<5)
    // Ties are as frequent as in images.
    let x = floor(8 * random.tensor(shape, dtype)) / 8
    let y = random.tensor([channels], dtype)

    func body(_ inputs: [Tensor]) -> [Tensor] {
      let slope = gradient(at: inputs[0]) { x in
        var h = x + inputs[1]
        switch before {
        case 0: h = relu(h)
        case 1: h = tanh(h)
        case 2: h = .where(h .> 0.25, h, 0)
        default: break
        }
        let pooled = maxPool2d(h[0..., cut...], size: [size.0, size.1])
        let weights = cos(Tensor.arange(pooled.count).cast(dtype)).reshape(pooled.shape)
        return (pooled * weights).sum()
      }
      switch behind {
      case 0: return [slope, slope.sum(axes: [0, 1, 2])]
      case 1: return [slope * 2 + 1, slope.max(axes: [1, 2])]
      case 2: return [slope.reshape([-1, channels]).sum(axis: 0), slope.sum()]
      case 3: return [Tensor.where(slope .< 0, 0, slope), softmax(slope, axis: 1)]
      default:
        return [slope.reshape([-1, channels]).transposed.dot(slope.reshape([-1, channels]))]
      }
    }

    let expected = body([x, y])
    for passes in [Plan.Pass.all, [.interleaving], Plan.Pass.all.subtracting([.interleaving])] {
      let plan = try Plan.traced(like: [x, y], by: passes, body)
      for (i, (a, b)) in zip(try plan.run([x, y]), expected).enumerated() {
        #expect(
          a.isClose(to: b, dtype == .float64 ? 1e-12 : 1e-5),
          "\(shape) by \(size), \(before), \(behind), \(cut), \(passes): \(i): \(a), not \(b)")
      }
    }
  }
}
