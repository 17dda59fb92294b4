import Backtape
import Foundation

/// A chain of operations on one number: what an operation on the tape costs.
struct W5Chain: Workload {
  let name = "W5"
  let title = "a chain of operations on one number"
  let details = """
    100,000 operations on a float64 tensor of rank 0, run at once and recorded, and the derivatives
    of the last number; nanoseconds of an operation, there and back and with the tape's memory given
    back. `arith` cycles x *= a and x += b, `mix` also sin x and tanh x; a and b are differentiated
    too. PyTorch records 20,000. CoDiPack and C++ by hand know numbers alone, no tensors; JAX
    compiles a loop. Checked against dual numbers in plain Swift.
    """
  let program: String? = "chain.py"

  var anchors: [Anchor] {
    [
      Anchor(name: "C++ by hand", source: "chain.cpp"),
      Anchor(
        name: "CoDiPack", source: "chain.cpp", builds: [["-DWITH_CODIPACK"]],
        needs: "codipack/include/codi.hpp"),
    ]
  }

  var figures: [Figure] {
    ["arith", "mix"].map { kind in
      Figure(
        id: kind, unit: .nanoseconds, threads: [1],
        rivals: ["torch", "jax", "C++ by hand", "CoDiPack"],
        must: kind == "arith" ? [1: .value(80)] : [:],
        aim: kind == "arith" ? [1: .value(40)] : [:])
    }
  }

  func prepare(_ figure: String, _ size: WorkloadSize) -> Work {
    let count = size == .full ? 100_000 : 1000
    let isMix = figure == "mix"
    let factor = Tensor(isMix ? 1.1 : 0.999)
    let check = {
      let (value, slopes) = chain(isMix, count, factor)
      let expected = dualNumbers(isMix, count)
      try expect("the value", value.item(), near: expected.x, tolerance: 1e-9)
      try expect("the slope by a", slopes[0].item(), near: expected.da, tolerance: 1e-9)
      try expect("the slope by b", slopes[1].item(), near: expected.db, tolerance: 1e-9)
    }
    return Work(items: count, check: check) { _ = chain(isMix, count, factor) }
  }

  private func chain(
    _ isMix: Bool, _ count: Int, _ factor: Tensor
  ) -> (value: Tensor, gradient: [Tensor]) {
    valueWithGradient(at: [factor, Tensor(0.1)]) { p in
      let (a, b) = (p[0], p[1])
      var x = Tensor(0.5)
      if isMix {
        for _ in 0..<count / 4 { x = tanh(sin(x * a + b)) }
      } else {
        for _ in 0..<count / 2 { x = x * a + b }
      }
      return x
    }
  }

  private func dualNumbers(_ isMix: Bool, _ count: Int) -> (x: Double, da: Double, db: Double) {
    let (a, b) = (isMix ? 1.1 : 0.999, 0.1)
    var (x, da, db) = (0.5, 0.0, 0.0)
    for _ in 0..<count / (isMix ? 4 : 2) {
      (x, da, db) = (x * a + b, da * a + x, db * a + 1)
      if isMix {
        let value = Foundation.tanh(Foundation.sin(x))
        let slope = Foundation.cos(x) * (1 - value * value)
        (x, da, db) = (value, da * slope, db * slope)
      }
    }
    return (x, da, db)
  }
}
