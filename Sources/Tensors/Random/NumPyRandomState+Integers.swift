extension NumPyRandomState {
  /// `randint(low, high, count)`: integers from `low` up to, without, `high`.
  ///
  /// The dtype is NumPy's default on 64-bit Unix, `int64`.
  package mutating func integers(low: Int, high: Int, count: Int) -> [Int] {
    if low >= high {
      fatalError(
        "randint: no integer lies from low \(low) up to, without, high \(high); give low < high")
    }
    return integers(in: low...(high - 1), count: count)
  }

  /// `randint(lowerBound, upperBound + 1, count)`, which can also draw `Int.max`.
  package mutating func integers(in range: ClosedRange<Int>, count: Int) -> [Int] {
    let span = UInt64(bitPattern: Int64(range.upperBound) &- Int64(range.lowerBound))
    return draw(count, "randint") {
      range.lowerBound &+ Int(truncatingIfNeeded: $0.interval(span))
    }
  }

  /// `permutation(n)`: 0, ..., n - 1 in random order.
  package mutating func permutation(_ n: Int) -> [Int] {
    if n < 0 {
      fatalError("permutation: there is no permutation of \(n) values; give zero or more")
    }
    var result = Array(0..<n)
    shuffle(&result)
    return result
  }

  /// Puts the elements in the order `np.random.RandomState.shuffle` gives them.
  public mutating func shuffle<Element>(_ array: inout [Element]) {
    for i in stride(from: array.count - 1, to: 0, by: -1) {
      array.swapAt(i, Int(interval(UInt64(i))))
    }
  }

  /// A draw from 0...max by rejection under the smallest bit mask that covers `max`.
  ///
  /// One rule serves `random_interval` (shuffle) and the masked `randint`: the two agree in NumPy
  /// on which ranges take a 32-bit word and which a 64-bit one, and neither draws for `max` 0.
  private mutating func interval(_ max: UInt64) -> UInt64 {
    if max == 0 { return 0 }
    let mask = UInt64.max >> UInt64(max.leadingZeroBitCount)
    var value: UInt64
    repeat {
      value = (max >> 32 == 0 ? UInt64(generator.next32()) : generator.next64()) & mask
    } while value > max
    return value
  }
}
