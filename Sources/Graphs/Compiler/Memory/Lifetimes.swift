/// From which work to which the plan's own buffers are needed.
///
/// In a chain some threads are ahead of others, so what lives in it lives all through it: but for
/// buffers that chunks share alike, of which each chunk is done with its own part in time. They
/// take turns in one place.
struct Lifetimes {
  /// The first and the last work, of buffers with a place of their own.
  private(set) var ranges: [Int: ClosedRange<Int>] = [:]
  /// Other buffers, each with the one whose place it takes.
  private(set) var places: [Int: Int] = [:]

  init(_ lowering: Lowering, _ works: [Work], _ phases: [Phase]) {
    for (index, work) in works.enumerated() {
      for buffer in lowering.ownBuffers(of: work) {
        ranges[buffer] = (ranges[buffer]?.lowerBound ?? index)...index
      }
    }
    var chained: [Int: [Int]] = [:]
    let chainOf = phases.enumerated().flatMap { number, phase in
      phase.works.map { _ in phase.chain == nil ? nil : number }
    }
    for (buffer, range) in ranges {
      let (first, last) = (chainOf[range.lowerBound], chainOf[range.upperBound])
      if let first { chained[first, default: []].append(buffer) }
      if let last, last != first { chained[last, default: []].append(buffer) }
    }
    for (number, buffers) in chained {
      takeTurns(buffers.sorted(), phases[number], lowering.bytes)
    }
  }

  /// Buffers that begin or end in a chain.
  private mutating func takeTurns(_ buffers: [Int], _ phase: Phase, _ bytes: [Int: Int]) {
    let (first, last) = (phase.works.lowerBound, phase.works.upperBound - 1)
    /// Buffers that are needed in the chain alone and shared alike.
    var alike: [Alike: [Int]] = [:]
    for buffer in buffers {
      let range = ranges[buffer]!
      let isInside = first <= range.lowerBound && range.upperBound <= last
      if isInside, let slab = phase.chain!.slabs[.own(buffer)] {
        alike[Alike(bytes: bytes[buffer]!, slab: slab), default: []].append(buffer)
      } else {
        ranges[buffer] =
          Swift.min(first, range.lowerBound)...Swift.max(last, range.upperBound)
      }
    }
    for alike in alike.values {
      /// Places, and the last work that needs each.
      var taken: [(place: Int, until: Int)] = []
      for buffer in alike.sorted(by: { ranges[$0]!.lowerBound < ranges[$1]!.lowerBound }) {
        let range = ranges[buffer]!
        if let free = taken.firstIndex(where: { $0.until < range.lowerBound }) {
          places[buffer] = taken[free].place
          ranges[buffer] = nil
          taken[free].until = range.upperBound
        } else {
          taken.append((buffer, range.upperBound))
        }
      }
      for (place, _) in taken { ranges[place] = first...last }
    }
  }

  private struct Alike: Hashable {
    let bytes: Int
    let slab: Int
  }
}
