import Backtape

/// A computation drawn from a seed: a list of steps, each on results of earlier ones.
///
/// Drawn while it runs on plain tensors, as later steps depend on the shapes of earlier ones; then
/// it can be run on any tensors of the inputs' shapes.
struct RandomProgram: Sendable {
  struct Step: Sendable {
    let operands: [Int]
    let apply: @Sendable ([Tensor]) -> Tensor
  }

  let inputs: [Tensor]
  private(set) var steps: [Step] = []
  /// What a run gives back: the last few results, and some from the middle.
  private(set) var outputs: [Int] = []

  /// Every result, of the inputs first.
  private(set) var results: [Tensor]
  var random: SplitMix64
  /// Elements that a result may have.
  let limit: Int

  /// What a program is drawn from.
  enum Mixture: Sendable {
    /// Tensors of a few hundred elements at most, joined by single operations.
    case small
    /// The same without sums and products, so that there is one right answer to the last bit.
    case exact
    /// Layers, indices, bools, integers and empty tensors besides.
    case layers
    /// Layers on so many elements that instructions are cut into parts.
    case large
  }

  init(seed: Int, dtype: DType, steps count: Int, _ mixture: Mixture = .small) {
    var random = SplitMix64(seed: UInt64(seed))
    var tensors: [Tensor] = []
    for rank in 0..<4 {
      let shape = (0..<rank).map { _ in Int.random(in: 1...5, using: &random) }
      tensors.append(random.tensor(Shape(shape), dtype))
    }
    if mixture == .large {
      let extents =
        [[Int.random(in: 4097...20000, using: &random)]]
        + [[40, 257], [3, 5000], [33, 8, 64], [2, 3, 4, 5, 6, 7]].shuffled(using: &random).prefix(2)
      for shape in extents { tensors.append(random.tensor(Shape(shape), dtype)) }
    }
    self.random = random
    inputs = tensors
    results = inputs
    limit = mixture == .large ? 200_000 : 400
    while steps.count < count {
      switch mixture {
      case .small: draw()
      case .exact: drawExact()
      case .layers, .large: if Bool.random(using: &self.random) { drawLayer() } else { draw() }
      }
    }
    outputs = Array(Set((0..<4).map { _ in pick() } + [results.count - 2, results.count - 1]))
      .sorted()
  }

  /// The results asked for, and one number that depends on all of them.
  func run(_ inputs: [Tensor]) -> [Tensor] {
    var results = inputs
    for step in steps { results.append(step.apply(step.operands.map { results[$0] })) }
    let chosen = outputs.map { results[$0] }
    let parts = chosen.map { tanh($0).mean() }
    return chosen + [parts.dropFirst().reduce(parts[0], +)]
  }

  /// Results, and then the derivatives of the last by every input.
  func withSlopes(_ inputs: [Tensor]) -> [Tensor] {
    var values: [Tensor] = []
    let slopes = gradient(at: inputs) { x in
      values = run(x)
      return values[values.count - 1]
    }
    return values + slopes
  }

  // MARK: drawing

  /// Mostly a recent result, so that programs are deep; sometimes any, so that parts are shared.
  mutating func pick() -> Int {
    let window = Bool.random(using: &random) ? min(results.count, 6) : results.count
    return results.count - 1 - Int.random(in: 0..<window, using: &random)
  }

  mutating func number(_ range: Range<Int>) -> Int {
    range.isEmpty ? 0 : Int.random(in: range, using: &random)
  }

  mutating func add(_ operands: [Int], _ apply: @escaping @Sendable ([Tensor]) -> Tensor) {
    let value = apply(operands.map { results[$0] })
    // Sizes stay small, and nothing to take a mean of is empty.
    guard value.count > 0, value.count <= limit, value.rank <= 5 else { return }
    steps.append(Step(operands: operands, apply: apply))
    results.append(value)
  }

  private mutating func draw() {
    switch number(0..<6) {
    case 0: drawUnary()
    case 1, 2: drawBinary()
    case 3: drawReduction()
    case 4: drawMovement()
    default: drawJoin()
    }
  }

  mutating func drawUnary() {
    let functions: [@Sendable (Tensor) -> Tensor] = [
      { -$0 }, { tanh($0) }, { sigmoid($0) }, { sin($0) }, { cos($0) }, { abs($0) },
      { exp(tanh($0)) }, { log1p(abs($0)) }, { sqrt(abs($0) + 0.5) }, { rsqrt(abs($0) + 0.5) },
      { relu($0) }, { tanh($0).squared() }, { $0.clip(-1, 0.75) }, { 2 * $0 - 0.5 },
      { 1 / (abs($0) + 1) }, { erf($0) }, { expm1(tanh($0)) }, { $0.stopGradient() + $0 * 0.5 },
      { (abs($0) + 0.25).power(1.5) }, { floor($0) * $0 }, { $0 % 1.5 }, { exp2(tanh($0)) },
      { log2(abs($0) + 0.5) }, { log10(abs($0) + 0.5) }, { erfc($0) }, { erfinv(0.9 * tanh($0)) },
      { lgamma(abs($0) + 0.5) }, { polygamma(1, abs($0) + 0.5) }, { asinh($0) }, { mish($0) },
    ]
    let f = functions.randomElement(using: &random)!
    add([pick()]) { f($0[0]) }
  }

  mutating func drawBinary() {
    let a = pick()
    let b = pick()
    guard results[a].shape.broadcast(with: results[b].shape) != nil else { return }
    let functions: [@Sendable (Tensor, Tensor) -> Tensor] = [
      { $0 + $1 }, { $0 - $1 }, { $0 * $1 }, { $0 / (abs($1) + 1) }, { maximum($0, $1) },
      { minimum($0, $1) }, { atan2($0, $1) }, { (abs($0) + 0.5).power(tanh($1)) },
      { .where($0 .< $1, $0, $1 * 2) }, { .where(($0 .> 0) .& ($1 .<= 0), $0, 0.25) },
      { .where($0 .== $1, $1, -$0) }, { logaddexp(tanh($0), $1) }, { hypot($0, abs($1) + 0.5) },
    ]
    let f = functions.randomElement(using: &random)!
    add([a, b]) { f($0[0], $0[1]) }
  }

  private mutating func drawReduction() {
    let a = pick()
    let rank = results[a].rank
    let keep = Bool.random(using: &random)
    let axes = (0..<rank).filter { _ in Bool.random(using: &random) }
    let axis = number(0..<rank)
    switch number(0..<8) {
    case 0: add([a]) { $0[0].sum(axes: axes, keepDims: keep) }
    case 1: add([a]) { $0[0].mean(axes: axes, keepDims: keep) }
    case 2: add([a]) { $0[0].max(axes: axes, keepDims: keep) }
    case 3 where rank > 0: add([a]) { $0[0].min(axis: axis, keepDims: keep) }
    case 4 where rank > 0: add([a]) { softmax($0[0], axis: axis) }
    case 5 where rank > 0: add([a]) { x in x[0] * (x[0].argmax(axis: axis, keepDims: true) + 1) }
    case 6: add([a]) { tanh($0[0]).product(axes: axes, keepDims: keep) }
    default: add([a]) { $0[0] - $0[0].mean(axes: axes, keepDims: true) }
    }
  }

  mutating func drawMovement() {
    let a = pick()
    let shape = results[a].shape
    let rank = shape.rank
    let axis = number(0..<rank)
    let order = (0..<rank).shuffled(using: &random)
    let start = rank == 0 ? 0 : number(0..<shape[axis])
    let step = number(1..<3)
    switch number(0..<9) {
    case 0 where rank > 1: add([a]) { $0[0].permute(order) }
    case 1: add([a]) { $0[0].flatten() }
    case 2 where rank > 1: add([a]) { $0[0].permute(order).reshape([shape[order[0]], -1]) }
    case 3 where rank > 0: add([a]) { $0[0].slice(axis: axis, start..<shape[axis], step: step) }
    case 4 where rank > 0: add([a]) { $0[0].flip(axes: [axis]) }
    case 5: add([a]) { $0[0].expandDims(at: axis) }
    case 6: add([a]) { $0[0].squeeze() }
    case 7: add([a]) { $0[0].broadcast(to: Shape([step] + shape.array)) }
    default:
      guard rank > 0 else { return }
      add([a]) { $0[0].pad(axis: axis, before: start, after: step) }
    }
  }

  private mutating func drawJoin() {
    let a = pick()
    let b = pick()
    let shape = results[a].shape
    let rank = shape.rank
    let axis = number(0..<rank)
    switch number(0..<6) {
    case 0 where rank > 0:
      add([a, b]) { x in .concatenate([x[0], tanh(x[0]), x[0].flip()], axis: axis) }
    case 1 where results[a].shape == results[b].shape: add([a, b]) { .stack($0, axis: axis) }
    case 2 where rank > 1 && shape.count < 20_000: add([a]) { tanh($0[0]).matmul($0[0].transposed) }
    case 3 where rank > 0 && shape.count < 20_000 && shape.count / shape.last < 200:
      add([a]) { $0[0].dot(sigmoid($0[0]).transposed.reshape([$0[0].shape.last, -1])) }
    case 4 where rank > 0:
      add([a, b]) {
        var y = $0[0]
        y[0] = tanh($0[1].mean())
        return y
      }
    default:
      guard rank > 0, results[b].rank > 0, results[a].shape.last == results[b].shape[0],
        results[a].count < 20_000, results[b].count < 20_000
      else {
        return
      }
      add([a, b]) { $0[0].dot($0[1].reshape([$0[0].shape.last, -1])) }
    }
  }
}
