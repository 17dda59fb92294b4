import BacktapeKernels
import Testing

extension Kernels {
  /// Elementwise kernels over operands of every layout.
  @Suite struct Walks {
    static let shapes = [
      [7], [1], [3, 5], [2, 3, 70], [40, 3], [5, 1, 4], [2, 3, 2, 3, 2, 2, 1, 3],
    ]

    @Test(arguments: shapes)
    func binaryOfEveryLayout(shape: [Int]) {
      for outLayout in Layout.distinct {
        for left in Layout.allCases {
          for right in Layout.allCases {
            var out = Strided(shape, outLayout, guard: Float(-1)) { _ in 0 }
            var a = Strided(shape, left, guard: Float.nan) { Float($0) }
            var b = Strided(shape, right, guard: Float.nan) { Float($0 * $0 % 31) }
            let expected = zip(a.values, b.values).map { $0 - $1 }
            let extents = out.extents
            _ = out.withOperand { out in
              a.withOperand { a in
                b.withOperand { b in
                  bt_binary(.subtract, .float32, Int32(shape.count), extents, out, a, b)
                }
              }
            }
            #expect(out.values == expected, "\(shape) \(outLayout), \(left), \(right)")
            #expect(out.isSurroundingIntact, "\(shape) \(outLayout), \(left), \(right)")
          }
        }
      }
    }

    @Test(arguments: shapes)
    func unaryAndCastOfEveryLayout(shape: [Int]) {
      for outLayout in Layout.distinct {
        for layout in Layout.allCases {
          var a = Strided(shape, layout, guard: Double.nan) { Double($0) }
          var negated = Strided(shape, outLayout, guard: Double(9)) { _ in 0 }
          var integers = Strided(shape, outLayout, guard: Int32(-9)) { _ in 0 }
          let extents = a.extents
          let rank = Int32(shape.count)
          a.withOperand { a in
            _ = negated.withOperand { bt_unary(.negate, .float64, rank, extents, $0, a) }
            integers.withOperand { bt_cast(.int32, .float64, rank, extents, $0, a) }
          }
          #expect(negated.values == a.values.map { -$0 }, "\(shape) \(outLayout), \(layout)")
          #expect(integers.values == a.values.map { Int32($0) }, "\(shape) \(outLayout), \(layout)")
          #expect(negated.isSurroundingIntact && integers.isSurroundingIntact)
        }
      }
    }

    func checkCopyAndSelect<T: Element & FixedWidthInteger>(_ type: T.Type, _ shape: [Int]) {
      let rank = Int32(shape.count)
      for outLayout in Layout.distinct {
        for layout in Layout.allCases {
          var out = Strided(shape, outLayout, guard: T(77)) { _ in 0 }
          var a = Strided(shape, layout, guard: T(99)) { T(truncatingIfNeeded: $0) }
          let extents = a.extents
          a.withOperand { a in
            out.withOperand { bt_copy(MemoryLayout<T>.size, rank, extents, $0, a) }
          }
          #expect(out.values == a.values, "\(T.self) \(shape) \(outLayout), \(layout)")
          #expect(out.isSurroundingIntact, "\(T.self) \(shape) \(outLayout), \(layout)")

          for conditionLayout in Layout.allCases {
            var condition = Strided(shape, conditionLayout, guard: UInt8(1)) { UInt8($0 % 3 & 1) }
            var b = Strided(shape, .constant, guard: T(99)) { _ in 55 }
            var selected = Strided(shape, outLayout, guard: T(77)) { _ in 0 }
            selected.withOperand { out in
              condition.withOperand { condition in
                a.withOperand { a in
                  b.withOperand { b in
                    bt_select(MemoryLayout<T>.size, rank, extents, out, condition, a, b)
                  }
                }
              }
            }
            let expected = zip(condition.values, a.values).map { $0 == 1 ? $1 : 55 }
            #expect(selected.values == expected, "\(T.self) \(shape) \(outLayout), \(layout)")
            #expect(selected.isSurroundingIntact)
          }
        }
      }
    }

    @Test(arguments: [[7], [3, 5], [2, 3, 70], [5, 1, 4], [19, 23]])
    func copyAndSelectOfEveryLayout(shape: [Int]) {
      checkCopyAndSelect(UInt8.self, shape)
      checkCopyAndSelect(UInt16.self, shape)
      checkCopyAndSelect(Int32.self, shape)
      checkCopyAndSelect(Int64.self, shape)
    }

    /// Large enough to be shared out; rows, columns, and planes that swap places.
    @Test func largeCopies() {
      let shapes = [[701, 203], [203, 701], [37, 50, 90], [600_011]]
      for shape in shapes {
        for layout in [Layout.dense, .transposed, .reversed] {
          var a = Strided(shape, layout, guard: Int32(-1)) { Int32($0) }
          var out = [Int32](repeating: 0, count: shape.reduce(1, *))
          let extents = a.extents
          let dense = Strided(shape, .dense, guard: 0) { _ in 0 }.strides
          out.withUnsafeMutableBufferPointer { out in
            dense.withUnsafeBufferPointer { dense in
              let to = bt_operand(address: out.baseAddress, strides: dense.baseAddress)
              a.withOperand { bt_copy(4, Int32(shape.count), extents, to, $0) }
            }
          }
          #expect(out.elementsEqual(0..<Int32(out.count)), "\(shape) \(layout)")
        }
      }
    }

    @Test func resultInPlaceOfAnOperand() {
      for layout in Layout.distinct {
        for shape in Self.shapes {
          var a = Strided(shape, layout, guard: Float(-1)) { Float($0 + 1) }
          var b = Strided(shape, .constant, guard: Float(-1)) { _ in 3 }
          let before = a.values
          let extents = a.extents
          let rank = Int32(shape.count)
          _ = a.withOperand { a in
            b.withOperand { b in bt_binary(.multiply, .float32, rank, extents, a, a, b) }
          }
          #expect(a.values == before.map { $0 * 3 })
          _ = a.withOperand { a in bt_binary(.add, .float32, rank, extents, a, a, a) }
          #expect(a.values == before.map { $0 * 6 })
          _ = a.withOperand { a in bt_unary(.negate, .float32, rank, extents, a, a) }
          #expect(a.values == before.map { $0 * -6 })
          #expect(a.isSurroundingIntact)
        }
      }
    }

    @Test func emptyExtentsTouchNothing() {
      let extents: [Int64] = [3, 0, 2]
      let strides: [Int64] = [0, 2, 1]
      strides.withUnsafeBufferPointer { strides in
        let nowhere = bt_operand(address: nil, strides: strides.baseAddress)
        #expect(bt_unary(.exp, .float32, 3, extents, nowhere, nowhere) == .ok)
        #expect(bt_unary(.floor, .int64, 3, extents, nowhere, nowhere) == .ok)
        #expect(bt_binary(.divide, .int32, 3, extents, nowhere, nowhere, nowhere) == .ok)
        bt_select(4, 3, extents, nowhere, nowhere, nowhere, nowhere)
        bt_cast(.int32, .float32, 3, extents, nowhere, nowhere)
        bt_copy(8, 3, extents, nowhere, nowhere)
      }
    }

    /// Rank 0 is one element.
    @Test func rankZero() {
      var x: [Float] = [2]
      x.withUnsafeMutableBufferPointer { x in
        let operand = bt_operand(address: x.baseAddress, strides: nil)
        #expect(bt_binary(.add, .float32, 0, nil, operand, operand, operand) == .ok)
        #expect(bt_unary(.sqrt, .float32, 0, nil, operand, operand) == .ok)
      }
      #expect(x == [2])
    }
  }
}
