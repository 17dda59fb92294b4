import BacktapeKernels

extension Plan {
  /// An instruction as listings show it.
  struct Listed {
    let work: Work
    /// The phase that begins with it.
    let phase: Int?
    /// In how many parts it is shared out.
    let chunks: Int
    /// The loop it is in, whether that begins with it, and whether chunks go through it by themselves.
    let loop: Loop?
    let beginsLoop: Bool
    let isLoopOfChunks: Bool

    var rounds: Int { loop?.rounds ?? 1 }
  }

  /// All instructions, those in loops once.
  var listing: [Listed] {
    var listing: [Listed] = []
    var number = 0
    for phase in joined {
      let start = phase.works.lowerBound
      let around = loops.ofPhases.first { $0.works.contains(start) }
      if let around, start >= around.first.upperBound { continue }
      for index in phase.works {
        let inside = loops.inPhases.first { $0.works.contains(index) }
        if let inside, index >= inside.first.upperBound { continue }
        let loop = inside ?? around
        listing.append(
          Listed(
            work: works[index], phase: index == start ? number : nil,
            chunks: Int(phases[number].chunks), loop: loop,
            beginsLoop: loop?.works.lowerBound == index, isLoopOfChunks: inside != nil))
      }
      number += 1
    }
    return listing
  }
}
