import BacktapeKernels
import Testing

extension Kernels {
  @Suite struct Contractions {
    typealias Axis = bt_contraction_axis

    func check<T>(_ test: ContractionCase<T>, seed: UInt64, _ comment: String) {
      let (result, expected, cut) = test.run(seed: seed)
      #expect(
        result == expected,
        """
        \(T.self) \(comment) cut \(cut.rawValue): \(test.batch) \(test.rows) \(test.columns) \
        \(test.contracted) \(test.terms)
        """)
    }

    /// Axes of random extents; steps that lay the axes of each operand out in a random order, some
    /// of them overlapping, 0 or negative where that is allowed.
    func random<T>(_ type: T.Type, _ numbers: inout Numbers) -> ContractionCase<T> {
      let extents = [1, 2, 3, 4, 5, 9, 17, 40]
      var groups = (0..<4).map { _ in
        (0..<Int(numbers.next() % 5)).map { _ in extents[Int(numbers.next() % 8)] }
      }
      for group in 0..<4 {
        while groups[group].reduce(1, *) > 80 {
          groups[group][groups[group].indices.max { groups[group][$0] < groups[group][$1] }!] = 1
        }
      }
      while groups.joined().reduce(1, *) > 40_000 {
        groups[
          groups.indices.max {
            groups[$0].reduce(1, *) < groups[$1].reduce(1, *)
          }!
        ].removeLast()
      }
      if numbers.next() % 25 == 0, let group = groups.indices.last(where: { !groups[$0].isEmpty }) {
        groups[group][0] = 0
      }
      var axes = groups.map { $0.map { Axis(extent: Int64($0), a: 0, b: 0, c: 0) } }
      let owners: [(WritableKeyPath<Axis, Int64>, [Int])] = [
        (\.a, [0, 1, 3]), (\.b, [0, 3, 2]), (\.c, [0, 1, 2]),
      ]
      for (step, owned) in owners {
        var order = owned.flatMap { group in axes[group].indices.map { (group, $0) } }
        if numbers.next() % 2 == 0 { order.sort { ($0.1, $0.0) < ($1.1, $1.0) } }
        var next: Int64 = numbers.next() % 5 == 0 ? 2 : 1
        for (group, axis) in order.reversed() {
          axes[group][axis][keyPath: step] = next
          if step != \.c {
            switch numbers.next() % 16 {
            case 0:
              axes[group][axis][keyPath: step] = 0
              continue
            case 1: axes[group][axis][keyPath: step] = 1 + Int64(numbers.next() % 5)
            case 2: axes[group][axis][keyPath: step] = -next
            default: break
            }
          }
          next *= max(1, axes[group][axis].extent)
          if numbers.next() % 8 == 0 { next += 3 }
        }
      }
      var test = ContractionCase<T>(
        batch: axes[0], rows: axes[1], columns: axes[2], contracted: axes[3])
      if numbers.next() % 3 == 0 {
        test.terms = (0..<numbers.next() % 4).map { _ in
          (Int64(numbers.next() % 50), Int64(numbers.next() % 50) - 5)
        }
      }
      test.accumulates = numbers.next() % 3 == 0
      test.scale = [1, 1, -1, 0.5][Int(numbers.next() % 4)]
      test.cut =
        [.best, .best, .leading, .rows, .columns, .batch, .contracted][
          Int(numbers.next() % 7)]
      test.parts = [nil, 1, 2, 3, 7][Int(numbers.next() % 5)]
      test.offersParts = numbers.next() % 2 == 0
      return test
    }

    @Test func randomAxes() {
      forEachInstructionSet { name in
        var numbers = Numbers(11)
        for index in 0..<150 {
          check(random(Float.self, &numbers), seed: UInt64(index), name)
          check(random(Double.self, &numbers), seed: UInt64(index), name)
        }
      }
    }

    @Test(arguments: [bt_cut.best, .leading, .rows, .columns])
    func raggedProducts(cut: bt_cut) {
      forEachInstructionSet { name in
        let sizes = [1, 2, 3, 5, 7, 8, 13, 14, 15, 16, 17, 29, 31, 32, 33, 47, 64, 65, 67]
        for (step, m) in sizes.enumerated() {
          for turn in [0, 7, 12] {
            let n = sizes[(step + turn) % sizes.count]
            let k = sizes[(step + 2 * turn + 3) % sizes.count]
            let (rows, columns, depth) = (Int64(m), Int64(n), Int64(k))
            for transposed in [false, true] {
              var test = ContractionCase<Float>()
              test.rows = [Axis(extent: rows, a: depth, b: 0, c: columns)]
              test.columns = [Axis(extent: columns, a: 0, b: transposed ? depth : 1, c: 1)]
              test.contracted = [Axis(extent: depth, a: 1, b: transposed ? 1 : columns, c: 0)]
              test.cut = cut
              test.parts = 3
              check(test, seed: UInt64(m), name)
            }
          }
        }
      }
    }

    /// Few columns, around a vector and half of one, and rows around those of a tile.
    @Test(arguments: [bt_cut.best, .leading, .rows])
    func narrowProducts(cut: bt_cut) {
      func check<T: Element & BinaryFloatingPoint>(_ type: T.Type, _ name: String) {
        var seed: UInt64 = 0
        for columns: Int64 in 1...9 {
          for rows: Int64 in [1, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 29] {
            for transposed in [false, true] {
              let depth: Int64 = [1, 3, 8, 33][Int(seed / 2 + UInt64(columns)) % 4]
              var test = ContractionCase<T>()
              test.rows = [Axis(extent: rows, a: depth, b: 0, c: columns + Int64(seed % 3))]
              test.columns = [Axis(extent: columns, a: 0, b: transposed ? depth : 1, c: 1)]
              test.contracted = [Axis(extent: depth, a: 1, b: transposed ? 1 : columns, c: 0)]
              test.cut = cut
              test.accumulates = seed % 5 < 2
              test.scale = [1, -0.5, 2][Int(seed / 2 + UInt64(columns)) % 3]
              self.check(test, seed: seed, name)
              seed += 1
            }
          }
        }
      }
      forEachInstructionSet { name in
        check(Float.self, name)
        check(Double.self, name)
      }
    }

    /// A convolution of `[2, 9, 8, channels]` with windows of 3 by 3: forward, to the weights, and,
    /// with flipped weights, to the input.
    @Test(arguments: [1, 3, 16], [5, 40])
    func convolutions(channels: Int, filters: Int) {
      let (c, o) = (Int64(channels), Int64(filters))
      let (n, h, w): (Int64, Int64, Int64) = (2, 7, 6)  // of the result
      let image = [
        (n, 9 * 8 * c), (h, 8 * c), (w, c),
      ]
      let window = [(Int64(3), 8 * c), (3, c), (c, 1)]
      forEachInstructionSet { name in
        var forward = ContractionCase<Float>()
        forward.rows = image.enumerated().map {
          Axis(extent: $1.0, a: $1.1, b: 0, c: [h * w * o, w * o, o][$0])
        }
        forward.columns = [Axis(extent: o, a: 0, b: 1, c: 1)]
        forward.contracted = window.enumerated().map {
          Axis(extent: $1.0, a: $1.1, b: [3 * c * o, c * o, o][$0], c: 0)
        }
        var weights = ContractionCase<Float>()
        weights.rows = window.enumerated().map {
          Axis(extent: $1.0, a: $1.1, b: 0, c: [3 * c * o, c * o, o][$0])
        }
        weights.columns = forward.columns
        weights.contracted = image.enumerated().map {
          Axis(extent: $1.0, a: $1.1, b: [h * w * o, w * o, o][$0], c: 0)
        }
        var input = ContractionCase<Float>()
        input.rows = image.enumerated().map {
          Axis(extent: $1.0, a: $1.1, b: 0, c: [h * w * o, w * o, o][$0])
        }
        input.columns = [Axis(extent: o, a: 0, b: c, c: 1)]
        input.contracted = window.enumerated().map {
          Axis(extent: $1.0, a: $1.1, b: [-3 * c * o, -c * o, 1][$0], c: 0)
        }
        for (index, test) in [forward, weights, input].enumerated() {
          for cut in [bt_cut.best, .leading, .contracted] {
            var test = test
            test.cut = cut
            test.parts = cut == .leading ? 2 : nil
            test.offersParts = true
            check(test, seed: UInt64(index), name)
          }
        }
      }
    }

    /// Long enough for blocks of runs, packed panels and rows, and several parts.
    @Test(arguments: [false, true]) func largeContractions(transposed: Bool) {
      forEachInstructionSet { name in
        for (m, n, k, terms) in [(130, 70, 300, 1), (3, 40, 700, 1), (20, 33, 90, 6)] {
          let (rows, columns, depth) = (Int64(m), Int64(n), Int64(k))
          var test = ContractionCase<Float>()
          test.rows = [Axis(extent: rows, a: transposed ? 1 : depth, b: 0, c: columns)]
          test.columns = [Axis(extent: columns, a: 0, b: transposed ? depth : 1, c: 1)]
          test.contracted = [
            Axis(extent: depth, a: transposed ? rows : 1, b: transposed ? 1 : columns, c: 0)
          ]
          test.terms = (0..<terms).map { (Int64($0) * rows * depth, Int64($0) * 17) }
          for cut in [bt_cut.best, .contracted] {
            test.cut = cut
            test.accumulates = cut == .best
            check(test, seed: 5, name)
          }
        }
      }
    }

    @Test func chunksDoNotDependOnThreads() {
      var extents: [[Int64]] = []
      forEachThreadCount { _ in
        let memory = UnsafeMutablePointer<bt_contraction>.allocate(capacity: 1)
        defer { memory.deallocate() }
        memory.initialize(to: bt_contraction())
        memory.pointee.dtype = .float32
        memory.pointee.row_rank = 1
        memory.pointee.column_rank = 1
        memory.pointee.contracted_rank = 1
        memory.pointee.rows.0 = Axis(extent: 48, a: 1, b: 0, c: 32)
        memory.pointee.columns.0 = Axis(extent: 32, a: 0, b: 1, c: 1)
        memory.pointee.contracted.0 = Axis(extent: 7744, a: 48, b: 32, c: 0)
        memory.pointee.term_count = 1
        memory.pointee.c_part = 48 * 32
        bt_prepare_contraction(memory)
        #expect(memory.pointee.cut == .contracted)
        extents.append([memory.pointee.prepared.extent, memory.pointee.prepared.chunks])
      }
      #expect(extents.allSatisfy { $0 == extents[0] })
      #expect(extents[0][1] > 1)
    }
  }
}
