import BacktapeKernels
import Testing

extension Kernels {
  @Suite struct Casts {
    static let floats: [Double] = [
      0, -0.0, 0.99, -0.99, 1.5, -1.5, 127.9, 255, 255.5, 256, 300, -1, -300, 2_147_483_520,
      2_147_483_647, 2_147_483_648, -2_147_483_648, -2_147_483_649, 4e9, -4e9, 0x1p53, 0x1p62,
      0x1p63, -0x1p63, 1e19, -1e19, 1e30, -1e30, .infinity, -.infinity, .nan, 0x1p-1074,
    ]

    /// Toward zero, to the nearest bound, and NaN to 0.
    static func saturated<From: BinaryFloatingPoint, To: FixedWidthInteger>(
      _ x: From, _ type: To.Type
    ) -> To {
      if x.isNaN { return 0 }
      return To(exactly: x.rounded(.towardZero)) ?? (x < 0 ? .min : .max)
    }

    func check<From: Element & BinaryFloatingPoint, To: Element & FixedWidthInteger>(
      _ values: [From], _ type: To.Type, _ name: String
    ) {
      let expected = values.map { Self.saturated($0, To.self) }
      #expect(
        cast(values, to: To.dtype, into: To(0)) == expected, "\(From.self) \(To.self) \(name)")
    }

    @Test func floatingPointToIntegerSaturates() {
      forEachInstructionSet { name in
        // Once alone and once in a long array, where vectors do it.
        for values in [Self.floats] + [Self.floats.flatMap { [$0, -$0, $0 / 2, $0 + 1] }] {
          check(values, UInt8.self, name)
          check(values, Int32.self, name)
          check(values, Int64.self, name)
          check(values.map { Float($0) }, UInt8.self, name)
          check(values.map { Float($0) }, Int32.self, name)
          check(values.map { Float($0) }, Int64.self, name)
        }
      }
    }

    @Test func integersWrap() {
      func check<From: Element & FixedWidthInteger>(_ values: [From]) {
        #expect(
          cast(values, to: .uint8, into: UInt8(0)) == values.map { UInt8(truncatingIfNeeded: $0) })
        #expect(
          cast(values, to: .int32, into: Int32(0)) == values.map { Int32(truncatingIfNeeded: $0) })
        #expect(
          cast(values, to: .int64, into: Int64(0)) == values.map { Int64(truncatingIfNeeded: $0) })
        #expect(cast(values, to: .float32, into: Float(0)) == values.map { Float($0) })
        #expect(cast(values, to: .float64, into: 0.0) == values.map { Double($0) })
        #expect(cast(values, to: .bool, into: UInt8(7)) == values.map { $0 == 0 ? 0 : 1 })
      }
      forEachInstructionSet { _ in
        check([0, 1, 127, 128, 255] as [UInt8])
        check([0, 1, -1, 256, 257, 65536, .max, .min, 16_777_217] as [Int32])
        check([0, 1, -1, 256, 1 << 32, 1 << 53 + 1, .max, .min, 9_007_199_254_740_993] as [Int64])
      }
    }

    @Test func betweenFloatingPointTypes() {
      forEachInstructionSet { _ in
        let singles = cast(Self.floats, to: .float32, into: Float(0))
        #expect(zip(singles, Self.floats).allSatisfy { isSame($0, Float($1)) })
        let doubles = cast(singles, to: .float64, into: 0.0)
        #expect(zip(doubles, singles).allSatisfy { isSame($0, Double($1)) })
        #expect(cast(Self.floats, to: .float64, into: 0.0).elementsEqual(Self.floats, by: isSame))
      }
    }

    @Test func anythingButZeroIsTrue() {
      forEachInstructionSet { _ in
        let expected = Self.floats.map { $0 == 0 ? UInt8(0) : 1 }
        #expect(cast(Self.floats, to: .bool, into: UInt8(7)) == expected)
      }
      let truths: [UInt8] = [0, 1, 1, 0]
      #expect(cast(truths, from: .bool, to: .float32, into: Float(9)) == [0, 1, 1, 0])
      #expect(cast(truths, from: .bool, to: .int64, into: Int64(9)) == [0, 1, 1, 0])
      #expect(cast(truths, from: .bool, to: .uint8, into: UInt8(9)) == truths)
    }
  }
}
