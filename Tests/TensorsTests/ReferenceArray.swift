import Backtape

/// A naive array for comparison: elements one by one, index arithmetic, no views.
struct ReferenceArray {
  let shape: [Int]
  let elements: [Double]

  init(_ shape: [Int], _ elements: [Double]) {
    precondition(elements.count == shape.reduce(1, *))
    self.shape = shape
    self.elements = elements
  }

  init(_ shape: [Int], element: ([Int]) -> Double) {
    self.init(shape, ReferenceArray.positions(shape).map(element))
  }

  /// All positions of a shape, the last axis fastest.
  static func positions(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { heads, extent in heads.flatMap { head in (0..<extent).map { head + [$0] } }
    }
  }

  subscript(_ position: [Int]) -> Double {
    elements[zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// The element a broadcast puts at a position of a larger shape.
  func broadcastElement(at position: [Int]) -> Double {
    self[zip(position.suffix(shape.count), shape).map { $1 == 1 ? 0 : $0 }]
  }

  func combined(
    with other: ReferenceArray, _ operation: (Double, Double) -> Double
  ) -> ReferenceArray {
    let rank = max(shape.count, other.shape.count)
    func padded(_ shape: [Int]) -> [Int] {
      [Int](repeating: 1, count: rank - shape.count) + shape
    }
    let common = zip(padded(shape), padded(other.shape)).map { $0 == 1 ? $1 : $0 }
    return ReferenceArray(common) {
      operation(broadcastElement(at: $0), other.broadcastElement(at: $0))
    }
  }

  func reduced(_ axes: [Int], keepDims: Bool, _ operation: ([Double]) -> Double) -> ReferenceArray {
    let kept = shape.indices.filter { !axes.contains($0) }
    let outer = kept.map { shape[$0] }
    let inner = axes.map { shape[$0] }
    let values = ReferenceArray.positions(outer).map { place in
      operation(
        ReferenceArray.positions(inner).map { within in
          var position = shape
          for (axis, value) in zip(kept, place) { position[axis] = value }
          for (axis, value) in zip(axes, within) { position[axis] = value }
          return self[position]
        })
    }
    return ReferenceArray(
      keepDims ? shape.indices.map { axes.contains($0) ? 1 : shape[$0] } : outer, values)
  }

  /// NumPy's dot of arrays of rank 1 or more.
  func dot(_ other: ReferenceArray) -> ReferenceArray {
    let axis = max(other.shape.count - 2, 0)
    var columns = other.shape
    let n = columns.remove(at: axis)
    let rows = Array(shape.dropLast())
    return ReferenceArray(rows + columns) { position in
      let row = Array(position.prefix(rows.count))
      let column = Array(position.dropFirst(rows.count))
      return (0..<n).reduce(0) { total, k in
        total + self[row + [k]] * other[column.prefix(axis) + [k] + column.dropFirst(axis)]
      }
    }
  }

  func permuted(_ axes: [Int]) -> ReferenceArray {
    ReferenceArray(axes.map { shape[$0] }) { position in
      var source = position
      for (axis, place) in zip(axes, position) { source[axis] = place }
      return self[source]
    }
  }

  func flipped(_ axis: Int) -> ReferenceArray {
    ReferenceArray(shape) {
      var source = $0
      source[axis] = shape[axis] - 1 - source[axis]
      return self[source]
    }
  }

  func sliced(_ axis: Int, _ range: Range<Int>, _ step: Int) -> ReferenceArray {
    var extents = shape
    extents[axis] = Array(stride(from: range.lowerBound, to: range.upperBound, by: step)).count
    return ReferenceArray(extents) {
      var source = $0
      source[axis] = range.lowerBound + source[axis] * step
      return self[source]
    }
  }

  func reshaped(_ shape: [Int]) -> ReferenceArray { ReferenceArray(shape, elements) }

  /// The same elements as a tensor without gaps.
  var tensor: Tensor { Tensor(elements, Shape(shape)) }
}

/// Numbers that depend on a seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
