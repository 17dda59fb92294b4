import Backtape
import Testing

/// Models that cannot be built say which layer and why, and nothing is built.
struct BuildErrorTests {
  @Test("A shape that does not fit inside a Lambda names the layer, and nothing is built")
  func lambda() throws {
    let model = Model(input: [3], dtype: .float64) {
      Dense(4)
      Sequential {
        Dense(2)
        Lambda("mix") { $0 + Tensor.ones([5], .float64) }
      }
      Dense(1)
    }
    expectThrow("'sequential/mix'", "[2, 2]", "[5]", "do not broadcast") {
      _ = try model.predict(Series.x)
    }
    #expect(throws: ModelError.self) { try model.build() }
    #expect(throws: ModelError.self) { _ = try model.parameters }
    let product = Model(input: [3]) { Lambda("product") { $0.dot(Tensor.ones([4, 2])) } }
    expectThrow("'product'", "[2, 3]", "[4, 2]") { _ = try product.summary() }
  }

  @Test("Subscripts that lead nowhere inside a Lambda name the layer")
  func subscripts() {
    let cases: [(words: String, body: @Sendable (Tensor) -> Tensor)] = [
      ("0..<9 is outside axis 0", { $0[.newAxis, 0..<9, Tensor([0])] }),
      ("index 7, at position 0", { $0[.all, Tensor([7])] }),
      ("conditions of shape [2]", { $0[.all, Tensor([true, false])] }),
      ("3 indices for shape [2, 3]", { $0[Tensor([0]), 0, 0] }),
      (
        "5 is outside axis 0 of [3]",
        { x in
          var y = Tensor.zeros([3])
          y[5] = x.sum()
          return y
        }
      ),
      (
        "a value of shape [2, 3] does not fill a part of shape [1]",
        { x in
          var y = Tensor.zeros([3])
          y[Tensor([0])] = x
          return y
        }
      ),
    ]
    for (words, body) in cases {
      expectThrow("'lookup'", words) {
        try Model(input: [3]) { Lambda("lookup", body) }.build()
      }
    }
  }

  @Test("A layer that fits some batches only is found before the first step")
  func lateShape() throws {
    let model = Model(input: [2], dtype: .float64) {
      Dense(1)
      Lambda("odd") { $0.shape[0] == 5 ? $0 + Tensor.ones([7, 1], .float64) : $0 }
    }
    model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
    let before = model["dense/kernel"].scalars(as: Double.self)
    let x = Tensor.ones([25, 2], .float64)
    expectThrow("'odd'", "[5, 1]", "[7, 1]") {
      try model.fit(x, x[.all, 0], batchSize: 10, verbosity: .silent)
    }
    #expect(model["dense/kernel"].scalars(as: Double.self) == before)
    #expect(model.iteration == 0)
  }

  @Test("Outputs whose first axis is not the batch, parameters that grow with it")
  func batchAxis() {
    expectThrow("output 0", "first axis") {
      try Model(input: [3]) { Lambda { $0.sum() } }.build()
    }
    expectThrow("first axis") {
      try Model(input: [3]) { Lambda { $0.transposed } }.build()
    }
    expectThrow("first axis") {
      try Model(input: [3]) { Lambda { _ in Tensor([[1.0], [2]]) } }.build()
    }
    expectThrow("'dense'", "must not depend on the batch") {
      try Model(input: [3]) {
        Lambda { $0.transposed }
        Dense(2)
        Lambda { $0.transposed }
      }.build()
    }
    expectThrow("there is none") { try Model(inputs: [[1]]) { _, _ in [] }.build() }
    expectThrow("inputs") { try Model(inputs: []) { inputs, _ in inputs }.build() }
  }

  @Test("Layers that cannot be built")
  func layers() {
    expectThrow("'dense'", "0 units") { try Model(input: [3]) { Dense(0) }.build() }
    expectThrow("'dense'", "no axis of features") { try Model(input: []) { Dense(1) }.build() }
    expectThrow("dtype", "int32") { try Model(input: [3], dtype: .int32) { Dense(1) }.build() }
    expectThrow("must have elements") { try Model(input: [0]) { Dense(1) }.build() }
    expectThrow("'residual'", "[2, 4]", "[2, 3]") {
      try Model(input: [3]) { Residual { Dense(4) } }.build()
    }
    expectThrow("'dense'", "initializer 'odd'") {
      try Model(input: [3]) {
        Dense(2, kernelInitializer: Initializer("odd") { _, dtype, _ in .zeros([1], dtype) })
      }.build()
    }
    expectThrow("two layers are named 'a'") {
      try Model(inputs: [[3]]) { x, scope in
        [scope.layer(Dense(1), name: "a")(scope.layer(Dense(1), name: "a")(x[0]))]
      }.build()
    }
    expectThrow("no name for a layer") {
      try Model(inputs: [[3]]) { x, scope in [scope.layer(Dense(1), name: "a/b")(x[0])] }.build()
    }
    expectThrow("dense/kernel has shape [3, 5] at one call and [5, 5] at another") {
      try Model(inputs: [[3]]) { x, scope in
        let shared = scope.layer(Dense(5))
        return [shared(shared(x[0]))]
      }.build()
    }
  }

  @Test("A layer that subtracts bools is named")
  func boolArithmetic() {
    let model = Model(input: [2]) { Lambda("sign") { ($0 .> 0) - ($0 .< 0) } }
    #expect(throws: ModelError.self) { try model.build() }
  }
}
