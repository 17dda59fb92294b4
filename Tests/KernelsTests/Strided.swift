import BacktapeKernels

/// How the elements of a test array lie in memory.
enum Layout: CaseIterable, CustomStringConvertible {
  case dense, transposed, reversed, gaps, firstAxisRepeated, lastAxisRepeated, constant

  var description: String {
    switch self {
    case .dense: "dense"
    case .transposed: "transposed"
    case .reversed: "reversed"
    case .gaps: "with gaps"
    case .firstAxisRepeated: "first axis repeated"
    case .lastAxisRepeated: "last axis repeated"
    case .constant: "constant"
    }
  }

  /// Layouts whose elements are all different places: a result may have them.
  static let distinct: [Layout] = [.dense, .transposed, .reversed, .gaps]
}

/// An array of any layout, with room around it that nothing may write.
struct Strided<T: Equatable> {
  let extents: [Int64]
  let strides: [Int64]
  private(set) var storage: [T]
  private let first: Int
  private let guardValue: T

  /// `make` gives the element at a place in memory; the guard is what lies between and around.
  init(_ extents: [Int], _ layout: Layout, guard guardValue: T, _ make: (Int) -> T) {
    var strides = [Int](repeating: 0, count: extents.count)
    let axes = Array(extents.indices)
    var step = layout == .gaps ? 2 : 1
    for axis in layout == .transposed ? axes : axes.reversed() {
      let repeats =
        layout == .constant || (layout == .firstAxisRepeated && axis == 0)
        || (layout == .lastAxisRepeated && axis == extents.count - 1)
      if repeats { continue }
      strides[axis] = step
      step *= extents[axis]
      if layout == .gaps { step += 3 }
    }
    if layout == .reversed { strides = strides.map { -$0 } }
    let margin = 4
    let reach = zip(strides, extents).map { abs($0) * max(0, $1 - 1) }.reduce(0, +)
    self.extents = extents.map(Int64.init)
    self.strides = strides.map(Int64.init)
    self.guardValue = guardValue
    storage = Array(repeating: guardValue, count: reach + 1 + 2 * margin)
    first = layout == .reversed ? reach + margin : margin
    var count = 0
    for place in places {
      storage[place] = make(count)
      count += 1
    }
  }

  /// Places of the elements in row-major order.
  var places: [Int] {
    var result = [first]
    for (extent, stride) in zip(extents, strides) {
      // Plain loops: this is most of what a debug run of the tests does.
      var next: [Int] = []
      next.reserveCapacity(result.count * Int(extent))
      for start in result {
        for step in 0..<Int(extent) { next.append(start + step * Int(stride)) }
      }
      result = next
    }
    return result
  }

  /// The elements in row-major order.
  var values: [T] { places.map { storage[$0] } }

  /// Whether all that is not an element still is the guard.
  var isSurroundingIntact: Bool {
    var outside = [Bool](repeating: true, count: storage.count)
    for place in places { outside[place] = false }
    return storage.indices.allSatisfy { !outside[$0] || storage[$0] == guardValue }
  }

  mutating func withOperand<R>(_ body: (bt_operand) -> R) -> R {
    let first = first
    let strides = strides
    return storage.withUnsafeMutableBufferPointer { storage in
      strides.withUnsafeBufferPointer { strides in
        body(bt_operand(address: storage.baseAddress! + first, strides: strides.baseAddress))
      }
    }
  }
}
