import Backtape
import BacktapeTensors
import Foundation
import Testing

/// What tapes hold, and that they give it back.
struct TapeMemoryTests {
  /// Resident memory in bytes; nil where the system does not say.
  private static var residentBytes: Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return nil
    }
    let pages = text.split(separator: " ").compactMap { Int($0) }
    return pages.count > 1 ? pages[1] * Int(sysconf(Int32(_SC_PAGESIZE))) : nil
  }

  @Test("A detached value survives its tape", arguments: [3, 500, 5_000, 20_000])
  func detachedValuesSurvive(count: Int) {
    // Small enough for the chunk, for a node, and too large for either.
    func computed() -> (Tensor, Tensor, Tensor) {
      let tape = Tape()
      let x = tape.variable(Tensor.arange(0.0, Double(count), .float64))
      let y = x * 2 + 1
      let slope = tape.gradient(of: (y * y).sum(), withRespectTo: [x])[0]
      return (y.detached, y[.every(-1)].detached, slope.detached)
    }
    let kept = (0..<5).map { _ in computed() }
    for round in 0..<50 {
      let tape = Tape()
      let x = tape.variable(Tensor.full([count], Double(round), .float64))
      _ = (x * 3 + x).sum()
    }
    let expected = (0..<count).map { 2 * Double($0) + 1 }
    for (y, reversed, slope) in kept {
      #expect(y.scalars(as: Double.self) == expected)
      #expect(reversed.scalars(as: Double.self) == expected.reversed())
      #expect(slope.scalars(as: Double.self) == expected.map { 4 * $0 })
    }
  }

  @Test("A tensor keeps the tape it is on")
  func tensorsKeepTheirTape() {
    func computed() -> Tensor { Tape().variable(Tensor([1.0, 2.0])) * 5 }
    let kept = computed()
    for _ in 0..<50 { _ = computed() }
    #expect(kept.scalars(as: Double.self) == [5, 10])
  }

  @Test("10,000 tapes in a row take the memory of a few")
  func tapesAreRecycled() async {
    await #expect(processExitsWith: .success) {
      let weights = Tensor.ones([16, 16], .float64)
      let large = Tensor.ones([100, 100], .float64)
      func step(_ i: Int) {
        let slope = gradient(at: weights) { w in tanh(w.dot(w)).sum() }
        precondition(slope.shape == [16, 16])
        if i % 20 == 0 { precondition(gradient(at: large) { ($0 * $0).sum() }[0, 0].item() == 2) }
      }
      for i in 0..<500 { step(i) }
      let before = TapeMemoryTests.residentBytes
      for i in 0..<10_000 { step(i) }
      if let before, let after = TapeMemoryTests.residentBytes {
        precondition(after - before < 16 << 20, "grew by \(after - before) bytes")
      }
    }
  }

  @Test("A long chain records, is differentiated and freed on a small stack")
  func longChain() async {
    #if DEBUG
      let length = 200_000
    #else
      let length = 1_000_000
    #endif
    let slope = await withCheckedContinuation { continuation in
      let thread = Thread {
        let slope = gradient(at: Tensor(1.0)) { x in
          (0..<length).reduce(x) { y, i in i % 2 == 0 ? y + 1 : y - 1 }
        }
        continuation.resume(returning: slope)
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
    #expect(slope.item() == 1)
  }

  @Test("A long chain of recorded derivatives")
  func longRecordedChain() {
    let factor = 0.9999
    let tape = Tape()
    let x = tape.variable(Tensor.full([], 1, .float64))
    let y = (0..<10_000).reduce(x) { y, _ in y * factor }
    let slope = tape.gradient(of: y * y, withRespectTo: [x], recording: true)[0]
    let second = tape.gradient(of: slope, withRespectTo: [x])[0].item()
    let power = (0..<20_000).reduce(2.0) { product, _ in product * factor }
    #expect((second - power).magnitude < 1e-11)
  }
}
