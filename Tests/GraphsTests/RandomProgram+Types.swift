import Backtape

/// Steps through bools and integers.
extension RandomProgram {
  mutating func drawBools() {
    let (a, b) = (pick(), pick())
    guard let both = results[a].shape.broadcast(with: results[b].shape) else { return }
    let functions: [@Sendable (Tensor, Tensor) -> Tensor] = [
      { (($0 .> 0) .& !($1 .< 0.5)).cast($0.dtype) },
      { (($0 .> 0) .| ($1 .!= 0)).cast($0.dtype) * $0 },
      { .where(($0 .>= 0) .^ ($1 .>= 0.25), $0 * $1, -0.5) },
      { .where((0.5 .< $0).any(axes: nil), $1, $0) },
      { .where(!($0 .== 0), 1 / (abs($0) + 0.5), $1) },
      { .where(!(!($0 .<= $1)), 2, $1) },
    ]
    let f = functions.randomElement(using: &random)!
    let axes = (0..<both.rank).filter { _ in Bool.random(using: &random) }
    switch number(0..<4) {
    case 0: add([a]) { (($0[0] .> 0.1).all(axes: [], keepDims: true)).cast($0[0].dtype) + $0[0] }
    case 1 where both.rank == results[a].rank:
      add([a, b]) {
        let some = ($0[0] .< $0[1]).any(axes: axes, keepDims: true)
        return .where(some, $0[0], $0[1] + 0.5)
      }
    default: add([a, b]) { f($0[0], $0[1]) }
    }
  }

  mutating func drawIntegers() {
    let (a, b) = (pick(), pick())
    guard results[a].shape.broadcast(with: results[b].shape) != nil else { return }
    let dtype: DType = [.int32, .int64, .uint8].randomElement(using: &random)!
    let functions: [@Sendable (Tensor, Tensor) -> Tensor] = [
      { $0 * 2 + $1 }, { $0 - 3 * $1 }, { $0 % 3 + $1 % 2 }, { maximum($0, 1) * minimum($1, 2) },
      { .where($0 .< $1, $0, 7) }, { $0.sum(axes: nil) + $1 }, { $0.max(axes: nil) - $1 * $1 },
      { .where(($0 .== $1) .| ($1 .> 1), $1, $0 + 1) },
    ]
    let f = functions.randomElement(using: &random)!
    add([a, b]) {
      let x = (abs($0[0]).clip(0, 8) * 3).cast(dtype)
      return tanh(f(x, abs($0[1]).clip(0, 8).cast(dtype)).cast($0[0].dtype) * 0.1) + $0[0]
    }
  }
}
