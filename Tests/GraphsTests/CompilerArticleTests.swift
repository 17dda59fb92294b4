#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  /// What the article on the compiler shows.
  @Suite("The compiler: an example from tape to plan")
  struct CompilerArticleTests {
    /// A layer with a loss and a step of descent, as in the article.
    private func step() throws -> (Function, Program, Sources) {
      let graph = Graph()
      let x = graph.placeholder("x", [32, 8])
      let y = graph.placeholder("y", [32, 4])
      let w = graph.variable("w", Tensor.ones([8, 4]))
      let b = graph.variable("b", Tensor.zeros([4]))
      let prediction = sigmoid(x.dot(w) + b)
      let loss = (prediction - y).squared().sum()
      let slopes = graph.gradients(of: loss, withRespectTo: [w, b])
      let step = try Function(
        inputs: [x, y], outputs: [loss],
        updates: [Update(w, to: w - 0.1 * slopes[0]), Update(b, to: b - 0.1 * slopes[1])])
      print(step.plan)
      return (step, step.plan.lowering.program, step.plan.memory.sources)
    }

    @Test("the program as it is recorded, and what passes make of it")
    func programs() throws {
      let (function, program, _) = try step()
      #expect("\(program)" == "")
      #expect("\(function.plan)" == "")
      _ = try function(Tensor.ones([32, 8]), Tensor.ones([32, 4]))
      print(function.plan.profile())
      let before = try TracedProgram([4, 3], [4, 3]) { x in
        let y = (x[0] * 1).transposed.transposed
        let loss = { @Sendable (y: Tensor) in (tanh(y) * tanh(y)).sum() }
        return [loss(y), gradient(at: y, of: loss)]
      }
      let simplified = before.program.simplified(before.sources)
      let merged = simplified.mergingCommonSubexpressions()
      #expect("\(before.program)" == "")
      #expect("\(merged.removingDeadLines())" == "")
    }
  }
#endif
