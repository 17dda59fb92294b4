import Backtape
import Testing

/// A reshape that strides cannot express is a copy, on a tape as off it.
@Suite("Reshaped views with gaps")
struct ReshapeCopyTests {
  @Test(
    "values and derivatives on a tape",
    arguments: [[5, 16], [5, 2, 8], [5, 8, 2], [80], [5, 4, 4], [1, 5, 16, 1], [10, 8]])
  func permuted(extents: [Int]) {
    let x = Tensor((0..<80).map(Double.init), [4, 5, 4])
    let weights = Tensor(
      (0..<80).map { (i: Int) in Double(i % 7) }, Shape(extents))
    func reshaped(_ x: Tensor) -> Tensor { x.permute([1, 0, 2]).reshape(Shape(extents)) }

    // Element [a, b, c] of the permuted tensor is x[b, a, c].
    let places = (0..<80).map { (i: Int) -> Int in
      let (a, b, c) = (i / 16, i / 4 % 4, i % 4)
      return b * 20 + a * 4 + c
    }
    let expected = places.map(Double.init)
    let tape = Tape()
    let variable = tape.variable(x)
    let y = reshaped(variable)
    #expect(y.scalars() == expected)
    #expect((y * 1)[..., 0].scalars(as: Double.self) == reshaped(x)[..., 0].scalars())
    let g = tape.gradient(of: (y * weights).sum(), withRespectTo: [variable])[0]
    var pulled = [Double](repeating: 0, count: 80)
    for (i, place) in places.enumerated() { pulled[place] = Double(i % 7) }
    #expect(g.scalars() == pulled)
  }
}
