import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Where no sum is added up in another order, a plan gives the bits of the tape; and whatever it
/// does, the same bits for any number of threads.
@Suite("Bits of plans")
struct BitTests {
  /// Elementwise operations on tensors of one shape, a row and a column of it, drawn from a seed.
  static func elementwise(_ seed: Int, _ inputs: [Tensor]) -> [Tensor] {
    var random = SplitMix64(seed: UInt64(seed) &* 31)
    func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
    var values = inputs
    for _ in 0..<60 {
      let (a, b, c) = (
        values[number(values.count)], values[number(values.count)], values[number(values.count)]
      )
      let value =
        switch number(26) {
        case 0: a + b
        case 1: a - b
        case 2: a * b
        case 3: a / b
        case 4: maximum(a, b)
        case 5: minimum(a, b)
        case 6: exp(a)
        case 7: log(a)
        case 8: tanh(a)
        case 9: sigmoid(a)
        case 10: erf(a)
        case 11: sqrt(abs(a))
        case 12: rsqrt(a)
        case 13: Tensor.where(a .< b, b, c)
        case 14: Tensor.where((a .> 0) .& !(b .<= c), a, 0.5)
        case 15: a.power(b)
        case 16: atan2(a, b)
        case 17: floor(a) - round(b)
        case 18: a % 1.25
        case 19: sin(a) * cos(b)
        case 20: ((a .== b) .^ (b .>= 0)).cast(a.dtype) - c
        case 21: 2 - a * 0.5
        case 22: -abs(a) + sign(b)
        case 23: expm1(a) + log1p(abs(b))
        case 24: a * 0 + b
        default: relu(a).squared()
        }
      values.append(value)
    }
    return Array(values.suffix(12))
  }

  static func inputs(_ seed: Int, _ dtype: DType) -> [Tensor] {
    var random = SplitMix64(seed: UInt64(seed))
    let shapes: [Shape] = [[5, 7], [1], [67], [3, 1, 11], [130, 200], [3, 20_000], [16, 1030]]
    let shape = shapes[seed % shapes.count]
    let last = shape.with(1, at: shape.rank - 1)
    var inputs = [shape, shape, last, [shape.last], []].map { random.tensor($0, dtype) }
    // What is most easily got wrong.
    inputs[0] = .where(inputs[0] .> 1.9, Double.infinity, inputs[0])
    inputs[1] = .where(inputs[1] .> 1.9, Double.nan, inputs[1])
    inputs[2] = .where(inputs[2] .> 1.5, -0.0, inputs[2])
    return inputs
  }

  @Test("elementwise programs: fused, unfused and at once", arguments: 0..<28)
  func fusion(seed: Int) throws {
    let inputs = BitTests.inputs(seed, seed % 2 == 0 ? .float32 : .float64)
    let expected = BitTests.elementwise(seed, inputs).map { Bits($0) }
    for passes in PassTests.choices(seed) {
      let plan = try Plan.traced(like: inputs, by: passes) { BitTests.elementwise(seed, $0) }
      for _ in 0..<2 {
        for (i, (a, b)) in zip(try plan.run(inputs), expected).enumerated() {
          let isSame = Bits(a).isSame(as: b)
          #expect(isSame, "seed \(seed), \(passes), output \(i)")
        }
      }
    }
  }

  /// In a process of its own: the number of threads is everybody's.
  @Test("any number of threads")
  func threads() async {
    await #expect(processExitsWith: .success) {
      for seed in 0..<10 {
        let program = RandomProgram(
          seed: 500 + seed, dtype: seed % 2 == 0 ? .float64 : .float32, steps: 25, .large)
        let plan = try Plan.traced(like: program.inputs, program.withSlopes)
        var expected: [Bits] = []
        for count in [1, 2, 3, 8, 1] {
          Machine.threadCount = count
          let found = try plan.run(program.inputs).map { Bits($0) }
          if expected.isEmpty { expected = found }
          if found != expected { fatalError("seed \(seed): other bits with \(count) threads") }
        }
      }
    }
  }
}

extension Bits {
  /// The same bits, or not a number on both sides.
  func isSame(as other: Bits) -> Bool {
    if self == other { return true }
    if shape != other.shape || dtype != other.dtype { return false }
    return bytes.withUnsafeBytes { a in
      other.bytes.withUnsafeBytes { b in
        (0..<shape.count).allSatisfy {
          dtype == .float64
            ? same(
              a.load(fromByteOffset: $0 * 8, as: Double.self),
              b.load(fromByteOffset: $0 * 8, as: Double.self), \.bitPattern)
            : same(
              a.load(fromByteOffset: $0 * 4, as: Float.self),
              b.load(fromByteOffset: $0 * 4, as: Float.self), \.bitPattern)
        }
      }
    }
  }

  private func same<F: BinaryFloatingPoint, P: Equatable>(
    _ a: F, _ b: F, _ bits: (F) -> P
  ) -> Bool { bits(a) == bits(b) || a.isNaN && b.isNaN }
}
