import Foundation

/// Measures a workload: everybody takes turns, so that all meet the same moods of the machine.
struct Turns {
  let workload: any Workload
  let threads: Int
  let options: Options
  let log: Log
  /// Who cannot be measured at all, with the reason.
  var missing: [String: String] = [:]

  /// All figures of this number of threads.
  mutating func outcomes() -> [Outcome] {
    let figures = workload.figures.filter { $0.threads.contains(threads) }
    var participants: [Participant] = []
    defer { for participant in participants { participant.stop() } }
    let names = Set(figures.filter { !$0.isFresh }.flatMap(\.rivals))
    for contestant in contestants(names) where figures.contains(where: { !$0.isFresh }) {
      do {
        participants.append(try Participant(contestant, threads: threads))
      } catch {
        missing[contestant.name] = "\(error)"
      }
    }
    let phase = threads == 2 ? Phase.now : nil
    var outcomes = figures.map { figure in
      log.line("\(workload.name) \(figure.id), \(threads) thread\(threads == 1 ? "" : "s")")
      return figure.isFresh ? freshOutcome(figure) : outcome(figure, participants)
    }
    let phases = [phase, threads == 2 ? Phase.now : nil].compactMap(\.self)
    for i in outcomes.indices { outcomes[i].phases = phases }
    return outcomes
  }

  /// A figure for which every repetition has a process of its own.
  private mutating func freshOutcome(_ figure: Figure) -> Outcome {
    var costs: [(contestant: Contestant, costs: [Double])] = contestants(Set(figure.rivals)).map {
      ($0, [])
    }
    var load = Load()
    for _ in 0..<(options.repetitions ?? figure.repetitions) {
      for i in costs.indices {
        let contestant = costs[i].contestant
        do {
          let participant = try Participant(contestant, threads: threads)
          defer { participant.stop() }
          try participant.prepare(id(figure, contestant))
          FreeMemory.touch()
          costs[i].costs.append(try load.during(participant) { try $0.run(seconds: 0) })
        } catch Participant.Failure.absent(let reason) {
          if !reason.isEmpty { missing[contestant.name] = reason }
        } catch {
          failed(contestant, figure, error)
        }
      }
    }
    let measurements = costs.filter { !$0.costs.isEmpty }.map {
      Measurement(name: $0.contestant.name, isOurs: $0.contestant.isOurs, runs: [$0.costs])
    }
    return outcome(figure, measurements, load)
  }

  /// A figure of processes that stay.
  private mutating func outcome(_ figure: Figure, _ participants: [Participant]) -> Outcome {
    var ready: [Participant] = []
    for participant in participants {
      let contestant = participant.contestant
      if !contestant.isOurs && !figure.rivals.contains(contestant.name) { continue }
      do {
        try participant.prepare(id(figure, contestant))
        ready.append(participant)
      } catch .absent(let reason) {
        if !reason.isEmpty { missing[contestant.name] = reason }
      } catch {
        failed(contestant, figure, error)
      }
    }
    let repetitions = options.repetitions ?? figure.repetitions
    var costs = ready.map { _ in [[Double]](repeating: [], count: figure.runs) }
    var load = Load()
    for turn in 0..<figure.runs * repetitions {
      for i in ready.indices {
        // Everybody is first, second, ... equally often.
        let place = (i + turn) % ready.count
        if costs[place].isEmpty { continue }
        do {
          let cost = try load.during(ready[place]) { try $0.run(seconds: figure.seconds) }
          costs[place][turn / repetitions].append(cost)
        } catch {
          costs[place] = []
          failed(ready[place].contestant, figure, error)
        }
      }
    }
    let measurements = zip(ready, costs).filter { !$1.isEmpty }.map {
      Measurement(name: $0.contestant.name, isOurs: $0.contestant.isOurs, runs: $1)
    }
    return outcome(figure, measurements, load)
  }

  private func outcome(_ figure: Figure, _ all: [Measurement], _ load: Load) -> Outcome {
    var fastest: [Measurement] = []
    for one in all {
      // Several builds of one anchor: the fastest counts.
      guard let place = fastest.firstIndex(where: { $0.name == one.name }) else {
        fastest.append(one)
        continue
      }
      if one.best < fastest[place].best { fastest[place] = one }
    }
    return Outcome(
      workload: workload, figure: figure, threads: threads, measurements: fastest,
      others: load.others)
  }

  private func id(_ figure: Figure, _ contestant: Contestant) -> String {
    contestant.isOurs ? figure.id : figure.rivalID ?? figure.id
  }

  private func failed(_ contestant: Contestant, _ figure: Figure, _ error: any Error) {
    log.line("  \(contestant.name) failed in \(workload.name) \(figure.id): \(error)")
    log.failures.append("\(contestant.name), \(workload.name) \(figure.id): \(error)")
  }

  /// Ours, then the named anchors and peers as far as they are there.
  private mutating func contestants(_ names: Set<String>) -> [Contestant] {
    var contestants: [Contestant] = []
    func add(_ name: String, _ made: () throws -> [Contestant]) {
      do {
        contestants += try made()
      } catch {
        missing[name] = "\(error)"
      }
    }
    add(Contestant.oursName) { [try workload.ours].compactMap(\.self) }
    for anchor in workload.anchors where names.contains(anchor.name) {
      add(anchor.name) { try anchor.contestants() }
    }
    if options.withoutPeers { return contestants }
    for name in names.subtracting(workload.anchors.map(\.name)).sorted() {
      add(name) {
        guard let python = options.python else {
          throw WrongResult(description: "no Python for it; run Tests/Benchmarks/install-peers")
        }
        return [try workload.peer(name, python: python, threads: threads)]
      }
    }
    return contestants
  }
}

/// How much of the machine others used during the turns.
private struct Load {
  private var foreign = 0.0
  private var elapsed = 0.0
  private var isKnown = true

  var others: Double? { isKnown && elapsed > 0 ? foreign / elapsed : nil }

  mutating func during<Failure: Error>(
    _ participant: Participant, _ turn: (Participant) throws(Failure) -> Double
  ) throws(Failure) -> Double {
    let clock = ContinuousClock()
    let (start, busy, used) = (clock.now, ProcessorTime.busy, participant.processorTime)
    let cost = try turn(participant)
    elapsed += (clock.now - start).seconds
    if let busy, let used, let busyNow = ProcessorTime.busy,
      let usedNow = participant.processorTime
    {
      foreign += max(0, busyNow - busy - (usedNow - used))
    } else {
      isKnown = false
    }
    return cost
  }
}
