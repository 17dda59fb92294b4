import Backtape
import BacktapeTensors
import Testing

/// Small values are walked over by formulas, large and recorded ones by the rules: both must agree
/// to the bit. That the rules are right is asked elsewhere, of other systems.
struct FormulaTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let function: @Sendable (Tensor, Tensor) -> Tensor
    init(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
      testDescription = name
      self.function = function
    }
  }

  static let cases = [
    Case("sum of products") { $0 * $1 + $0 - $1 },
    Case("twice the same") { ($0 + $0) * ($0 - $0) + $1 },
    Case("quotient") { $0 / $1 },
    Case("functions") { tanh(sin($0)) * cos($1) + sigmoid($0) * exp($1) },
    Case("logarithms") { log($0) + log1p($1) + expm1($0) },
    Case("roots") { sqrt($0) + rsqrt($1) + tan($0) },
    Case("error function") { erf($0) * abs($1) - (-$0) },
    Case("steps") { floor($0) * $1 + round($1) * $0 + sign($0) + ceil($1) },
    Case("power") { $0.power($1) },
    Case("power of a number") { $0.power(3) + $1.power(2) + $0.power(0.5) + pow(2, $1) },
    Case("numbers") { 2 * $0 + $1 / 3 - (1 - $0) * (0.5 / $1) },
    Case("extremes") { maximum($0, $1) + minimum($0, $1) * maximum($0, 0.5) },
    Case("ties") { maximum($0, $0) * minimum($1, $1) },
    Case("remainder") { $0 % $1 },
    Case("angle") { atan2($0, $1) + atan2($1, 2) },
    Case("choice") { .where($0 .< $1, $0 * $1, $0 / $1) },
    Case("choice with a number") { .where($0 .< $1, $0, 2) * $1 },
    Case("broadcast") { ($0 * $1.sum()) + $1 },
    Case("reshaped") { ($0.reshape([1, $0.count]) * 2).reshape([$0.count]) * $1 },
    Case("reversed") { $0.flip() * $1 + $0 },
    Case("cast") { ($0.cast(.float32) * 2).cast($0.dtype) * $1 },
  ]

  @Test("Formulas and rules have the same bits", arguments: cases)
  func sameBits(_ item: Case) {
    for dtype in [DType.float32, .float64] {
      for count in [1, 2, 7, 256, 257] {
        let values = (0..<count).map { 0.3 + Double($0 * 37 % 101) / 40 }
        let special: [Double] = [0, -0.0, 1, -1.5, .infinity, -.infinity, .nan, 1e38, 1e-40]
        for (a, b) in [
          (values, values.reversed() as [Double]),
          ((0..<count).map { special[$0 % 9] }, (0..<count).map { special[($0 * 5 + 3) % 9] }),
        ] {
          let tape = Tape()
          let x = tape.variable(Tensor(a).cast(dtype))
          let y = tape.variable(Tensor(b).cast(dtype))
          let total = item.function(x, y).sum()
          let plain = tape.gradient(of: total, withRespectTo: [x, y])
          let recorded = tape.gradient(of: total, withRespectTo: [x, y], recording: true)
          for (one, other) in zip(plain, recorded) {
            #expect(bits(one) == bits(other), "\(dtype) \(count)")
            #expect(one.shape == [count] && one.dtype == dtype)
          }
        }
      }
    }
  }

  /// The bits of the elements; all NaN are one.
  private func bits(_ x: Tensor) -> [UInt64] {
    x.scalars(as: Double.self).map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern }
  }

  @Test("An intermediate target keeps its cotangent while it is handed on")
  func intermediateTargets() {
    let tape = Tape()
    let x = tape.variable(Tensor(3.0))
    let y = x * x
    let z = y + y
    // z = 2 y, so dz/dy = 2 and dz/dx = 4 x.
    let slopes = tape.gradient(of: z * y, withRespectTo: [z, y, x, y]).map { $0.item() }
    // z y = 2 y² = 2 x⁴.
    #expect(slopes == [9, 36, 216, 36])
  }

  @Test("A pullback can be called again, with plain and recorded cotangents")
  func pullbacks() {
    let (_, pullback) = valueWithPullback(at: [Tensor([1.0, 2.0])]) { $0[0] * $0[0] }
    let seed = Tensor([1.0, 10.0])
    for _ in 0..<3 { #expect(pullback(seed)[0].scalars(as: Double.self) == [2, 40]) }
    #expect(seed.scalars(as: Double.self) == [1, 10])
    #expect(gradient(at: seed) { pullback($0)[0].sum() }.scalars(as: Double.self) == [2, 4])
    let repeated = Tensor(2.0).broadcast(to: [2])
    #expect(pullback(repeated)[0].scalars(as: Double.self) == [4, 8])
  }
}
