import Backtape
import Testing

/// Mistakes in a program that defines a graph: they trap, and say what to do instead.
@Suite("Graphs and traces trap by name")
struct GraphTrapTests {
  func text(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  @Test("a choice by value inside compiled")
  func readingInCompiled() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let f = compiled { (x: Tensor) in x.sum().item() > 0 ? x : -x }
      _ = f(Tensor([1.0]))
    }
    #expect(text(result).contains("the value of a traced tensor of shape [] was read"))
    #expect(text(result).contains("`Tensor.where` instead of `if`"))
  }

  @Test("elements of a placeholder read while the graph is defined")
  func readingAPlaceholder() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let x = Graph().placeholder("x", [2, 3], .float64)
      _ = (x * 2).scalars(as: Double.self)
    }
    #expect(text(result).contains("the value of a traced tensor of shape [2, 3] was read"))
    #expect(text(result).contains("multiply"))
    #expect(text(result).contains("Fetch it from the session or function"))
  }

  @Test("a variable whose initial value is not known")
  func abstractInitial() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let graph = Graph()
      _ = graph.variable("w", graph.placeholder("x", [2]) * 2)
    }
    #expect(text(result).contains("the value of a traced tensor of shape [2] was read"))
  }

  @Test("tensors of two graphs in one operation")
  func twoGraphs() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Graph().placeholder("a", [2]) + Graph().placeholder("b", [2])
    }
    #expect(text(result).contains("two unrelated tapes"))
  }

  @Test("a tracked tensor of an outer gradient captured by compiled")
  func capturedTracked() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = gradient(at: Tensor(3.0)) { x in compiled { (y: Tensor) in x * y }(Tensor(2.0)) }
    }
    #expect(text(result).contains("two unrelated tapes"))
  }

  @Test("an index outside its table, computed by a step that would update the table")
  func computedIndexOutside() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let graph = Graph()
      let indices = graph.placeholder("indices", [2], .int64)
      let table = graph.variable("table", .ones([3, 4]))
      let loss = embedding(indices + 1, table).sum()
      let updates = SGD().minimize(loss, in: graph)
      try Session(graph).run(loss, feeding: [indices: Tensor([1, 2])], updating: updates)
    }
    #expect(text(result).contains("index 3, at position 1 of indices of shape [2]"))
    #expect(text(result).contains("outside axis 0 of [3, 4]"))
  }

  @Test("gradients of another graph's loss")
  func foreignLoss() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let graph = Graph()
      let w = graph.variable("w", Tensor([1.0]))
      let other = Graph().placeholder("other", [], .float64)
      _ = graph.gradients(of: other, withRespectTo: [w])
    }
    #expect(text(result).contains("gradients: the loss 'other' of shape [] is of another graph"))
  }

  @Test("a loss that is not one number")
  func lossOfAShape() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let graph = Graph()
      let w = graph.variable("w", Tensor([[1.0, 2, 3]]))
      _ = graph.gradients(of: w * 2, withRespectTo: [w])
    }
    #expect(text(result).contains("the loss has shape [1, 3] and must be one number"))
  }

  @Test("shapes that do not fit, while the graph is defined")
  func shapes() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let graph = Graph()
      _ = graph.placeholder("x", [4, 3]).dot(graph.placeholder("y", [4, 1]))
    }
    #expect(text(result).contains("dot: shapes [4, 3] and [4, 1] do not fit"))
  }

  @Test("a plan run again, or timed, before anything was fed")
  func unfedPlan() async {
    let step = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let x = Graph().placeholder("x", [2])
      try Function(inputs: [x], outputs: [x * 2]).plan.step()
    }
    #expect(text(step).contains("step: the plan has 1 inputs that were never fed; call it first"))
    let profile = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let x = Graph().placeholder("x", [2])
      _ = try Function(inputs: [x], outputs: [x * 2]).plan.profile()
    }
    #expect(text(profile).contains("profile: the plan has 1 inputs that were never fed"))
  }
}
