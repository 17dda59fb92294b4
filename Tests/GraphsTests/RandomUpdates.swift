import Backtape

/// Updates of several variables by each other's values, drawn from a seed: closures that run on a
/// graph's tensors and on plain ones alike.
struct RandomUpdates: Sendable {
  typealias Expression = @Sendable (_ variables: [Tensor], _ feeds: [Tensor]) -> Tensor

  let side: Int
  let dtype: DType
  /// Three squares, their elements in a row, a vector and a number.
  let variables: [Tensor]
  let feedShapes: [Shape]
  private(set) var updates: [(variable: Int, value: Expression)] = []
  private(set) var outputs: [Expression] = []
  private var random: SplitMix64

  static let squares = 3

  init(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed) &* 77)
    let side = [1, 2, 6, 6, 6, 150][Int.random(in: 0..<6, using: &random)]
    let dtype: DType = Bool.random(using: &random) ? .float64 : .float32
    let shapes: [Shape] =
      [Shape](repeating: [side, side], count: 3) + [[side * side], [side], []]
    variables = shapes.map { random.tensor($0, dtype) }
    feedShapes = [[side, side], [side, side], [side]]
    self.random = random
    self.side = side
    self.dtype = dtype
    for variable in variables.indices where number(4) > 0 {
      updates.append((variable, expression(for: variable)))
    }
    updates.shuffle(using: &self.random)
    for _ in 0..<number(6) { outputs.append(output()) }
  }

  /// One run on plain tensors: what is handed out, and the variables after it.
  func simulate(_ values: [Tensor], _ feeds: [Tensor]) -> (outputs: [Tensor], variables: [Tensor]) {
    var after = values
    for update in updates { after[update.variable] = update.value(values, feeds) * 1 }
    return (outputs.map { $0(values, feeds) }, after)
  }

  // MARK: drawing

  private mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func expression(for variable: Int) -> Expression {
    let shape = variables[variable].shape
    let square = square()
    switch number(8) {
    case 0: return { v, f in v[variable] - 0.1 * tanh(square(v, f).fitted(to: shape)) }
    case 1:
      let scale = self.square()
      return { v, f in
        v[variable] * 0.5 + (scale(v, f) * square(v, f)).fitted(to: shape) * v[5]
      }
    case 2: return { v, f in tanh(square(v, f)).fitted(to: shape) - v[variable].mean() }
    case 3 where !updates.isEmpty:
      // A pair as of momentum: the other's new value takes part.
      let other = updates[number(updates.count)].value
      return { v, f in v[variable] - 0.25 * other(v, f).fitted(to: shape) }
    case 4 where !updates.isEmpty:
      let other = updates[number(updates.count)]
      if variables[other.variable].shape == shape { return other.value }
      return { v, f in other.value(v, f).fitted(to: shape) }
    case 5:
      let constant = random.tensor(shape, dtype)
      if number(2) == 0 { return { _, _ in constant } }
      return { v, _ in v[variable] }
    default: return { v, f in square(v, f).fitted(to: shape) }
    }
  }

  /// A value of `[side, side]`, often a variable or a look at one.
  private mutating func square() -> Expression {
    let (a, b) = (number(RandomUpdates.squares), number(RandomUpdates.squares))
    let side = side
    let cut = number(side + 1)
    let feed = number(2)
    switch number(17) {
    case 0, 1: return { v, _ in v[a] }
    case 2: return { v, _ in v[a].transposed }
    case 3: return { v, _ in v[a].flip(axes: [0]) }
    case 4: return { v, _ in v[3].reshape([side, side]) }
    case 5: return { v, _ in v[a].transposed.reshape([side * side]).reshape([side, side]) }
    case 6: return { _, f in f[feed] }
    case 7: return { v, f in f[feed] * v[a] + v[b] }
    case 8: return { v, _ in tanh(v[a]).matmul(sin(v[b])) / Double(side) }
    case 9: return { v, _ in v[a] - v[b] * 0.5 + v[3].reshape([side, side]) * v[4] }
    case 10: return { v, _ in softmax(v[a]) + v[b].transposed }
    case 11:
      return { v, _ in
        let first = v[a].slice(axis: 0, cut..<side)
        return Tensor.concatenate([first, tanh(v[b]).slice(axis: 0, 0..<cut)])
      }
    case 12: return { v, f in (v[4] * f[2]).broadcast(to: [side, side]) + v[a] }
    case 13: return { v, _ in tanh(v[a].sum(axes: [0])) - v[b] }
    case 14: return { v, f in .where(v[a] .< f[feed], v[b], v[a] * 0.5) }
    case 15: return { v, f in tanh(f[feed].matmul(v[a])) * v[b].transposed }
    default: return { v, _ in v[5].broadcast(to: [side, side]) * 0.5 + tanh(v[a]) }
    }
  }

  private mutating func output() -> Expression {
    let variable = number(variables.count)
    let square = square()
    let feed = number(3)
    switch number(7) {
    case 0: return { v, _ in v[variable] }
    case 1 where !updates.isEmpty: return updates[number(updates.count)].value
    case 2 where !updates.isEmpty:
      let value = updates[number(updates.count)].value
      return { v, f in value(v, f).flatten() }
    case 3 where !outputs.isEmpty: return outputs[number(outputs.count)]
    case 4: return { _, f in f[feed] }
    case 5: return { v, f in (square(v, f) * 2).sum() }
    default: return square
    }
  }
}
