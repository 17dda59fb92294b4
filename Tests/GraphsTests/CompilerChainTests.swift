#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Chains: what goes on without a barrier, and what does not")
  struct CompilerChainTests {
    /// The phases of a computation: what the works in each are.
    static func phases(
      _ shapes: Shape..., extent: Chains.Extent = .possible, body: ([Tensor]) -> [Tensor]
    ) throws -> [(kinds: [String], chunks: Int?)] {
      let tape = Tape()
      let inputs = shapes.map { tape.placeholder($0, .float32) }
      let plan = try Plan(
        tape, bindings: .feeding(inputs), outputs: body(inputs), updates: [],
        passes: extent == .none ? Plan.Pass.all.subtracting([.chains]) : Plan.Pass.all,
        joinsAll: extent == .possible)
      return plan.joined.map { phase in
        (phase.works.map { plan.note(plan.works[$0]).kind }, phase.chain?.chunks)
      }
    }

    @Test("rows of a product, of what follows and of the next product go together")
    func layers() throws {
      let phases = try CompilerChainTests.phases([64, 128], [128, 256], [256], [256, 32]) { x in
        [tanh(x[0].dot(x[1]) + x[2]).dot(x[3])]
      }
      #expect(phases.count == 1 && phases[0].kinds == ["product", "tile", "product"])
      #expect(phases[0].chunks == 16)
    }

    @Test(
      "as many parts as the rows divide into", arguments: [(100, 10), (25, 5), (14, 2), (9, 3)])
    func parts(rows: Int, chunks: Int) throws {
      let phases = try CompilerChainTests.phases([rows, 16], [16, 16]) { x in
        [tanh(x[0].dot(x[1])).dot(x[1])]
      }
      #expect(phases.count == 1 && phases[0].chunks == chunks)
    }

    @Test("a prime number of rows goes work by work, on one thread if it is little")
    func prime() throws {
      let little = try CompilerChainTests.phases([17, 16], [16, 16], extent: .worthwhile) { x in
        [tanh(x[0].dot(x[1])).dot(x[1])]
      }
      #expect(little.count == 1 && little[0].chunks == nil)
      let much = try CompilerChainTests.phases([1031, 256], [256, 256]) { x in
        [tanh(x[0].dot(x[1])).dot(x[1])]
      }
      #expect(much.count == 3 && much.allSatisfy { $0.chunks == nil })
    }

    @Test("what reads across chunks begins a phase")
    func across() throws {
      // Columns of what was computed by rows.
      let turned = try CompilerChainTests.phases([64, 128], [128, 64]) { x in
        let y = x[0].dot(x[1])
        return [sin(y), y.transposed.dot(x[1].transposed) + 1]
      }
      #expect(turned.last?.kinds.first == "product", "\(turned)")
      #expect(turned.count > 1)
      // All rows for each, as the derivative of a weight.
      let whole = try CompilerChainTests.phases([64, 32], [32, 32]) { x in
        let y = sin(x[0].dot(x[1]))
        return [y, x[0].transposed.dot(y)]
      }
      #expect(whole.map(\.kinds) == [["product", "tile"], ["product"]], "\(whole)")
      // Neighbours, a row further on.
      let shifted = try CompilerChainTests.phases([64, 32], [32, 32]) { x in
        let y = x[0].dot(x[1])
        return [y, y[1..<33].dot(x[1])]
      }
      #expect(shifted.count == 2, "\(shifted)")
    }

    @Test("parts of other axes do not go with rows")
    func otherAxis() throws {
      // The last can only be cut along what is the second axis of the others.
      let phases = try CompilerChainTests.phases([32, 7, 64], [64, 64]) { x in
        let y = x[0].dot(x[1])
        return [y, tanh(y.permute([1, 0, 2])).dot(x[1])]
      }
      #expect(phases.map(\.kinds) == [["product", "tile"], ["product"]], "\(phases)")
    }

    @Test("little work is not shared out, much is")
    func worth() throws {
      func body(_ x: [Tensor]) -> [Tensor] { [tanh(x[0].dot(x[1])).dot(x[1])] }
      let little = try CompilerChainTests.phases(
        [32, 16], [16, 16], extent: .worthwhile, body: body)
      #expect(little.count == 1 && little[0].chunks == nil)
      let much = try CompilerChainTests.phases(
        [256, 256], [256, 256], extent: .worthwhile, body: body)
      #expect(much.count == 1 && (much[0].chunks ?? 0) >= 8, "\(much)")
      let apart = try CompilerChainTests.phases([256, 256], [256, 256], extent: .none, body: body)
      #expect(apart.count == 3)
    }

    @Test("a variable read as a whole is overwritten later; row by row, in the same phase")
    func updates() throws {
      let graph = Graph()
      let x = graph.placeholder("x", [256, 256])
      let w = graph.variable("w", Tensor.ones([256, 256]))
      let state = graph.variable("state", Tensor.ones([256, 256]))
      let y = tanh(x.dot(w))
      func phases(_ update: Update) throws -> [[String]] {
        let plan = try Function(inputs: [x], outputs: [], updates: [update]).plan
        return plan.joined.map { $0.works.map { plan.note(plan.works[$0]).kind } }
      }
      #expect(try phases(Update(w, to: w * 0.5 + 0.5 * y)) == [["product"], ["tile"]])
      #expect(try phases(Update(state, to: state + tanh(state) * y)) == [["product", "tile"]])
    }

    @Test("what chunks share alike is as long as they say")
    func slabs() {
      var found = 0
      for seed in 0..<300 {
        var random = SplitMix64(seed: UInt64(seed))
        var footprint = Footprint()
        footprint.extents = (0..<3).map { _ in Int.random(in: 1...6, using: &random) }
        let axis = Int.random(in: 0..<3, using: &random)
        let chunks = [2, 3, 4].randomElement(using: &random)!
        footprint.extents[axis] = chunks * Int.random(in: 1...3, using: &random)
        let strides = [-40, -12, -1, 0, 1, 2, 3, 4, 6, 12, 24, 40, 48, 96]
        let touch = Footprint.Touch(
          buffer: .own(0), isWritten: true, size: 1, offset: 200 + 4 * (seed % 7),
          strides: (0..<3).map { _ in strides.randomElement(using: &random)! },
          reach: seed % 3)
        guard let slab = footprint.slab(touch, along: axis, chunks: chunks) else { continue }
        found += 1
        let own = footprint.extents[axis] / chunks
        for i in 0..<footprint.extents[0] {
          for j in 0..<footprint.extents[1] {
            for k in 0..<footprint.extents[2] {
              let at =
                touch.offset + i * touch.strides[0] + j * touch.strides[1] + k * touch.strides[2]
              for element in at...at + touch.reach {
                #expect(element / slab % chunks == [i, j, k][axis] / own, "seed \(seed)")
              }
            }
          }
        }
      }
      #expect(found >= 10, "\(found)")
    }
  }
#endif
