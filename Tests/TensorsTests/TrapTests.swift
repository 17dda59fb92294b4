import Backtape
import Testing

@Suite("Mistakes that trap say what and where")
struct TrapTests {
  typealias Mistake = (words: [String], make: @Sendable () -> Void)

  private static let mistakes = everywhere + calculus + linear + networks

  @Test("each", arguments: mistakes.indices)
  func traps(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index] in
      TrapTests.mistakes[index].make()
    }
    expectMessage(result, Self.mistakes[index].words)
  }

  private static let everywhere: [Mistake] = [
    (["a row of 2 elements among rows of 1 (axis 1)"], { _ = Tensor([[1], [2, 3]]) }),
    (["a row of 0 elements among rows of 1"], { _ = Tensor([[1.0], []]) }),
    (
      ["a row of 1 among rows of 2 at axis 1 of a literal"],
      {
        let x: Tensor = [[1, 2], [3]]
        _ = x
      }
    ),
    (
      ["a number among rows of 2 at axis 1 of a literal"],
      {
        let x: Tensor = [[1, 2], 3]
        _ = x
      }
    ),
    (["has 9 axes", "at most 8", "reshape"], { _ = Tensor.zeros([1, 1, 1, 1, 1, 1, 1, 1, 1]) }),
    (["has 9 axes"], { _ = Tensor([[[[[[[[[1]]]]]]]]]) }),
    (["negative extent -1 at axis 1"], { _ = Tensor.zeros([2, -1]) }),
    (
      ["elements of [1099511627776, 1099511627776] take more bytes than 64 bits"],
      { _ = Tensor.zeros([1 << 40, 1 << 40]) }
    ),
    (["take more bytes than 64 bits"], { _ = Tensor.zeros([1 << 40, 0, 1 << 40]) }),
    (["elements of [\(Int.max)] take more bytes than 64 bits"], { _ = Tensor.arange(.min, .max) }),
    (
      ["take more bytes than 64 bits"],
      { _ = Tensor.ones([1 << 59]).pad(axis: 0, before: 1 << 61, after: 0) }
    ),
    (
      ["take more bytes than 64 bits"],
      {
        let x = Tensor.ones([1 << 59])
        _ = Tensor.concatenate([x, x])
      }
    ),
    (
      ["+", "[1099511627776, 1]", "[1, 1099511627776]"],
      { _ = Tensor.ones([1 << 40, 1]) + Tensor.ones([1, 1 << 40]) }
    ),
    (
      ["take more bytes than 64 bits"],
      { _ = Tensor.ones([1 << 40, 1]).dot(.ones([1, 1 << 40])) }
    ),
    (["3 elements do not fill shape [2, 2], which has 4"], { _ = Tensor([1, 2, 3], [2, 2]) }),
    (
      ["3 bytes do not fill shape [2] of int32, which takes 8"],
      {
        let bytes: [UInt8] = [1, 2, 3]
        bytes.withUnsafeBytes { _ = Tensor(bytes: $0, shape: [2], dtype: .int32) }
      }
    ),
    (["item: a tensor of shape [2] has 2 elements, not one"], { _ = Tensor([1, 2]).item() }),
    (["item: a tensor of shape [0] has 0 elements"], { _ = Tensor.zeros([0]).item() }),
    (["arange: the step is 0"], { _ = Tensor.arange(0, 5, step: 0) }),
    (["arange", "never ends"], { _ = Tensor.arange(0.0, 1.0, step: 0) }),
    (["linspace: -1 numbers"], { _ = Tensor.linspace(0, 1, -1) }),
    (
      ["[\(Int.max)] take more bytes than 64 bits can count", "parts"],
      { _ = Tensor.linspace(0, 1, .max) }
    ),
    (["no memory for a value of 800000000000000000 bytes"], { _ = Tensor.arange(0.0, 1e17) }),
    (["eye: -1 rows and 2 columns"], { _ = Tensor.eye(-1, 2) }),
    (["concatenate: no tensors were given"], { _ = Tensor.concatenate([]) }),
    (["stack: no tensors were given"], { _ = Tensor.stack([]) }),
    (["remainder: division of an integer by zero"], { _ = Tensor([1, 2]) % Tensor([1, 0]) }),
    (["remainder: division of an integer by zero"], { _ = Tensor([1, 2]) % 0 }),
    (["-: not defined for bool", "cast", "use !"], { _ = -Tensor([true]) }),
    (["-: not defined for bool", "cast", "use .^"], { _ = Tensor([true]) - Tensor([false]) }),
    (
      ["two unrelated tapes", "detached"],
      {
        let (one, other) = (Tape(), Tape())
        _ = one.variable(Tensor([1.0])) + other.variable(Tensor([2.0]))
      }
    ),
    (
      ["value of a traced tensor of shape [2]", "Tensor.where"],
      { _ = Graph().placeholder("x", [2]).scalars(as: Double.self) }
    ),
    (
      ["value of a traced tensor of shape []", "record 1, multiply"],
      { _ = (Graph().placeholder("x", []) * 2).item() }
    ),
    (
      ["value of a traced tensor"],
      {
        var x = Tensor([1.0])
        x[0] = Graph().placeholder("x", [])
        x.withUnsafeBytes { _ in }
      }
    ),
    (
      ["writing in place", "shape [1]", "subscript"],
      {
        var x = Tape().variable(Tensor([1.0]))
        x.withUnsafeMutableBytes { _ in }
      }
    ),
    (["axis 2 does not exist in [2, 3]"], { _ = Tensor.zeros([2, 3]).shape[2] }),
  ]
}
