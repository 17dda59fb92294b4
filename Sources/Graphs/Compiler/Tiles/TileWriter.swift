import BacktapeKernels
import BacktapeTensors

/// Writes a group down as a tile program: passes over rows, in them steps of an accumulator.
struct TileWriter {
  private let grouping: Grouping
  private let number: Int
  private let group: Group
  private var domain: Domain
  /// Operands outside the group that must be copied first, since their strides do not fit.
  private(set) var misfits: [Int] = []
  /// Whether there is such a program at all.
  private(set) var isPossible = true

  /// Accesses to memory: of operands by the line read, of results by the member's position.
  private var reads: [Int: Int] = [:]
  private var writes: [Int?]
  private var accesses: [Access] = []

  /// - Parameters:
  ///   - redirected: operands that have been copied, with the line whose buffer holds the copy.
  init(_ number: Int, _ grouping: Grouping, redirected: [Int: Int]) {
    self.grouping = grouping
    self.number = number
    group = grouping.groups[number]!
    writes = group.members.map { _ in nil }
    var hasRows = false
    var sumsRows = false
    for member in group.members {
      if grouping.level(of: member, in: group) == .row { hasRows = true }
      if case .sumRows = grouping.role(member) { sumsRows = true }
    }
    domain = Domain(group, hasRows: hasRows, sumsRows: sumsRows)
    collect(redirected)
  }

  private var program: Program { grouping.program }
  private var locations: Locations { grouping.locations }

  private func level(_ line: Int) -> Grouping.Level { grouping.level(of: line, in: group) }

  /// Whether a member's operand has a value for each row only.
  private func isRowOperand(_ operand: Int, of member: Int) -> Bool {
    if case .elementwise = grouping.role(member) { level(member) == .row } else { false }
  }

  // MARK: memory

  /// Accesses to all memory the group touches.
  private mutating func collect(_ redirected: [Int: Int]) {
    for (position, member) in group.members.enumerated() {
      for operand in program.lines[member].lines
      where grouping.groupOf[locations.roots[operand]] != number && reads[operand] == nil {
        let isRow = isRowOperand(operand, of: member)
        let layout =
          redirected[operand] == nil
          ? locations.layouts[operand] : Layout(contiguous: program.lines[operand].shape)
        let strides = isRow ? domain.rowStrides(of: layout) : domain.strides(of: layout)
        guard let strides else {
          misfits.append(operand)
          continue
        }
        reads[operand] = accesses.count
        accesses.append(
          Access(
            buffer: redirected[operand] ?? locations.owners[operand], offset: layout.offset,
            strides: strides, dtype: program.lines[operand].dtype, isRow: isRow))
      }
      guard grouping.leaves(member), level(member) != .total else { continue }
      let layout = locations.layouts[member]
      let isRow = level(member) == .row
      let strides = isRow ? domain.rowStrides(of: layout) : domain.strides(of: layout)
      writes[position] = accesses.count
      accesses.append(
        Access(
          buffer: locations.owners[member], offset: layout.offset, strides: strides!,
          dtype: program.lines[member].dtype, isRow: isRow))
    }
    domain.merge(&accesses)
    misfits += reads.filter { !domain.fits(accesses[$0.value]) }.keys.sorted()
    isPossible =
      writes.allSatisfy { $0.map { domain.fits(accesses[$0]) } ?? true }
      && (!misfits.isEmpty || domain.extents.count - 1 <= Int(BT_PROGRAM_AXES))
  }

  /// The program: where every operand lies, and the steps.
  ///
  /// - Parameter updated: members whose result overwrites a variable, with the line that reads it.
  func written(updating updated: [Int: Int]) -> TileProgram {
    var (domain, accesses) = (domain, accesses)
    let period = domain.flatten(&accesses)
    var result = TileProgram(dtype: group.dtype ?? .float32, extents: domain.extents)
    for access in accesses {
      let moves = access.strides.last! != 0 || domain.extents.last == 1 && !access.isRow
      let place: TileProgram.Place =
        if let period = access.period { .periodic(access, period: period) } else if moves {
          .stream(access)
        } else { .rowElement(access) }
      result.operands.append(TileProgram.Operand(place: place, dtype: access.dtype))
    }
    var writer = StepWriter(
      grouping, number, reads: reads, writes: writes, period: period, updated: updated)
    writer.write(into: &result)
    return result
  }
}
