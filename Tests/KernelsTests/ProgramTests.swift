import BacktapeKernels
import Foundation
import Testing

extension Kernels {
  @Suite struct Programs {
    static let columns = Array(1...67) + [100, 127, 128, 129, 300, 1000]

    func checkRandom<T: Element & BinaryFloatingPoint>(
      _ type: T.Type, seed: UInt64, _ domain: Domain, _ name: String
    ) {
      var writer = ProgramWriter<T>(seed: seed, domain)
      writer.write()
      let chunks = 1 + Int(seed % 3)
      writer.program.check(
        chunks: chunks, mirrors: writer.mirrors, "\(name) \(T.self) seed \(seed)")
    }

    @Test func randomPrograms() {
      forEachInstructionSet { name in
        for (seed, columns) in Self.columns.enumerated() {
          let extents = [
            [], [3], [1], [2, 3], [2, 1, 2], [1, 2, 1, 2], [37], [3, 2, 7, 2], [5, 1, 19],
          ][seed % 9]
          let domain = Domain(extents: extents, columns: columns)
          checkRandom(Float.self, seed: UInt64(seed) + 1, domain, name)
          checkRandom(Double.self, seed: UInt64(seed) + 100, domain, name)
        }
      }
    }

    /// Few columns, around a vector and half of one, in rows that share tiles and in rows that do
    /// not.
    @Test func fewColumns() {
      forEachInstructionSet { name in
        for columns in 1...9 {
          for (index, extents) in [[], [1], [2], [3], [37], [2, 3], [19, 1, 2]].enumerated() {
            let domain = Domain(extents: extents, columns: columns)
            let seed = UInt64(columns * 10 + index)
            checkRandom(Float.self, seed: seed + 3000, domain, name)
            checkRandom(Double.self, seed: seed + 4000, domain, name)
          }
        }
      }
    }

    /// Columns alone, in the scratch of the thread and in scratch of their own.
    @Test func plainPrograms() {
      func check<T: Element & BinaryFloatingPoint>(
        _ type: T.Type, seed: UInt64, _ columns: Int, _ name: String
      ) {
        var writer = ProgramWriter<T>(seed: seed, Domain(extents: [], columns: columns))
        writer.writePlain()
        let chunks = 1 + Int(seed % 3)
        for keepsScratch in [false, true] {
          writer.program.keepsScratch = keepsScratch
          writer.program.check(
            chunks: chunks, mirrors: [:], "\(name) \(T.self) \(keepsScratch) seed \(seed)")
          #expect(writer.program.wasPlain)
        }
      }
      forEachInstructionSet { name in
        for (seed, columns) in Self.columns.enumerated() {
          check(Float.self, seed: UInt64(seed) + 5000, columns, name)
          check(Double.self, seed: UInt64(seed) + 6000, columns, name)
        }
      }
    }

    /// Rows that share tiles: in blocks that end anywhere, of axes that cannot be merged, some of
    /// them too long for a block.
    @Test func narrowRows() {
      let outer = [
        [3], [8], [9], [130], [301], [2, 129], [5, 13, 2], [4, 2, 13, 2], [3, 1, 2, 3, 7],
      ]
      forEachInstructionSet { name in
        for (seed, extents) in (outer + outer + outer).enumerated() {
          let rows = extents.reduce(1, *)
          let most = rows > 100 ? 20 : 67
          for columns in [1 + seed * 11 % most, 1 + (seed * 17 + 16) % most] {
            let domain = Domain(extents: extents, columns: columns)
            checkRandom(Float.self, seed: UInt64(seed) + 1000, domain, name)
            if rows < 200 { checkRandom(Double.self, seed: UInt64(seed) + 2000, domain, name) }
          }
        }
      }
    }

    /// Nothing but a pass over rows: their slots take no more room than there is.
    @Test(arguments: [1, 5, 40]) func rowPassesAlone(columns: Int) {
      func check<T: Element & BinaryFloatingPoint>(_ type: T.Type, _ name: String) {
        let rows = 301
        let program = TestProgram<T>(Domain(extents: [rows], columns: columns))
        let element = TestOperand(place: .row_element, storage: 0, strides: [1])
        let x = program.add(element, (0..<rows).map { T($0 % 17) })
        let y = program.add(element, Array(repeating: 0, count: rows + 3))
        let slot = program.slot()
        program.load(x)
        program.apply(.multiply, program.number(0.5))
        program.store(slot)
        program.sum(program.sums(.totals))
        program.apply(.subtract, slot, reversed: true)
        program.apply(.add, slot)
        program.store(y)
        program.pass(isRow: true)
        program.check(chunks: 2, mirrors: [:], "\(name) \(T.self)")
      }
      forEachInstructionSet { name in
        check(Float.self, name)
        check(Double.self, name)
      }
    }

    /// Every chunk sums what it has; what it does not reach stays as it was.
    @Test func emptyDomains() {
      for (extents, columns) in [([0], 5), ([2, 0], 5), ([0, 3], 0), ([], 0), ([3], 0)] {
        forEachInstructionSet { name in
          let domain = Domain(extents: extents, columns: columns)
          let program = TestProgram<Float>(domain)
          let strides = extents.map { _ in 0 }
          let x = program.add(TestOperand(place: .stream, storage: 0, strides: strides), [7, 7])
          let y = program.add(TestOperand(place: .row_element, storage: 0), [7, 7, 7, 7])
          program.operands[y].strides = extents.count == 1 ? [1] : strides
          let total = program.sums(.totals, chunks: 2)
          let sums = program.sums(.column_sums, period: 3, chunks: 2)
          let slot = program.slot()
          program.load(x)
          program.apply(.exp)
          program.store(x)
          program.sum(total)
          program.sum(sums)
          program.sum(slot)
          program.pass()
          program.load(slot)
          program.store(y)
          program.pass(isRow: true)
          let results = program.run(chunks: 2)
          #expect(results[0] == [7, 7], "\(name)")
          #expect(results[1] == (extents == [3] ? [0, 0, 0, 7] : [7, 7, 7, 7]), "\(extents)")
          #expect(results[2] == [0, 0, 99], "\(name)")
          #expect(results[3] == [0, 0, 0, 0, 0, 0, 99], "\(name)")
        }
      }
    }

    /// All sums there are of one stream: rows, totals and columns with and without a period.
    func sums<T: Element & BinaryFloatingPoint>(_ values: [T], rows: Int, period: Int) -> [[T]] {
      let columns = values.count / rows
      let program = TestProgram<T>(Domain(extents: [rows], columns: columns))
      let x = program.add(TestOperand(place: .stream, storage: 0, strides: [columns]), values)
      let y = program.add(
        TestOperand(place: .row_element, storage: 0, strides: [1]),
        Array(repeating: 0, count: rows))
      let slot = program.slot()
      let targets = [
        slot, program.sums(.totals, chunks: 1), program.sums(.column_sums, chunks: 1),
        program.sums(.column_sums, period: period, chunks: 1),
      ]
      program.load(x)
      for target in targets { program.sum(target) }
      program.pass()
      program.load(slot)
      program.store(y)
      program.pass(isRow: true)
      let results = program.run()
      return [results[program.operands[y].storage]]
        + targets.dropFirst().map { results[program.operands[$0].storage].dropLast() }
    }

    func checkSums<T: Element & BinaryFloatingPoint>(_ values: [T], rows: Int, _ name: String) {
      let columns = values.count / rows
      let period = 7
      let results = sums(values, rows: rows, period: period)
      for row in 0..<rows {
        expectSum(
          results[0][row], Array(values[row * columns..<(row + 1) * columns]), "\(name) row \(row)")
      }
      expectSum(results[1][0], values, "\(name) total")
      for column in [0, 1, columns / 2, columns - 1] {
        let mine = (0..<rows).map { values[$0 * columns + column] }
        expectSum(results[2][column], mine, "\(name) column \(column)")
      }
      for place in 0..<period {
        let mine = values.indices.filter { $0 % columns % period == place }.map { values[$0] }
        expectSum(results[3][place], mine, "\(name) place \(place)")
      }
    }

    @Test func sumsKeepTheirPrecision() {
      forEachInstructionSet { name in
        var numbers = Numbers(17)
        checkSums([Float](repeating: 0.1, count: 100_000), rows: 1000, name)
        checkSums([Double](repeating: 0.1, count: 100_000), rows: 10, name)
        // Large numbers that cancel but for the small ones between them.
        let large = (0..<9999).map { _ in numbers.unit() * 1e6 }
        let values = large.flatMap { [$0, numbers.unit(), -$0] }
        checkSums(values.map { Float($0) }, rows: 9, name)
        checkSums(values, rows: 11 * 9, name)
        checkSums(values.map { $0 * 1e200 }, rows: 1, name)
      }
    }

    @Test func longSums() {
      let count = 10_000_000
      let program = TestProgram<Float>(Domain(extents: [], columns: count))
      let total = program.sums(.totals, chunks: 1)
      let sums = program.sums(.column_sums, period: 1, chunks: 1)
      program.unit = count
      program.load(program.number(0.1))
      program.sum(total)
      program.sum(sums)
      program.pass()
      let results = program.run()
      let exact = Double(Float(0.1)) * Double(count)
      for operand in [total, sums] {
        let actual = results[program.operands[operand].storage][0]
        #expect(abs(Double(actual) - exact) <= Double(Float(exact).ulp))
      }
    }

    @Test func infinitiesAndNaNInSums() {
      forEachInstructionSet { name in
        for special: [Float] in [[.infinity], [-.infinity], [.infinity, -.infinity], [.nan]] {
          var values = (0..<600).map { Float($0 % 13) }
          for (index, value) in special.enumerated() { values[217 + 150 * index] = value }
          checkSums(values, rows: 2, name)
          checkSums(values.map { Double($0) }, rows: 2, name)
        }
      }
    }

    /// Elementwise results do not depend on how the domain is cut; sums repeat with the same cuts.
    @Test func chunksAgree() {
      for seed: UInt64 in 300..<312 {
        var writer = ProgramWriter<Float>(
          seed: seed, Domain(extents: seed % 2 == 0 ? [] : [7], columns: 333))
        writer.write()
        let whole = writer.program.run()
        for chunks in 2...7 {
          let cut = writer.program.run(chunks: chunks)
          let again = writer.program.run(chunks: chunks)
          for (index, operand) in writer.program.operands.enumerated() {
            let storage = operand.storage
            #expect(zip(cut[storage], again[storage]).allSatisfy(isSame), "seed \(seed) \(index)")
            guard [.stream, .row_element].contains(operand.place) else { continue }
            #expect(zip(cut[storage], whole[storage]).allSatisfy(isSame), "seed \(seed) \(index)")
          }
        }
      }
    }
  }
}
