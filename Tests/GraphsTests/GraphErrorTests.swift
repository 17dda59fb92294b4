import Backtape
import Testing

@Suite("GraphError: what cannot run says why, by name, and changes nothing")
struct GraphErrorTests {
  let graph = Graph()
  let x: Tensor
  let w: Tensor
  let y: Tensor

  init() {
    x = graph.placeholder("x", [4, 3], .float64)
    w = graph.variable("w", Tensor([[1.0], [2], [3]]))
    y = x.dot(w)
  }

  var data: Tensor { Tensor.ones([4, 3], .float64) }

  /// The error of a run that also updates, after checking that the variable is as it was.
  func errorOfRun(
    _ feeds: Feeds, fetching fetches: [Tensor]? = nil, updating updates: [Update]? = nil
  ) throws -> GraphError? {
    let session = Session(graph)
    let updates = updates ?? [Update(w, to: w + 1)]
    let error = graphError { () throws(GraphError) in
      try session.run(fetches ?? [y], feeding: feeds, updating: updates)
    }
    #expect(try session.value(of: w).scalars() == [1.0, 2, 3])
    // A failed run leaves the session usable.
    #expect(try session.run(y, feeding: [x: data]).scalars() == [6.0, 6, 6, 6])
    return error
  }

  @Test("a feed of a wrong shape")
  func wrongShape() throws {
    let error = try errorOfRun([x: Tensor.ones([3, 4], .float64)])
    #expect(error == .wrongShape(placeholder: "x", expected: [4, 3], fed: [3, 4]))
    #expect(
      error?.description == """
        placeholder 'x' has shape [4, 3], was fed [3, 4]; reshape the value, or use `compiled`, \
        which traces once for every shape
        """)
  }

  @Test("a feed of a wrong shape after one of the right shape, whose plan is known")
  func wrongShapeOfKnownPlan() throws {
    let session = Session(graph)
    let step = [Update(w, to: w + 1)]
    try session.run([y], feeding: [x: data], updating: step)
    let error = graphError { () throws(GraphError) in
      try session.run([y], feeding: [x: Tensor.ones([12], .float64)], updating: step)
    }
    #expect(error == .wrongShape(placeholder: "x", expected: [4, 3], fed: [12]))
    #expect(try session.value(of: w).scalars() == [2.0, 3, 4])
  }

  @Test("a feed of a wrong type", arguments: [DType.float32, .int64, .bool])
  func wrongType(dtype: DType) throws {
    let error = try errorOfRun([x: data.cast(dtype)])
    #expect(error == .wrongType(placeholder: "x", expected: .float64, fed: dtype))
    #expect(
      error?.description
        == "placeholder 'x' is float64, was fed \(dtype); cast the value to float64")
  }

  @Test("a number with a fraction for an integer")
  func fractionForInteger() {
    let n = graph.placeholder("n", [], .int64)
    let error = graphError { () throws(GraphError) in
      _ = try Session(graph).run(n, feeding: [n: 2.5])
    }
    #expect(error == .wrongType(placeholder: "n", expected: .int64, fed: .float32))
  }

  @Test("a placeholder that was not fed")
  func unfed() throws {
    let error = try errorOfRun([:])
    #expect(error == .unfed(placeholder: "x", shape: [4, 3], dtype: .float64))
    #expect(
      error?.description
        == "placeholder 'x' of shape [4, 3] and type float64 is needed and was not fed")
    #expect(try errorOfRun([:], fetching: [], updating: [Update(w, to: y[..<3])]) == error)
    let made = graphError { () throws(GraphError) in _ = try Function(inputs: [], outputs: [y]) }
    #expect(made == error)
  }

  @Test("feeding what is no placeholder")
  func notAPlaceholder() throws {
    let error = try errorOfRun([x: data, w: Tensor.ones([3, 1], .float64)])
    #expect(error == .notAPlaceholder("'w' of shape [3, 1]"))
    #expect(
      error?.description == "'w' of shape [3, 1] was fed, but is not a placeholder of this graph")
    #expect(try errorOfRun([x: data, y: data]) == .notAPlaceholder("'%2' of shape [4, 1]"))
    #expect(
      try errorOfRun([x: data, Tensor([1.0]): data])
        == .notAPlaceholder("a plain tensor of shape [1]"))
    let foreign = Graph().placeholder("z", [2])
    #expect(try errorOfRun([x: data, foreign: data]) == .notAPlaceholder("'z' of shape [2]"))
    let made = graphError { () throws(GraphError) in
      _ = try Function(inputs: [x, w], outputs: [y])
    }
    #expect(made == .notAPlaceholder("'w' of shape [3, 1]"))
  }

  @Test("one placeholder fed twice")
  func fedTwice() throws {
    let error = try errorOfRun([x: data, x: data])
    #expect(error == .fedTwice(placeholder: "x"))
    #expect(error?.description == "placeholder 'x' was fed twice")
  }

  @Test("a feed that has no value itself")
  func valueless() throws {
    let error = try errorOfRun([x: x * 2])
    #expect(error == .noValue("x"))
    #expect(
      error?.description
        == "'x' was given a tensor that has no value until its graph runs; fetch it first")
    let set = graphError { () throws(GraphError) in try graph.set(w, to: w + 1) }
    #expect(set == .noValue("w"))
    let predict = try Function(inputs: [x], outputs: [y])
    #expect(graphError { () throws(GraphError) in try predict(x) } == .noValue("x"))
  }

  @Test("a fetch of another graph, or of an eager tape")
  func foreign() throws {
    let other = Graph()
    let z = other.placeholder("z", [2])
    let error = try errorOfRun([x: data], fetching: [y, z])
    #expect(error == .foreign("'z' of shape [2]"))
    #expect(
      error?.description == """
        'z' of shape [2] does not belong to this graph; build it from this graph's placeholders
        """)
    let eager = Tape().variable(Tensor([1.0]), name: "eager")
    #expect(try errorOfRun([x: data], fetching: [eager]) == .foreign("'eager' of shape [1]"))
    #expect(
      try errorOfRun([x: data], updating: [Update(w, to: z)]) == .foreign("'z' of shape [2]"))
    let made = graphError { () throws(GraphError) in
      _ = try Function(inputs: [x], outputs: [y, z])
    }
    #expect(made == .foreign("'z' of shape [2]"))
    let plain = graphError { () throws(GraphError) in
      _ = try Function(inputs: [], outputs: [Tensor([1.0])])
    }
    #expect(plain != nil)
  }

  @Test("an update of what is no variable")
  func notAVariable() throws {
    let error = try errorOfRun([x: data], updating: [Update(x, to: x)])
    #expect(error == .notAVariable("'x' of shape [4, 3]"))
    #expect(
      error?.description == """
        'x' of shape [4, 3] is not a variable of this graph; declare it with `variable(_:_:)`
        """)
    #expect(
      try errorOfRun([x: data], updating: [Update(Tensor([1.0]), to: w)])
        == .notAVariable("a plain tensor of shape [1]"))
    let session = Session(graph)
    let read = graphError { () throws(GraphError) in _ = try session.value(of: x) }
    #expect(read == .notAVariable("'x' of shape [4, 3]"))
    let foreign = Graph().variable("v", Tensor([1.0]))
    let set = graphError { () throws(GraphError) in try graph.set(foreign, to: Tensor([1.0])) }
    #expect(set == .notAVariable("'v' of shape [1]"))
  }

  @Test("two updates of one variable")
  func updatedTwice() throws {
    let error = try errorOfRun([x: data], updating: [Update(w, to: w + 1), Update(w, to: w + 2)])
    #expect(error == .updatedTwice(variable: "w"))
    #expect(error?.description == "variable 'w' has two updates in one run")
  }

  @Test("an update of a wrong shape or type")
  func wrongUpdate() throws {
    let error = try errorOfRun([x: data], updating: [Update(w, to: w.transposed)])
    #expect(
      error
        == .wrongUpdate(variable: "w", expected: "float64 [3, 1]", given: "float64 [1, 3]"))
    #expect(
      error?.description == "variable 'w' is float64 [3, 1], its update is float64 [1, 3]")
    #expect(
      try errorOfRun([x: data], updating: [Update(w, to: w.cast(.float32))])
        == .wrongUpdate(variable: "w", expected: "float64 [3, 1]", given: "float32 [3, 1]"))
    let set = graphError { () throws(GraphError) in try graph.set(w, to: Tensor([1.0, 2, 3])) }
    #expect(
      set == .wrongUpdate(variable: "w", expected: "float64 [3, 1]", given: "float64 [3]"))
    #expect(try graph.value(of: w).scalars() == [1.0, 2, 3])
  }

  @Test("a function called with too few or too many values, or wrong ones")
  func wrongCount() throws {
    let step = try Function(inputs: [x], outputs: [y], updates: [Update(w, to: w + 1)])
    let few = graphError { () throws(GraphError) in try step() }
    #expect(few == .wrongCount(expected: 1, given: 0))
    #expect(few?.description == "the function has 1 inputs and was given 0 values")
    let many = graphError { () throws(GraphError) in try step(data, data) }
    #expect(many == .wrongCount(expected: 1, given: 2))
    let shape = graphError { () throws(GraphError) in try step(data.transposed) }
    #expect(shape == .wrongShape(placeholder: "x", expected: [4, 3], fed: [3, 4]))
    #expect(try graph.value(of: w).scalars() == [1.0, 2, 3])
  }
}
