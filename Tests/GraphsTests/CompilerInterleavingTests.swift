#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Interleaving: what is reduced over a few positions is computed for each alone")
  struct CompilerInterleavingTests {
    typealias Body = @Sendable ([Tensor]) -> [Tensor]

    /// Slopes by x of what is pooled and multiplied by numbers of the pooled shape.
    static func pooled(
      _ x: Tensor, _ size: Int, _ before: (Tensor) -> Tensor = { $0 }
    ) -> Tensor {
      gradient(at: x) {
        let y = maxPool2d(before($0), size: size)
        return (y * Tensor.arange(y.count).cast(y.dtype).reshape(y.shape)).sum()
      }
    }

    /// On a float32 operand of [2, 8, 6, 16], with what is left that computes as many elements as
    /// the largest did: what is in front of the pooling.
    static let taken: [(String, left: Int, Body)] = [
      ("pooling", 0, { [pooled($0[0], 2)] }),
      ("pooling behind relu", 3, { [pooled($0[0], 2) { relu($0 - 0.5) }] }),
      ("pooling of all but an edge", 0, { [pooled($0[0][0..., 0..<7, 0..<5], 2)] }),
      (
        "pooling of all but an edge behind relu", 2,
        { [pooled($0[0], 2) { relu($0)[0..., 1...] }] }
      ),
      ("one window", 0, { [pooled($0[0].reshape([4, 2, 12, 16])[0..., 0..<2, 0..<2], 2)] }),
    ]
    /// With sums, which are added up in another order.
    static let summed: [(String, left: Int, Body)] = [
      ("softmax over a few", 0, { [softmax($0[0].reshape([2, 4, 12, 16]), axis: 1)] }),
      (
        "bias of a pooled layer", 3,
        { x in [pooled(x[0], 2) { relu($0 - 0.5) }.sum(axes: [0, 1, 2])] }
      ),
    ]
    /// What is as large as the operand stays whole.
    static let left: [(String, Body)] = [
      ("too many positions", { [pooled($0[0], 3)] }),
      ("rows", { [softmax($0[0], axis: -1)] }),
      ("nothing in front", { x in [x[0] - x[0].max(axis: 0, keepDims: true)] }),
      ("no run behind", { [pooled($0[0].permute([0, 1, 3, 2]).reshape([2, 48, 16, 1]), 2)] }),
      (
        "what follows from the reduction, not itself",
        { x in
          let y = x[0].reshape([2, 4, 12, 16])
          return [y - tanh(y.max(axis: 1, keepDims: true))]
        }
      ),
    ]

    static func sizes(_ body: Body) throws -> (before: [Int], after: [Int]) {
      let traced = try TracedProgram([2, 8, 6, 16], body: body)
      func sizes(_ program: Program) -> [Int] {
        program.removingDeadLines().lines.filter { $0.primitive?.isElementwise ?? false }
          .map(\.shape.count)
      }
      return (sizes(traced.program), sizes(traced.program.interleavingPositions(traced.sources)))
    }

    @Test("each position alone", arguments: taken + summed)
    func parts(name: String, left: Int, body: @escaping Body) throws {
      let (before, after) = try Self.sizes(body)
      #expect(after.count { $0 == before.max() } == left, "\(name): \(before), \(after)")
    }

    @Test("others stay", arguments: left)
    func whole(name: String, body: @escaping Body) throws {
      let (before, after) = try Self.sizes(body)
      #expect(before == after, "\(name)")
    }

    @Test("every bit is the same, in parts or not", arguments: taken.map { ($0.0, $0.2) } + left)
    func bits(name: String, body: @escaping Body) throws {
      var random = SplitMix64(seed: 12)
      var x = random.tensor([2, 8, 6, 16], .float32)
      // Ties, and what has no order.
      x = .where(x .< 0, floor(4 * x), x)
      x = .where(x .> 0.9, Double.nan, x)
      let plan = try Plan.traced(like: [x], by: Plan.Pass.all.subtracting([.smallReductions]), body)
      #expect(try plan.run([x]).map { Bits($0) } == body([x]).map { Bits($0) }, "\(name)")
    }

    @Test("sums are close", arguments: summed.map { ($0.0, $0.2) })
    func sums(name: String, body: @escaping Body) throws {
      var random = SplitMix64(seed: 13)
      let x = random.tensor([2, 8, 6, 16], .float64)
      let plan = try Plan.traced(like: [x], body)
      #expect(try plan.run([x])[0].isClose(to: body([x])[0], 1e-12), "\(name)")
    }

    @Test("a step of pooling's derivative is one tile program, sums over rows included")
    func program() throws {
      let plan = try Plan.traced(like: [.ones([2, 8, 6, 16])]) { x in
        let slope = Self.pooled(x[0], 2) { relu($0) }
        return [slope, slope.sum(axes: [0, 1, 2])]
      }
      let tiles = plan.works.map { plan.note($0) }.filter { $0.kind == "tile" }
      #expect(tiles.count == 2, "\(plan)")
    }
  }
#endif
