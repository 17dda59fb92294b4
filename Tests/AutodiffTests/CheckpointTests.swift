import Backtape
import BacktapeAutodiff
import BacktapeTensors
import Testing

/// Checkpoints: the same derivatives, and values that are not kept.
struct CheckpointTests {
  private static let w = Tensor.randomNormal([5, 5], key: RandomKey(seed: 4), .float64)
  private static let x = Tensor.randomNormal([3, 5], key: RandomKey(seed: 5), .float64)

  private static func block(_ x: Tensor, _ w: Tensor) -> Tensor {
    let hidden = tanh(x.dot(w))
    return hidden * sigmoid(hidden) + x
  }

  private func derivative(
    _ order: Int, at x: Tensor, _ function: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    if order == 0 { return function(x) }
    return gradient(at: x) { x in self.derivative(order - 1, at: x, function).sum() }
  }

  @Test("Derivatives of any order are those of the function", arguments: 0...5)
  func anyOrder(order: Int) {
    let x = Tensor([0.3, -0.7, 1.1])
    let plain = derivative(order, at: x) { sin(exp($0) * $0) }
    let again = derivative(order, at: x) { x in checkpoint(x) { sin(exp($0) * $0) } }
    #expect(areClose(plain, again))
    let nested = derivative(order, at: x) { x in
      checkpoint(x) { x in sin(checkpoint(x) { exp($0) } * x) }
    }
    #expect(areClose(plain, nested))
  }

  @Test("Tensors of the tape that it uses without being given them are operands")
  func captures() {
    let plain = gradient(at: [Self.x, Self.w]) { p in
      Self.block(Self.block(p[0], p[1]), p[1]).sum()
    }
    let again = gradient(at: [Self.x, Self.w]) { p in
      let block = checkpoint { (x: Tensor) in Self.block(x, p[1]) }
      return block(block(p[0])).sum()
    }
    for (a, b) in zip(plain, again) { #expect(areClose(a, b)) }
    let untracked = gradient(at: Self.w) { w in
      checkpoint(Self.x) { x in Self.block(x, w) }.sum()
    }
    #expect(areClose(untracked, gradient(at: Self.w) { Self.block(Self.x, $0).sum() }))
  }

  @Test("On a tape of one's own")
  func explicitTape() {
    let tape = Tape()
    let x = tape.variable(Self.x)
    let w = tape.variable(Self.w)
    let y = checkpoint(x) { Self.block($0, w) }
    let before = tape.count
    let slopes = tape.gradient(of: y.sum(), withRespectTo: [x, w])
    #expect(tape.count <= before + 1)
    let plain = gradient(at: [Self.x, Self.w]) { Self.block($0[0], $0[1]).sum() }
    for (a, b) in zip(plain, slopes) { #expect(areClose(a, b)) }
    // Recorded, it can be differentiated again.
    let recorded = tape.gradient(of: y.sum(), withRespectTo: [w], recording: true)[0]
    let second = tape.gradient(of: (recorded * recorded).sum(), withRespectTo: [x])[0]
    let expected = gradient(at: Self.x) { x in
      let slope = gradient(at: Self.w) { Self.block(x, $0).sum() }
      return (slope * slope).sum()
    }
    #expect(areClose(second, expected))
  }

  @Test("Several results, of several types")
  func severalResults() {
    let f: ([Tensor]) -> [Tensor] = { p in
      let y = p[0] * exp(p[1])
      return [y.sum(axis: 0), y, y.cast(.float32) * 2, y.argmax(axis: 1), p[1], Tensor(2.0)]
    }
    let loss: ([Tensor]) -> Tensor = { r in
      (r[0] * r[0]).sum() + (sin(r[1]) * r[5]).sum() + r[2].sum().cast(.float64)
        + (r[4] * r[3].cast(.float64).sum()).sum()
    }
    let points = [Self.x, Self.x * 0.5]
    let plain = gradient(at: points) { loss(f($0)) }
    let again = gradient(at: points) { loss(checkpoint(f)($0)) }
    for (a, b) in zip(plain, again) { #expect(areClose(a, b)) }
    let off = checkpoint(f)(points)
    for (a, b) in zip(f(points), off) { #expect(a.allClose(b, relative: 0) && a.dtype == b.dtype) }
  }

  @Test("Forward products, Hessians, gradients inside and around")
  func transformations() {
    let f: (Tensor) -> Tensor = { x in (tanh(x.dot(Self.w)) * x).sum() }
    let g: (Tensor) -> Tensor = { x in checkpoint(x, f) }
    let x = Self.x[0]
    let v = Self.x[1]
    #expect(areClose(jvp(at: x, along: v, of: f), jvp(at: x, along: v, of: g)))
    #expect(areClose(hessian(at: x, of: f), hessian(at: x, of: g)))
    #expect(
      areClose(
        hessianVectorProduct(at: x, along: v, of: f), hessianVectorProduct(at: x, along: v, of: g)))
    let inner = gradient(at: x) { x in
      checkpoint(x) { x in gradient(at: x, of: f) * x }.sum()
    }
    #expect(areClose(inner, gradient(at: x) { x in (gradient(at: x, of: f) * x).sum() }))
    #expect(checkGradients(of: g, at: x, order: 2).agrees)
  }

  @Test("What a body leaves outside has no value any more")
  func leaks() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var leaked: Tensor?
      _ = gradient(at: Tensor([1.0, 2.0])) { x in
        let y = checkpoint(x) { x in
          leaked = exp(x)
          return leaked! * x
        }
        _ = leaked!.scalars(as: Double.self)
        return y.sum()
      }
    }
    #expect(
      String(decoding: try #require(result).standardErrorContent, as: UTF8.self).contains(
        "of shape [2] was read, which a checkpoint computed and did not keep; return it from"))
  }

  @Test("Views, empty tensors and numbers as results")
  func views() {
    let f: (Tensor) -> Tensor = { x in (exp(x) * 2)[.every(-2), 1...] }
    let g: (Tensor) -> Tensor = { x in checkpoint(x, f) }
    #expect(areClose(f(Self.x), g(Self.x)))
    #expect(
      areClose(gradient(at: Self.x) { f($0).sum() }, gradient(at: Self.x) { g($0).sum() }))
    let empty = gradient(at: Tensor.zeros([0, 3], .float64)) { x in
      checkpoint(x) { exp($0) }.sum()
    }
    #expect(empty.shape == [0, 3])
    #expect(gradient(at: Tensor(2.0)) { x in checkpoint(x) { $0 } * x }.item() == 4)
    #expect(gradient(at: Tensor(2.0)) { x in checkpoint(x) { _ in Tensor(3.0) } * x }.item() == 3)
  }

  @Test("Random numbers drawn inside are drawn once")
  func randomNumbers() {
    let key = RandomKey(seed: 9)
    let f: (Tensor) -> Tensor = { x in Tensor.randomNormal(x.shape, key: key, .float64) * exp(x) }
    let plain = gradient(at: Self.x) { f($0).sum() }
    #expect(areClose(plain, gradient(at: Self.x) { x in checkpoint(x, f).sum() }))
  }
}

#if os(Linux)
  import Foundation

  extension CheckpointTests {
    /// The most memory the process has held so far, in bytes.
    private static var peakBytes: Int {
      let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
      return (line.split(separator: " ").lazy.compactMap { Int($0) }.first ?? 0) * 1024
    }

    /// The gradient of 64 layers, of which each makes 4 values of so many elements.
    private static func deepGradient(_ count: Int, block: Int?) -> Tensor {
      let layer: (Tensor) -> Tensor = { x in tanh(sin(x) * cos(x) + x) }
      return gradient(at: Tensor.full([count], 0.5, .float64)) { x in
        var x = x
        for _ in 0..<(64 / (block ?? 1)) {
          let layers: (Tensor) -> Tensor = { x in (0..<(block ?? 1)).reduce(x) { x, _ in layer(x) }
          }
          x = block == nil ? layers(x) : checkpoint(x, layers)
        }
        return x.sum()
      }
    }

    @Test("On the tape memory is that of one block and what lies between blocks")
    func memory() async {
      // Of a mebibyte each, and of eight kibibytes, which else lie in the tape's chunks.
      await #expect(processExitsWith: .success) {
        for count in [1 << 17, 1 << 10] {
          let expected = CheckpointTests.deepGradient(count / 64, block: nil)[0].item() as Double
          let before = CheckpointTests.peakBytes
          let slope = CheckpointTests.deepGradient(count, block: 8)
          let growth = CheckpointTests.peakBytes - before
          precondition((slope[0].item() - expected).magnitude < 1e-12)
          // Without checkpoints 320 values; 8 lie between, 40 in a block, some are cotangents.
          if growth > 80 * count * 8 + (4 << 20) { fatalError("\(growth) bytes at \(count)") }
        }
      }
    }

    @Test("Without checkpoints it is that of all layers")
    func memoryWithout() async {
      await #expect(processExitsWith: .success) {
        let before = CheckpointTests.peakBytes
        _ = CheckpointTests.deepGradient(1 << 17, block: nil)
        precondition(CheckpointTests.peakBytes - before > 300 * (1 << 20))
      }
    }
  }
#endif
