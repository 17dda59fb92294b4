import BacktapeKernels
import Testing

extension Kernels {
  @Suite struct Dot {
    /// Multiplies operands of the given layouts and compares with plain sums in double.
    func check<T: Element & BinaryFloatingPoint>(
      _ type: T.Type, batch: Int = 1, _ m: Int, _ n: Int, _ k: Int, _ left: Layout,
      _ right: Layout, _ comment: String
    ) {
      var numbers = Numbers(UInt64(m * 10007 + n * 101 + k))
      // The guard is NaN: reading one where it counts shows.
      var a = Strided([batch, m, k], left, guard: T.nan) { _ in T(numbers.unit()) }
      var b = Strided([batch, k, n], right, guard: T.nan) { _ in T(numbers.unit()) }
      let aStrides = a.strides
      let bStrides = b.strides
      var out = [T](repeating: 7, count: batch * m * n + 1)
      a.withOperand { a in
        b.withOperand { b in
          dot(
            T.dtype, Int64(batch), Int64(m), Int64(n), Int64(k), &out, a.address, aStrides[0],
            aStrides[1], aStrides[2], b.address, bStrides[0], bStrides[1], bStrides[2])
        }
      }
      #expect(out.last == 7, "wrote past the end")
      let x = a.values.map(Double.init)
      let y = b.values.map(Double.init)
      // Half an ulp a step, for the result and for the reference: Higham's bound on a sum.
      let tolerance = Double(k + 1) * Double(T.ulpOfOne)
      var worst = 0.0
      // Of a large result every 97th element: no tile is a multiple of that wide.
      for place in stride(from: 0, to: batch * m * n, by: batch * m * n > 5000 ? 97 : 1) {
        let row = place / n
        let index = row / m
        var sum = 0.0
        var magnitude = 0.0
        for p in 0..<k {
          let product = x[row * k + p] * y[(index * k + p) * n + place % n]
          sum += product
          magnitude += abs(product)
        }
        let error = abs(sum - Double(out[place])) / magnitude
        worst = error.isNaN ? .infinity : max(worst, error)
      }
      #expect(worst <= tolerance, "\(T.self) \(batch)x\(m)x\(n)x\(k) \(left), \(right) \(comment)")
    }

    @Test func raggedSizes() {
      forEachInstructionSet { name in
        let sizes = Array(1...19) + [31, 33, 65]
        for (step, m) in sizes.enumerated() {
          for n in sizes {
            let k = sizes[(step + n) % sizes.count]
            check(Float.self, m, n, k, .dense, .dense, name)
            check(Double.self, m, n, k, .dense, .dense, name)
          }
        }
      }
    }

    @Test func everyLayout() {
      forEachInstructionSet { name in
        for (m, n, k) in [(1, 37, 9), (5, 1, 21), (4, 5, 70), (19, 35, 17), (33, 3, 130)] {
          for left in Layout.allCases {
            for right in Layout.allCases {
              check(Float.self, m, n, k, left, right, name)
              if k < 30 { check(Double.self, batch: 2, m, n, k, left, right, name) }
            }
          }
        }
      }
    }

    @Test func batches() {
      forEachInstructionSet { name in
        for right in [Layout.dense, .firstAxisRepeated, .transposed] {
          check(Float.self, batch: 7, 6, 10, 5, .dense, right, name)
          check(Double.self, batch: 3, 17, 9, 20, .reversed, right, name)
        }
      }
    }

    /// Large enough to be packed, cut along k and shared out.
    @Test(arguments: [Layout.dense, .transposed, .gaps])
    func largeProducts(layout: Layout) {
      forEachInstructionSet { name in
        check(Float.self, 70, 45, 270, layout, layout, name)
        check(Double.self, 30, 75, 270, layout, layout, name)
      }
      // Both operands packed; two blocks of rows; two blocks of columns.
      check(Float.self, 260, 520, 515, layout, layout, "")
      check(Float.self, 1400, 515, 95, layout, layout, "")
      check(Double.self, 120, 2100, 33, layout, layout, "")
      check(Float.self, 1, 1500, 100, layout, layout, "")
      check(Float.self, 1500, 1, 100, layout, layout, "")
      check(Float.self, batch: 40, 31, 33, 15, layout, layout, "")
    }

    @Test func emptyExtents() {
      var out: [Float] = [1, 2, 3, 4, 5, 6]
      let one: [Float] = [9]
      dot(.float32, 1, 2, 3, 0, &out, one, 0, 0, 1, one, 0, 3, 1)
      #expect(out == [0, 0, 0, 0, 0, 0])
      out = [1]
      for (batch, m, n) in [(0, 1, 1), (1, 0, 1), (1, 1, 0)] as [(Int64, Int64, Int64)] {
        dot(.float32, batch, m, n, 1, &out, one, 0, 1, 1, one, 0, 1, 1)
      }
      #expect(out == [1])
    }

    /// One NaN in a row of a, one infinity in a column of b: they reach that row and column alone.
    @Test func nonFiniteOperandsReachTheirRowAndColumn() {
      forEachInstructionSet { name in
        for (m, n, k) in [(3, 4, 3), (17, 19, 33), (2, 5, 40), (1, 130, 7), (40, 70, 300)] {
          for right in [Layout.dense, .transposed] {
            var a = [Float](repeating: 1, count: m * k)
            a[(m - 1) * k + k / 2] = .nan
            var b = Strided([k, n], right, guard: Float.nan) { $0 % n == n - 1 ? .infinity : 1 }
            let strides = b.strides
            var out = [Float](repeating: 7, count: m * n)
            b.withOperand { b in
              dot(
                .float32, 1, Int64(m), Int64(n), Int64(k), &out, a, 0, Int64(k), 1, b.address, 0,
                strides[0], strides[1])
            }
            let expected = (0..<m * n).map { place in
              place / n == m - 1 ? Float.nan : place % n == n - 1 ? .infinity : Float(k)
            }
            #expect(
              zip(out, expected).allSatisfy { isSame($0, $1) }, "\(name) \(m)x\(n)x\(k) \(right)")
          }
        }
      }
    }

    @Test func sameBitsForAnyNumberOfThreads() {
      for (m, n, k) in [(300, 110, 290), (1, 2500, 450), (2500, 1, 450), (9, 300, 1000)] {
        for bStrides in [[n, 1], [1, k]] {
          var numbers = Numbers(3)
          let a = (0..<m * k).map { _ in Float(numbers.unit()) }
          let b = (0..<k * n).map { _ in Float(numbers.unit()) }
          var first: [Float] = []
          forEachThreadCount { threads in
            var out = [Float](repeating: 0, count: m * n)
            dot(
              .float32, 1, Int64(m), Int64(n), Int64(k), &out, a, 0, Int64(k), 1, b, 0,
              Int64(bStrides[0]), Int64(bStrides[1]))
            if first.isEmpty { first = out }
            #expect(out == first, "\(m)x\(n)x\(k), \(threads) threads")
          }
        }
      }
    }

    @Test func integersWrap() {
      var out32: [Int32] = [0]
      let a32: [Int32] = [.max, 3]
      let b32: [Int32] = [2, 5]
      dot(.int32, 1, 1, 1, 2, &out32, a32, 0, 2, 1, b32, 0, 1, 1)
      #expect(out32 == [Int32.max &* 2 &+ 15])
      var out8 = [UInt8](repeating: 0, count: 4)
      let a8: [UInt8] = [200, 2, 3, 4]
      dot(.uint8, 1, 2, 2, 2, &out8, a8, 0, 2, 1, a8, 0, 1, 2)
      let mixed: UInt8 = 88 + 8  // 200 * 3 is 88 modulo 256
      #expect(out8 == [64 + 4, mixed, mixed, 25])
      var out64: [Int64] = [0, 0]
      let a64: [Int64] = [.max, 1]
      dot(.int64, 2, 1, 1, 1, &out64, a64, 1, 0, 0, a64, 0, 0, 0)
      #expect(out64 == [Int64.max &* Int64.max, .max])
    }

    @Test func boolIsOrOfAnd() {
      let a: [UInt8] = [1, 0, 0, 0]
      let b: [UInt8] = [0, 1, 1, 1]
      var out = [UInt8](repeating: 7, count: 4)
      dot(.bool, 1, 2, 2, 2, &out, a, 0, 2, 1, b, 0, 2, 1)
      #expect(out == [0, 1, 0, 0])
    }
  }
}
