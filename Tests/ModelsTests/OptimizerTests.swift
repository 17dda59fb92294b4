import Backtape
import BacktapeModels
import Testing

/// Adam (Kingma and Ba 2015, algorithm 1), as a user would write it: two slots and the step.
private struct Adam: Optimizer {
  var learningRate = 0.1
  func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
    let t = slots.step.cast(weight.dtype)
    let m = 0.9 * slots("m", like: weight) + 0.1 * gradient
    let v = 0.99 * slots("v", like: weight, initial: 0.5) + 0.01 * gradient.squared()
    slots.update("m", to: m)
    slots.update("v", to: v)
    let corrected = m / (1 - Tensor(0.9).power(t))
    return weight - slots.learningRate * corrected / (sqrt(v) + 1e-7)
  }
}

/// One weight, one sample x = 1, y = 0: the loss is 0.5 w², its derivative w.
struct OptimizerTests {
  private func train(_ optimizer: some Optimizer, steps: Int) throws -> [Double] {
    let model = Model(input: [1], dtype: .float64) {
      Dense(1, useBias: false, kernelInitializer: .constant(2))
    }
    model.compile(optimizer: optimizer, loss: .halfSquaredErrorSum)
    let x = Tensor([[1.0]])
    return try (0..<steps).map { _ in
      try model.fit(x, x * 0, verbosity: .silent)
      return model["dense/kernel"].item()
    }
  }

  private func minimize(_ optimizer: some Optimizer, steps: Int) throws -> [Double] {
    let graph = Graph()
    let w = graph.variable("w", Tensor([[2.0]]))
    let loss = 0.5 * w.squared().sum()
    let updates = optimizer.minimize(loss, in: graph)
    let session = Session(graph)
    return try (0..<steps).map { _ in
      _ = try session.run([loss], updating: updates)
      return try session.value(of: w).item()
    }
  }

  /// The same rules in Swift numbers.
  private func expected(_ steps: Int, _ rule: (Double, Int) -> Double) -> [Double] {
    var w = 2.0
    return (1...steps).map { t in
      w = rule(w, t)
      return w
    }
  }

  private func expectClose(
    _ a: [Double], _ b: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.count == b.count, sourceLocation: sourceLocation)
    for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-13, sourceLocation: sourceLocation) }
  }

  @Test("Momentum and Nesterov in a model and in a graph follow Keras's formulas")
  func momentum() throws {
    for nesterov in [false, true] {
      var m = 0.0
      let values = expected(8) { w, _ in
        m = 0.75 * m - 0.125 * w
        return nesterov ? w + 0.75 * m - 0.125 * w : w + m
      }
      let optimizer = SGD(learningRate: 0.125, momentum: 0.75, nesterov: nesterov)
      expectClose(try train(optimizer, steps: 8), values)
      expectClose(try minimize(optimizer, steps: 8), values)
    }
  }

  @Test("A user's optimizer has slots, their first values and the number of the step")
  func adam() throws {
    var m = 0.0
    var v = 0.5
    let values = expected(8) { w, t in
      m = 0.9 * m + 0.1 * w
      v = 0.99 * v + 0.01 * w * w
      let power = (0..<t).reduce(1.0) { p, _ in p * 0.9 }
      return w - 0.1 * m / (1 - power) / (v.squareRoot() + 1e-7)
    }
    expectClose(try train(Adam(), steps: 8), values)
    expectClose(try minimize(Adam(), steps: 8), values)
  }

  @Test("Adam, with decay or without, follows Keras's formula in models and graphs, in both types")
  func adams() throws {
    for decay in [0, 0.05] {
      var (m, v) = (0.0, 0.0)
      let values = expected(10) { w, t in
        m = 0.9 * m + 0.1 * w
        v = 0.999 * v + 0.001 * w * w
        let powers = (0..<t).reduce((1.0, 1.0)) { p, _ in (p.0 * 0.9, p.1 * 0.999) }
        let rate = 0.1 * (1 - powers.1).squareRoot() / (1 - powers.0)
        return w - 0.1 * decay * w - rate * m / (v.squareRoot() + 1e-7)
      }
      let optimizer: BacktapeModels.Adam =
        decay == 0
        ? .adam(learningRate: 0.1) : .adamW(learningRate: 0.1, weightDecay: decay)
      expectClose(try train(optimizer, steps: 10), values)
      expectClose(try minimize(optimizer, steps: 10), values)

      let graph = Graph()
      let w = graph.variable("w", Tensor([[2.0 as Float]]))
      let updates = optimizer.minimize(0.5 * w.squared().sum(), in: graph)
      let session = Session(graph)
      for value in values {
        try session.run([], updating: updates)
        // Ten steps each round a weight below 2, by at most 6e-8.
        #expect(abs(try session.value(of: w).item() - value) < 1e-6)
      }
    }
  }

  @Test("minimize takes the variables the loss depends on, or those it is told")
  func variables() throws {
    let graph = Graph()
    let a = graph.variable("a", Tensor(3.0))
    let b = graph.variable("b", Tensor(5.0))
    _ = graph.variable("unused", Tensor(7.0))
    let loss = a * b
    #expect(SGD(momentum: 0.5).minimize(loss, in: graph).count == 4)
    // What the first call remembers is none of the second's business.
    #expect(SGD().minimize(loss, in: graph).count == 2)
    let updates = SGD(learningRate: 1).minimize(loss, in: graph, variables: [b])
    let session = Session(graph)
    _ = try session.run([loss], updating: updates)
    #expect(try session.value(of: a).item() == 3 && session.value(of: b).item() == 2)
  }

  @Test("In float32 the published table comes out to float32's digits")
  func float32() throws {
    let wide = Series.model()
    let model = Model(input: [3]) {
      Dense(4, activation: .sigmoid, useBias: false)
      Dense(1, activation: .sigmoid, useBias: false)
    }
    for (path, value) in try wide.parameters { model[path] = value.cast(.float32) }
    model.compile(optimizer: .sgd(learningRate: 1), loss: .halfSquaredErrorSum)
    try model.fit(Series.x, Series.y, epochs: 49, verbosity: .silent)
    let prediction = try model.predict(Series.x)
    #expect(prediction.dtype == .float32)
    for (value, expected) in zip(prediction.scalars(as: Double.self), Series.published) {
      #expect(abs(value - expected) < 1e-6)
    }
  }
}
