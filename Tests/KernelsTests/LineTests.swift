import BacktapeKernels
import Testing

extension Kernels {
  /// Along lines: running sums, and positions in order.
  @Suite struct Lines {
    struct Extents: Sendable {
      let outer, n, inner: Int
    }

    static let cases = [
      Extents(outer: 1, n: 7, inner: 1), Extents(outer: 3, n: 48, inner: 2),
      Extents(outer: 2, n: 49, inner: 3), Extents(outer: 5, n: 1, inner: 4),
      Extents(outer: 1, n: 50, inner: 257), Extents(outer: 5, n: 1000, inner: 1),
      Extents(outer: 0, n: 3, inner: 2), Extents(outer: 2, n: 0, inner: 2),
      Extents(outer: 2, n: 3, inner: 0),
    ]

    /// The places of a line's elements.
    private func lines(_ e: Extents) -> [[Int]] {
      (0..<e.outer).flatMap { outer in
        (0..<e.inner).map { inner in (0..<e.n).map { (outer * e.n + $0) * e.inner + inner } }
      }
    }

    @Test(arguments: cases) func runningSums(e: Extents) {
      sums(e, Double.self) { $0 + $1 }
      sums(e, Int32.self) { $0 &+ $1 }
      sums(e, Int64.self) { $0 &+ $1 }
      sums(e, UInt8.self) { $0 &+ $1 }
      // Sums of float32 are kept in double.
      var numbers = Numbers(3)
      let values = (0..<e.outer * e.n * e.inner).map { _ in Float(numbers.unit()) }
      var out = values
      #expect(cumulate(e, &out, values) == .ok)
      for line in lines(e) {
        var sum = 0.0
        for place in line {
          sum += Double(values[place])
          #expect(out[place] == Float(sum))
        }
      }
    }

    private func cumulate<T: Element>(_ e: Extents, _ out: inout [T], _ values: [T]) -> bt_status {
      bt_cumulative_sum(T.dtype, Int64(e.outer), Int64(e.n), Int64(e.inner), &out, values)
    }

    private func sums<T: Element & Numeric>(
      _ e: Extents, _ type: T.Type, _ add: (T, T) -> T
    ) {
      var numbers = Numbers(UInt64(e.n))
      let values = (0..<e.outer * e.n * e.inner).map { _ in
        T(exactly: numbers.next() & 127)! * T(exactly: numbers.next() & 1)!
      }
      var expected = values
      for line in lines(e) {
        var sum = T.zero
        for place in line {
          sum = add(sum, values[place])
          expected[place] = sum
        }
      }
      forEachThreadCount { threads in
        var out = values + [T.zero]
        #expect(cumulate(e, &out, values) == .ok)
        #expect(out == expected + [T.zero], "\(T.self), \(threads) threads")
      }
    }

    @Test func boolsAreNotSummed() {
      var out: [UInt8] = [1, 1]
      #expect(bt_cumulative_sum(.bool, 1, 2, 1, &out, [1, 1] as [UInt8]) == .unsupported)
    }

    @Test(arguments: cases, [false, true]) func positionsInOrder(e: Extents, descending: Bool) {
      order(e, descending) { Double($0) / 8 }
      order(e, descending) { $0 % 5 == 0 ? -.infinity : $0 % 3 == 0 ? .nan : Float($0 - 64) }
      order(e, descending) { $0 % 2 == 0 ? -0.0 : 0.0 as Double }
      order(e, descending) { Int32($0 - 64) &* 30_000_000 }
      order(e, descending) { $0 == 3 ? .min : Int64($0) << 40 }
      order(e, descending) { UInt8($0) }
    }

    private func order<T: Element & Comparable>(
      _ e: Extents, _ descending: Bool, _ value: (Int) -> T
    ) {
      var numbers = Numbers(UInt64(e.n + e.inner))
      let values = (0..<e.outer * e.n * e.inner).map { _ in value(Int(numbers.next() & 127)) }
      // NaN is the one value that is not itself, and above all others.
      func isBefore(_ a: T, _ b: T) -> Bool { a == a && (b != b || a < b) }
      var expected = [Int64](repeating: 0, count: values.count)
      for line in lines(e) {
        let sorted = line.indices.sorted {
          let (a, b) = (values[line[$0]], values[line[$1]])
          if isBefore(a, b) { return !descending }
          if isBefore(b, a) { return descending }
          return $0 < $1
        }
        for (place, position) in zip(line, sorted) { expected[place] = Int64(position) }
      }
      forEachThreadCount { threads in
        var out = [Int64](repeating: -1, count: values.count + 1)
        bt_argsort(
          T.dtype, descending, Int64(e.outer), Int64(e.n), Int64(e.inner), &out, values)
        #expect(out == expected + [-1], "\(T.self), \(threads) threads")
      }
    }
  }
}
