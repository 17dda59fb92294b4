import BacktapeKernels

extension Emission {
  /// Instructions of all phases; of what is in a loop once for all rounds.
  mutating func emit(_ phases: [Phase], _ works: [Work], _ loops: Loops) {
    for phase in phases {
      let start = phase.works.lowerBound
      let around = loops.ofPhases.first { $0.works.contains(start) }
      if let around, start >= around.first.upperBound { continue }
      if start == around?.works.lowerBound { fields = [] }
      emit(phase, works, loops.inPhases)
      if let around, phase.works.upperBound == around.first.upperBound {
        self.phases[self.phases.count - 1].looped = Int64(
          phases.count { around.first.contains($0.works.lowerBound) })
        self.phases[self.phases.count - 1].rounds = rounds(around, works)
      }
    }
  }

  private mutating func emit(_ phase: Phase, _ works: [Work], _ loops: [Loop]) {
    let first = instructions.count
    var chunks = phase.chain?.chunks ?? 1
    var index = phase.works.lowerBound
    while index < phase.works.upperBound {
      if let loop = loops.first(where: { $0.works.lowerBound == index }) {
        emit(loop, phase, works)
        index = loop.works.upperBound
      } else {
        if phase.chain == nil { chunks = works[index].chunks }
        emit(cut(works[index], index, phase), chunks)
        index += 1
      }
    }
    phases.append(
      bt_phase(
        first: Int64(first), count: Int64(instructions.count - first), chunks: Int64(chunks),
        looped: 0, rounds: bt_rounds()))
  }

  /// A work as its phase shares it out.
  private func cut(_ work: Work, _ index: Int, _ phase: Phase) -> Work {
    guard let chain = phase.chain else { return work }
    return work.cut(along: chain.axes[index - phase.works.lowerBound], into: chain.chunks)
  }

  /// A loop within a phase: every chunk has instructions of its own, for it may be ahead of others.
  private mutating func emit(_ loop: Loop, _ phase: Phase, _ works: [Work]) {
    let chunks = phase.chain?.chunks ?? 1
    let first = loop.first.map { cut(works[$0], $0, phase) }
    let outer = instructions
    let parts = (0..<chunks).map { _ in
      instructions = []
      fields = []
      for work in first { emit(work, 1) }
      return bt_loop(
        instructions: memory.allocate(instructions), count: Int64(instructions.count),
        chunks: Int64(chunks), rounds: rounds(loop, works))
    }
    instructions = outer
    append(bt_run_loop, memory.allocate(parts), extent: chunks)
  }

  /// How the addresses last noted go on from a loop's first round to the next.
  private func rounds(_ loop: Loop, _ works: [Work]) -> bt_rounds {
    let shifts = zip(fields, zip(references(loop.first), references(loop.second))).compactMap {
      field, references in
      let step = distance(references.0, references.1)
      return step == 0
        ? nil
        : bt_shift(
          address: field.assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self),
          step: Int64(step))
    }
    func references(_ round: Range<Int>) -> [Reference] {
      round.flatMap { lowering.references(of: works[$0]) }
    }
    return bt_rounds(
      count: Int64(loop.rounds), shift_count: Int64(shifts.count), shifts: memory.allocate(shifts))
  }

  private func distance(_ first: Reference, _ second: Reference) -> Int {
    var distance = second.offset - first.offset
    if case .own(let a) = first.buffer, case .own(let b) = second.buffer {
      distance += offsets[b]! - offsets[a]!
    }
    return distance
  }
}
