import Backtape
import Testing

/// The code of the README, which a test keeps equal to it, and what comes out.
@Suite("The README's code") struct ReadmeTests {
  @Test("The model learns the table and the gradient is the formula's")
  func runs() throws {
    let x: Tensor = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]
    let y: Tensor = [[0], [0], [1], [1]]

    let model = Model(input: [3]) {
      Dense(4, activation: .sigmoid)
      Dense(1, activation: .sigmoid)
    }
    model.compile(optimizer: .sgd(learningRate: 1), loss: .halfSquaredErrorSum)
    try model.fit(x, y, epochs: 500, verbosity: .silent)
    print(try model.predict(x))  // near 0, 0, 1, 1

    // Any function made of tensor operations has a gradient.
    let w: Tensor = [[0.1], [0.2], [0.3]]
    let dw = gradient(at: w) { w in (sigmoid(x.dot(w)) - y).squared().sum() }
    print(dw)  // of the shape of w

    #expect(try model.predict(x).allClose(y, relative: 0, absolute: 0.1))
    let p = sigmoid(x.dot(w))
    let byHand = x.transposed.dot(2 * (p - y) * p * (1 - p))
    #expect(dw.shape == w.shape)
    #expect(dw.allClose(byHand, relative: 1e-5, absolute: 1e-6))
  }
}
