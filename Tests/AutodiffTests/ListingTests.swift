import Backtape
import BacktapeTensors
import Testing

/// Tapes as text, compared with what a person would write.
struct ListingTests {
  private let tape = Tape()
  private let loss: Tensor
  private let weights: Tensor

  init() {
    let x = tape.variable(Tensor([[0.0, 1], [1, 1], [1, 0]]), name: "x")
    weights = tape.variable(Tensor([[0.5], [-0.25]]), name: "w")
    let target = Tensor([[0.0], [1], [1]])
    let output = sigmoid(x.dot(weights) + 0.125)
    tape.name(output, "output")
    loss = ((target - output).squared() * 0.5).sum()
  }

  @Test("A tape prints one record a line, in columns")
  func description() {
    #expect(
      tape.description == """
        x      = input                  [3, 2] float64
        w      = input                  [2, 1] float64
        %2     = dot(x, w)              [3, 1] float64
        %3     = add(%2, 0.125)         [3, 1] float64
        output = sigmoid(%3)            [3, 1] float64
        %5     = constant               [3, 1] float64
        %6     = subtract(%5, output)   [3, 1] float64
        %7     = multiply(%6, %6)       [3, 1] float64
        %8     = multiply(%7, 0.5)      [3, 1] float64
        %9     = sum(%8, axes: [0, 1])  [] float64
        """)
  }

  @Test("A gradient is listed as far as the records it starts from")
  func gradientListing() {
    let before = (0..<tape.count).map { tape.tensor(at: $0) }
    let slope = tape.gradient(of: loss, withRespectTo: [weights], recording: true)[0]
    tape.name(slope, "dw")
    // 0.5 (t - o)² gives (t - o) in two halves, one for each factor of the square; the minus comes
    // from o, o (1 - o) is the slope of the sigmoid.
    #expect(
      tape.listing(of: [slope], upTo: before) == """
        %10 = constant 0.5              [3, 1] float64
        %11 = multiply(%10, %6)         [3, 1] float64
        %12 = multiply(%10, %6)         [3, 1] float64
        %13 = add(%11, %12)             [3, 1] float64
        %14 = negate(%13)               [3, 1] float64
        %15 = multiply(%14, output)     [3, 1] float64
        %16 = subtract(1, output)       [3, 1] float64
        %17 = multiply(%15, %16)        [3, 1] float64
        %18 = permute(x, axes: [1, 0])  [2, 3] float64
        dw  = dot(%18, %17)             [2, 1] float64
        """)
  }

  @Test("A listing leaves out what a tensor does not depend on")
  func partialListing() {
    let tape = Tape()
    let x = tape.variable(Tensor([1.0, 2.0]), name: "x")
    _ = exp(x)
    let y = (x * 3)[.every(-1)]
    #expect(
      tape.listing(of: [y]) == """
        x  = input                [2] float64
        %2 = multiply(x, 3)       [2] float64
        %3 = flip(%2, axes: [0])  [2] float64
        """)
    #expect(tape.listing(of: [Tensor([1.0])]) == "")
    #expect(Tape().description == "")
  }

  @Test("Attributes are named")
  func attributes() {
    let tape = Tape()
    let x = tape.variable(Tensor.ones([4, 3]), name: "x")
    let y = tape.variable(Tensor.ones([2, 3, 5]), name: "y")
    _ = x.slice(axis: 0, 1..<4, step: 2)
    _ = x.pad(axis: 1, before: 2, after: 0)
    _ = x.argmax(axis: 1)
    _ = x.max(axis: 0)
    _ = Tensor.concatenate([x, x], axis: 1)
    _ = y.transposed
    _ = y.matmul(y.reshape([2, 5, 3]))
    _ = x.cast(.float64)
    _ = 2.5 - x.power(3)
    _ = x.stopGradient()
    _ = x * Tensor([7, 7, 7])
    #expect(
      tape.description == """
        x   = input                                 [4, 3] float32
        y   = input                                 [2, 3, 5] float32
        %2  = slice(x, axis: 0, start: 1, step: 2)  [2, 3] float32
        %3  = pad(x, axis: 1, start: 2)             [4, 5] float32
        %4  = argmax(x, axis: 1)                    [4] int64
        %5  = max(x, axes: [0])                     [3] float32
        %6  = concatenate(x, x, axis: 1)            [4, 6] float32
        %7  = permute(y, axes: [0, 2, 1])           [2, 5, 3] float32
        %8  = reshape(y)                            [2, 5, 3] float32
        %9  = dot(y, %8, batch axes: 1)             [2, 3, 3] float32
        %10 = cast(x)                               [4, 3] float64
        %11 = power(x, 3)                           [4, 3] float32
        %12 = subtract(2.5, %11)                    [4, 3] float32
        %13 = stopGradient(x)                       [4, 3] float32
        %14 = constant 7.0                          [4, 3] float32
        %15 = multiply(x, %14)                      [4, 3] float32
        """)
  }
}
