/// Works done several times over, each time at the next places of the same memory.
struct Loop: Equatable {
  /// All rounds, of the schedule.
  var works: Range<Int>
  /// Works of a round.
  let period: Int

  var rounds: Int { works.count / period }
  /// The works that stand for those of all rounds.
  var first: Range<Int> { works.prefix(period) }
  var second: Range<Int> { works.dropFirst(period).prefix(period) }
}

/// What repeats in a plan.
struct Loops {
  /// Loops that a chunk can go through by itself, and those whose rounds are several phases.
  var inPhases: [Loop] = []
  var ofPhases: [Loop] = []
  /// Where the buffers lie that they go through.
  var stacks = Stacks()
}
