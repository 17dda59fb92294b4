import Backtape
import Foundation

/// A long elementwise expression and its derivatives, compiled.
struct W6Elementwise: Workload {
  let name = "W6"
  let title = "an elementwise expression of ten million numbers"
  let details = """
    The sum of sigmoid(a x + b) tanh(x) for 10⁷ float32 numbers x, and its derivatives by x, a and b,
    compiled. The anchor is one pass of C by hand, which the compiler makes vectors of. Derivatives
    are checked against float64.
    """
  let program: String? = "elementwise.py"

  /// Fused by hand; also measures memory.
  static let fused = Anchor(
    name: "C, fused by hand", source: "elementwise.c", builds: [["-ffast-math", "-fopenmp"]])

  var anchors: [Anchor] { [W6Elementwise.fused] }

  var figures: [Figure] {
    [
      Figure(
        id: "gradient", unit: .milliseconds,
        rivals: ["numpy", "torch", "torch-compile", "jax", "tensorflow", W6Elementwise.fused.name],
        must: [2: .times(3.5), 1: .times(3.5)],
        aim: [
          2: .times(1 / 1.1, of: [W6Elementwise.fused.name]),
          1: .times(1 / 1.1, of: [W6Elementwise.fused.name]),
        ])
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) -> Work {
    let count = size == .full ? 10_000_000 : 1000
    let x = Tensor.randomNormal([count], key: RandomKey(seed: 6))
    let (a, b) = (Tensor(Float(1.3)), Tensor(Float(-0.2)))
    let differentiate = compiled { (p: [Tensor]) in
      valueWithGradient(at: p) { p in (sigmoid(p[1] * p[0] + p[2]) * tanh(p[0])).sum() }.gradient
    }
    let check = {
      let slopes = differentiate([x, a, b])
      let inputs = x[0..<1000].scalars(as: Double.self)
      for (x, slope) in zip(inputs, slopes[0][0..<1000].scalars(as: Double.self)) {
        let s = 1 / (1 + Foundation.exp(-(1.3 * x - 0.2)))
        let t = Foundation.tanh(x)
        try expect(
          "a slope", slope, near: 1.3 * s * (1 - s) * t + s * (1 - t * t), tolerance: 1e-5)
      }
    }
    return Work(check: check) { _ = differentiate([x, a, b]) }
  }
}
