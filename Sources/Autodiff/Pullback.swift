import BacktapeTensors

extension Tape {
  /// The walk backwards: the cotangents that `targets` receive when `result` has the cotangent
  /// `seed`. Nil for a target the result does not depend on.
  ///
  /// Only records between the first target and the result that depend on a target are visited; a
  /// cotangent is dropped as soon as it has been handed on, so a chain of a million operations
  /// holds one at a time.
  package func pull(_ result: Tensor, seed: Tensor, to targets: [Tensor], recording: Bool)
    -> [Tensor?]
  {
    for target in targets where !target.isTracked || target.owner !== self {
      fatalError(
        """
        gradient: a target of shape \(target.shape) is not on this tape; make it a variable of \
        the tape before computing with it
        """)
    }
    guard result.isTracked, result.owner === self else { return targets.map { _ in nil } }
    let last = Int(result.index)
    guard let first = targets.lazy.map({ Int($0.index) }).min(), first <= last else {
      return targets.map { _ in nil }
    }
    var cotangents = Cotangents(first: first, last: last)
    for target in targets where Int(target.index) <= last && target.dtype.isFloatingPoint {
      cotangents.markTarget(target.index)
    }
    for index in first...last where !cotangents.isTarget(index) {
      let record = record(at: index)
      if case .stopGradient = record.pointee.primitive { continue }
      if !record.descriptor.dtype.isFloatingPoint { continue }
      let operands = record.operands
      for i in 0..<record.operandCount where cotangents.isActive(operands[i]) {
        cotangents.activate(index)
        break
      }
    }
    guard cotangents.isActive(Int32(last)) else { return targets.map { _ in nil } }
    cotangents.add(seed, to: Int32(last))
    var slices = SlicedCotangents()
    for index in stride(from: last, through: first, by: -1) {
      for whole in slices.take(index, self) { cotangents.add(whole, to: Int32(index)) }
      guard let g = cotangents.take(index) else { continue }
      let record = record(at: index)
      let line = Application(tape: self, index: index, record: record, g: g, recording: recording)
      for i in 0..<record.operandCount {
        let place = record.operands[i]
        if !cotangents.isActive(place) || slices.add(line, to: place) { continue }
        if let cotangent = line.cotangent(of: i) { cotangents.add(cotangent, to: place) }
      }
    }
    return targets.map { Int($0.index) <= last ? cotangents[$0.index] : nil }
  }
}

/// The cotangents of a stretch of records: a number for each record, and a small pool.
private struct Cotangents {
  private static let inactive: Int32 = -1
  private static let active: Int32 = -2
  private let first: Int
  private var slots: [Int32]
  private var isTarget: [Bool]
  private var pool: [Tensor?] = []
  private var free: [Int32] = []

  init(first: Int, last: Int) {
    self.first = first
    slots = [Int32](repeating: Cotangents.inactive, count: last - first + 1)
    isTarget = [Bool](repeating: false, count: last - first + 1)
  }

  func isActive(_ place: Int32) -> Bool {
    Int(place) >= first && slots[Int(place) - first] != Cotangents.inactive
  }

  mutating func activate(_ index: Int) { slots[index - first] = Cotangents.active }

  func isTarget(_ index: Int) -> Bool { isTarget[index - first] }

  mutating func markTarget(_ index: Int32) {
    isTarget[Int(index) - first] = true
    slots[Int(index) - first] = Cotangents.active
  }

  subscript(_ index: Int32) -> Tensor? {
    let slot = slots[Int(index) - first]
    return slot >= 0 ? pool[Int(slot)] : nil
  }

  /// Adds what one more use of a record contributes.
  mutating func add(_ cotangent: Tensor, to place: Int32) {
    let slot = slots[Int(place) - first]
    if slot >= 0 {
      pool[Int(slot)] = pool[Int(slot)].take().unsafelyUnwrapped + cotangent
    } else if let empty = free.popLast() {
      pool[Int(empty)] = cotangent
      slots[Int(place) - first] = empty
    } else {
      slots[Int(place) - first] = Int32(pool.count)
      pool.append(cotangent)
    }
  }

  /// The finished cotangent of a record, to be handed on; targets keep theirs as well.
  mutating func take(_ index: Int) -> Tensor? {
    let slot = slots[index - first]
    if slot < 0 { return nil }
    if isTarget[index - first] { return pool[Int(slot)] }
    free.append(slot)
    return pool[Int(slot)].take()
  }
}
