/// The pass that puts work in order: what a piece needs goes before it, and otherwise what stood
/// first on the tape. What overwrites a variable goes as soon as it can, so that gradients do not
/// pile up; and so do small results, which it may wait for.
struct Schedule {
  private var before: [[Int]]
  private var waitsFor: [Int]

  /// Work in an order that works.
  static func ordered(_ lowering: Lowering) -> [Work] {
    var schedule = Schedule(lowering.works.count)
    schedule.addDependencies(lowering)
    return schedule.order(lowering).map { lowering.works[$0] }
  }

  private init(_ count: Int) {
    before = [[Int]](repeating: [], count: count)
    waitsFor = [Int](repeating: 0, count: count)
  }

  private mutating func require(_ first: Int, before second: Int) {
    if first == second { return }
    before[first].append(second)
    waitsFor[second] += 1
  }

  private mutating func addDependencies(_ lowering: Lowering) {
    let works = lowering.works
    // By line, or scratch.
    var writers = [[Int]](repeating: [], count: lowering.buffers.count)
    var readers = writers
    /// Work that clears the buffer of an owner, outermost assembly first.
    var clearing: [Int: [Int]] = [:]
    for index in works.indices {
      for line in works[index].writes { writers[line].append(index) }
      for line in works[index].reads { readers[line].append(index) }
      if works[index].isClearing, let line = works[index].writes.first {
        clearing[lowering.locations.owners[line], default: []].append(index)
      }
    }
    // An assembly is there when its parts are.
    let placed = lowering.locations.placed
    for line in placed.keys.sorted() {
      let operands = Array(lowering.program.lines[line].lines)
      for i in placed[line]!.sorted() {
        let root = lowering.locations.roots[operands[i]]
        writers[line] += writers[root]
      }
    }
    for index in works.indices {
      for line in works[index].reads {
        for writer in writers[line] { require(writer, before: index) }
      }
      for line in works[index].overwrites {
        for reader in readers[line] { require(reader, before: index) }
      }
      if clearing.isEmpty || works[index].isClearing { continue }
      for line in works[index].writes where line < lowering.program.lines.count {
        for clear in clearing[lowering.locations.owners[line]] ?? [] {
          require(clear, before: index)
        }
      }
    }
    for clears in clearing.values {
      let outermostFirst = clears.sorted { works[$0].writes[0] > works[$1].writes[0] }
      for (first, second) in zip(outermostFirst, outermostFirst.dropFirst()) {
        require(first, before: second)
      }
    }
  }

  /// Bytes that are no burden however long they are kept.
  private static let smallBytes = 1024

  private mutating func order(_ lowering: Lowering) -> [Int] {
    let works = lowering.works
    let ranks = works.map { work in
      let isSmall = work.writes.allSatisfy {
        lowering.bytes[$0, default: .max] <= Schedule.smallBytes
      }
      return isSmall && !work.writes.isEmpty ? Swift.min(work.order, 0) : work.order
    }
    var ready = Heap(works.indices.filter { waitsFor[$0] == 0 }.map { (ranks[$0], $0) })
    var order: [Int] = []
    while let (_, next) = ready.popFirst() {
      order.append(next)
      for follower in before[next] {
        waitsFor[follower] -= 1
        if waitsFor[follower] == 0 { ready.insert((ranks[follower], follower)) }
      }
    }
    if order.count != works.count { fatalError("Plan: work waits for itself") }
    return order
  }
}

extension Work {
  /// Whether it fills an assembly with zeros.
  fileprivate var isClearing: Bool {
    if case .copy(let copy) = action { copy.source == nil } else { false }
  }
}

/// Pairs of a rank and a value, the lowest first.
private struct Heap {
  private var items: [(Int, Int)] = []

  init(_ items: [(Int, Int)]) { for item in items { insert(item) } }

  mutating func insert(_ item: (Int, Int)) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[child] < items[(child - 1) / 2] {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> (Int, Int)? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    if items.isEmpty { return first }
    items[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < items.count && items[child] < items[least] {
        least = child
      }
      if least == parent { return first }
      items.swapAt(parent, least)
      parent = least
    }
  }
}
