import Backtape
import Testing

/// Cotangents of several slices of one tensor are laid side by side where they can be.
struct SliceTests {
  static let x = Tensor.randomNormal([4, 6], key: RandomKey(seed: 9), .float64)

  static let functions: [(name: String, function: @Sendable (Tensor) -> Tensor)] = [
    ("all parts", { x in x.split(3, axis: 1).reduce(1.0 * x[.all, 0..<2]) { $0 * $1 } }),
    ("with gaps", { x in x[0..<1] * x[2..<3] * x[3..<4] }),
    ("overlapping", { x in x[0..<3] * x[1..<4] }),
    ("both axes", { x in x[0..<2, 1..<3] * x[2..<4, 0..<2] * x[0..<2].slice(axis: 1, 4..<6) }),
    ("and whole", { x in x * x.sum() + x[1] * x[3] }),
    ("one", { x in x[1..<2].squared() }),
    ("in steps", { x in x[.every(2)] * x[0..<2] * x[2..<4] }),
    ("empty", { x in (x[1..<1].sum() + x[2..<3].sum() * x[0..<1].sum()) * x }),
  ]

  @Test("Gradients equal differences, to the second order", arguments: functions.indices)
  func gradients(index: Int) {
    for order in [1, 2] {
      let report = checkGradients(
        of: { sin(SliceTests.functions[index].function($0)).sum() }, at: Self.x, order: order)
      #expect(report.agrees, "\(SliceTests.functions[index].name): \(report)")
    }
  }

  @Test("The gradient of a split is one concatenation")
  func splitIsConcatenated() {
    let tape = Tape()
    let x = tape.variable(Self.x)
    let parts = x.split(3, axis: 1)
    let loss = (parts[0] * parts[1] * parts[2]).sum()
    let gradient = tape.gradient(of: loss, withRespectTo: [x], recording: true)[0]
    let listing = tape.listing(of: [gradient])
    #expect(listing.contains("concatenate("))
    #expect(!listing.contains("pad("))
  }
}
