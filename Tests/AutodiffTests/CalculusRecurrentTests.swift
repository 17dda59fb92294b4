import Backtape
import Testing

/// Recurrent networks against PyTorch's and JAX's in `Tests/Golden/calculus_recurrent.json`.
struct CalculusRecurrentTests {
  @Test(
    "Values and derivatives equal PyTorch's",
    arguments: try CalculusGolden.load("calculus_recurrent").cases)
  func equalsPyTorch(golden: CalculusCase) throws {
    let function = try #require(functions[golden.operation])
    try golden.expectDerivatives(of: function, isElementwise: false)
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try CalculusGolden.load("calculus_recurrent")
    #expect(golden.header.generator == "Tests/Golden/calculus_recurrent.py")
    #expect(golden.cases.count == golden.header.cases && golden.cases.count == 15)
    #expect(golden.header.jaxChecked == golden.cases.count)
    #expect(Set(golden.cases.map(\.operation)) == Set(functions.keys))
  }

  @Test("What is left out is 0")
  func defaults() {
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
    #expect(short.outputs.allClose(long.outputs) && short.hidden.allClose(long.hidden))
    #expect(short.hidden.allClose(short.outputs[..., 2, 0...]))
  }
}

private let functions: [String: CalculusCase.Function] = [
  "lstm": {
    let y = lstm(
      $1[0], kernel: $1[1], recurrentKernel: $1[2], bias: $1[3], initial: ($1[4], $1[5]))
    return .concatenate(
      [y.outputs, y.hidden.expandDims(at: 1), y.cell.expandDims(at: 1)], axis: 1)
  },
  "gru": {
    gru(
      $1[0], kernel: $1[1], recurrentKernel: $1[2], bias: $1[3], recurrentBias: $1[4],
      gates: $0.text("gates") == "resetUpdateNew" ? .resetUpdateNew : .updateResetNew,
      resetAfter: $0.isTrue("resetAfter"), initial: $1[5]
    ).outputs
  },
]
