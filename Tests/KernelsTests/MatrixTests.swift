import BacktapeKernels
import Testing

extension Kernels {
  /// Factorizations under every instruction set, by what they promise.
  @Suite struct Matrices {
    /// Numbers in -1...1 from a seed.
    private static func numbers(_ count: Int, _ seed: UInt64) -> [Double] {
      var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
      return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(Int64(bitPattern: state)) / 0x1p63
      }
    }

    private static func run(
      _ function: bt_matrix_function, _ a: [Double], count: Int = 1, _ rows: Int, _ columns: Int,
      _ size: Int
    ) -> [Double] {
      var out = [Double](repeating: -7, count: count * size)
      let status = bt_matrix(
        function, .float64, Int64(count), Int64(rows), Int64(columns), &out, a)
      #expect(status == .ok)
      return out
    }

    /// The largest difference of a product of factors and a matrix, by row and column.
    private func worst(
      _ rows: Int, _ columns: Int, _ inner: Int, _ term: (Int, Int, Int) -> Double,
      _ expected: (Int, Int) -> Double
    ) -> Double {
      var worst = 0.0
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = 0.0
          for k in 0..<inner { sum += term(i, k, j) }
          worst = max(worst, abs(sum - expected(i, j)))
        }
      }
      return worst
    }

    private func same(_ i: Int, _ j: Int) -> Double { i == j ? 1 : 0 }

    @Test("Factors are orthonormal and give the matrix", arguments: [1, 2, 3, 8, 31, 33, 100])
    func factors(n: Int) {
      let m = n + 2
      let epsilon = 0x1p-52
      let a = Self.numbers(m * n, UInt64(n))
      let square = Array(a[..<(n * n)])
      let size = Double(n).squareRoot()
      forEachInstructionSet { name in
        let qr = Self.run(.qr, a, m, n, (m + n) * n)
        let q = Array(qr[..<(m * n)])
        let r = Array(qr[(m * n)...])
        #expect(
          worst(m, n, n, { q[$0 * n + $1] * r[$1 * n + $2] }, { a[$0 * n + $1] })
            < 20 * size * epsilon, "qr, \(name)")
        #expect(
          worst(n, n, m, { q[$1 * n + $0] * q[$1 * n + $2] }, same) < 20 * size * epsilon,
          "qr, \(name)")

        let svd = Self.run(.svd, a, m, n, (1 + m + n) * n)
        let u = Array(svd[n..<(n + m * n)])
        let v = Array(svd[(n + m * n)...])
        #expect(
          worst(m, n, n, { u[$0 * n + $1] * svd[$1] * v[$2 * n + $1] }, { a[$0 * n + $1] })
            < 20 * size * epsilon, "svd, \(name)")
        #expect(worst(n, n, m, { u[$1 * n + $0] * u[$1 * n + $2] }, same) < 30 * size * epsilon)
        #expect(worst(n, n, n, { v[$1 * n + $0] * v[$1 * n + $2] }, same) < 30 * size * epsilon)

        let eigh = Self.run(.eigh, square, n, n, (1 + n) * n)
        let e = Array(eigh[n...])
        // The lower triangle is read.
        #expect(
          worst(
            n, n, n, { e[$0 * n + $1] * eigh[$1] * e[$2 * n + $1] },
            { square[max($0, $1) * n + min($0, $1)] }) < 30 * size * epsilon, "eigh, \(name)")
        #expect(worst(n, n, n, { e[$1 * n + $0] * e[$1 * n + $2] }, same) < 30 * size * epsilon)

        var positive = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
          for j in 0..<n {
            for k in 0..<m { positive[i * n + j] += a[k * n + i] * a[k * n + j] }
          }
        }
        let l = Self.run(.cholesky, positive, n, n, n * n)
        #expect(
          worst(n, n, n, { l[$0 * n + $1] * l[$2 * n + $1] }, { positive[$0 * n + $1] })
            < 20 * Double(n) * epsilon, "cholesky, \(name)")
      }
    }

    @Test("Solutions have small residuals", arguments: [1, 2, 5, 31, 33, 64, 100], [1, 3])
    func solutions(n: Int, columns: Int) {
      var a = Self.numbers(n * n, 7)
      for i in 0..<n { a[i * n + i] += a[i * n + i] < 0 ? -2 : 2 }
      let b = Self.numbers(n * columns, 8)
      forEachInstructionSet { name in
        for part in [bt_matrix_part.whole, .lower, .upper] {
          // Entries beside the diagonal are small, so that triangles are no worse than wholes.
          let used = a.indices.map { i in i % (n + 1) == 0 ? a[i] : a[i] / Double(n) }
          var x = [Double](repeating: -7, count: n * columns)
          #expect(bt_solve(part, .float64, 1, Int64(n), Int64(columns), &x, used, b) == .ok)
          let residual = worst(
            n, columns, n,
            { i, k, j in
              let isRead = part == .whole || (part == .lower ? k <= i : k >= i)
              return isRead ? used[i * n + k] * x[k * columns + j] : 0
            }, { b[$0 * columns + $1] })
          #expect(residual < 4e-15, "\(part), \(name)")
        }
      }
    }

    @Test("Many matrices have the bits of each alone, on any number of threads")
    func batches() {
      let (count, n) = (300, 6)
      let a = Self.numbers(count * n * n, 3)
      let sizes: [(bt_matrix_function, Int)] = [
        (.cholesky, n * n), (.determinant, 3 + 2 * n), (.log_determinant, 2), (.qr, 2 * n * n),
        (.eigh, (1 + n) * n), (.svd, (1 + 2 * n) * n), (.matrix_exponential, n * n),
      ]
      for (function, size) in sizes {
        let bits = { (values: [Double]) in values.map(\.bitPattern) }
        let alone = (0..<count).flatMap { i in
          Self.run(function, Array(a[(i * n * n)..<((i + 1) * n * n)]), n, n, size)
        }
        forEachThreadCount { threads in
          let together = Self.run(function, a, count: count, n, n, size)
          #expect(bits(together) == bits(alone), "\(function), \(threads) threads")
        }
      }
    }

    @Test("Determinants by signs, ranks and orders of rows and columns")
    func determinants() {
      let a: [Double] = [0, 0, 2, 0, 0, 0, -3, 0, 0]
      let found = Self.run(.determinant, a, 3, 3, 9)
      #expect(found[0] == 0 && found[1] == 2)
      #expect(Array(found[3..<5]) == [2, 0] && Array(found[6..<8]) == [0, 2])
      let full: [Double] = [0, 0, 2, 0, 5, 0, -3, 0, 0]
      #expect(Self.run(.determinant, full, 3, 3, 9)[0] == 30)
      #expect(Self.run(.log_determinant, full, 3, 3, 2)[0] == 1)
      #expect(Self.run(.log_determinant, a, 3, 3, 2) == [0, -.infinity])
      #expect(Self.run(.determinant, [], count: 2, 0, 0, 3) == [1, 0, 1, 1, 0, 1])
      // Factors far outside the range of numbers, whose product is inside.
      let graded: [Double] = [1e300, 0, 0, 0, 1e200, 0, 0, 0, 1e-300]
      #expect(abs(Self.run(.determinant, graded, 3, 3, 9)[0] / 1e200 - 1) < 1e-15)
    }

    @Test("Integers and bools are not taken")
    func types() {
      var out = [Int64](repeating: 0, count: 4)
      for dtype in [bt_dtype.bool, .uint8, .int32, .int64] {
        #expect(bt_matrix(.cholesky, dtype, 1, 2, 2, &out, [1, 0, 0, 1]) == .unsupported)
        #expect(bt_solve(.whole, dtype, 1, 2, 1, &out, [1, 0, 0, 1], [1, 1]) == .unsupported)
      }
    }
  }
}
