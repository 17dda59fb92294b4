import Backtape
import Testing

/// A layer made of others, with a parameter of its own.
private struct Block: Layer {
  func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    let shared = scope.layer(Dense(3, activation: .tanh))
    let group = scope("head")
    let y = shared(shared(x)) * scope.parameter("scale", [3], .ones)
    return group(Dense(3), group(Dense(4), y))
  }
}

/// Counts the samples it was trained on.
private struct Counter: Layer {
  func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    scope.update("seen", to: scope.state("seen", [], .zeros) + Double(x.shape[0]))
    return x
  }
}

struct LayerTests {
  private func paths(_ model: Model) throws -> [String] { try model.parameters.map(\.path) }

  @Test("Paths are in snake case, unique and stable; a group keeps counting")
  func paths() throws {
    let model = Model(input: [3]) {
      Dense(3)
      Dense(3)
      Block()
      Block()
    }
    #expect(
      try paths(model) == [
        "dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias",
        "block/dense/kernel", "block/dense/bias", "block/scale",
        "block/head/dense/kernel", "block/head/dense/bias",
        "block/head/dense_1/kernel", "block/head/dense_1/bias",
        "block_1/dense/kernel", "block_1/dense/bias", "block_1/scale",
        "block_1/head/dense/kernel", "block_1/head/dense/bias",
        "block_1/head/dense_1/kernel", "block_1/head/dense_1/bias",
      ])
  }

  @Test("A composite that is called twice shares what is inside it")
  func sharedComposite() throws {
    let model = Model(inputs: [[3], [3]]) { inputs, scope in
      let twin = scope.layer(
        Sequential {
          Dense(4, activation: .tanh)
          Dense(2)
        }, name: "twin")
      return [twin(inputs[0]) - twin(inputs[1])]
    }
    #expect(
      try paths(model) == [
        "twin/dense/kernel", "twin/dense/bias", "twin/dense_1/kernel", "twin/dense_1/bias",
      ])
    let x = Tensor([[1.0, 2, 3], [4, 5, 6]])
    let same = try model.predict(inputs: [x, x])[0]
    #expect(same.scalars(as: Double.self) == [0, 0, 0, 0])
    #expect(try model.predict(inputs: [x, x + 1])[0].scalars(as: Double.self) != [0, 0, 0, 0])
  }

  @Test("A shared layer gets the gradients of all its calls")
  func sharedGradient() throws {
    // p = w (w x): the derivative of 0.5 (y - p)² is (p - y) 2 w x.
    let model = Model(inputs: [[1]], dtype: .float64) { inputs, scope in
      let twice = scope.layer(Dense(1, useBias: false, kernelInitializer: .constant(3)))
      return [twice(twice(inputs[0]))]
    }
    model.compile(optimizer: .sgd(learningRate: 1), loss: .halfSquaredErrorSum)
    try model.fit(Tensor([[2.0]]), Tensor([[17.0]]), verbosity: .silent)
    #expect(model["dense/kernel"].item() == 3 - (18 - 17) * 2 * 3 * 2)
  }

  @Test("The builder takes if, if with else, switch, for and lists", arguments: [true, false])
  func builder(condition: Bool) throws {
    let model = Model(input: [2]) {
      if condition { Dense(3) }
      if condition { Dense(4) } else { Dense(5) }
      for units in [6, 7] { Dense(units) }
      switch condition {
      case true: Activation.relu
      case false: Dense(8)
      }
      [Dense(9), Dense(10)]
    }
    let widths = try model.parameters.filter { $0.path.hasSuffix("bias") }.map(\.value.count)
    #expect(widths == (condition ? [3, 4, 6, 7, 9, 10] : [5, 6, 7, 8, 9, 10]))
  }

  @Test("States are updated in training alone")
  func states() throws {
    let model = Model(input: [1], dtype: .float64) {
      Counter()
      Dense(1)
    }
    model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    let x = Tensor.ones([10, 1], .float64)
    try model.fit(x, x, batchSize: 4, epochs: 2, verbosity: .silent)
    #expect(model["counter/seen"].item() == 20)
    _ = try model.evaluate(x, x)
    _ = try model.predict(x)
    #expect(model["counter/seen"].item() == 20)
  }

  @Test("Frozen parameters stay, by layer or by path, and thaw")
  func frozen() throws {
    let model = Model(input: [3], dtype: .float64) {
      Frozen(Dense(4, activation: .tanh))
      Dense(4, activation: .tanh)
      Dense(1)
    }
    model.compile(optimizer: .sgd(learningRate: 0.1, momentum: 0.9), loss: .meanSquaredError)
    try model.freeze("dense_1")
    let before = try model.parameters.map { $0.value.scalars(as: Double.self) }
    try model.fit(Series.x, Series.y, epochs: 3, verbosity: .silent)
    let after = try model.parameters.map { $0.value.scalars(as: Double.self) }
    #expect(zip(before, after).map { $0 == $1 } == [true, true, true, true, false, false])
    try model.unfreeze("dense_1")
    try model.fit(Series.x, Series.y, epochs: 3, verbosity: .silent)
    let thawed = try model.parameters.map { $0.value.scalars(as: Double.self) }
    #expect(zip(after, thawed).map { $0 == $1 } == [true, true, false, false, false, false])
    #expect(throws: ModelError.self) { try model.freeze("dens") }
  }

  @Test("A callback freezes parameters between the epochs of one training")
  func frozenOnTheWay() throws {
    final class Freezer: Callback {
      var bias: [Tensor] = []
      func epochEnd(_ model: Model, epoch: Int, logs: Logs) {
        if epoch == 1 { #expect(throws: Never.self) { try model.freeze("dense") } }
        bias.append(model["dense/bias"])
      }
    }
    let model = Model(input: [3], dtype: .float64) { Dense(1) }
    model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
    let freezer = Freezer()
    try model.fit(Series.x, Series.y, epochs: 4, verbosity: .silent, callbacks: [freezer])
    let values = freezer.bias.map { $0.item() as Double }
    #expect(values[0] != values[1] && values[1] == values[2] && values[2] == values[3])
  }

  @Test("Flatten, Residual, Lambda and activations as layers")
  func small() throws {
    let model = Model(input: [2, 3], dtype: .float64) {
      Flatten()
      Lambda("double") { 2 * $0 }
      Residual { Lambda { $0.squared() } }
      Activation.relu
      Activation("negated") { -$0 }
    }
    let x = Tensor([[[1.0, -2, 3], [-0.25, 0.5, 0]]])
    let y = try model.predict(x)
    #expect(y.shape == [1, 6])
    #expect(y.scalars(as: Double.self) == [-6, -12, -42, 0, -2, 0])
  }

  @Test("Initial values follow from seed and path, and keep to their bounds")
  func initializers() throws {
    func kernel(_ seed: UInt64, _ initializer: Initializer = .glorotUniform) throws -> [Double] {
      let model = Model(input: [40], dtype: .float64, seed: seed) {
        Dense(60, kernelInitializer: initializer)
      }
      return try model.parameter("dense/kernel").scalars(as: Double.self)
    }
    #expect(try kernel(1) == kernel(1))
    #expect(try kernel(1) != kernel(2))
    let n = 2400.0
    func spread(_ values: [Double]) -> Double {
      (values.map { $0 * $0 }.reduce(0, +) / n).squareRoot()
    }
    // Uniform numbers within ±a have a standard deviation of a / sqrt(3).
    let glorot = try kernel(1)
    #expect(glorot.allSatisfy { abs($0) <= (6.0 / 100).squareRoot() })
    #expect(abs(spread(glorot) / (2.0 / 100).squareRoot() - 1) < 0.05)
    #expect(abs(spread(try kernel(1, .heUniform)) / (2.0 / 40).squareRoot() - 1) < 0.05)
    #expect(abs(spread(try kernel(1, .glorotNormal)) / (2.0 / 100).squareRoot() - 1) < 0.05)
    #expect(abs(spread(try kernel(1, .heNormal)) / (2.0 / 40).squareRoot() - 1) < 0.05)
    #expect(
      try kernel(1, .truncatedNormal(standardDeviation: 2)).allSatisfy { abs($0) <= 4 })
    #expect(abs(spread(try kernel(1, .normal(standardDeviation: 2))) / 2 - 1) < 0.05)
    #expect(try kernel(1, .uniform(3, 4)).allSatisfy { $0 >= 3 && $0 < 4 })
    #expect(try kernel(1, .constant(7)).allSatisfy { $0 == 7 })
    let model = Model(input: [40], dtype: .float64) {
      Dense(60)
      Dense(40)
    }
    #expect(
      model["dense/kernel"].flatten()[0].item() != model["dense_1/kernel"].flatten()[0].item())
  }
}
