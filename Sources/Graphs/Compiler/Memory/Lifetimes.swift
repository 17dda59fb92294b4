/// From which work to which the plan's own buffers are needed.
///
/// In a chain some threads are ahead of others, so what lives in it lives all through it: but for
/// buffers that chunks share alike, of which each chunk is done with its own part in time. They
/// take turns in one place.
struct Lifetimes {
  /// The first and the last work, of buffers with a place of their own.
  private(set) var ranges: [Int: ClosedRange<Int>] = [:]
  /// Their sizes.
  private(set) var bytes: [Int: Int]
  /// Other buffers, each with the one in whose place it is and the byte of that where it begins.
  private(set) var places: [Int: (buffer: Int, offset: Int)] = [:]

  /// - Parameter touched: the first and the last work that touch each buffer.
  init(
    _ touched: [Int: ClosedRange<Int>], _ bytes: [Int: Int], _ phases: [Phase], _ stacks: Stacks
  ) {
    ranges = touched
    self.bytes = bytes
    for stack in stacks.members { self.stack(stack) }
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
      takeTurns(buffers.sorted(), phases[number])
    }
  }

  /// Makes one buffer of many.
  private mutating func stack(_ members: [(buffer: Int, slot: Int)]) {
    let whole = members[0].buffer
    let slot = (bytes[whole]! + 63) / 64 * 64
    let ranges = members.map { self.ranges[$0.buffer]! }
    for member in members {
      places[member.buffer] = (whole, member.slot * slot)
      self.ranges[member.buffer] = nil
    }
    self.ranges[whole] = ranges.map(\.lowerBound).min()!...ranges.map(\.upperBound).max()!
    bytes[whole] = (members.map(\.slot).max()! + 1) * slot
  }

  /// Buffers that begin or end in a chain.
  private mutating func takeTurns(_ buffers: [Int], _ phase: Phase) {
    let (first, last) = (phase.works.lowerBound, phase.works.upperBound - 1)
    /// Buffers that are needed in the chain alone and shared alike.
    var alike: [Alike: [Int]] = [:]
    for buffer in buffers {
      let range = ranges[buffer]!
      let isInside = first <= range.lowerBound && range.upperBound <= last
      if isInside, places[buffer] == nil, let slab = phase.chain!.slabs[.own(buffer)] {
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
          places[buffer] = (taken[free].place, 0)
          ranges[buffer] = nil
          taken[free].until = range.upperBound
        } else {
          taken.append((buffer, range.upperBound))
        }
      }
      for (place, _) in taken { ranges[place] = first...last }
    }
  }

  /// The place of every buffer, once those that have one of their own are placed.
  func offsets(_ arena: Arena) -> [Int: Int] {
    places.mapValues { arena.offsets[$0.buffer]! + $0.offset }
      .merging(arena.offsets) { place, _ in place }
  }

  private struct Alike: Hashable {
    let bytes: Int
    let slab: Int
  }
}

extension Lowering {
  /// The first and the last work that touch each of the plan's own buffers.
  func lifetimes(_ works: [Work]) -> [Int: ClosedRange<Int>] {
    var lifetimes: [Int: ClosedRange<Int>] = [:]
    for index in works.indices {
      for buffer in ownBuffers(of: works[index]) {
        lifetimes[buffer] = (lifetimes[buffer]?.lowerBound ?? index)...index
      }
    }
    return lifetimes
  }

  /// The plan's own buffers that work touches, some of them twice.
  func ownBuffers(of work: Work) -> [Int] {
    var touched: [Int] = []
    for line in work.reads + work.writes {
      let owner = line < program.lines.count ? locations.owners[line] : line
      if case .own(let buffer) = buffers[owner] { touched.append(buffer) }
    }
    return touched
  }
}
