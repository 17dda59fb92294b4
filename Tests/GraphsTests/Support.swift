import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A number in the environment.
func environment(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }

/// Shape, type and bytes: equal only if every bit is.
struct Bits: Equatable, CustomStringConvertible {
  let shape: Shape
  let dtype: DType
  let bytes: [UInt8]

  init(_ x: Tensor) {
    shape = x.shape
    dtype = x.dtype
    bytes = x.withUnsafeBytes { Array($0) }
  }

  var description: String {
    let tensor = bytes.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype) }
    return "\(dtype) \(shape) \(tensor)"
  }

  static func == (a: Bits, b: Bits) -> Bool {
    a.shape == b.shape && a.dtype == b.dtype && a.bytes == b.bytes
  }
}

/// SplitMix64: programs and values that depend on a seed alone.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Values in -2..<2, a few of them 0, so that there are ties and kinks.
  mutating func tensor(_ shape: Shape, _ dtype: DType) -> Tensor {
    let values = (0..<shape.count).map { _ in
      Int.random(in: 0..<8, using: &self) == 0 ? 0 : Double.random(in: -2..<2, using: &self)
    }
    return Tensor(values, shape).cast(dtype)
  }
}

/// The error a graph throws, for its case and its text.
func graphError(_ body: () throws(GraphError) -> Void) -> GraphError? {
  do {
    try body()
    return nil
  } catch {
    return error
  }
}

extension Plan {
  /// A plan of a function, traced on placeholders like some values.
  static func traced(
    like values: [Tensor], by passes: Set<Plan.Pass> = Plan.Pass.all,
    _ function: ([Tensor]) -> [Tensor]
  ) throws -> Plan {
    let tape = Tape()
    let fed = values.map { tape.placeholder($0.shape, $0.dtype) }
    let outputs = tape.open { function(fed) }
    return try Plan(tape, bindings: .feeding(fed), outputs: outputs, updates: [], passes: passes)
  }
}

extension Tensor {
  /// Equal but for the rounding of sums in another order, by the size of the largest element.
  func isClose(to other: Tensor, _ tolerance: Double? = nil) -> Bool {
    if shape != other.shape || dtype != other.dtype { return false }
    if !dtype.isFloatingPoint { return Bits(self) == Bits(other) }
    let tolerance = tolerance ?? (dtype == .float64 ? 1e-12 : 2e-5)
    let largest = count == 0 ? 1 : Swift.max(1, abs(other).max().cast(.float64).item())
    let scale = largest.isFinite ? largest : 1
    return allClose(other, relative: tolerance, absolute: tolerance * scale)
  }
}
