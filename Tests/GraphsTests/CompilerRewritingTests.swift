#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Passes from program to program, each alone")
  struct CompilerRewritingTests {
    typealias Body = @Sendable (Tensor) -> Tensor
    static let identities: [(String, Body)] = [
      ("x * 1", { $0 * 1 }), ("1 * x", { 1 * $0 }), ("x / 1", { $0 / 1 }), ("x - 0", { $0 - 0 }),
      ("x ** 1", { $0.power(1) }), ("-(-x)", { -(-$0) }),
      ("by ones", { $0 * Tensor.ones([2, 3]) }),
      ("reshape to its own shape", { $0.reshape([3, 2]).reshape([2, 3]) }),
      ("transposed twice", { $0.transposed.transposed }), ("stopped", { $0.stopGradient() }),
      ("all of it", { $0[0...] }), ("a sum over nothing", { $0.sum(axes: []) }),
    ]
    /// They look like identities, and are none for NaN, infinities or -0.
    static let changes: [(String, Body)] = [
      ("x + 0", { $0 + 0 }), ("0 + x", { 0 + $0 }), ("x * 0", { $0 * 0 }), ("0 - x", { 0 - $0 }),
      ("x - -0", { $0 - (-0.0) }), ("x - x", { $0 - $0 }), ("x / x", { $0 / $0 }),
      ("x ** 0", { $0.power(0) }), ("x + zeros", { $0 + Tensor.zeros([2, 3]) }),
      ("max(x, x)", { maximum($0, $0) }),
    ]

    @Test("Simplification leaves out what changes nothing", arguments: identities)
    func identity(name: String, body: @escaping Body) throws {
      let traced = try TracedProgram([2, 3]) { [body($0[0])] }
      #expect(traced.simplified.names == [], "\(name): \(traced.simplified)")
    }

    @Test("Simplification leaves what changes NaN, infinities or zeros", arguments: changes)
    func noIdentity(name: String, body: @escaping Body) throws {
      let traced = try TracedProgram([2, 3]) { [body($0[0])] }
      #expect(!traced.simplified.names.isEmpty, "\(name)")
    }

    @Test("Simplified or not, every bit is the same", arguments: identities + changes)
    func sameBits(name: String, body: @escaping Body) {
      let x = Tensor([-0.0, .infinity, -.infinity, .nan, 1e38, 0], [2, 3]).cast(.float32)
      #expect(Bits(compiled(body)(x)) == Bits(body(x)), "\(name)")
    }

    @Test("Simplification joins movements, and takes constants of one value as numbers")
    func movements() throws {
      let traced = try TracedProgram([2, 1, 3]) { x in
        [
          x[0].reshape([6]).reshape([3, 2]), x[0].permute([1, 2, 0]).permute([2, 1, 0]),
          x[0].broadcast(to: [2, 4, 3]).broadcast(to: [5, 2, 4, 3]), x[0].max(axis: 1),
          x[0] + Tensor.full([2, 1, 3], 2.5),
        ]
      }
      #expect(
        "\(traced.simplified)" == """
          %0 = fed[0]  [2, 1, 3] float32
          %1 = reshape(%0)  [3, 2] float32
          %2 = permute(%0, axes: [0, 2, 1])  [2, 3, 1] float32
          %3 = broadcast(%0)  [5, 2, 4, 3] float32
          %4 = reshape(%0)  [2, 3] float32
          %5 = add(%0, 2.5)  [2, 1, 3] float32
          outputs: %1, %2, %3, %4, %5
          """)
    }

    @Test("Common subexpressions: what is computed twice is computed once")
    func duplicates() throws {
      let traced = try TracedProgram([3]) { [sin($0[0]) * sin($0[0]), sin($0[0]).cast(.float64)] }
      #expect(traced.program.names == ["sin", "sin", "multiply", "sin", "cast"])
      let merged = traced.program.mergingCommonSubexpressions().removingDeadLines()
      #expect(merged.names == ["sin", "multiply", "cast"])
      let different = try TracedProgram([3, 3]) {
        [$0[0].sum(axis: 0), $0[0].sum(axis: 1), $0[0] * 2]
      }
      #expect(different.program.mergingCommonSubexpressions().names.count == 3)
    }

    @Test("Dead lines: what nothing wanted depends on is gone")
    func deadLines() throws {
      var program = try TracedProgram([3], [3]) { [sin($0[0]), cos(exp($0[1]))] }.program
      program.outputs.removeLast()
      #expect(
        "\(program.removingDeadLines())" == """
          %0 = fed[0]  [3] float32
          %1 = sin(%0)  [3] float32
          outputs: %1
          """)
    }

    @Test("Small reductions: pooling becomes operations on slices")
    func smallReductions() throws {
      let pooled = try TracedProgram([2, 3, 8]) { [$0[0].max(axis: 1)] }.program
      #expect(
        "\(pooled.unrollingSmallReductions().removingDeadLines())" == """
          %0 = fed[0]  [2, 3, 8] float32
          %1 = slice(%0, axis: 1, start: 0)  [2, 1, 8] float32
          %2 = slice(%0, axis: 1, start: 1)  [2, 1, 8] float32
          %3 = maximum(%1, %2)  [2, 1, 8] float32
          %4 = slice(%0, axis: 1, start: 2)  [2, 1, 8] float32
          %5 = maximum(%3, %4)  [2, 1, 8] float32
          %6 = reshape(%5)  [2, 8] float32
          outputs: %6
          """)
      // Rows, sums of rows, many elements, short runs and whole numbers are better left.
      for shape: Shape in [[2, 3, 7], [1, 3, 8], [2, 17, 8]] {
        let other = try TracedProgram(shape) { [$0[0].max(axis: 1)] }.program
        #expect(other.unrollingSmallReductions().names == ["max"], "\(shape)")
      }
      let whole = try TracedProgram([2, 3, 8], dtype: .int32) { [$0[0].max(axis: 1)] }.program
      #expect(whole.unrollingSmallReductions().names == ["max"])
    }

    @Test("Assemblies: padded values without overlap are put in place, not added up")
    func assemblies() throws {
      func sum(_ start: Int) throws -> Program {
        try TracedProgram([2], [3]) {
          [
            $0[0].pad(axis: 0, before: 0, after: 3)
              + $0[1].pad(axis: 0, before: start, after: 2 - start)
          ]
        }.program.assemblingSums().removingDeadLines()
      }
      #expect(
        "\(try sum(2))" == """
          %0 = fed[0]  [2] float32
          %1 = fed[1]  [3] float32
          %2 = assemble[0: 0 by 1, 0: 2 by 1](%0, %1)  [5] float32
          outputs: %2
          """)
      #expect(try sum(1).names == ["assemble", "assemble", "add"])
    }

    @Test("Assemblies: what other lines use too stays as it is")
    func sharedAssemblies() throws {
      let program = try TracedProgram([2], [3], [1]) {
        let both = $0[0].pad(axis: 0, before: 0, after: 4) + $0[1].pad(axis: 0, before: 2, after: 1)
        return [both + $0[2].pad(axis: 0, before: 5, after: 0), both * 2]
      }.program.assemblingSums().removingDeadLines()
      #expect(program.names == ["assemble", "assemble", "add", "multiply"], "\(program)")
    }

    /// Positions counted by the parts' steps: even and odd ones, many words of them.
    @Test("Assemblies: parts in steps between each other's", arguments: [0, 1])
    func steps(start: Int) throws {
      let program = try TracedProgram([100], [100]) {
        [
          $0[0].pad(axis: 0, start: 0, step: 2, total: 300)
            + $0[1].pad(axis: 0, start: start, step: 2, total: 300)
        ]
      }.program.assemblingSums().removingDeadLines()
      #expect(program.names == (start == 1 ? ["assemble"] : ["assemble", "assemble", "add"]))
    }

    /// By the operands of all lines, dead ones too: copied sums would have the square of them.
    @Test("Sums of thousands of parts and of products: work by their number", arguments: 0..<3)
    func longSums(order: Int) throws {
      let count = 20_000
      func sum(_ terms: [Tensor]) -> Tensor {
        switch order {
        case 0: return terms.dropFirst().reduce(terms[0]) { $0 + $1 }
        case 1: return terms.dropFirst().reduce(terms[0]) { $1 + $0 }
        default:
          var terms = terms
          while terms.count > 1 {
            let last = terms.count % 2 == 1 ? [terms.removeLast()] : []
            terms = stride(from: 0, to: terms.count, by: 2).map { terms[$0] + terms[$0 + 1] } + last
          }
          return terms[0]
        }
      }
      func operands(_ program: Program) -> Int {
        program.lines.reduce(0) { $0 + $1.operands.count }
      }
      let parts = try TracedProgram([1]) { x in
        [sum((0..<count).map { x[0].pad(axis: 0, start: $0, step: 1, total: count) })]
      }.program
      let assembled = parts.assemblingSums()
      #expect(assembled.lines.last?.operands.count == count)
      #expect(operands(assembled) < 20 * count)
      let products = try TracedProgram([2, 3], [3, 2]) { x in
        [sum((0..<count).map { _ in x[0].dot(x[1]) })]
      }.program
      let merged = products.mergingSumsOfProducts()
      #expect(merged.lines.last?.operands.count == 2 * count)
      #expect(operands(merged) < 20 * count)
    }

    @Test("Products: a sum of products alike is one, a product over one element none")
    func products() throws {
      let alike = try TracedProgram([2, 3], [3, 4], [2, 3], [3, 4]) {
        [$0[0].dot($0[1]) + $0[2].dot($0[3])]
      }
      let merged = alike.program.mergingSumsOfProducts().removingDeadLines()
      #expect(merged.names == ["dots"] && merged.lines.last?.operands.count == 4)
      let unlike = try TracedProgram([2, 3], [3, 4], [2, 5], [5, 4]) {
        [$0[0].dot($0[1]) + $0[2].dot($0[3])]
      }
      #expect(unlike.program.mergingSumsOfProducts().names == ["dots", "dots", "add"])
      let outer = try TracedProgram([32, 1], [1, 64]) { [$0[0].dot($0[1])] }.program
        .multiplyingOverOne()
      #expect(!outer.names.contains("dots") && outer.names.last == "multiply")
    }

    @Test(
      "Convolutions: a product whose columns are folded becomes a product with windows",
      arguments: [(1, 1, 3), (1, 2, 3), (2, 1, 2), (2, 1, 3), (2, 2, 3), (4, 1, 3)])
    func convolutions(step: Int, dilation: Int, size: Int) throws {
      // Zeros between the elements of a cotangent would be multiplied too.
      let isConvolved = step == 1 || step == size
      let kernel = Tensor((0..<2 * size).map { Double($0) - 2.5 }, [size, 2]).cast(.float32)
      let body = { @Sendable (x: Tensor) -> Tensor in
        let windows = x.windows(axis: 0, size: size, step: step, dilation: dilation)
        return (windows.dot(kernel).squared() * 0.5).sum()
      }
      let traced = try TracedProgram([16]) { x in
        [gradient(at: x[0], of: body)]
      }
      #expect(traced.program.names.contains("fold"))
      let after = traced.program.convolvingFolds().removingDeadLines()
      #expect(after.names.contains("fold") != isConvolved, "\(after)")
      let x = Tensor((0..<16).map { Double($0 * 7 % 5) }, [16]).cast(.float32)
      let slope = compiled { gradient(at: $0, of: body) }
      #expect(slope(x).isClose(to: gradient(at: x, of: body)))
    }
  }
#endif
