#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors
  import Testing

  @testable import BacktapeGraphs

  @Suite("Grouping and domains")
  struct CompilerGroupingTests {
    @Test("a chain of elementwise operations is one group")
    func chain() throws {
      let grouping = try TracedProgram([4, 5], [4, 5]) { [tanh($0[0] * $0[1]) + sin($0[1])] }
        .grouping
      #expect(grouping.fused == [["multiply", "tanh", "sin", "add"]])
    }

    @Test("softmax is one group: rows, their maxima and sums")
    func rows() throws {
      let grouping = try TracedProgram([4, 50]) { [softmax($0[0])] }.grouping
      let names = Set(grouping.fused.flatMap(\.self))
      #expect(grouping.fused.count == 1 && names.isSuperset(of: ["max", "exp", "sum", "divide"]))
      #expect(grouping.groups.compactMap(\.self).first { $0.members.count > 1 }?.columns == 50)
    }

    @Test("a sum over rows or over all joins what it adds up")
    func sums() throws {
      let columns = try TracedProgram([40, 50]) { [($0[0] * 2).sum(axis: 0)] }.grouping
      #expect(columns.fused == [["multiply", "sum"]])
      let all = try TracedProgram([100, 100]) { [($0[0] * 2).sum()] }.grouping
      #expect(all.fused == [["multiply", "sum"]])
    }

    @Test("what follows from a sum over everything is another group")
    func stages() throws {
      let grouping = try TracedProgram([100, 100]) { x in
        let y = exp(x[0])
        return [y / y.sum()]
      }.grouping
      let sum = try #require(grouping.program.first("sum"))
      let quotient = try #require(grouping.program.first("divide"))
      #expect(grouping.groupOf[sum] != grouping.groupOf[quotient])
    }

    @Test("a product parts what is before it from what is after it")
    func products() throws {
      let grouping = try TracedProgram([4, 4]) { x in [tanh(sin(exp(x[0])).dot(x[0])) * 2] }
        .grouping
      #expect(grouping.fused == [["exp", "sin"], ["tanh", "multiply"]])
      let product = try #require(grouping.program.first("dots"))
      #expect(grouping.groupOf[product] == nil)
    }

    @Test("groups of different types or sizes stay apart")
    func kinds() throws {
      let types = try TracedProgram([8]) { [sin($0[0]).cast(.float64) * 2] }.grouping
      #expect(types.fused.isEmpty)
      let turned = try TracedProgram([8, 4]) { [sin($0[0]).transposed * 2] }.grouping
      #expect(turned.fused.isEmpty)
      let whole = try TracedProgram([8], dtype: .int32) { [$0[0] + $0[0] * 2] }.grouping
      #expect(whole.groups.compactMap(\.self).allSatisfy { $0.members.count == 1 })
    }

    @Test("a group has no more streams of memory than the limit")
    func streams() throws {
      let shapes = [Shape](repeating: [64, 64], count: 24)
      let grouping = try TracedProgram(shapes) { [$0.dropFirst().reduce(sin($0[0])) { $0 * $1 }] }
        .grouping
      let program = grouping.program
      let groups = grouping.groups.compactMap(\.self)
      #expect(groups.count > 1)
      for group in groups {
        let read = Set(group.members.flatMap { program.lines[$0].lines }).subtracting(group.members)
        let written = group.members.filter { grouping.leaves($0) }
        #expect(read.count + written.count <= Grouping.maximumStreams)
      }
    }

    @Test("a small set is a set")
    func smallSet() {
      var random = SplitMix64(seed: 9)
      var small: SmallSet = [3, 1, 3]
      var expected: Set = [1, 3]
      #expect(small == [1, 3] && small != [1, 2])
      for _ in 0..<500 {
        let number = Int.random(in: -8...8, using: &random)
        if Bool.random(using: &random) {
          small.insert(number)
          expected.insert(number)
        } else {
          small.remove(number)
          expected.remove(number)
        }
        #expect(small.sorted == expected.sorted() && small.count == expected.count)
        #expect((-8...8).allSatisfy { small.contains($0) == expected.contains($0) })
      }
    }

    // MARK: domains

    private func domain(_ boundaries: SmallSet, columns: Int? = nil) -> Domain {
      let group = Group(
        members: [], count: 24, columns: columns, dtype: .float32, boundaries: boundaries, stage: 0)
      return Domain(group, hasRows: columns != nil, sumsRows: false)
    }

    private func access(_ strides: [Int]) -> Access {
      Access(buffer: 0, offset: 0, strides: strides, dtype: .float32, isRow: false, period: nil)
    }

    @Test("axes are cut at all boundaries, and merged where all operands go on")
    func merging() {
      var plain = domain([4, 12])
      #expect(plain.extents == [2, 3, 4])
      var accesses = [access([12, 4, 1]), access([0, 0, 0])]
      plain.merge(&accesses)
      #expect(plain.extents == [24] && accesses.map(\.strides) == [[1], [0]])

      var turned = domain([4, 12])
      accesses = [access([12, 4, 1]), access([4, 8, 1])]
      turned.merge(&accesses)
      #expect(turned.extents == [2, 3, 4])

      // A row is never merged with what is around it.
      var rows = domain([4, 12], columns: 4)
      accesses = [access([12, 4, 1])]
      rows.merge(&accesses)
      #expect(rows.extents == [6, 4] && accesses[0].strides == [4, 1])
    }

    @Test("narrow rows that repeat become one long row with a period")
    func flattening() {
      var bias = domain([4])
      var accesses = [access([4, 1]), access([0, 1])]
      bias.merge(&accesses)
      #expect(bias.extents == [6, 4])
      #expect(bias.flatten(&accesses) == 4)
      #expect(bias.extents == [24] && accesses.map(\.period) == [nil, 4])

      var other = domain([4])
      accesses = [access([5, 1])]
      #expect(other.flatten(&accesses) == nil && other.extents == [6, 4])
    }
  }
#endif
