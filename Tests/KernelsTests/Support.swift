import BacktapeKernels
import Foundation
import Testing

/// Everything here shares the instruction set and the thread count of the process, so nothing runs
/// beside anything else.
@Suite(.serialized) enum Kernels {}

/// Whether to test every instruction set of this processor. That changes the set of the whole
/// process, so these tests are then to be run alone.
let testsEverySet = ProcessInfo.processInfo.environment["BACKTAPE_TEST_EVERY_SET"] != nil

/// The instruction sets to test: the one in use, or all that this processor has.
let instructionSets: [String] = {
  if !testsEverySet { return [String(cString: bt_instruction_set())] }
  let all = ["avx512", "avx2", "sse2", "neon", "scalar"]
  let available = all.filter { String(cString: bt_select_instruction_set($0)) == $0 }
  bt_select_instruction_set(nil)
  return available
}()

/// Runs `body` under every instruction set to test in turn.
func forEachInstructionSet(_ body: (String) throws -> Void) rethrows {
  defer { if testsEverySet { bt_select_instruction_set(nil) } }
  for name in instructionSets {
    if testsEverySet { bt_select_instruction_set(name) }
    try body(name)
  }
}

/// Runs `body` with each of several thread counts, and puts the count back.
func forEachThreadCount(_ body: (Int32) throws -> Void) rethrows {
  let before = bt_thread_count()
  defer { bt_set_thread_count(before) }
  for count: Int32 in [1, 2, 3, 8] {
    bt_set_thread_count(count)
    try body(count)
  }
}

// MARK: element types

protocol Element: Equatable, BitwiseCopyable, SendableMetatype {
  static var dtype: bt_dtype { get }
}
extension UInt16: Element { static var dtype: bt_dtype { .uint8 } }  // copied only, by size
extension UInt8: Element { static var dtype: bt_dtype { .uint8 } }
extension Int32: Element { static var dtype: bt_dtype { .int32 } }
extension Int64: Element { static var dtype: bt_dtype { .int64 } }
extension Float: Element { static var dtype: bt_dtype { .float32 } }
extension Double: Element { static var dtype: bt_dtype { .float64 } }

// MARK: operations on dense arrays

/// Runs a unary kernel over a dense array.
func unary<T: Element>(_ operation: bt_unary_operation, _ values: [T]) -> [T] {
  var a = values
  var out = values
  let extents = [Int64(values.count)]
  let status = a.withUnsafeMutableBufferPointer { a in
    out.withUnsafeMutableBufferPointer { out in
      withUnsafePointer(to: Int64(1)) { one in
        bt_unary(
          operation, T.dtype, 1, extents, bt_operand(address: out.baseAddress, strides: one),
          bt_operand(address: a.baseAddress, strides: one))
      }
    }
  }
  #expect(status == .ok)
  return out
}

/// Runs a binary kernel over dense arrays; an array of one element is repeated.
func binary<T: Element, R>(
  _ operation: bt_binary_operation, dtype: bt_dtype = T.dtype, _ left: [T], _ right: [T],
  into zero: R, status expected: bt_status = .ok
) -> [R] {
  var a = left
  var b = right
  let count = max(left.count, right.count)
  var out = [R](repeating: zero, count: count)
  let extents = [Int64(count)]
  let steps: [Int64] = [1, left.count == count ? 1 : 0, right.count == count ? 1 : 0]
  let status = steps.withUnsafeBufferPointer { steps in
    a.withUnsafeMutableBufferPointer { a in
      b.withUnsafeMutableBufferPointer { b in
        out.withUnsafeMutableBufferPointer { out in
          bt_binary(
            operation, dtype, 1, extents,
            bt_operand(address: out.baseAddress, strides: steps.baseAddress! + 0),
            bt_operand(address: a.baseAddress, strides: steps.baseAddress! + 1),
            bt_operand(address: b.baseAddress, strides: steps.baseAddress! + 2))
        }
      }
    }
  }
  #expect(status == expected)
  return out
}

/// Runs a binary kernel into its own type.
func binary<T: Element & AdditiveArithmetic>(
  _ operation: bt_binary_operation, _ left: [T], _ right: [T]
) -> [T] {
  binary(operation, left, right, into: T.zero)
}

/// Runs a cast over a dense array.
func cast<From: Element, To>(
  _ values: [From], from: bt_dtype = From.dtype, to: bt_dtype, into zero: To
) -> [To] {
  var a = values
  var out = [To](repeating: zero, count: values.count)
  let extents = [Int64(values.count)]
  a.withUnsafeMutableBufferPointer { a in
    out.withUnsafeMutableBufferPointer { out in
      withUnsafePointer(to: Int64(1)) { one in
        bt_cast(
          to, from, 1, extents, bt_operand(address: out.baseAddress, strides: one),
          bt_operand(address: a.baseAddress, strides: one))
      }
    }
  }
  return out
}

// MARK: comparing

/// Equal as IEEE values of one kind: NaN equals NaN, and zeros have signs.
func isSame<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool {
  (a.isNaN && b.isNaN) || (a == b && (a != 0 || a.sign == b.sign))
}

/// Distance in units in the last place of `T` at the exact value; 0 for equal infinities and NaN.
func ulps<T: BinaryFloatingPoint>(_ value: T, exact: Double) -> Double {
  if value.isNaN || exact.isNaN { return value.isNaN && exact.isNaN ? 0 : .infinity }
  let rounded = T(exact)
  if Double(value) == Double(rounded) { return 0 }
  if value.isInfinite || rounded.isInfinite { return .infinity }
  return abs(Double(value) - exact) / Double(rounded.ulp)
}

/// A small generator with the same numbers every time (the constants are Knuth's MMIX).
struct Numbers {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  /// Uniform in -1..<1.
  mutating func unit() -> Double { Double(next()) / Double(1 << 30) - 1 }
}

/// out[batch, m, n] (contiguous) = sum over k of a[batch, m, k] * b[batch, k, n], any strides.
func dot(
  _ dtype: bt_dtype, _ batch: Int64, _ m: Int64, _ n: Int64, _ k: Int64,
  _ out: UnsafeMutableRawPointer, _ a: UnsafeRawPointer?, _ aBatch: Int64, _ aM: Int64,
  _ aK: Int64, _ b: UnsafeRawPointer?, _ bBatch: Int64, _ bK: Int64, _ bN: Int64
) {
  var contraction = bt_contraction()
  contraction.dtype = dtype
  contraction.scale = 1
  contraction.term_count = 1
  contraction.batch_rank = batch == 1 ? 0 : 1
  contraction.row_rank = 1
  contraction.column_rank = 1
  contraction.contracted_rank = 1
  contraction.batch.0 = bt_contraction_axis(extent: batch, a: aBatch, b: bBatch, c: m * n)
  contraction.rows.0 = bt_contraction_axis(extent: m, a: aM, b: 0, c: n)
  contraction.columns.0 = bt_contraction_axis(extent: n, a: 0, b: bN, c: 1)
  contraction.contracted.0 = bt_contraction_axis(extent: k, a: aK, b: bK, c: 0)
  contraction.a = a?.assumingMemoryBound(to: CChar.self)
  contraction.b = b?.assumingMemoryBound(to: CChar.self)
  contraction.c = out.assumingMemoryBound(to: CChar.self)
  bt_contract(&contraction)
}
