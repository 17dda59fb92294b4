import BacktapeKernels

/// The instructions of a plan one by one, each a phase with all rounds of the loop it is in.
struct SinglePhases {
  private let memory = PlanMemory(Sources())
  private let instructions: UnsafePointer<bt_instruction>
  private let phases: UnsafePointer<bt_phase>

  init(_ plan: Plan, _ listing: [Plan.Listed]) {
    var instructions: [bt_instruction] = []
    var phases: [bt_phase] = []
    var (next, inLoop, number) = (0, 0, 0)
    for (index, listed) in listing.enumerated() {
      number = listed.phase ?? number
      var instruction = plan.instructions[next]
      var phase = bt_phase()
      phase.first = Int64(index)
      phase.count = 1
      phase.chunks = Int64(listed.chunks)
      if let loop = listed.loop, listed.isLoopOfChunks {
        inLoop = listed.beginsLoop ? 0 : inLoop + 1
        let parts = UnsafeBufferPointer(
          start: instruction.body.assumingMemoryBound(to: bt_loop.self), count: listed.chunks)
        instruction.body = UnsafeRawPointer(memory.allocate(parts.map { $0.only(inLoop) }))
        if inLoop == loop.period - 1 { next += 1 }
      } else {
        next += 1
        if listed.loop != nil {
          let last = (number...).first { plan.phases[$0].looped > 0 }!
          phase.looped = 1
          phase.rounds = plan.phases[last].rounds
        }
      }
      instructions.append(instruction)
      phases.append(phase)
    }
    self.instructions = UnsafePointer(memory.allocate(instructions))
    self.phases = UnsafePointer(memory.allocate(phases))
  }

  func run(_ index: Int) { bt_run_phases(instructions, phases + index, 1) }
}

extension bt_loop {
  /// The same with one of its instructions.
  fileprivate func only(_ index: Int) -> bt_loop {
    var loop = self
    loop.instructions += index
    loop.count = 1
    return loop
  }
}
