/// Works that threads go through without meeting.
struct Phase {
  /// Of the schedule.
  var works: Range<Int>
  /// How a chain is shared out; nil for works that go as they would alone.
  var chain: Chain?
}

/// How the works of a phase are shared out: chunk i of one touches, of what others write, what
/// their chunk i writes and nothing else.
struct Chain {
  /// In how many equal parts.
  let chunks: Int
  /// The axis of each work that is cut.
  var axes: [Int] = []
  /// How the chunks share each buffer that is written.
  var slabs: [Lowering.Buffer: Int] = [:]
}

/// The pass that joins works into phases: a barrier stands only where a chunk needs what another
/// has written.
///
/// How many chunks there are follows from shapes alone, and every element is computed as it would
/// be otherwise: results have the same bits with and without.
struct Chains {
  /// What is joined.
  enum Extent {
    case none
    /// What is faster so.
    case worthwhile
    /// All that can be, for tests.
    case possible
  }

  private let footprints: [Footprint]
  private let extent: Extent

  /// The phases of works in the order of a schedule.
  static func phases(
    _ works: [Work], _ lowering: Lowering, _ extent: Extent = .worthwhile
  ) -> [Phase] {
    if extent == .none { return works.indices.map { Phase(works: $0..<$0 + 1) } }
    let chains = Chains(footprints: works.map { lowering.footprint(of: $0) }, extent: extent)
    var phases: [Phase] = []
    var next = 0
    while next < works.count {
      phases.append(chains.phase(from: next))
      next = phases.last!.works.upperBound
    }
    return phases
  }

  /// The longest phase from a work on.
  private func phase(from first: Int) -> Phase {
    // What is not shared out goes on one thread, whatever it touches.
    var single = first
    while extent == .worthwhile, single < footprints.count, footprints[single].chunks == 1 {
      single += 1
    }
    var best = Phase(works: first..<Swift.max(single, first + 1))
    if single == footprints.count && mostChunks(first..<single) < 2 { return best }
    for chunks in Chains.candidates {
      let chain = chain(from: first, chunks)
      let end = first + chain.axes.count
      let isLonger = best.chain == nil && end == single ? end > first : end > best.works.upperBound
      if isLonger, end > first + 1, chunks <= mostChunks(first..<end) {
        best = Phase(works: first..<end, chain: chain)
      }
    }
    return best
  }

  // MARK: how many chunks

  /// What is tried, the most first.
  private static let candidates = [16, 12, 10, 8, 6, 5, 4, 3, 2]
  /// Less is not worth a chunk, and less on average not worth an instruction of one.
  private static let chunkNanoseconds = 8000.0
  private static let instructionNanoseconds = 500.0
  /// What goes on one thread work by work has to take so long to go on several together.
  private static let chainNanoseconds = 32000.0
  /// More in a chain would save nothing, and each start of one looks at all that follows.
  private static let maximumWorks = 1024

  /// In how many parts works are worth to be shared out.
  private func mostChunks(_ works: Range<Int>) -> Int {
    if extent == .possible { return .max }
    let all = footprints[works].reduce(0) { $0 + $1.nanoseconds }
    let isShared = footprints[works].contains { $0.chunks > 1 }
    if !isShared && all < Chains.chainNanoseconds { return 1 }
    return Int(
      Swift.min(
        all / Chains.chunkNanoseconds,
        all / Double(works.count) / Chains.instructionNanoseconds))
  }

  // MARK: what goes together

  /// As many works as can go in so many chunks.
  private func chain(from first: Int, _ chunks: Int) -> Chain {
    var chain = Chain(chunks: chunks)
    var uses: [Lowering.Buffer: Use] = [:]
    for footprint in footprints[first...].prefix(Chains.maximumWorks) {
      guard let axis = footprint.axes.first(where: { fits(footprint, $0, chunks, &uses) }) else {
        break
      }
      chain.axes.append(axis)
    }
    for (buffer, use) in uses where use.isWritten { chain.slabs[buffer] = use.slab }
    return chain
  }

  /// How the works of a chain touch a buffer.
  private struct Use {
    var isWritten: Bool
    /// How chunks share it; nil if they don't.
    var slab: Int?
  }

  /// Whether a work can go on cut along an axis; then it is noted what it touches.
  private func fits(
    _ footprint: Footprint, _ axis: Int, _ chunks: Int, _ uses: inout [Lowering.Buffer: Use]
  ) -> Bool {
    guard footprint.divides(along: axis, into: chunks) else { return false }
    let isWorth = chunks <= footprint.mostChunks && 2 * chunks >= Swift.min(footprint.chunks, 16)
    if !isWorth && extent == .worthwhile { return false }
    var new: [(Lowering.Buffer, Use)] = []
    for touch in footprint.touches {
      let slab = footprint.slab(touch, along: axis, chunks: chunks)
      var use = Use(isWritten: touch.isWritten, slab: slab)
      let known = new.last { $0.0 == touch.buffer }?.1 ?? uses[touch.buffer]
      if let known {
        use.isWritten = use.isWritten || known.isWritten
        if known.slab != slab { use.slab = nil }
      }
      if use.isWritten && use.slab == nil { return false }
      new.append((touch.buffer, use))
    }
    for (buffer, use) in new { uses[buffer] = use }
    return true
  }
}
