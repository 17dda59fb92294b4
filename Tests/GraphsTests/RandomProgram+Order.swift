import Backtape

/// Steps of order, of running sums and of places.
extension RandomProgram {
  /// Where values decide what is taken; for programs whose values have the same bits everywhere, as
  /// what is almost equal may else be put in another order.
  mutating func drawOrder() {
    let a = pick()
    let shape = results[a].shape
    guard shape.rank > 0 else { return }
    let axis = number(0..<shape.rank)
    let count = number(0..<shape[axis]) + 1
    let isFirst = Bool.random(using: &random)
    switch number(0..<8) {
    case 0: add([a]) { $0[0].sort(axis: axis, descending: isFirst) }
    case 1: add([a]) { $0[0].topk(count, axis: axis, largest: isFirst).values }
    case 2: add([a]) { $0[0].median(axis: axis) }
    case 3: add([a]) { $0[0].cummax(axis: axis).values }
    case 4: add([a]) { $0[0].cummin(axis: axis).values }
    case 5: add([a]) { $0[0].flatten().maskedSelect($0[0].flatten() .> 0.25, size: 7) }
    case 6: add([a]) { $0[0] + $0[0].argsort(axis: axis, descending: isFirst) % 2 }
    default:
      let size = shape.count
      add([a]) {
        let (values, inverse, counts) = $0[0].unique(size: size)
        return values * counts.cast($0[0].dtype) + inverse.flatten().cast($0[0].dtype) * 0.25
      }
    }
  }

  /// Where places are known, or integers.
  mutating func drawPlaces() {
    let (a, b) = (pick(), pick())
    let shape = results[a].shape
    guard shape.rank > 0 else { return }
    let axis = number(0..<shape.rank)
    let extent = shape[axis]
    let cut = number(0..<extent)
    let shift = number(-3..<4)
    let mode: PaddingMode =
      [.reflect, .replicate, .circular, .constant(0.5)].randomElement(using: &random)!
    let places = Tensor((0..<number(1..<5)).map { _ in number(0..<extent) })
    switch number(0..<13) {
    case 0: add([a]) { tanh($0[0]).cumsum(axis: axis) / Double(extent) }
    case 1: add([a]) { tanh($0[0]).cumprod(axis: axis) }
    case 2: add([a]) { tanh($0[0]).logcumsumexp(axis: axis) }
    case 3: add([a]) { $0[0].diff(axis: axis).norm(2, axes: [axis], keepDims: true) + $0[0] }
    case 4: add([a]) { $0[0].roll(shift, axis: axis) }
    case 5: add([a]) { $0[0].pad(axis: axis, before: cut, after: 1, mode: mode) }
    case 6: add([a]) { $0[0].repeat(2, axis: axis).slice(axis: axis, cut..<extent + 1) }
    case 7: add([a]) { $0[0].tile([2]).slice(axis: shape.rank - 1, 0..<shape.last + 1) }
    case 8 where shape.rank > 1: add([a]) { $0[0].tril(shift) - 0.5 * $0[0].triu() }
    case 9 where shape.rank > 1: add([a]) { $0[0].diagonal(shift).diagEmbed() }
    case 10: add([a, b]) { $0[0].indexAdd(tanh($0[1].mean()), at: places, axis: axis) }
    case 11: add([a, b]) { $0[0].indexCopy(tanh($0[1].mean()), at: places, axis: axis) }
    default:
      add([a, b]) {
        $0[0].scatter(
          $0[1].fitted(to: shape), at: places.take(.zeros(shape, .int64)), axis: axis)
      }
    }
  }
}
