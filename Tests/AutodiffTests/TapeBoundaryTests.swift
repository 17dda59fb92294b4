import Backtape
import Testing

/// What crosses from one tape to another, or leaves one.
@Suite("Values at the borders of tapes")
struct TapeBoundaryTests {
  @Test("A pullback of one tape, differentiated on another, reads the right constants")
  func pullbackOnAnotherTape() {
    let x = Tensor([[0.5]])
    let (_, pullback) = valueWithPullback(at: [x]) { p in
      (p[0] * 2).dot(p[0] * 3).dot(p[0] * 4)
    }
    // 24 x³ has the slope 72 x² = 18; the pullback is that times c.
    let c = Tensor([[1.0]])
    #expect(gradient(at: c) { pullback($0)[0].sum() }.item() == 18)
    #expect(compiled { (c: Tensor) in pullback(c)[0] }(c).item() == 18)
  }

  @Test("A record may have more operands than a chunk holds", arguments: [65_536, 200_000])
  func manyOperands(count: Int) {
    let x = Tape().variable(Tensor(1.5))
    let stacked = Tensor.stack([Tensor](repeating: x, count: count))
    #expect(stacked.shape == [count])
    #expect(stacked.sum().item() == 1.5 * Double(count))
  }

  @Test("Writing to a detached view leaves the tensor it came from as it was")
  func detachedViewIsItsOwn() {
    for count in [4, 4096] {
      let base = Tensor([Double](repeating: 1, count: count))
      var detached = {
        let tape = Tape()
        return tape.variable(base[0..<2]).detached
      }()
      detached[0] = 42
      #expect(base.sum().item() == Double(count))
      #expect(detached.scalars(as: Double.self) == [42, 1])
    }
  }

  @Test("Values handed from tape to tape do not grow a chain")
  func handedOn() {
    var x = Tensor([1.0, 2])
    for _ in 0..<200_000 { x = valueWithPullback(at: [x]) { $0[0] }.value }
    #expect(x.scalars(as: Double.self) == [1, 2])
  }

  @Test("A compiled closure that returns another tape's tensor traps by name")
  func foreignResult() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let tape = Tape()
      let w = tape.variable(Tensor([1.0, 2]))
      _ = compiled { (x: Tensor) in w }(Tensor([9.0, 9]))
    }
    #expect(result.errorText.contains("compiled: "))
  }

  @Test("A target that is on no tape is refused even if the loss is not either")
  func forgottenVariable() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let x = Tensor([1.0, 2])
      _ = Tape().gradient(of: x.sum(), withRespectTo: [x])
    }
    #expect(result.errorText.contains("gradient: a target of shape [2] is not on this tape"))
  }

  @Test("The slope of a remainder in its divisor is minus the quotient, rounded down exactly")
  func remainderSlope() {
    // PyTorch 2.13: 1 % 0.1 is 0.0999..., so the quotient is 9; 6 % 0.2 gives 29.
    #expect(gradient(at: Tensor(0.1)) { Tensor(1.0) % $0 }.item() == -9)
    #expect(gradient(at: Tensor(0.2)) { Tensor(6.0) % $0 }.item() == -29)
  }
}
