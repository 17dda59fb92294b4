import Backtape
import Testing

/// Operations write into operands that nobody else refers to: nobody may see that.
struct InPlaceTests {
  @Test("Operands that are still in use keep their values", arguments: [1, 4, 200, 50_000])
  func operandsStay(count: Int) {
    let a = Tensor.full([count], 3.0, .float64) * 1.0
    let copy = a
    let b = a + a
    let c = a * 2.0 - b / a
    let d = exp(a - a) + (-a)
    let e = 10.0 - a
    var f = a
    f += b
    f *= 2.0
    for (tensor, value) in [(a, 3.0), (copy, 3), (b, 6), (c, 4), (d, -2), (e, 7), (f, 18)] {
      #expect(tensor.scalars(as: Double.self) == [Double](repeating: value, count: count))
    }
  }

  @Test("Views keep what they look at, and are not written through", arguments: [4, 5_000])
  func viewsStay(count: Int) {
    let base = Tensor.arange(0.0, Double(count), .float64)
    let expected = (0..<count).map(Double.init)
    let doubled = base[0..<2] * 2.0
    let halves = base.reshape([2, count / 2]) + 1.0
    let turned = -base.reshape([2, count / 2]).transposed
    let reversed = base.flip() + base
    #expect(doubled.scalars(as: Double.self) == [0, 2])
    #expect(halves.scalars(as: Double.self) == expected.map { $0 + 1 })
    #expect(turned[0, 1].item() == -Double(count / 2))
    #expect(reversed.scalars(as: Double.self) == expected.map { _ in Double(count - 1) })
    #expect(base.scalars(as: Double.self) == expected)
    var view = Tensor.arange(0.0, Double(count), .float64)[1..<3]
    let other = view
    view = view * 5.0
    #expect(view.scalars(as: Double.self) == [5, 10])
    #expect(other.scalars(as: Double.self) == [1, 2])
  }

  @Test("One tensor on both sides")
  func bothSides() {
    var x = Tensor([2.0, 3.0])
    x = x * x
    x = x - x * 0.5
    #expect(x.scalars(as: Double.self) == [2, 4.5])
    var y = Tensor([1, 2])
    y += y
    #expect(y.scalars(as: Int.self) == [2, 4])
  }

  @Test("A value that a tape or a closure has kept stays")
  func keptValues() {
    var w = Tensor([1.0, 2.0]) * 1.0
    let tape = Tape()
    let x = tape.variable(w)
    let product = x * w
    w = w * 100.0
    #expect(product.scalars(as: Double.self) == [1, 4])
    #expect(tape.gradient(of: product.sum(), withRespectTo: [x])[0].scalars() == [1.0, 2.0])
    let values = (0..<4).map { Tensor([Double($0)]) }
    let total = values.dropFirst().reduce(values[0], +)
    #expect(total.item() == 6 && values.map { $0.item() } == [0, 1, 2, 3])
  }
}
