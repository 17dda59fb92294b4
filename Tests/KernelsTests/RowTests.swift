import BacktapeKernels
import Testing

extension Kernels {
  /// Rows by number: read into order, or added.
  @Suite struct Rows {
    struct Extents: Sendable {
      let batch, middle, n, inner, count: Int
    }

    static let cases = [
      Extents(batch: 1, middle: 1, n: 5, inner: 3, count: 7),
      Extents(batch: 3, middle: 1, n: 4, inner: 1, count: 2),
      Extents(batch: 2, middle: 3, n: 6, inner: 5, count: 4),
      Extents(batch: 1, middle: 1, n: 1, inner: 1, count: 1),
      Extents(batch: 1, middle: 1, n: 300, inner: 67, count: 5000),
      Extents(batch: 40, middle: 2, n: 33, inner: 64, count: 70),
      Extents(batch: 2, middle: 2, n: 3, inner: 4, count: 0),
      Extents(batch: 0, middle: 2, n: 3, inner: 4, count: 2),
      Extents(batch: 2, middle: 2, n: 3, inner: 0, count: 2),
    ]

    /// Plain loops, and every thread count, in float32 with int64 and float64 with int32.
    @Test(arguments: cases) func likePlainLoops(e: Extents) {
      check(e, Float.self, Int64.self, .int64)
      check(e, Double.self, Int32.self, .int32)
    }

    private func check<T: Element & BinaryFloatingPoint, I: FixedWidthInteger>(
      _ e: Extents, _ type: T.Type, _ index: I.Type, _ indexType: bt_dtype
    ) {
      var numbers = Numbers(UInt64(e.n * 31 + e.inner))
      let indices = (0..<e.batch * e.count).map { ($0 * 7919 + $0 / 3) % e.n }
      let table = (0..<e.batch * e.middle * e.n * e.inner).map { _ in T(numbers.unit()) }
      let added = (0..<e.batch * e.middle * e.count * e.inner).map { _ in T(numbers.unit()) }
      var read = [T](repeating: 0, count: added.count)
      var sums = [T](repeating: 0, count: table.count)
      for block in 0..<e.batch * e.middle {
        for i in 0..<e.count {
          let row = block * e.n + indices[block / e.middle * e.count + i]
          for j in 0..<e.inner {
            let place = (block * e.count + i) * e.inner + j
            read[place] = table[row * e.inner + j]
            sums[row * e.inner + j] += added[place]
          }
        }
      }
      let narrow = indices.map { I($0) }
      narrow.withUnsafeBytes { bytes in
        var rows = bt_rows(
          dtype: T.dtype, index_dtype: indexType, batch: Int64(e.batch),
          middle: Int64(e.middle), n: Int64(e.n), inner: Int64(e.inner), count: Int64(e.count),
          indices: bytes.baseAddress)
        #expect(bt_first_outside(indexType, Int64(narrow.count), bytes.baseAddress, Int64(e.n)) < 0)
        forEachThreadCount { threads in
          var out = [T](repeating: 7, count: read.count + 1)
          bt_gather(&rows, &out, table)
          #expect(out == read + [7], "gather, \(threads) threads")
          out = [T](repeating: 7, count: sums.count + 1)
          #expect(bt_scatter_add(&rows, &out, added) == .ok)
          #expect(out == sums + [7], "scatter, \(threads) threads")
        }
      }
    }

    @Test func indicesOutside() {
      func first(_ indices: [Int64], _ extent: Int64) -> Int64 {
        bt_first_outside(.int64, Int64(indices.count), indices, extent)
      }
      #expect(first([0, 2, 1], 3) == -1)
      #expect(first([0, 3, -1], 3) == 1)
      #expect(first([0, -1], 3) == 1)
      #expect(first([.max], .max) == 0)
      #expect(first([.min], 3) == 0)
      #expect(first([], 0) == -1)
      #expect(first([0], 0) == 0)
      #expect(bt_first_outside(.int32, 2, [0, -1] as [Int32], 4) == 1)
    }
  }
}
