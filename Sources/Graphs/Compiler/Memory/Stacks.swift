/// Buffers of equal sizes at equal distances: those a loop goes through round by round.
struct Stacks {
  /// A stack and a slot of it. A slot holds several buffers one after the other.
  struct Place: Equatable {
    let stack: Int
    let slot: Int
  }

  private(set) var places: [Int: Place] = [:]
  private var slots: [[Int: [Int]]] = []
  /// Buffers in the order they came, of the loop being found.
  private var recent: [Int] = []
  private var roundStart = 0

  /// The buffers of each stack with their slots, counted from 0.
  var members: [[(buffer: Int, slot: Int)]] {
    slots.filter { !$0.isEmpty }.map { stack in
      let first = stack.keys.min()!
      return stack.flatMap { slot, buffers in buffers.map { ($0, slot - first) } }
        .sorted { $0.0 < $1.0 }
    }
  }

  /// By how many slots a buffer is behind another, if both have one.
  func distance(from first: Int, to second: Int) -> Int? {
    guard let a = places[first], let b = places[second], a.stack == b.stack else { return nil }
    return b.slot - a.slot
  }

  /// Puts one of two buffers, or both, where the second is so many slots behind the first.
  ///
  /// - Parameter follows: whether the second of two is first needed when the first is no more.
  /// - Returns: false if they are elsewhere, or something else is there.
  mutating func put(
    _ second: Int, _ distance: Int, behind first: Int, follows: (Int, Int) -> Bool
  ) -> Bool {
    switch (places[first], places[second]) {
    case (let a?, let b?): return a.stack == b.stack && b.slot - a.slot == distance
    case (let a?, nil):
      return add(second, Place(stack: a.stack, slot: a.slot + distance), follows)
    case (nil, let b?):
      return add(first, Place(stack: b.stack, slot: b.slot - distance), follows)
    case (nil, nil):
      slots.append([:])
      let stack = slots.count - 1
      return add(first, Place(stack: stack, slot: 0), follows)
        && add(second, Place(stack: stack, slot: distance), follows)
    }
  }

  private mutating func add(_ buffer: Int, _ place: Place, _ follows: (Int, Int) -> Bool) -> Bool {
    if let last = slots[place.stack][place.slot]?.last, !follows(last, buffer) { return false }
    slots[place.stack][place.slot, default: []].append(buffer)
    places[buffer] = place
    recent.append(buffer)
    return true
  }

  // MARK: taking back

  /// What was put since the last round was kept goes.
  mutating func forgetRound() { forget(downTo: roundStart) }
  mutating func keepRound() { roundStart = recent.count }

  /// What was put since the last loop was kept goes.
  mutating func forget() {
    forget(downTo: 0)
    roundStart = 0
  }

  mutating func keep() {
    recent = []
    roundStart = 0
  }

  private mutating func forget(downTo count: Int) {
    while recent.count > count {
      let buffer = recent.removeLast()
      let place = places.removeValue(forKey: buffer)!
      slots[place.stack][place.slot]!.removeLast()
      if slots[place.stack][place.slot]!.isEmpty { slots[place.stack][place.slot] = nil }
    }
  }
}
