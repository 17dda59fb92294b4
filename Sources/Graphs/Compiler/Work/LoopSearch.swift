/// The pass that finds what repeats: the steps of a scan, which stand one after the other on the
/// tape, become a loop again.
///
/// Every round must do the same, and each of its addresses go on by the same number of bytes from
/// round to round. For that buffers of neighbouring rounds are stacked, or share one place if one is
/// done with before the next is begun.
struct LoopSearch {
  private(set) var found = Loops()

  /// Fewer rounds are not worth it.
  private static let fewestRounds = 4
  /// A round has no more works, and so many of its lengths are tried.
  private static let longestRound = 256
  private static let lengthsTried = 8

  private let references: [[Reference]]
  /// Works that do the same have the same number.
  private let patterns: [Int]
  /// For each work the next that does the same.
  private let next: [Int?]
  private let bytes: [Int: Int]
  private var turns: Turns

  /// - Parameter lifetimes: the first and the last work that touch each of the plan's own buffers.
  init(
    _ works: [Work], _ phases: [Phase], _ lowering: Lowering, _ lifetimes: [Int: ClosedRange<Int>]
  ) {
    turns = Turns(lifetimes: lifetimes)
    bytes = lowering.bytes
    // Different patterns, and the numbers of those with the same hash.
    var different: [Pattern] = []
    var numbers: [Int: [Int]] = [:]
    var patterns: [Int] = []
    for phase in phases {
      for (i, index) in phase.works.enumerated() {
        let pattern = Pattern(
          works[index], lowering, axis: phase.chain?.axes[i], chunks: phase.chain?.chunks)
        let hash = pattern.hash
        if let known = numbers[hash]?.first(where: { different[$0] == pattern }) {
          patterns.append(known)
        } else {
          numbers[hash, default: []].append(different.count)
          patterns.append(different.count)
          different.append(pattern)
        }
      }
    }
    self.patterns = patterns
    if works.count - different.count < LoopSearch.fewestRounds - 1 {
      (references, next) = ([], [])
      return
    }
    references = works.map { lowering.references(of: $0) }
    var next = [Int?](repeating: nil, count: works.count)
    var last = [Int?](repeating: nil, count: different.count)
    for index in works.indices.reversed() {
      next[index] = last[patterns[index]]
      last[patterns[index]] = index
    }
    self.next = next
    for phase in phases where phase.works.count > 1 {
      turns.slabs = phase.chain?.slabs
      found.inPhases += loops(in: phase.works) { _ in true }
    }
    turns.slabs = nil
    findAcross(phases)
  }

  private mutating func findAcross(_ phases: [Phase]) {
    // Whether a phase begins at a work, and whether a loop within one does.
    var isStart = [Bool](repeating: false, count: patterns.count + 1)
    var isLooped = isStart
    for phase in phases { isStart[phase.works.lowerBound] = true }
    isStart[patterns.count] = true
    for loop in found.inPhases { isLooped[loop.works.lowerBound] = true }
    func goesByPhases(_ loop: Loop) -> Bool {
      let first = loop.works.lowerBound
      return isStart[first] && isStart[loop.works.upperBound]
        && loop.works.allSatisfy { isStart[$0] == isStart[first + ($0 - first) % loop.period] }
    }
    for run in phases.split(whereSeparator: { $0.works.contains { isLooped[$0] } }) {
      let works = run.first!.works.lowerBound..<run.last!.works.upperBound
      found.ofPhases += loops(in: works, where: goesByPhases)
    }
  }

  /// Loops among some works, one after the other.
  private mutating func loops(
    in works: Range<Int>, where isPossible: (Loop) -> Bool
  ) -> [Loop] {
    var loops: [Loop] = []
    var first = works.lowerBound
    while first < works.upperBound {
      let loop = loop(from: first, upTo: works.upperBound, isPossible)
      if let loop { loops.append(loop) }
      first = loop?.works.upperBound ?? first + 1
    }
    return loops
  }

  private mutating func loop(
    from first: Int, upTo end: Int, _ isPossible: (Loop) -> Bool
  ) -> Loop? {
    var second = next[first]
    for _ in 0..<LoopSearch.lengthsTried {
      guard let start = second, start - first <= LoopSearch.longestRound else { return nil }
      second = next[start]
      let period = start - first
      let fewest = first..<first + LoopSearch.fewestRounds * period
      if fewest.upperBound > end || !repeats(fewest, period) { continue }
      var loop = Loop(works: first..<start, period: period)
      var steps = [Step](
        repeating: .open, count: references[loop.works].reduce(0) { $0 + $1.count })
      while loop.works.upperBound + period <= end, append(to: &loop, &steps) {}
      while loop.rounds >= LoopSearch.fewestRounds, !isPossible(loop) {
        loop.works = loop.works.dropLast(period)
      }
      if loop.rounds >= LoopSearch.fewestRounds {
        found.stacks.keep()
        return loop
      }
      found.stacks.forget()
    }
    return nil
  }

  /// Whether each of some works does the same as the one a period before.
  private func repeats(_ works: Range<Int>, _ period: Int) -> Bool {
    works.dropFirst(period).allSatisfy { patterns[$0] == patterns[$0 - period] }
  }

  /// How an address goes on from round to round.
  private enum Step: Equatable {
    case open
    /// In one buffer, or always the same place of the next.
    case bytes(Int), slots(Int, offset: Int)
  }

  /// Makes a loop one round longer, if what follows does the same a step further.
  private mutating func append(to loop: inout Loop, _ steps: inout [Step]) -> Bool {
    let (period, end) = (loop.period, loop.works.upperBound)
    if !repeats(end - period..<end + period, period) { return false }
    var known = steps
    var position = 0
    for index in end..<end + period {
      let (before, now) = (references[index - period], references[index])
      for (a, b) in zip(before, now) {
        guard let step = step(from: a, to: b, known[position], period) else {
          found.stacks.forgetRound()
          return false
        }
        known[position] = step
        position += 1
      }
    }
    found.stacks.keepRound()
    steps = known
    loop.works = loop.works.lowerBound..<end + period
    return true
  }

  private mutating func step(
    from a: Reference, to b: Reference, _ known: Step, _ period: Int
  ) -> Step? {
    if a.buffer == b.buffer {
      let step = Step.bytes(b.offset - a.offset)
      return known == .open || known == step ? step : nil
    }
    guard case .own(let first) = a.buffer, case .own(let second) = b.buffer, a.offset == b.offset,
      bytes[first] == bytes[second]
    else { return nil }
    let slots: Int
    switch known {
    case .bytes: return nil
    case .slots(let step, let offset):
      if offset != a.offset { return nil }
      slots = step
    case .open:
      if let distance = found.stacks.distance(from: first, to: second) {
        slots = distance
      } else if turns.follows(first, second) {
        slots = 0
      } else if turns.lifetimes[first]!.count > 2 * period {
        slots = 1
      } else {
        // Two that take turns: in twice the period they have a place each.
        return nil
      }
    }
    let turns = turns
    let isFitting = found.stacks.put(second, slots, behind: first) {
      slots == 0 && turns.follows($0, $1)
    }
    return isFitting ? .slots(slots, offset: a.offset) : nil
  }
}

/// When buffers are needed.
private struct Turns {
  let lifetimes: [Int: ClosedRange<Int>]
  /// How the chunks of a chain share buffers; nil outside of one.
  var slabs: [Lowering.Buffer: Int]?

  /// Whether a buffer can take the place of another: it is first needed when the other is no more.
  /// In a chain every chunk must have the same part of both.
  func follows(_ first: Int, _ second: Int) -> Bool {
    guard lifetimes[first]!.upperBound < lifetimes[second]!.lowerBound else { return false }
    guard let slabs else { return true }
    return slabs[.own(first)] != nil && slabs[.own(first)] == slabs[.own(second)]
  }
}
