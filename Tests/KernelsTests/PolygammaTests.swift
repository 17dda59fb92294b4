import BacktapeKernels
import Foundation
import Testing

extension Kernels {
  /// Against what is known of the functions: closed forms, and how they go from x to x + 1.
  @Suite struct Polygamma {
    static func status<T: Element>(_ order: Int32, _ values: inout [T]) -> bt_status {
      let extents = [Int64(values.count), 1]
      return values.withUnsafeMutableBytes { memory in
        extents.withUnsafeBufferPointer { extents in
          let base = extents.baseAddress!
          let operand = bt_operand(address: memory.baseAddress, strides: base + 1)
          return bt_polygamma(order, T.dtype, 1, base, operand, operand)
        }
      }
    }

    static func values<T: Element>(_ order: Int32, _ x: [T]) -> [T] {
      var y = x
      #expect(status(order, &y) == .ok)
      return y
    }

    static func expectNear(_ found: Double, _ exact: Double, _ what: String) {
      let isNear = ulps(found, exact: exact) <= 4
      #expect(isNear, "\(what): \(found), expected \(exact)")
    }

    @Test("Digamma has its closed forms")
    func digammaIsClosed() {
      let euler = 0.577_215_664_901_532_860_61
      let x = [1, 2, 0.5, 0.25, 1.0 / 3, 10.5]
      let exact: [Double] = [
        -euler, 1 - euler, -euler - 2 * log(2), -euler - .pi / 2 - 3 * log(2),
        -euler - .pi / (2 * 3.0.squareRoot()) - 1.5 * log(3),
        -euler - 2 * log(2) + (0..<10).map { 1 / (Double($0) + 0.5) }.reduce(0, +),
      ]
      for (i, y) in Self.values(0, x).enumerated() where i != 4 {
        Self.expectNear(y, exact[i], "digamma(\(x[i]))")
      }
      // The root, where units are smaller than what x is rounded by.
      #expect(abs(Self.values(0, [1.461_632_144_968_362_3])[0]) < 1e-15)
      let singles: [Float] = Self.values(0, [1, 0.5, -0.5, 1e10])
      for (y, exact) in zip(singles, [-euler, exact[2], exact[2] + 2, log(1e10) - 0.5e-10]) {
        #expect(ulps(y, exact: exact) <= 0.501, "\(y), expected \(exact)")
      }
    }

    @Test("Orders above 0 have their closed forms")
    func othersAreClosed() {
      let apery = 1.202_056_903_159_594_285_4
      let square = Double.pi * .pi
      let cases: [(Int32, Double, Double)] = [
        (1, 1, square / 6), (1, 2, square / 6 - 1), (1, 0.5, square / 2), (1, -0.5, square / 2 + 4),
        (2, 1, -2 * apery), (2, 0.5, -14 * apery), (3, 1, square * square / 15),
        (3, 0.5, square * square), (3, -1.5, square * square + 96 + 96.0 / 81),
      ]
      for (order, x, exact) in cases {
        Self.expectNear(Self.values(order, [x])[0], exact, "polygamma(\(order), \(x))")
      }
    }

    @Test(
      "Every order goes from x to x + 1 by a power", arguments: [1, 2, 3, 4, 7, 12, 20] as [Int32])
    func stepsArePowers(order: Int32) {
      var factorial = 1.0
      for k in 2...max(2, Int(order)) where k <= order { factorial *= Double(k) }
      for x in [0.1, 0.7, 1.3, 3.2, 9.9, 14.5, 35, -0.3, -4.6, -20.5] {
        let y = Self.values(order, [x, x + 1])
        let step = (order % 2 == 0 ? 1 : -1) * factorial / pow(x, Double(order) + 1)
        let size = max(abs(y[0]), abs(y[1]), abs(step))
        #expect(abs(y[1] - y[0] - step) <= 1e-14 * size, "order \(order) at \(x): \(y), \(step)")
      }
    }

    @Test("Poles, infinities and NaN are what they are in PyTorch")
    func edges() {
      let x = [0, -0.0, -1, -7, Double.infinity, .nan, Double.leastNonzeroMagnitude, 1e300]
      let digamma = Self.values(0, x)
      #expect(digamma[0] == -.infinity && digamma[1] == .infinity)
      #expect(digamma[2].isNaN && digamma[3].isNaN && digamma[5].isNaN)
      #expect(digamma[4] == .infinity && digamma[6] == -.infinity)
      #expect(abs(digamma[7] - log(1e300)) < 1e-12)
      for (order, sign) in [(1, 1.0), (2, -1), (3, 1), (6, -1)] as [(Int32, Double)] {
        let y = Self.values(order, x)
        #expect(y[0...3].allSatisfy { $0 == sign * .infinity }, "order \(order): \(y)")
        #expect(y[4] == 0 && y[5].isNaN && y[6] == sign * .infinity && y[7].magnitude < 1e-299)
      }
      #expect(Self.values(0, [] as [Double]).isEmpty)
      // Where powers of x one higher are too small for a number.
      Self.expectNear(Self.values(1, [1e250])[0], 1e-250, "polygamma(1, 1e250)")
      Self.expectNear(Self.values(2, [1e115])[0], -1e-230, "polygamma(2, 1e115)")
      Self.expectNear(Self.values(3, [1e100])[0], 2e-300, "polygamma(3, 1e100)")
    }

    @Test("Integers have none")
    func integersAreRefused() {
      var one: [Int64] = [1]
      #expect(Self.status(0, &one) == .unsupported)
    }
  }
}
