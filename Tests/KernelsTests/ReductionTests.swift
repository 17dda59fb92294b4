import BacktapeKernels
import Testing

extension Kernels {
  @Suite struct Reductions {
    static let values: [bt_reduction] = [.reduce_sum, .reduce_max, .reduce_min]
    static let positions: [bt_reduction] = [.reduce_argmax, .reduce_argmin]

    /// Reduces the middle axis.
    func reduce<T: Element, R: BitwiseCopyable>(
      _ reduction: bt_reduction, dtype: bt_dtype = T.dtype, _ a: inout Strided<T>, into zero: R
    ) -> [R] {
      let e = a.extents
      let s = a.strides
      var out = [R](repeating: zero, count: Int(e[0] * e[2]))
      let status = a.withOperand {
        bt_reduce(reduction, dtype, e[0], e[1], e[2], &out, $0.address, s[0], s[1], s[2])
      }
      #expect(status == .ok)
      return out
    }

    func reference<T: Comparable>(
      _ reduction: bt_reduction, _ line: [T], add: (T, T) -> T
    ) -> T {
      // A NaN is the maximum and the minimum.
      if let nan = line.first(where: { $0 != $0 }) { return nan }
      switch reduction {
      case .reduce_max: return line.max()!
      case .reduce_min: return line.min()!
      default: return line.dropFirst().reduce(line[0], add)
      }
    }

    func position<T: Comparable>(_ reduction: bt_reduction, _ line: [T]) -> Int64 {
      if let nan = line.firstIndex(where: { $0 != $0 }) { return Int64(nan) }
      let extreme = reduction == .reduce_argmax ? line.max()! : line.min()!
      return Int64(line.firstIndex(of: extreme)!)
    }

    /// Every reduction of small integers, which every type and order sums exactly (or wraps).
    func check<T: Element & Comparable>(
      _ shape: [Int], _ layout: Layout, zero: T, add: (T, T) -> T, make: (Int) -> T, _ name: String
    ) {
      var a = Strided(shape, layout, guard: make(999)) { make($0 * 7919 % 57) }
      let values = a.values
      let lines = (0..<shape[0] * shape[2]).map { place in
        (0..<shape[1]).map { i in
          values[(place / shape[2] * shape[1] + i) * shape[2] + place % shape[2]]
        }
      }
      for reduction in Self.values {
        let expected = lines.map { reference(reduction, $0, add: add) }
        let outcome = reduce(reduction, &a, into: zero)
        #expect(outcome == expected, "\(T.self) \(reduction) \(shape) \(layout) \(name)")
      }
      for reduction in Self.positions {
        let expected = lines.map { position(reduction, $0) }
        let outcome = reduce(reduction, &a, into: Int64(0))
        #expect(outcome == expected, "\(T.self) \(reduction) \(shape) \(layout) \(name)")
      }
    }

    @Test(arguments: [
      [1, 1, 1], [1, 5, 1], [3, 4, 5], [2, 17, 1], [1, 40, 3], [5, 70, 1], [2, 130, 20],
      [1, 9, 600],
      [33, 3, 2], [1, 1000, 1],
    ])
    func everyLayout(shape: [Int]) {
      forEachInstructionSet { name in
        for layout in Layout.allCases {
          check(shape, layout, zero: Float(0), add: +, make: { Float($0) - 20 }, name)
          check(shape, layout, zero: Double(0), add: +, make: { Double($0) - 20 }, name)
          check(
            shape, layout, zero: Int32(0), add: &+, make: { Int32($0 - 20) &* 90_000_000 }, name)
          check(shape, layout, zero: Int64(0), add: &+, make: { Int64($0 - 20) }, name)
          check(
            shape, layout, zero: UInt8(0), add: &+, make: { UInt8(truncatingIfNeeded: $0) }, name)
        }
      }
    }

    @Test func boolAnyAndAll() {
      var a = Strided([1, 3, 4], .dense, guard: UInt8(9)) {
        [0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0][$0]
      }
      #expect(reduce(.reduce_max, dtype: .bool, &a, into: UInt8(9)) == [0, 1, 1, 1])
      #expect(reduce(.reduce_min, dtype: .bool, &a, into: UInt8(9)) == [0, 1, 0, 0])
      #expect(reduce(.reduce_argmax, dtype: .bool, &a, into: Int64(9)) == [0, 0, 1, 0])
      #expect(reduce(.reduce_argmin, dtype: .bool, &a, into: Int64(9)) == [0, 0, 0, 2])
    }

    @Test func nanWinsAndTheFirstIsFound() {
      forEachInstructionSet { name in
        for n in [2, 5, 64, 65, 200, 1000] {
          for place in [0, 1, n / 2, n - 1] {
            for inner in [1, 3, 80] {
              var a = Strided([2, n, inner], .dense, guard: Float(0)) { index in
                let i = index / inner % n
                return i == place || i == n - 1 ? .nan : Float(i % 9)
              }
              for reduction in Self.values {
                let out = reduce(reduction, &a, into: Float(0))
                #expect(out.allSatisfy { $0.isNaN }, "\(name) \(n) \(place) \(inner)")
              }
              for reduction in Self.positions {
                let out = reduce(reduction, &a, into: Int64(-1))
                #expect(out.allSatisfy { $0 == place }, "\(name) \(n) \(place) \(inner)")
              }
            }
          }
        }
      }
    }

    @Test func infinities() {
      forEachInstructionSet { _ in
        for n in [3, 40, 300] {
          var up = Strided([1, n, 1], .dense, guard: 0.0) { $0 == 1 ? .infinity : 1 }
          #expect(reduce(.reduce_sum, &up, into: 0.0) == [.infinity])
          var both = Strided([1, n, 1], .dense, guard: 0.0) { $0 == 1 ? .infinity : -.infinity }
          #expect(reduce(.reduce_sum, &both, into: 0.0)[0].isNaN)
          var low = Strided([1, n, 1], .dense, guard: Float(0)) { _ in -.infinity }
          #expect(reduce(.reduce_max, &low, into: Float(0)) == [-.infinity])
          #expect(reduce(.reduce_argmax, &low, into: Int64(9)) == [0])
          var huge = Strided([1, n, 1], .dense, guard: 0.0) { _ in Double.greatestFiniteMagnitude }
          #expect(reduce(.reduce_sum, &huge, into: 0.0) == [.infinity])
          var large = Strided([1, n, 1], .dense, guard: Float(0)) { _ in 3e38 }
          #expect(reduce(.reduce_sum, &large, into: Float(0)) == [.infinity])
        }
      }
    }

    @Test func nothing() {
      var out: [Float] = [7, 7, 7, 7, 7, 7]
      #expect(bt_reduce(.reduce_sum, .float32, 2, 0, 3, &out, nil, 0, 3, 1) == .ok)
      #expect(out == [0, 0, 0, 0, 0, 0])
      #expect(bt_reduce(.reduce_max, .float32, 2, 0, 3, &out, nil, 0, 3, 1) == .unsupported)
      #expect(bt_reduce(.reduce_max, .float32, 0, 5, 3, &out, nil, 0, 3, 1) == .ok)
      #expect(bt_reduce(.reduce_sum, .float32, 2, 5, 0, &out, nil, 0, 3, 1) == .ok)
    }

    // MARK: accuracy and threads

    /// A single value summed ten million times: what it is times that, in double.
    @Test(arguments: [1, 8])
    func sumOfManyFloatsIsAccurate(columns: Int) {
      let n = 10_000_000 / columns
      let a = [Float](repeating: 0.1, count: n * columns)
      let exact = Double(Float(0.1)) * Double(n)
      forEachInstructionSet { name in
        var out = [Float](repeating: 0, count: columns)
        let inner = Int64(columns)
        #expect(bt_reduce(.reduce_sum, .float32, 1, Int64(n), inner, &out, a, 0, inner, 1) == .ok)
        #expect(out.allSatisfy { abs(Double($0) - exact) <= 1e-7 * exact }, "\(name)")
      }
    }

    @Test func sumOfManyDoublesIsAccurate() {
      let n = 1_000_000
      let a = [Double](repeating: 0.1, count: n)
      // 0.1 as a double times a million, rounded once.
      let exact = 0.1 * Double(n)
      forEachInstructionSet { name in
        var out = [0.0]
        _ = bt_reduce(.reduce_sum, .float64, 1, Int64(n), 1, &out, a, 0, 1, 1)
        #expect(abs(out[0] - exact) <= 2 * exact.ulp, "\(name)")
      }
    }

    @Test(arguments: [[1, 1_000_003, 1], [1, 70_001, 13], [3, 500, 700], [5000, 100, 1]])
    func sameBitsForAnyNumberOfThreads(shape: [Int]) {
      var numbers = Numbers(11)
      let singles = (0..<shape.reduce(1, *)).map { _ in Float(numbers.unit()) }
      let doubles = singles.map { Double($0) / 3 }
      let results = shape[0] * shape[2]
      let (outer, n, inner) = (Int64(shape[0]), Int64(shape[1]), Int64(shape[2]))
      for reduction in Self.values {
        var expectedSingles: [Float] = []
        var expectedDoubles: [Double] = []
        forEachThreadCount { threads in
          var x = [Float](repeating: 0, count: results)
          var y = [Double](repeating: 0, count: results)
          _ = bt_reduce(reduction, .float32, outer, n, inner, &x, singles, n * inner, inner, 1)
          _ = bt_reduce(reduction, .float64, outer, n, inner, &y, doubles, n * inner, inner, 1)
          if expectedSingles.isEmpty { (expectedSingles, expectedDoubles) = (x, y) }
          #expect(x == expectedSingles && y == expectedDoubles, "\(threads) threads")
        }
      }
    }
  }
}
