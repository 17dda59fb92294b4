import Backtape
import BacktapeTensors
import Testing

/// Tapes that are made and kept by hand.
struct TapeTests {
  @Test("Several gradients from one tape, of several outputs")
  func severalGradients() {
    let tape = Tape()
    let x = tape.variable(Tensor([1.0, 2.0]))
    let y = tape.variable(Tensor([3.0, 4.0]))
    let product = (x * y).sum()
    let square = (x * x).sum()
    let count = tape.count
    for _ in 0..<3 {
      let both = tape.gradient(of: product, withRespectTo: [x, y])
      #expect(both[0].scalars(as: Double.self) == [3, 4])
      #expect(both[1].scalars(as: Double.self) == [1, 2])
      let one = tape.gradient(of: square, withRespectTo: [x, y])
      #expect(one[0].scalars(as: Double.self) == [2, 4])
      #expect(one[1].scalars(as: Double.self) == [0, 0])
    }
    #expect(tape.count == count, "a derivative that is not recorded leaves no trace")
    let later = (product * square).sum()
    #expect(
      tape.gradient(of: later, withRespectTo: [x])[0].scalars(as: Double.self) == [37, 64])
  }

  @Test("A recorded derivative can be differentiated, an unrecorded one is constant")
  func recording() {
    let tape = Tape()
    let x = tape.variable(Tensor([2.0, -1.0]))
    let loss = (x * x * x).sum()
    let slope = tape.gradient(of: loss, withRespectTo: [x], recording: true)[0]
    let second = tape.gradient(of: slope.sum(), withRespectTo: [x], recording: true)[0]
    #expect(second.scalars(as: Double.self) == [12, -6])
    let third = tape.gradient(of: second.sum(), withRespectTo: [x])[0]
    #expect(third.scalars(as: Double.self) == [6, 6])
    let plain = tape.gradient(of: loss, withRespectTo: [x])[0]
    let mixed = tape.gradient(of: (plain * x).sum(), withRespectTo: [x])[0]
    #expect(mixed.scalars(as: Double.self) == plain.scalars(as: Double.self))
  }

  @Test("Gradients by intermediate results, and by what they were computed from")
  func intermediates() {
    let tape = Tape()
    let x = tape.variable(Tensor([3.0]))
    let y = x * x
    let z = (y * x).sum()
    let slopes = tape.gradient(of: z, withRespectTo: [x, y, z])
    #expect(slopes.map { $0.item() } == [27, 3, 1])
    #expect(tape.gradient(of: y.sum(), withRespectTo: [z])[0].item() == 0)
    #expect(tape.gradient(of: z, withRespectTo: [x, x]).map { $0.item() } == [27, 27])
  }

  @Test("An alias of a variable is differentiated on its own")
  func aliases() {
    let tape = Tape()
    let x = tape.variable(Tensor([3.0]))
    let alias = tape.variable(x)
    let y = (x * alias).sum()
    #expect(tape.gradient(of: y, withRespectTo: [alias])[0].item() == 3)
    #expect(tape.gradient(of: y, withRespectTo: [x])[0].item() == 6)
  }

  @Test("Gradients by name")
  func namedGradients() {
    let values = ["w": Tensor([[1.0, 2.0]]), "b": Tensor([0.5]), "unused": Tensor([1.0])]
    let (value, slopes) = valueWithGradient(at: values) { p in
      (p["w"]!.dot(Tensor([3.0, 4.0])) + p["b"]!).sum()
    }
    #expect(value.item() == 11.5)
    #expect(slopes.keys.sorted() == ["b", "unused", "w"])
    #expect(slopes["w"]!.scalars(as: Double.self) == [3, 4])
    #expect(slopes["b"]!.item() == 1 && slopes["unused"]!.item() == 0)
    #expect(gradient(at: [String: Tensor]()) { _ in Tensor(1.0) }.isEmpty)
  }

  @Test("A function that throws passes its error on and closes its tape")
  func throwingFunctions() {
    struct Refusal: Error {}
    let x = Tensor([2.0])
    func refuses(_ x: Tensor) throws -> Tensor { throw Refusal() }
    #expect(throws: Refusal.self) { try gradient(at: x, of: refuses) }
    #expect(throws: Refusal.self) { try jvp(at: x, along: x, of: refuses) }
    #expect(throws: Refusal.self) { try hessian(at: x, of: refuses) }
    #expect(throws: Refusal.self) {
      try gradient(at: x) { x in try gradient(at: x, of: refuses).sum() }
    }
    let (value, slope) = valueWithGradient(at: x) { ($0 * $0).sum() }
    #expect(!value.isTracked && !slope.isTracked && slope.item() == 4)
  }

  @Test("What a gradient function returns is on no tape")
  func resultsAreDetached() {
    let x = Tensor.ones([200, 200], .float64)
    let (value, slope) = valueWithGradient(at: x) { ($0 * $0).sum() }
    #expect(!value.isTracked && !slope.isTracked && slope.shape == x.shape)
    let (result, pullback) = valueWithPullback(at: [x]) { $0[0] }
    #expect(!result.isTracked && !pullback(x)[0].isTracked)
    #expect(!jvp(at: x, along: x) { $0 }.isTracked)
  }

  @Test("A long operand list is walked once for each operand")
  func longOperandLists() {
    let tape = Tape()
    let parts = (0..<100).map { tape.variable(Tensor([Double($0)])) }
    let joined = Tensor.concatenate(parts)
    let slopes = tape.gradient(of: (joined * joined).sum(), withRespectTo: parts)
    #expect(slopes.map { $0.item() } == (0..<100).map { 2 * Double($0) })
  }

  @Test("Only what leads to a target is computed")
  func nothingNeedless() {
    let tape = Tape()
    let x = tape.variable(Tensor([1.0, 2.0]))
    let w = tape.variable(Tensor([3.0, 4.0]))
    let y = (exp(w) * sin(x) * Tensor([5.0, 6.0])).sum()
    let before = tape.count
    _ = tape.gradient(of: y, withRespectTo: [x], recording: true)
    // The repeated cotangent 1 as a constant, two products, and g cos(x): nothing for w, exp(w) or
    // the constant.
    let added = (before..<tape.count).map { tape.record(at: $0).pointee.primitive.name }
    #expect(added == ["constant", "multiply", "multiply", "cos", "multiply"])
  }
}
