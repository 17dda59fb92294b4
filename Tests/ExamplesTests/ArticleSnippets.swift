import Backtape
import Testing

/// Code that articles show and that stands in no example; the articles' test keeps them equal.
@Suite("Code of the articles") struct ArticleSnippets {
  static let x: Tensor = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]
  static let y: Tensor = [[0], [0], [1], [1]]

  /// The network of the series, as part 3 declares it.
  static func declared() throws -> Model {
    let model = Model(input: [3], dtype: .float64) {
      Dense(4, activation: .sigmoid, useBias: false)
      Dense(1, activation: .sigmoid, useBias: false)
    }
    var random = NumPyRandomState(seed: 1)
    try model.setParameter("dense/kernel", to: 2 * random.randomSample([3, 4]) - 1)
    try model.setParameter("dense_1/kernel", to: 2 * random.randomSample([4, 1]) - 1)
    return model
  }

  @Test("Part 3: a model's parameters and its gradients by them")
  func underTheHood() throws {
    let model = try ArticleSnippets.declared()
    let x = ArticleSnippets.x
    let y = ArticleSnippets.y

    for (path, value) in try model.parameters { print(path, value.shape) }
    // dense/kernel [3, 4]
    // dense_1/kernel [4, 1]

    let kernels = [try model.parameter("dense/kernel"), try model.parameter("dense_1/kernel")]
    let slopes = gradient(at: kernels) { kernels in
      let prediction = kernels.reduce(x) { sigmoid($0.dot($1)) }
      return 0.5 * (y - prediction).squared().sum()
    }

    #expect(try model.parameters.map(\.path) == ["dense/kernel", "dense_1/kernel"])
    // The deltas of part 1.
    let l1 = sigmoid(x.dot(kernels[0]))
    let l2 = sigmoid(l1.dot(kernels[1]))
    let l2Delta = (y - l2) * l2 * (1 - l2)
    let l1Delta = l2Delta.dot(kernels[1].transposed) * l1 * (1 - l1)
    #expect(slopes[0].allClose(-x.transposed.dot(l1Delta), relative: 1e-14, absolute: 1e-16))
    #expect(slopes[1].allClose(-l1.transposed.dot(l2Delta), relative: 1e-14, absolute: 1e-16))
  }

  @Test("Part 2: with a forgotten delta the loss falls, along a step that is not the gradient")
  func forgottenDelta() {
    let x = ArticleSnippets.x
    let y = ArticleSnippets.y
    func forward(_ synapses: [Tensor]) -> [Tensor] {
      synapses.reduce(into: [x]) { $0.append(sigmoid($0[$0.count - 1].dot($1))) }
    }
    func loss(_ synapses: [Tensor]) -> Tensor {
      0.5 * (y - forward(synapses)[3]).squared().sum()
    }
    func derivedSteps(_ synapses: [Tensor]) -> [Tensor] {
      gradient(at: synapses, of: loss).map { -$0 }
    }
    func wrongSteps(_ synapses: [Tensor]) -> [Tensor] {
      let l = forward(synapses)
      let l3Delta = (y - l[3]) * l[3] * (1 - l[3])
      let l2Delta = l3Delta.dot(synapses[2].transposed) * l[2] * (1 - l[2])
      let l1Delta = l3Delta.dot(synapses[2].transposed) * l[1] * (1 - l[1])
      return zip(l, [l1Delta, l2Delta, l3Delta]).map { $0.transposed.dot($1) }
    }
    var random = NumPyRandomState(seed: 1)
    let start = [[3, 4], [4, 4], [4, 1]].map { 2 * random.randomSample(Shape($0)) - 1 }
    func losses(_ steps: ([Tensor]) -> [Tensor]) -> [Double] {
      var synapses = start
      var losses: [Double] = []
      for iteration in 0...1000 {
        if [0, 50, 100, 1000].contains(iteration) { losses.append(loss(synapses).item()) }
        synapses = zip(synapses, steps(synapses)).map { $0 + $1 }
      }
      return losses.map { ($0 * 1e4).rounded() / 1e4 }
    }
    #expect(losses(wrongSteps) == [0.5071, 0.3866, 0.0402, 0.0005])
    #expect(losses(derivedSteps) == [0.5071, 0.4248, 0.0768, 0.0006])

    let wrong = wrongSteps(start)
    let right = derivedSteps(start)
    let lengths = (wrong[0].squared().sum() * right[0].squared().sum()).item().squareRoot()
    #expect(abs((wrong[0] * right[0]).sum().item() / lengths + 0.2333) < 1e-4)
  }

  struct Scale: Layer {
    func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
      x * scope.parameter("factor", [x.shape.last], .ones)
    }
  }

  @Test("Part 3: a layer of one's own")
  func ownLayer() throws {
    let model = Model(input: [3]) {
      Scale()
      Dense(1)
    }
    #expect(try model.parameters.map(\.path) == ["scale/factor", "dense/kernel", "dense/bias"])
  }

  @Test(
    "Part 3: the scale of the loss decides the table",
    arguments: [
      (Loss.halfSquaredErrorSum, 1.0, [0.1677, 0.1428, 0.8406, 0.8256]),
      (Loss.meanSquaredError, 1.0, [0.2918, 0.2814, 0.7075, 0.6940]),
      (Loss.meanSquaredError, 2.0, [0.1677, 0.1428, 0.8406, 0.8256]),
    ])
  func lossScale(loss: Loss, learningRate: Double, expected: [Double]) throws {
    let model = try ArticleSnippets.declared()
    model.compile(optimizer: .sgd(learningRate: learningRate), loss: loss)
    try model.fit(ArticleSnippets.x, ArticleSnippets.y, epochs: 49, verbosity: .silent)
    let predictions = try model.predict(ArticleSnippets.x).flatten()
    #expect(predictions.allClose(Tensor(expected), relative: 0, absolute: 5e-5), "\(predictions)")
  }

  @Test("How the tape works: the listing before and after the walk")
  func listing() {
    let tape = Tape()
    let x = tape.variable(Tensor([1.0, 2.0]), name: "x")
    let w = tape.variable(Tensor([3.0, 4.0]), name: "w")
    let loss = sigmoid(x * w).sum()
    print(tape)
    let forward = tape.description

    let slopes = tape.gradient(of: loss, withRespectTo: [x, w], recording: true)
    print(tape)

    #expect(
      forward == """
        x  = input               [2] float64
        w  = input               [2] float64
        %2 = multiply(x, w)      [2] float64
        %3 = sigmoid(%2)         [2] float64
        %4 = sum(%3, axes: [0])  [] float64
        """)
    #expect(
      tape.description.hasSuffix(
        """
        %5  = constant 1.0        [2] float64
        %6  = multiply(%5, %3)    [2] float64
        %7  = subtract(1, %3)     [2] float64
        %8  = multiply(%6, %7)    [2] float64
        %9  = multiply(%8, w)     [2] float64
        %10 = multiply(%8, x)     [2] float64
        """))
    // w s (1 - s) and x s (1 - s), with s = sigmoid(x w).
    let s = sigmoid(Tensor([3.0, 8.0]))
    #expect(slopes[0].allClose(Tensor([3.0, 4.0]) * s * (1 - s), relative: 1e-12))
    #expect(slopes[1].allClose(Tensor([1.0, 2.0]) * s * (1 - s), relative: 1e-12))
  }

  @Test("How the tape works: a gradient of a gradient")
  func nested() {
    let second = gradient(at: Tensor(2.0)) { x in
      gradient(at: x) { z in x * z * z }  // 2 x z at z = x, a function of x: 2 x²
    }
    #expect(second.item() == 8)  // 4 x
  }

  @Test("Transformations: gradients example by example, and checkpoints")
  func transformations() {
    let w = Tensor([0.5, -1.0, 2.0])
    let xs = Tensor([[1.0, 2, 3], [4, 5, 6]])
    let ys = Tensor([1.0, 2])
    let slopes = vmap({ x, y in
      gradient(at: w) { w in (x.dot(w) - y).squared() }
    })(xs, ys)  // [n, 3], [n] and w of [3]: [n, 3]
    let residuals = xs.dot(w) - ys
    #expect(slopes.allClose(2 * residuals.expandDims(at: 1) * xs))
  }

  @Test("Transformations: a checkpoint")
  func checkpoints() {
    let w = 0.25 * Tensor([[1.0, 2, 3], [4, 5, 6], [-3, 2, 1]])
    let xs = Tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    let slope = gradient(at: w) { w in
      var x = xs
      for _ in 0..<12 { x = checkpoint(x) { x in tanh(tanh(x.dot(w)).dot(w)) } }
      return x.sum()
    }
    let plain = gradient(at: w) { w in
      (0..<12).reduce(xs) { x, _ in tanh(tanh(x.dot(w)).dot(w)) }.sum()
    }
    #expect(slope.allClose(plain, relative: 1e-12, absolute: 1e-14))
  }

  @Test("Transformations: a rule of one's own")
  func rules() {
    let softened = customGradient { x in
      (log(1 + exp(x)), { g in g * (1 - 1 / (1 + exp(x))) })  // no infinity by infinity
    }
    #expect(gradient(at: Tensor(1000.0)) { softened($0) }.item() == 1)
    #expect(gradient(at: Tensor(1000.0)) { log(1 + exp($0)) }.item().isNaN)
  }

  @Test("Transformations: the first NaN")
  func anomalies() {
    let x = Tensor([0.0, 4.0])
    var text = ""
    func print(_ error: any Error) { text = "\(error)" }
    do {
      _ = try detectingAnomalies {
        gradient(at: x) { x in Tensor.where(x .> 0, sqrt(x), 0).sum() }
      }
    } catch {
      print(error)
    }
    #expect(text.hasPrefix("the derivative of sqrt gave NaN at [0] of a result of shape [2]"))
    #expect(text.contains("the cotangent of shape [2] float64: 0.0 to 1.0"))
    #expect(text.contains("of shape [2] float64: 0.0 to 4.0"))
  }

  @Test("Kinks: the where remedy")
  func whereRemedy() {
    let x = Tensor([0.0, 4.0])
    let bad = gradient(at: x) { x in Tensor.where(x .> 0, sqrt(x), 0).sum() }
    let good = gradient(at: x) { x in
      let safe = Tensor.where(x .> 0, x, 1)
      return Tensor.where(x .> 0, sqrt(safe), 0).sum()
    }
    #expect(bad.scalars(as: Double.self)[0].isNaN)
    #expect(good.scalars(as: Double.self) == [0, 0.25])
  }
}
