#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  /// What the article on the compiler shows.
  @Suite("The compiler: an example from tape to plan")
  struct CompilerArticleTests {
    /// The loss of a layer `w`, `b`.
    @Sendable private func loss(_ x: Tensor, _ y: Tensor, _ w: Tensor, _ b: Tensor) -> Tensor {
      (sigmoid(x.dot(w) + b) - y).squared().mean()
    }

    @Test("the program as it is recorded, and what passes make of it")
    func programs() throws {
      let traced = try TracedProgram([32, 8], [32, 4], [8, 4], [4]) { inputs in
        let (x, y, w, b) = (inputs[0], inputs[1], inputs[2], inputs[3])
        let slopes = gradient(at: [w, b]) { loss(x, y, $0[0], $0[1]) }
        return [loss(x, y, w, b), w - 0.1 * slopes[0], b - 0.1 * slopes[1]]
      }
      #expect(
        "\(traced.program)" == """
          %0 = fed[0]  [32, 8] float32
          %1 = fed[1]  [32, 4] float32
          %2 = fed[2]  [8, 4] float32
          %3 = fed[3]  [4] float32
          %4 = reshape(%2)  [8, 4] float32
          %5 = reshape(%3)  [4] float32
          %6 = dots[0, 1](%0, %4)  [32, 4] float32
          %7 = broadcast(%5)  [32, 4] float32
          %8 = add(%6, %7)  [32, 4] float32
          %9 = sigmoid(%8)  [32, 4] float32
          %10 = subtract(%9, %1)  [32, 4] float32
          %11 = constant[0]  [32, 4] float32
          %12 = multiply(%11, %10)  [32, 4] float32
          %13 = multiply(%11, %10)  [32, 4] float32
          %14 = add(%12, %13)  [32, 4] float32
          %15 = multiply(%14, %9)  [32, 4] float32
          %16 = subtract(1, %9)  [32, 4] float32
          %17 = multiply(%15, %16)  [32, 4] float32
          %18 = sum(%17, axes: [0])  [4] float32
          %19 = permute(%0, axes: [1, 0])  [8, 32] float32
          %20 = dots[0, 1](%19, %17)  [8, 4] float32
          %21 = dots[0, 1](%0, %2)  [32, 4] float32
          %22 = broadcast(%3)  [32, 4] float32
          %23 = add(%21, %22)  [32, 4] float32
          %24 = sigmoid(%23)  [32, 4] float32
          %25 = subtract(%24, %1)  [32, 4] float32
          %26 = multiply(%25, %25)  [32, 4] float32
          %27 = sum(%26, axes: [0, 1])  [] float32
          %28 = divide(%27, 128.0)  [] float32
          %29 = multiply(0.1, %20)  [8, 4] float32
          %30 = subtract(%2, %29)  [8, 4] float32
          %31 = multiply(0.1, %18)  [4] float32
          %32 = subtract(%3, %31)  [4] float32
          outputs: %28, %30, %32
          """)
      let simplified = traced.program.simplified(traced.sources)
      let short = simplified.mergingCommonSubexpressions().removingDeadLines()
      #expect(
        "\(short)" == """
          %0 = fed[0]  [32, 8] float32
          %1 = fed[1]  [32, 4] float32
          %2 = fed[2]  [8, 4] float32
          %3 = fed[3]  [4] float32
          %4 = dots[0, 1](%0, %2)  [32, 4] float32
          %5 = broadcast(%3)  [32, 4] float32
          %6 = add(%4, %5)  [32, 4] float32
          %7 = sigmoid(%6)  [32, 4] float32
          %8 = subtract(%7, %1)  [32, 4] float32
          %9 = multiply(0.0078125, %8)  [32, 4] float32
          %10 = add(%9, %9)  [32, 4] float32
          %11 = multiply(%10, %7)  [32, 4] float32
          %12 = subtract(1, %7)  [32, 4] float32
          %13 = multiply(%11, %12)  [32, 4] float32
          %14 = sum(%13, axes: [0])  [4] float32
          %15 = permute(%0, axes: [1, 0])  [8, 32] float32
          %16 = dots[0, 1](%15, %13)  [8, 4] float32
          %17 = multiply(%8, %8)  [32, 4] float32
          %18 = sum(%17, axes: [0, 1])  [] float32
          %19 = divide(%18, 128.0)  [] float32
          %20 = multiply(0.1, %16)  [8, 4] float32
          %21 = subtract(%2, %20)  [8, 4] float32
          %22 = multiply(0.1, %14)  [4] float32
          %23 = subtract(%3, %22)  [4] float32
          outputs: %19, %21, %23
          """)
    }

    @Test("the plan of a step")
    func plan() throws {
      let graph = Graph()
      let x = graph.placeholder("x", [32, 8])
      let y = graph.placeholder("y", [32, 4])
      let w = graph.variable("w", Tensor.ones([8, 4]))
      let b = graph.variable("b", Tensor.zeros([4]))
      let value = loss(x, y, w, b)
      let slopes = graph.gradients(of: value, withRespectTo: [w, b])
      let step = try Function(
        inputs: [x, y], outputs: [value],
        updates: [Update(w, to: w - 0.1 * slopes[0]), Update(b, to: b - 0.1 * slopes[1])])
      print(step.plan)

      _ = try step(Tensor.ones([32, 8]), Tensor.zeros([32, 4]))
      print(step.plan.profile())

      #expect(step.plan.profile().entries.count == 7)
      #expect(
        "\(step.plan)" == """
             phase  instruction  shape and operations                                           kflop   kB
          0  0      product      [32, 4] over 8                                                   2.0  1.7
          1         tile         [128] add sigmoid subtract (2 results)                           0.4  2.1
          2         tile         [128] subtract multiply add multiply multiply sum (2 results)    0.8  1.5
          3         tile         [4] multiply subtract                                            0.0  0.0
          4         product      [8, 4] over 32                                                   2.0  1.7
          5         tile         [128] multiply sum                                               0.3  0.5
          6         tile         [1] divide                                                       0.0  0.0
          7 instructions in 1 phase, 5.5 kflop, 7.5 kB moved, 1.6 kB of own memory
          """)
    }
  }
#endif
