/// The pass that gives a plan's own buffers their places in one piece of memory: two share a place
/// if one is needed no more when the other is first written.
struct Arena {
  private(set) var offsets: [Int: Int] = [:]
  private(set) var size = 0

  /// - Parameters:
  ///   - bytes: of each buffer.
  ///   - lifetimes: the first and the last phase that touches it.
  init(bytes: [Int: Int], lifetimes: [Int: ClosedRange<Int>]) {
    let end = lifetimes.values.reduce(0) { Swift.max($0, $1.upperBound + 1) }
    var births = [[Int]](repeating: [], count: end)
    var deaths = births
    for (buffer, lifetime) in lifetimes {
      births[lifetime.lowerBound].append(buffer)
      deaths[lifetime.upperBound].append(buffer)
    }
    func aligned(_ buffer: Int) -> Int { (bytes[buffer]! + 63) / 64 * 64 }
    var free = FreeList()
    offsets.reserveCapacity(lifetimes.count)
    for phase in 0..<end {
      // The largest first: small ones fit in what is left.
      for born in births[phase].sorted(by: { (bytes[$0]!, $1) > (bytes[$1]!, $0) }) {
        offsets[born] = free.take(aligned(born), &size).lowerBound
      }
      for dead in deaths[phase].sorted() where aligned(dead) > 0 {
        let start = offsets[dead]!
        free.give(back: start..<start + aligned(dead))
      }
    }
  }
}

/// Unused ranges of a piece of memory that can grow.
private struct FreeList {
  /// In order, none touching the next.
  private var ranges: [Range<Int>] = []

  /// Large ranges side by side would all begin at the same places of the caches: between them stay
  /// a few cache lines for what is small.
  private static let largeBytes = 16 << 10
  private static let gap = 13 * 64

  /// The smallest range that has room, or new memory at the end.
  mutating func take(_ bytes: Int, _ size: inout Int) -> Range<Int> {
    var best: Int?
    for (i, range) in ranges.enumerated()
    where range.count >= bytes && (best.map { range.count < ranges[$0].count } ?? true) {
      best = i
    }
    if let best {
      let start = ranges[best].lowerBound
      ranges[best] = start + bytes..<ranges[best].upperBound
      if ranges[best].isEmpty { ranges.remove(at: best) }
      return start..<start + bytes
    }
    var start = size
    if let last = ranges.last, last.upperBound == size {
      start = last.lowerBound
      ranges.removeLast()
    } else if bytes >= FreeList.largeBytes {
      start += FreeList.gap
      ranges.append(size..<start)
    }
    size = start + bytes
    return start..<size
  }

  mutating func give(back range: Range<Int>) {
    var range = range
    var position = ranges.firstIndex { $0.lowerBound > range.lowerBound } ?? ranges.count
    if position < ranges.count, ranges[position].lowerBound == range.upperBound {
      range = range.lowerBound..<ranges[position].upperBound
      ranges.remove(at: position)
    }
    if position > 0, ranges[position - 1].upperBound == range.lowerBound {
      range = ranges[position - 1].lowerBound..<range.upperBound
      ranges.remove(at: position - 1)
      position -= 1
    }
    ranges.insert(range, at: position)
  }
}

extension Arena: CustomStringConvertible {
  /// One line of text for each buffer, by place.
  var description: String {
    let places = offsets.map { ($0.value, $0.key) }.sorted(by: <)
    return (places.map { "\($0.0): buffer \($0.1)" } + ["\(size) bytes"]).joined(separator: "\n")
  }
}
