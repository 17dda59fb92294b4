import Backtape

/// Steps that come to many records each: layers, parts put together again, choices by value.
extension RandomProgram {
  mutating func drawLayer() {
    switch number(0..<11) {
    case 0: drawConvolution()
    case 1: drawParts()
    case 2: drawNormalization()
    case 3: drawProduct()
    case 4: drawIndexing()
    case 5: drawBools()
    case 6: drawIntegers()
    case 7: drawSeries()
    case 8: drawPlaces()
    case 9: drawMatrix()
    default: drawSums()
    }
  }

  /// Nothing that is added up: elements, movements and the largest of them.
  mutating func drawExact() {
    switch number(0..<9) {
    case 0, 1: drawUnary()
    case 2: drawBinary()
    case 3: drawMovement()
    case 4: drawParts()
    case 5: drawBools()
    case 6: drawIntegers()
    case 7: drawOrder()
    default: drawExtremes()
    }
  }

  private mutating func drawExtremes() {
    let (a, b) = (pick(), pick())
    let shape = results[a].shape
    guard shape.rank > 0 else { return }
    let axis = number(0..<shape.rank)
    let cut = number(0..<shape[axis])
    switch number(0..<4) {
    // As in pooling: a few elements far from each other.
    case 0: add([a]) { tanh($0[0].fitted(to: [2, 3, 9])).max(axis: 1) }
    case 1: add([a]) { $0[0] - $0[0].min(axis: axis, keepDims: true) }
    case 2: add([a]) { $0[0].take($0[0].argmax(axis: axis), axis: axis) }
    default:
      // What the derivative of parts comes to; zeros here have one sign.
      add([a, b]) {
        let x = exp(tanh($0[0]))
        let y = exp(tanh($0[1])).fitted(to: shape)
        let early = x.slice(axis: axis, 0..<cut)
        return early.pad(axis: axis, before: 0, after: shape[axis] - cut)
          + y.slice(axis: axis, cut..<shape[axis]).pad(axis: axis, before: cut, after: 0)
      }
    }
  }

  /// One weight at several steps of a series.
  private mutating func drawSeries() {
    let (a, b) = (pick(), pick())
    let (count, width) = (number(2..<5), number(1..<5))
    add([a, b]) {
      let series = $0[0].fitted(to: [count, 3, width])
      let weight = tanh($0[1]).fitted(to: [width, width])
      return (0..<count).reduce(series[0]) { tanh($0.dot(weight) + series[$1]) }
    }
  }

  private mutating func drawConvolution() {
    let (a, b) = (pick(), pick())
    let isLarge = limit > 1000
    let channels = number(1..<(isLarge ? 17 : 4))
    let shape: Shape = [number(1..<4), number(4..<9), number(4..<9), channels]
    let kernel: Shape = [number(1..<4), number(1..<4), shape[3], number(1..<4)]
    let (stride, dilation) = (number(1..<3), number(1..<2))
    let padding: Padding = Bool.random(using: &random) ? .same : .valid
    switch number(0..<6) {
    case 0, 1:
      add([a, b]) {
        conv2d(
          $0[0].fitted(to: shape), tanh($0[1]).fitted(to: kernel) * 0.5, stride: stride,
          padding: padding, dilation: dilation)
      }
    case 2: add([a]) { maxPool2d($0[0].fitted(to: shape), size: kernel[0], stride: stride) }
    case 3:
      add([a]) {
        avgPool2d($0[0].fitted(to: shape), size: kernel[0], stride: stride, padding: padding)
      }
    case 4:
      add([a]) {
        let x = $0[0].fitted(to: shape)
        return x.windows(axis: 1, size: 2, step: stride, dilation: dilation)
          .fold(axis: 1, extent: shape[1], step: stride, dilation: dilation)
      }
    default:
      add([a]) { $0[0].fitted(to: shape).windows(axis: 2, size: 3, step: stride).max(axis: 3) }
    }
  }

  private mutating func drawParts() {
    let (a, b) = (pick(), pick())
    let shape = results[a].shape
    guard shape.rank > 0 else { return }
    let axis = number(0..<shape.rank)
    let extent = shape[axis]
    let cut = number(0..<extent + 1)
    let step = number(1..<4)
    switch number(0..<8) {
    case 0:
      add([a]) {
        let parts = $0[0].split(sizes: [cut, extent - cut], axis: axis)
        return .concatenate([parts[1], parts[0] * 2, parts[1].flip()], axis: axis)
      }
    case 1: add([a]) { x in .stack([x[0], x[0], -x[0]], axis: axis) }
    case 2: add([a]) { $0[0].pad(axis: axis, before: cut, after: step) * 1.5 - 0.25 }
    case 3: add([a]) { $0[0].flip(axes: [axis]).slice(axis: axis, 0..<extent, step: step).flip() }
    case 4:
      add([a]) {
        let x = tanh($0[0])
        let parts = (0..<min(step, extent)).map { start in
          x.slice(axis: axis, start..<extent, step: step)
        }
        return .concatenate(parts.reversed(), axis: axis)
      }
    case 5: add([a]) { x in .concatenate([x[0].slice(axis: axis, cut..<cut), x[0]], axis: axis) }
    case 6:
      add([a, b]) {
        var y = $0[0] * 1
        let row = y.slice(axis: axis, 0..<1)
        y = .concatenate([y, row, $0[1].fitted(to: row.shape)], axis: axis)
        return y.swapAxes(0, -1).flatten().reshape([-1, 1])
      }
    default:
      add([a]) {
        let x = $0[0]
        let early = sigmoid(x).slice(axis: axis, 0..<cut)
        let late = cos(x).slice(axis: axis, cut..<extent)
        return .concatenate([early, late], axis: axis) + .concatenate([late, early], axis: axis)
      }
    }
  }

  private mutating func drawNormalization() {
    let (a, b) = (pick(), pick())
    let shape = results[a].shape
    guard shape.rank > 0 else { return }
    let axis = number(0..<shape.rank)
    switch number(0..<6) {
    case 0: add([a]) { layerNorm($0[0]) }
    case 1:
      add([a, b]) {
        let scale = $0[1].fitted(to: [shape.last])
        return layerNorm($0[0], scale: scale, offset: scale * 0.5)
      }
    case 2: add([a]) { logSoftmax($0[0], axis: axis) }
    case 3: add([a]) { softmax($0[0], axis: axis) * $0[0] }
    case 4:
      add([a]) {
        let x = $0[0]
        return (x - x.mean(axes: [axis], keepDims: true))
          * rsqrt(x.variance(axes: [axis], keepDims: true) + 0.1)
      }
    default: add([a]) { logSumExp($0[0], axis: axis, keepDims: true) + $0[0] }
    }
  }

  private mutating func drawProduct() {
    let (a, b) = (pick(), pick())
    let isLarge = limit > 1000
    let top = isLarge ? 65 : 6
    let (batch, m, n, k) = (number(1..<4), number(1..<top), number(1..<top), number(1..<top))
    switch number(0..<8) {
    case 0:
      add([a, b]) {
        tanh($0[0].fitted(to: [batch, m, k]))
          .matmul(tanh($0[1].fitted(to: [batch, n, k])).swapAxes(1, 2)) / Double(k)
      }
    case 1:
      add([a, b]) {
        tanh($0[0].fitted(to: [m, batch, k])).permute([1, 0, 2])
          .matmul($0[1].fitted(to: [k, n])) / Double(k)
      }
    case 2:
      add([a, b]) {
        let x = $0[0].fitted(to: [batch, m, 4])
        return scaledDotProductAttention(
          x, $0[1].fitted(to: [batch, n, 4]), tanh($0[1]).fitted(to: [batch, n, 4]))
      }
    case 3:
      add([a]) {
        let heads = $0[0].fitted(to: [batch, m, 2, 3]).permute([0, 2, 1, 3])
        return scaledDotProductAttention(heads, heads * 0.5, -heads, isCausal: true)
          .permute([0, 2, 1, 3]).reshape([batch, m, 6])
      }
    case 4:
      // A small result of a long sum: cut along what is summed over.
      let length = isLarge ? number(1000..<6000) : 24
      add([a, b]) {
        $0[0].fitted(to: [length, 3]).transposed.dot(tanh($0[1]).fitted(to: [length, 2]))
          / Double(length)
      }
    case 5:
      add([a, b]) {
        tanh($0[0].fitted(to: [m, 1])).dot($0[1].fitted(to: [1, n])) + $0[1].fitted(to: [n])
      }
    case 6:
      // An outer product large enough to be computed in passing.
      add([a, b]) {
        (sin($0[0]).fitted(to: [32, 1]).dot($0[1].fitted(to: [1, 33])) * 0.5).mean(axis: 0)
      }
    default:
      add([a]) {
        let x = tanh($0[0].fitted(to: [m, k]))
        return x.flip().dot(x.transposed.slice(axis: 1, 0..<m, step: 2)) / Double(k)
      }
    }
  }

  private mutating func drawIndexing() {
    let (a, b) = (pick(), pick())
    let shape = results[a].shape
    guard shape.rank > 0 else { return }
    let axis = number(0..<shape.rank)
    let extent = Double(shape[axis])
    let count = number(1..<6)
    switch number(0..<5) {
    case 0, 1:
      add([a, b]) {
        let spread = abs(sin($0[1].fitted(to: [count]).detachedFromSlope * 3)) * (extent - 0.01)
        return $0[0].take(spread.cast(.int32), axis: axis)
      }
    case 2:
      add([a]) { $0[0].takeAlongAxis($0[0].argmin(axis: axis, keepDims: true), axis: axis) * 2 }
    case 3 where shape[axis] < 50:
      add([a]) { x in
        let chosen = x[0].argmax(axis: axis)
        return oneHot(chosen, shape[axis], x[0].dtype) * 0.5 + x[0].mean()
      }
    default: add([a]) { $0[0].min(axis: axis, keepDims: true) * $0[0] }
    }
  }

  /// Sums over any axes that are used again at once.
  private mutating func drawSums() {
    let (a, b) = (pick(), pick())
    let shape = results[a].shape
    let axes = (0..<shape.rank).filter { _ in Bool.random(using: &random) }
    switch number(0..<7) {
    case 0: add([a]) { $0[0] * tanh($0[0].sum(axes: axes, keepDims: true)) }
    case 1: add([a]) { tanh(($0[0] * $0[0]).sum(axes: axes)) }
    case 2: add([a]) { $0[0] / (abs($0[0]).max(axes: axes, keepDims: true) + 1) }
    case 3 where shape.rank > 0:
      let end = number(0..<shape.rank)
      add([a, b]) { x in
        let vector = x[1].fitted(to: [shape[end]])
        return x[0].moveAxis(end, to: -1) * vector + tanh(vector)
      }
    case 4:
      add([a, b]) { x in
        let rows = x[1].fitted(to: Shape(shape.array.dropLast() + [1]))
        return shape.rank == 0 ? x[0] : x[0] - rows * x[0]
      }
    case 5 where shape.rank > 0:
      // The sum over nothing.
      add([a]) { $0[0] + $0[0].slice(axis: 0, 0..<0).sum(axes: [0]) }
    default: add([a]) { $0[0].mean() - $0[0] }
    }
  }
}

extension Tensor {
  /// Its first elements in a shape, zeros after them.
  func fitted(to shape: Shape) -> Tensor {
    let flat = flatten()
    if flat.count >= shape.count {
      return flat.slice(axis: 0, 0..<shape.count).reshape(shape)
    }
    // Not all zeros: ties are decided alike, but tell little.
    let times = Swift.min(shape.count / Swift.max(flat.count, 1), 1000)
    let repeated = flat.broadcast(to: [times, flat.count]).flatten()
    return repeated.pad(axis: 0, before: 0, after: shape.count - repeated.count).reshape(shape)
  }

  fileprivate var detachedFromSlope: Tensor { stopGradient() }
}
