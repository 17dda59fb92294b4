import Backtape
import Testing

@Suite("Random views, shapes and broadcasts against a naive reference")
struct PropertyTests {
  /// A tensor and its naive twin, kept equal through the same movements.
  private struct Pair {
    var tensor: Tensor
    var reference: ReferenceArray

    init(_ shape: [Int], using generator: inout SeededGenerator) {
      let count = shape.reduce(1, *)
      let elements = (0..<count).map { _ in Double(Int.random(in: -4...4, using: &generator)) }
      reference = ReferenceArray(shape, elements)
      tensor = reference.tensor
    }

    /// One movement drawn at random.
    mutating func move(using generator: inout SeededGenerator) {
      let shape = reference.shape
      guard let axis = shape.indices.randomElement(using: &generator) else { return }
      let extent = shape[axis]
      switch Int.random(in: 0..<6, using: &generator) {
      case 0:
        let order = shape.indices.shuffled(using: &generator)
        tensor = tensor.permute(order)
        reference = reference.permuted(order)
      case 1:
        tensor = tensor.flip(axes: [axis])
        reference = reference.flipped(axis)
      case 2:
        let start = Int.random(in: 0...extent / 2, using: &generator)
        let end = Int.random(in: min(start + 1, extent)...extent, using: &generator)
        let step = Int.random(in: 1...3, using: &generator)
        tensor = tensor.slice(axis: axis - shape.count, start..<end, step: step)
        reference = reference.sliced(axis, start..<end, step)
      case 3:
        let split = [1, 2, 3].filter { $0 == 1 || extent % $0 == 0 }.randomElement(
          using: &generator)!
        if shape.count > 5 || extent == 0 { return }
        let target = shape[..<axis] + [extent / split, split] + shape[(axis + 1)...]
        tensor = tensor.reshape(Array(target))
        reference = reference.reshaped(Array(target))
      case 4:
        let target = [shape.reduce(1, *)]
        tensor = tensor.reshape(target)
        reference = reference.reshaped(target)
      default:
        if axis == 0 || shape.count < 2 { return }
        let target = shape[..<(axis - 1)] + [shape[axis - 1] * extent] + shape[(axis + 1)...]
        tensor = tensor.reshape(Array(target))
        reference = reference.reshaped(Array(target))
      }
    }

    /// The whole broadcast to a larger shape.
    mutating func broadcast(to shape: [Int]) {
      tensor = tensor.broadcast(to: Shape(shape))
      let source = reference
      reference = ReferenceArray(shape) { source.broadcastElement(at: $0) }
    }
  }

  private static func shape(using generator: inout SeededGenerator) -> [Int] {
    let rank = Int.random(in: 0...4, using: &generator)
    return (0..<rank).map { _ in [0, 1, 1, 2, 3, 4, 6].randomElement(using: &generator)! }
  }

  private func agree(_ a: Tensor, _ b: ReferenceArray, _ what: String) {
    #expect(mismatch(a, b.tensor, .ulps(0)) == nil, "\(what)")
  }

  private static let binary:
    [(
      name: String, tensor: @Sendable (Tensor, Tensor) -> Tensor,
      number: @Sendable (Double, Double) -> Double
    )] = [
      ("+", { $0 + $1 }, { $0 + $1 }), ("-", { $0 - $1 }, { $0 - $1 }),
      ("*", { $0 * $1 }, { $0 * $1 }), ("/", { $0 / $1 }, { $0 / $1 }),
      ("maximum", { maximum($0, $1) }, { Swift.max($0, $1) }),
      (".<", { ($0 .< $1).cast(.float64) }, { $0 < $1 ? 1 : 0 }),
      ("where", { .where($0 .> $1, $0, $1 - $0) }, { $0 > $1 ? $0 : $1 - $0 }),
    ]

  @Test("movements", arguments: 0..<60)
  func movements(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var pair = Pair(Self.shape(using: &generator), using: &generator)
    for _ in 0..<8 {
      pair.move(using: &generator)
      agree(pair.tensor, pair.reference, "seed \(seed)")
    }
    agree(
      -pair.tensor, ReferenceArray(pair.reference.shape, pair.reference.elements.map { -$0 }), "-")
  }

  @Test("binary operations on views that broadcast", arguments: 100..<160)
  func broadcasts(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var a = Pair(Self.shape(using: &generator), using: &generator)
    for _ in 0..<3 { a.move(using: &generator) }
    // The other operand lacks leading axes, or has extent 1 here and there.
    let dropped = Int.random(in: 0...a.reference.shape.count, using: &generator)
    let partner = a.reference.shape.dropFirst(dropped).map {
      Bool.random(using: &generator) ? $0 : 1
    }
    var b = Pair(partner, using: &generator)
    for axis in partner.indices where Bool.random(using: &generator) {
      b.tensor = b.tensor.flip(axes: [axis])
      b.reference = b.reference.flipped(axis)
    }
    if Bool.random(using: &generator) { b.broadcast(to: a.reference.shape) }
    for (name, tensor, number) in Self.binary {
      let place = "\(name) of \(a.reference.shape) and \(b.reference.shape), seed \(seed)"
      agree(tensor(a.tensor, b.tensor), a.reference.combined(with: b.reference, number), place)
      agree(
        tensor(b.tensor, a.tensor), b.reference.combined(with: a.reference, number),
        place + " exchanged")
    }
  }

  @Test("reductions of views over random axes", arguments: 200..<260)
  func reductions(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var x = Pair(Self.shape(using: &generator), using: &generator)
    for _ in 0..<3 { x.move(using: &generator) }
    if Bool.random(using: &generator), x.reference.shape.count < 5 {
      x.broadcast(to: [2] + x.reference.shape)
    }
    let rank = x.reference.shape.count
    let axes = (0..<rank).filter { _ in Bool.random(using: &generator) }
    let keep = Bool.random(using: &generator)
    let named = axes.map { Bool.random(using: &generator) ? $0 : $0 - rank }
      .shuffled(using: &generator)
    let place = "\(x.reference.shape) over \(named), seed \(seed)"
    func check(_ result: Tensor, _ operation: ([Double]) -> Double) {
      agree(result, x.reference.reduced(axes, keepDims: keep, operation), place)
    }
    check(x.tensor.sum(axes: named, keepDims: keep)) { $0.reduce(0, +) }
    check(x.tensor.product(axes: named, keepDims: keep)) { $0.reduce(1, *) }
    check(x.tensor.any(axes: named, keepDims: keep).cast(.float64)) {
      $0.contains { $0 != 0 } ? 1 : 0
    }
    check(x.tensor.all(axes: named, keepDims: keep).cast(.float64)) {
      $0.allSatisfy { $0 != 0 } ? 1 : 0
    }
    if axes.allSatisfy({ x.reference.shape[$0] > 0 }) {
      check(x.tensor.max(axes: named, keepDims: keep)) { $0.max()! }
      check(x.tensor.min(axes: named, keepDims: keep)) { $0.min()! }
    }
    for axis in 0..<rank where x.reference.shape[axis] > 0 {
      let positions = x.reference.reduced([axis], keepDims: keep) {
        Double($0.firstIndex(of: $0.max()!)!)
      }
      agree(x.tensor.argmax(axis: axis, keepDims: keep).cast(.float64), positions, place)
    }
  }

  @Test("dot of views", arguments: 300..<360)
  func products(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    func extents(_ rank: Int) -> [Int] {
      (0..<rank).map { _ in Int.random(in: 0...4, using: &generator) }
    }
    let n = Int.random(in: 0...5, using: &generator)
    let rows = extents(Int.random(in: 0...3, using: &generator))
    let columns = extents(Int.random(in: 0...3, using: &generator))
    let left = rows + [n]
    let right = columns.dropLast() + [n] + columns.suffix(1)
    // Laid out in another order, backwards along an axis.
    func pair(_ shape: [Int]) -> Pair {
      let order = shape.indices.shuffled(using: &generator)
      var pair = Pair(order.map { shape[$0] }, using: &generator)
      let back = shape.indices.map { order.firstIndex(of: $0)! }
      pair.tensor = pair.tensor.permute(back)
      pair.reference = pair.reference.permuted(back)
      let axis = Int.random(in: 0..<shape.count, using: &generator)
      pair.tensor = pair.tensor.flip(axes: [axis])
      pair.reference = pair.reference.flipped(axis)
      return pair
    }
    let (a, b) = (pair(left), pair(Array(right)))
    #expect(a.reference.shape == left && b.reference.shape == Array(right))
    agree(
      a.tensor.dot(b.tensor), a.reference.dot(b.reference), "\(left) dot \(right), seed \(seed)")
    agree(
      a.tensor.cast(.float32).dot(b.tensor.cast(.float32)).cast(.float64),
      a.reference.dot(b.reference), "float32 \(left) dot \(right), seed \(seed)")
    agree(
      a.tensor.cast(.int64).dot(b.tensor.cast(.int64)).cast(.float64),
      a.reference.dot(b.reference), "int64 \(left) dot \(right), seed \(seed)")
  }

  @Test("assignment to random parts", arguments: 400..<440)
  func assignments(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var x = Pair([4, 5, 3], using: &generator)
    if Bool.random(using: &generator) {
      x.tensor = x.tensor.permute([2, 0, 1])
      x.reference = x.reference.permuted([2, 0, 1])
    }
    let before = x.tensor
    let shape = x.reference.shape
    let row = Int.random(in: 0..<shape[0], using: &generator)
    let start = Int.random(in: 0..<shape[1], using: &generator)
    let end = Int.random(in: start...shape[1], using: &generator)
    let value = Double.random(in: 0..<1, using: &generator)
    x.tensor[row, start..<end, .every(-2)] = Tensor(value)
    let changed = ReferenceArray(shape) { position in
      let isHit =
        position[0] == row && (start..<end).contains(position[1])
        && (shape[2] - 1 - position[2]) % 2 == 0
      return isHit ? value : x.reference[position]
    }
    agree(x.tensor, changed, "seed \(seed)")
    agree(before, x.reference, "the copy, seed \(seed)")
  }
}
