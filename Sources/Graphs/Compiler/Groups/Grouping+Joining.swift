import BacktapeTensors

// How lines come together, from the last to the first.

extension Grouping {
  /// Whether a value could be computed in the group that uses it. A number for all elements is
  /// not: it would be computed anew for each of them, and tie together groups that have it alone
  /// in common.
  private func fuses(_ use: Use, _ line: Int) -> Bool {
    if use.relation == .other || roles[use.line] == .none { return false }
    switch roles[line] {
    case .none, .sumRows, .sumAll: return false
    default: return use.relation == .same || program.lines[line].shape.count > 1
    }
  }

  mutating func join(_ line: Int) {
    if program.lines[line].source != nil { return }
    let stage = uses[line].reduce(0) {
      Swift.max($0, stages[$1.line] + (fuses($1, line) ? 0 : 1))
    }
    if roles[line] == .none {
      stages[line] = uses[line].reduce(0) { Swift.max($0, stages[$1.line] + 1) }
      return
    }
    lift(uses[line], of: line, to: stage)
    var neighbours: SmallSet = []
    for use in uses[line] where stages[use.line] == stage && fuses(use, line) {
      if let group = groupOf[use.line] { neighbours.insert(group) }
      // More than can be one group.
      if neighbours.count == Grouping.maximumMembers { break }
    }
    if isEnabled, let group = neighbours.sorted.first, let merged = merged(line, neighbours) {
      for other in neighbours.sorted.dropFirst() {
        for member in groups[other]!.members { groupOf[member] = group }
        groups[other] = nil
      }
      groups[group] = merged
      groupOf[line] = group
      stages[line] = stage
      return
    }
    let alone = neighbours.count == 0 ? stage : stage + 1
    stages[line] = alone
    groupOf[line] = groups.count
    groups.append(fresh(line, alone))
  }

  /// Reductions, with what leads to nothing else, go to where their operand is made, be their
  /// results wanted later: the operand is not read from memory once more.
  private mutating func lift(_ uses: [Use], of line: Int, to stage: Int) {
    for use in uses where stages[use.line] < stage && fuses(use, line) {
      guard let number = groupOf[use.line], let group = groups[number],
        group.members.allSatisfy({ isLiftable($0, number, line) })
      else { continue }
      groups[number]!.stage = stage
      for member in group.members { stages[member] = stage }
    }
  }

  /// Whether nothing but a group uses a member, be it no reduction, and everything the member uses
  /// comes with a line or still has to join.
  private func isLiftable(_ member: Int, _ group: Int, _ line: Int) -> Bool {
    (isReduction(member)
      || !isWanted[member] && uses[member].allSatisfy { groupOf[$0.line] == group })
      && program.lines[member].lines.allSatisfy {
        let root = locations.roots[$0]
        return root <= line || groupOf[root] == group || program.lines[root].source != nil
      }
  }

  private func isReduction(_ line: Int) -> Bool {
    switch roles[line] {
    case .reduceRows, .sumRows, .sumAll: true
    case .elementwise, .none: false
    }
  }

  /// Values of rows that follow from no reduction of their group are computed by themselves: many
  /// at a time, not one for each row that the group walks.
  mutating func moveRowsOut(of number: Int) {
    guard let group = groups[number], group.columns != nil else { return }
    var following = Set<Int>()
    var outside: [Int] = []
    for member in group.members {
      let operands = program.lines[member].lines.map { locations.roots[$0] }
      if isReduction(member) || operands.contains(where: following.contains) {
        following.insert(member)
      } else if level(of: member, in: group) == .row {
        outside.append(member)
      }
    }
    guard let first = outside.first, outside.count < group.members.count else { return }
    groups[number]!.members.removeAll { outside.contains($0) }
    for member in outside { groupOf[member] = groups.count }
    var rows = fresh(first, group.stage)
    rows.members = outside
    for member in outside {
      rows.dtype = rows.dtype ?? program.floatType(of: member)
      rows.boundaries.insert(program.lines[member].shape.boundaries.sorted)
    }
    groups.append(rows)
  }

  /// A group of one.
  private func fresh(_ line: Int, _ stage: Int) -> Group {
    var shape = program.lines[line].shape
    var columns: Int?
    switch roles[line] {
    case .reduceRows(let row):
      columns = row
      shape = operandShape(line)
    case .sumRows(let row):
      columns = row
      shape = operandShape(line)
    case .sumAll: shape = operandShape(line)
    default: break
    }
    var group = Group(
      members: [line], count: shape.count, columns: columns, dtype: program.floatType(of: line),
      boundaries: shape.boundaries, stage: stage)
    countStreams(of: line, &group, isUsedOutside: !uses[line].isEmpty)
    return group
  }

  private func operandShape(_ line: Int) -> Shape {
    program.lines[line].lines.first { _ in true }.map { program.lines[$0].shape } ?? .scalar
  }

  /// The groups of a line's users and the line as one group, or nil if they are not of a kind.
  private func merged(_ line: Int, _ neighbours: SmallSet) -> Group? {
    var result = groups[neighbours.sorted[0]]!
    if result.members.count >= Grouping.maximumMembers { return nil }
    for other in neighbours.sorted.dropFirst() {
      let group = groups[other]!
      if group.count != result.count { return nil }
      if result.members.count + group.members.count >= Grouping.maximumMembers { return nil }
      guard result.take(columns: group.columns), result.take(dtype: group.dtype) else { return nil }
      result.boundaries.insert(group.boundaries.sorted)
      result.members += group.members
      result.reads.insert(group.reads.sorted)
      result.writes += group.writes
    }
    result.members.append(line)
    guard result.take(dtype: program.floatType(of: line)) else { return nil }
    guard let rows = level(joining: line, neighbours, &result) else { return nil }
    var shape = program.lines[line].shape
    switch roles[line] {
    case .reduceRows(let row):
      if !rows || !result.take(columns: row) || result.count != operandShape(line).count {
        return nil
      }
      shape = operandShape(line)
    case .sumRows, .sumAll: return nil
    default: break
    }
    let scale = shape.count == result.count ? 1 : result.columns ?? 1
    result.boundaries.insert(shape.boundaries.sorted.lazy.map { $0 * scale })
    if let columns = result.columns { result.boundaries.insert(columns) }
    if !result.boundaries.divideEachOther { return nil }
    result.reads.remove(line)
    countStreams(
      of: line, &result,
      isUsedOutside: uses[line].contains { use in
        groupOf[use.line].map { !neighbours.contains($0) } ?? true
      })
    if result.reads.count + result.writes <= Grouping.maximumStreams { return result }
    var sources: SmallSet = []
    for line in result.reads.sorted { addSources(of: line, &sources, depth: 4) }
    return sources.count + result.writes <= Grouping.maximumStreams ? result : nil
  }

  /// What is read for a value that will be computed in the group of its only use: several such may
  /// come from the same memory, as slices of one value do.
  private func addSources(of line: Int, _ sources: inout SmallSet, depth: Int) {
    guard depth > 0, !isWanted[line], uses[line].count == 1, fuses(uses[line][0], line),
      roles[line] == .elementwise
    else {
      sources.insert(line)
      return
    }
    for operand in program.lines[line].lines {
      let root = locations.roots[operand]
      if program.lines[root].shape.count * 2 > program.lines[line].shape.count {
        addSources(of: root, &sources, depth: depth - 1)
      }
    }
  }

  /// Whether the line has a value for each row (true) or each element; nil if its users differ.
  private func level(
    joining line: Int, _ neighbours: SmallSet, _ group: inout Group
  ) -> Bool? {
    let count = program.lines[line].shape.count
    var answer: Bool?
    for use in uses[line] {
      guard let number = groupOf[use.line], neighbours.contains(number) else { continue }
      let user = use.line
      let isRowUser =
        if case .elementwise = roles[user] { level(of: user, in: group) == .row } else { false }
      let isRow: Bool
      switch use.relation {
      case .same: isRow = isRowUser
      case .repeated(let times):
        // Rows go through the program again after their reduction: they have to fit caches.
        if isRowUser || times > Grouping.maximumColumns || !group.take(columns: times) {
          return nil
        }
        isRow = true
      case .other: return nil
      }
      if let answer, answer != isRow { return nil }
      answer = isRow
    }
    guard let answer else { return nil }
    let expected = answer ? group.count / (group.columns ?? 1) : group.count
    return count == expected ? answer : nil
  }

  /// Adds the memory as large as the domain that a line brings with it to what its group reads and
  /// writes. Lines join from the last on: none of its operands is a member yet.
  private func countStreams(of line: Int, _ group: inout Group, isUsedOutside: Bool) {
    program.forEachOperand(of: line) { operand in
      let root = locations.roots[operand]
      if program.lines[root].shape.count * 2 > group.count { group.reads.insert(root) }
    }
    if isWanted[line] || isUsedOutside, level(of: line, in: group) == .element {
      group.writes += 1
    }
  }
}
