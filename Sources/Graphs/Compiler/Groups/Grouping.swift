import BacktapeTensors

/// The pass that gathers lines into groups, from the last line to the first.
///
/// A line joins the groups of all that use it, so that values meet as late as they can and what is
/// needed only once is never stored. Between two groups the stage falls with every use, which
/// keeps their order free of circles.
struct Grouping {
  let program: Program
  let locations: Locations
  /// The group of each line, or nil.
  var groupOf: [Int?]
  var groups: [Group?] = []
  /// Where each line stands among the members of its group.
  private(set) var positions: [Int]
  var stages: [Int]
  let roles: [Role]
  /// Computing lines that use a value through looks at it.
  private(set) var uses: [[Use]]
  let isWanted: [Bool]
  let isEnabled: Bool

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
    positions = stages
    roles = program.lines.indices.map { program.role(of: $0) }
    uses = [[Use]](repeating: [], count: count)
    var wanted = [Bool](repeating: false, count: count)
    for line in program.outputs + program.updates.map(\.line) {
      wanted[locations.roots[line]] = true
    }
    isWanted = wanted
    for index in program.lines.indices where !locations.isLook(index) {
      program.forEachOperand(of: index) { operand in
        uses[locations.roots[operand]].append(
          Use(line: index, relation: locations.relations[operand]))
      }
    }
    for index in program.lines.indices.reversed() where !locations.isLook(index) { join(index) }
    for number in groups.indices {
      groups[number]?.members.sort()
      moveRowsOut(of: number)
    }
    for group in groups {
      for (position, member) in (group?.members ?? []).enumerated() {
        positions[member] = position
      }
    }
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
    var seen: Set = [place(of: line)]
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

  /// Where a line is computed: the number of its group; below 0 if it is in none.
  private func place(of line: Int) -> Int { groupOf[line] ?? ~line }

  private func members(of place: Int) -> [Int] { place < 0 ? [~place] : groups[place]!.members }

  /// What a line has one value for, inside a group.
  enum Level { case element, row, total }

  func level(of line: Int, in group: Group) -> Level {
    switch roles[line] {
    case .reduceRows: .row
    case .sumRows, .sumAll: .total
    default: program.lines[line].shape.count == group.count ? .element : .row
    }
  }

  /// A line that uses a value.
  struct Use {
    let line: Int
    let relation: Locations.Relation
  }
}

extension Grouping: CustomStringConvertible {
  /// One line of text for each group: its elements, rows if they matter, and members; then what is
  /// in none.
  var description: String {
    var text: [String] = []
    for (number, group) in groups.enumerated() {
      guard let group else { continue }
      let rows = group.columns.map { " in rows of \($0)" } ?? ""
      text.append(
        "group \(number), stage \(group.stage), \(group.count)\(rows): \(names(group.members))")
    }
    let alone = program.lines.indices.filter {
      groupOf[$0] == nil && program.lines[$0].source == nil && !locations.isLook($0)
    }
    if !alone.isEmpty { text.append("alone: \(names(alone))") }
    return text.joined(separator: "\n")
  }

  private func names(_ lines: [Int]) -> String {
    lines.map { "%\($0) \(program.lines[$0].operation)" }.joined(separator: ", ")
  }
}
