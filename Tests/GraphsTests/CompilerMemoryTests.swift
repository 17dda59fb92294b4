#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Passes over memory and order, each alone")
  struct CompilerMemoryTests {
    @Test("Locations: movements are looks at what they move")
    func looks() throws {
      let traced = try TracedProgram([2, 6]) { x in
        let y = sin(x[0])
        return [y.transposed + 1, y[.all, 1...].flip(axes: [1]) * 2, y.reshape([3, 4]).transposed]
      }
      let locations = traced.locations
      let root = try #require(traced.program.first("sin"))
      let turned = try #require(traced.program.first("permute"))
      #expect(locations.isLook(turned) && locations.roots[turned] == root)
      #expect(locations.layouts[turned] == Layout(offset: 0, extents: [6, 2], strides: [1, 6]))
      let flipped = try #require(traced.program.first("flip"))
      #expect(locations.layouts[flipped] == Layout(offset: 5, extents: [2, 5], strides: [6, -1]))
      #expect(locations.owners[flipped] == root && locations.relations[flipped] == .other)
      let cut = try #require(traced.program.first("reshape"))
      #expect(locations.relations[cut] == .same)
    }

    @Test(
      "Locations: what looks at its operand's memory is what has a view as its kernel",
      arguments: Primitive.elementwise + [
        .input, .constant, .call(0), .reshape, .broadcast, .permute(Permutation([1, 0])),
        .slice(start: 0, step: 1, axis: 0), .flip(AxisMask()),
        .windows(step: 1, dilation: 1, axis: 0), .fold(step: 1, dilation: 1, axis: 0),
        .pad(start: 0, step: 1, axis: 0), .concatenate(axis: 0), .stopGradient, .cast,
        .sum(AxisMask()), .gather(axis: 0, batch: 0),
        .dot(batch: 0, contracted: 1), .cumulativeSum(axis: 0), .cholesky, .polygamma(order: 0),
        .equal, .notEqual, .less, .lessEqual, .and, .or, .xor, .not, .max(AxisMask(), .first),
        .min(AxisMask(), .shared), .argmax(axis: 0), .argmin(axis: 0),
        .argsort(axis: 0, descending: false), .scatterAdd(axis: 0, batch: 0), .solve(.whole),
        .determinant, .logDeterminant, .qr, .eigh, .svd, .matrixExp,
      ])
    func looks(_ primitive: Primitive) {
      if case .view = primitive.kernel {
        #expect(primitive.isView)
      } else {
        #expect(!primitive.isView)
      }
    }

    @Test("Locations: parts of a concatenation are computed where they are wanted")
    func placement() throws {
      let traced = try TracedProgram([2, 3], [2, 4]) {
        [Tensor.concatenate([sin($0[0]), $0[1], cos($0[1])], axis: 1)]
      }
      let whole = try #require(traced.program.first("assemble"))
      let locations = traced.locations
      // What is fed lies elsewhere and is copied.
      #expect(locations.placed[whole] == [0, 2])
      let last = try #require(traced.program.first("cos"))
      #expect(locations.owners[last] == whole)
      #expect(locations.layouts[last] == Layout(offset: 7, extents: [2, 4], strides: [11, 1]))
    }

    @Test("Locations: a value wanted twice is in one place only")
    func placedOnce() throws {
      let traced = try TracedProgram([2, 3]) { x in
        let y = sin(x[0])
        return [Tensor.concatenate([y, y], axis: 0)]
      }
      let whole = try #require(traced.program.first("assemble"))
      #expect(traced.locations.placed[whole]?.count == 1)
    }

    @Test("what these passes decide can be read")
    func descriptions() throws {
      let traced = try TracedProgram([2, 3]) { x in
        [sin(x[0]).transposed, Tensor.concatenate([cos(x[0]), x[0]], axis: 1)]
      }
      #expect(
        "\(traced.locations)" == """
          %0: its own memory
          %1: its own memory
          %2: in %1 from 0, steps [1, 3]
          %3: in %4 from 0, steps [6, 1]
          %4: its own memory
          """)
      let grouping = try TracedProgram([40, 50], [50, 2]) { x in
        [(x[0] * 2).sum(axis: 0), x[0].dot(x[1])]
      }.grouping
      #expect(
        "\(grouping)" == """
          group 0, stage 0, 2000 in rows of 50: %2 multiply, %3 sum
          alone: %4 dots[0, 1]
          """)
      // 5 is what waits for the product: it has no bytes.
      let works = Schedule.ordered(
        Lowering(grouping.program, grouping.locations, grouping))
      #expect(works.map(\.description) == ["tile of 0 to 3", "product of 0, 1 to 4, 5"])
      // Room for 128, 64 and 64 bytes; the first is free when the last is needed.
      let arena = Arena(
        bytes: [0: 100, 1: 64, 2: 40], lifetimes: [0: 0...1, 1: 1...2, 2: 2...3])
      #expect(
        "\(arena)" == """
          0: buffer 0
          0: buffer 2
          128: buffer 1
          192 bytes
          """)
    }

    @Test("Schedule: a variable is overwritten after its last reader, and as soon as it can be")
    func schedule() throws {
      let graph = Graph()
      let x = graph.placeholder("x", [8, 8])
      let w = graph.variable("w", Tensor.ones([8, 8]))
      let v = graph.variable("v", Tensor.ones([8, 8]))
      let hidden = x.dot(w)
      let loss = hidden.dot(v).squared().sum()
      let slopes = graph.gradients(of: loss, withRespectTo: [w, v])
      let step = try Function(
        inputs: [x], outputs: [loss],
        updates: [Update(w, to: w - 0.1 * slopes[0]), Update(v, to: v - 0.1 * slopes[1])])
      let works = step.plan.works
      var overwritten = 0
      for (index, work) in works.enumerated() {
        for line in work.overwrites {
          overwritten += 1
          let readers = works.indices.filter { $0 != index && works[$0].reads.contains(line) }
          #expect(readers.allSatisfy { $0 < index }, "\(step.plan)")
        }
      }
      #expect(overwritten > 0)
      for (index, work) in works.enumerated() {
        for later in works[(index + 1)...] {
          #expect(
            Set(work.reads).isDisjoint(with: later.writes), "\(index) reads what is not there yet")
        }
      }
    }

    @Test("Arena: what lives at the same time does not overlap, and room is used again")
    func arena() {
      var random = SplitMix64(seed: 5)
      for _ in 0..<200 {
        let count = Int.random(in: 1...40, using: &random)
        var bytes: [Int: Int] = [:]
        var lifetimes: [Int: ClosedRange<Int>] = [:]
        for buffer in 0..<count {
          bytes[buffer] =
            Int.random(in: 0...3, using: &random) == 0
            ? Int.random(in: 0...200_000, using: &random) : Int.random(in: 0...300, using: &random)
          let birth = Int.random(in: 0...30, using: &random)
          lifetimes[buffer] = birth...birth + Int.random(in: 0...8, using: &random)
        }
        let arena = Arena(bytes: bytes, lifetimes: lifetimes)
        for a in 0..<count {
          let first = arena.offsets[a]!..<arena.offsets[a]! + bytes[a]!
          #expect(first.lowerBound % 64 == 0 && first.upperBound <= arena.size)
          for b in 0..<a where lifetimes[a]!.overlaps(lifetimes[b]!) {
            let second = arena.offsets[b]!..<arena.offsets[b]! + bytes[b]!
            #expect(!first.overlaps(second), "\(first) and \(second)")
          }
        }
      }
    }

    @Test("Arena: a chain needs room for two, whatever its length")
    func chain() {
      let bytes = Dictionary(uniqueKeysWithValues: (0..<50).map { ($0, 4096) })
      let lifetimes = Dictionary(uniqueKeysWithValues: (0..<50).map { ($0, $0...$0 + 1) })
      #expect(Arena(bytes: bytes, lifetimes: lifetimes).size == 8192)
      #expect(Arena(bytes: [:], lifetimes: [:]).size == 0)
    }
  }
#endif
