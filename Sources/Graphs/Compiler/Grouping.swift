import BacktapeTensors

/// Elementwise lines, and the reductions between them, that one tile program computes.
///
/// All lines have one value for each element of a domain, or for each row of it.
struct Group {
  /// In an order that works.
  var members: [Int] = []
  /// Elements of the domain.
  let count: Int
  /// Elements of a row, once a member asks for rows.
  var columns: Int?
  /// The floating-point type, once a member has one.
  var dtype: DType?
  /// Where axes of the members' shapes begin and end: products of trailing extents.
  var boundaries: Set<Int>
  /// How many groups a value has to pass after this one, at most.
  var stage: Int
  /// Values as large as the domain that it reads, and how many such it writes.
  var reads: Set<Int> = []
  var writes = 0
}

/// The pass that gathers lines into groups, from the last line to the first.
///
/// A line joins the groups of all that use it, so that values meet as late as they can and what is
/// needed only once is never stored. Between two groups the stage falls with every use, which
/// keeps their order free of circles.
struct Grouping {
  let program: Program
  let locations: Locations
  /// The group of each line, or nil.
  private(set) var groupOf: [Int?]
  private(set) var groups: [Group?] = []
  private var stages: [Int]
  private let roles: [Role]
  /// Computing lines that use a value through looks at it.
  private(set) var uses: [[Use]]
  private let isWanted: [Bool]
  private let isEnabled: Bool

  /// Streams of memory a group may have before the processor's prefetching suffers.
  static let maximumStreams = 10
  /// A row of this many elements has room in the caches many times over.
  static let maximumColumns = 8192
  /// Lines of a group: more would gain nothing, and what is done for each group takes time by the
  /// square of them.
  static let maximumMembers = 256

  init(_ program: Program, _ locations: Locations, isEnabled: Bool = true) {
    self.program = program
    self.locations = locations
    self.isEnabled = isEnabled
    let count = program.lines.count
    groupOf = [Int?](repeating: nil, count: count)
    stages = [Int](repeating: 0, count: count)
    roles = program.lines.indices.map { program.role(of: $0) }
    uses = [[Use]](repeating: [], count: count)
    var wanted = [Bool](repeating: false, count: count)
    for line in program.outputs + program.updates.map(\.line) {
      wanted[locations.roots[line]] = true
    }
    isWanted = wanted
    for (index, line) in program.lines.enumerated() where !locations.isLook(index) {
      for operand in line.lines {
        uses[locations.roots[operand]].append(
          Use(line: index, relation: locations.relations[operand]))
      }
    }
    for index in program.lines.indices.reversed() where !locations.isLook(index) { join(index) }
    for group in groups.indices { groups[group]?.members.sort() }
    for number in groups.indices { moveRowsOut(of: number) }
  }

  func role(_ line: Int) -> Role { roles[line] }

  /// Whether a member's value is needed outside its group.
  func leaves(_ line: Int) -> Bool {
    isWanted[line] || uses[line].contains { groupOf[$0.line] != groupOf[line] }
  }

  /// Whether any of some lines, or of their groups, comes after a line: because it uses what
  /// follows from the line's group, or for a reason given in `edges`.
  func reaches(from line: Int, _ targets: [Int], _ edges: [Int: [Int]]) -> Bool {
    let goals = Set(targets.map(place))
    var seen: Set<Place> = [place(of: line)]
    var pending = Array(seen)
    while let next = pending.popLast() {
      for member in members(of: next) {
        for follower in uses[member].lazy.map(\.line) + (edges[member] ?? []) {
          let place = place(of: follower)
          if !seen.insert(place).inserted { continue }
          if goals.contains(place) { return true }
          pending.append(place)
        }
      }
    }
    return false
  }

  /// Where a line is computed.
  private enum Place: Hashable {
    case group(Int)
    case alone(Int)
  }

  private func place(of line: Int) -> Place { groupOf[line].map { .group($0) } ?? .alone(line) }

  private func members(of place: Place) -> [Int] {
    switch place {
    case .group(let number): groups[number]!.members
    case .alone(let line): [line]
    }
  }

  /// What a line has one value for, inside a group.
  enum Level { case element, row, total }

  func level(of line: Int, in group: Group) -> Level {
    switch roles[line] {
    case .reduceRows: .row
    case .sumRows, .sumAll: .total
    default: program.lines[line].shape.count == group.count ? .element : .row
    }
  }

  // MARK: joining

  /// A line that uses a value.
  struct Use {
    let line: Int
    let relation: Locations.Relation
  }

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

  private mutating func join(_ line: Int) {
    if program.lines[line].source != nil { return }
    let stage = uses[line].reduce(0) {
      Swift.max($0, stages[$1.line] + (fuses($1, line) ? 0 : 1))
    }
    if roles[line] == .none {
      stages[line] = uses[line].reduce(0) { Swift.max($0, stages[$1.line] + 1) }
      return
    }
    lift(uses[line], of: line, to: stage)
    let neighbours = Set(
      uses[line].compactMap { use in
        stages[use.line] == stage && fuses(use, line) ? groupOf[use.line] : nil
      })
    if isEnabled, let group = neighbours.min(), let merged = merged(line, neighbours) {
      for other in neighbours where other != group {
        for member in groups[other]!.members { groupOf[member] = group }
        groups[other] = nil
      }
      groups[group] = merged
      groupOf[line] = group
      stages[line] = stage
      return
    }
    let alone = neighbours.isEmpty ? stage : stage + 1
    stages[line] = alone
    groupOf[line] = groups.count
    groups.append(fresh(line, alone))
  }

  /// A reduction by itself goes to where its operand is made, be its result wanted later: the
  /// operand is not read from memory once more.
  private mutating func lift(_ uses: [Use], of line: Int, to stage: Int) {
    for use in uses where stages[use.line] < stage && fuses(use, line) && isReduction(use.line) {
      guard let number = groupOf[use.line], let group = groups[number], group.members.count == 1
      else { continue }
      groups[number]!.stage = stage
      stages[use.line] = stage
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
  private mutating func moveRowsOut(of number: Int) {
    guard let group = groups[number] else { return }
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
      rows.boundaries.formUnion(program.lines[member].shape.boundaries)
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
  private func merged(_ line: Int, _ neighbours: Set<Int>) -> Group? {
    let first = neighbours.min()!
    var result = groups[first]!
    if result.members.count >= Grouping.maximumMembers { return nil }
    for other in neighbours.sorted().dropFirst() {
      let group = groups[other]!
      if group.count != result.count { return nil }
      if result.members.count + group.members.count >= Grouping.maximumMembers { return nil }
      guard result.take(columns: group.columns), result.take(dtype: group.dtype) else { return nil }
      result.boundaries.formUnion(group.boundaries)
      result.members += group.members
      result.reads.formUnion(group.reads)
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
    result.boundaries.formUnion(shape.boundaries.map { $0 * scale })
    if let columns = result.columns { result.boundaries.insert(columns) }
    if !result.boundaries.divideEachOther { return nil }
    result.reads.remove(line)
    countStreams(
      of: line, &result,
      isUsedOutside: uses[line].contains { use in
        groupOf[use.line].map { !neighbours.contains($0) } ?? true
      })
    return result.reads.count + result.writes <= Grouping.maximumStreams ? result : nil
  }

  /// Whether the line has a value for each row (true) or each element; nil if its users differ.
  private func level(
    joining line: Int, _ neighbours: Set<Int>, _ group: inout Group
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

  // MARK: streams

  /// Adds the memory as large as the domain that a line brings with it to what its group reads and
  /// writes. Lines join from the last on: none of its operands is a member yet.
  private func countStreams(of line: Int, _ group: inout Group, isUsedOutside: Bool) {
    for operand in program.lines[line].lines {
      let root = locations.roots[operand]
      if program.lines[root].shape.count * 2 > group.count { group.reads.insert(root) }
    }
    if isWanted[line] || isUsedOutside, level(of: line, in: group) == .element {
      group.writes += 1
    }
  }
}

extension Shape {
  /// Where axes begin: the products of trailing extents, without 1.
  fileprivate var boundaries: Set<Int> {
    var boundaries = Set<Int>()
    var step = 1
    for extent in array.reversed() where extent != 1 {
      step *= extent
      boundaries.insert(step)
    }
    return boundaries
  }
}

extension Set<Int> {
  /// Whether the numbers are products of each other, so that axes can be cut at all of them.
  fileprivate var divideEachOther: Bool {
    let sorted = self.sorted()
    return zip(sorted, sorted.dropFirst()).allSatisfy { $1 % $0 == 0 }
  }
}

extension Group {
  /// Agrees on the elements of a row.
  fileprivate mutating func take(columns other: Int?) -> Bool {
    guard let other else { return true }
    if columns == nil && count % other == 0 { columns = other }
    return columns == other
  }

  fileprivate mutating func take(dtype other: DType?) -> Bool {
    guard let other else { return true }
    if dtype == nil { dtype = other }
    return dtype == other
  }
}

extension Program {
  /// The floating-point type among a line's operands and result.
  fileprivate func floatType(of line: Int) -> DType? {
    if lines[line].dtype.isFloatingPoint { return lines[line].dtype }
    return lines[line].lines.lazy.map { self.lines[$0].dtype }.first(where: \.isFloatingPoint)
  }
}
