import BacktapeTensors

extension Program {
  /// What a few operations make of a value that is in memory anyway is made again where it is used
  /// behind a product: it is neither written nor kept until then, and who uses it does the few
  /// operations once more.
  ///
  /// Values keep their bits; sums over them may be shared out in other parts.
  func recomputingCheapValues() -> Program {
    let recomputation = Recomputation(self)
    var copies: [Recomputation.Copy: Int] = [:]
    return Rewriting.of(self, where: recomputation.concerns) { rewriting, index, line in
      for (i, operand) in lines[index].operands.enumerated() {
        guard case .line(let value) = operand,
          let source = recomputation.source(of: value, for: index)
        else { continue }
        line.operands[i] = .line(
          recomputation.copy(value, from: source, for: index, &rewriting, &copies))
      }
      return rewriting.append(line)
    }
  }
}

/// How long values are in memory, and which of them need not be.
private struct Recomputation {
  /// A value, or what is seen of it, computed again for the lines of one depth.
  struct Copy: Hashable {
    let value: Int
    let looks: [Int]
    let depth: Int
  }

  /// What may be done again for one value, in operations.
  private static let mostOperations = 8
  /// Values of fewer elements are no burden.
  private static let smallest = 1024

  private let program: Program
  private let roles: [Role]
  /// How many lines that no tile program computes come before a line, one after the other, or
  /// before the first that uses it, since lines are computed where they are used: those of one depth
  /// are computed about the same time.
  private var depths: [Int]
  /// The last depth that uses a value, the last that needs it in memory, and the last that does so
  /// for more than operations on looks at it.
  private var last: [Int] = []
  private var lastInMemory: [Int] = []
  private var lastWhole: [Int] = []
  /// What a value is a look at.
  private var bases: [Int]
  /// By the comparison of a value with 0: the line that puts 0 where the value is below.
  private var rectified: [Int: Int] = [:]

  init(_ program: Program) {
    let lines = program.lines
    self.program = program
    roles = lines.indices.map { program.role(of: $0) }
    depths = [Int](repeating: 0, count: lines.count)
    bases = Array(lines.indices)
    let needed = program.needed()
    let isView = lines.indices.map { lines[$0].isView }
    var ends = needed
    for index in lines.indices where needed[index] {
      ends[index] = lines[index].endsTileProgram(roles[index])
      program.forEachOperand(of: index) { depths[index] = Swift.max(depths[index], depths[$0]) }
      if ends[index] { depths[index] += 1 }
      if isView[index], case .line(let operand) = lines[index].operands[0] {
        bases[index] = bases[operand]
      }
      if let comparison = program.rectification(index) { rectified[comparison] = index }
    }
    var firstUse = [Int](repeating: .max, count: lines.count)
    for line in program.outputs + program.updates.map(\.line) { firstUse[line] = depths[line] }
    for index in lines.indices.reversed() where needed[index] {
      if !ends[index] && lines[index].source == nil { depths[index] = firstUse[index] }
      let depth = depths[index] - (ends[index] ? 1 : 0)
      program.forEachOperand(of: index) { firstUse[$0] = Swift.min(firstUse[$0], depth) }
    }
    last = lines.indices.map { lines[$0].source == nil ? 0 : .max }
    for line in program.outputs + program.updates.map(\.line) { last[line] = .max }
    lastInMemory = last
    lastWhole = last
    for index in lines.indices.reversed() where needed[index] {
      // A look at a value is as good as the value.
      let end = isView[index] ? last[index] : depths[index]
      let whole = isView[index] ? lastWhole[index] : end
      let isElementwise = roles[index] == .elementwise
      program.forEachOperand(of: index) { operand in
        last[operand] = Swift.max(last[operand], end)
        if isElementwise { return }
        lastInMemory[operand] = Swift.max(lastInMemory[operand], end)
        lastWhole[operand] = Swift.max(lastWhole[operand], whole)
      }
    }
  }

  // MARK: what is recomputed

  /// Whether any operand of a line is to be computed again.
  func concerns(_ user: Int) -> Bool {
    roles[user] == .elementwise
      && program.lines[user].lines.contains { source(of: $0, for: user) != nil }
  }

  /// The value in memory from which an operand of a line, or what it is a look at, is to be computed
  /// again; nil if it is kept.
  func source(of operand: Int, for user: Int) -> Int? {
    let depth = depths[user]
    let value = bases[operand]
    guard depths[value] < depth, lastWhole[value] < depth, roles[user] == .elementwise,
      program.lines[value].shape.count >= Recomputation.smallest,
      case var again = Again(), let source = origin(of: value, at: depth, &again), source != value
    else { return nil }
    return source
  }

  /// What is done again for one value.
  private struct Again {
    var operations = 0
    /// Values computed again, and what each follows from.
    var values: [Int] = []
    var origins: [Int] = []
    /// Those that cannot be, or would take too much.
    var refused: SmallSet = []
  }

  /// The large value in memory at a depth from which another follows by cheap operations: the other
  /// itself if it is there.
  private func origin(of value: Int, at depth: Int, _ again: inout Again) -> Int? {
    if let result = rectified[value], lastInMemory[result] >= depth { return result }
    if let known = again.values.firstIndex(of: value) { return again.origins[known] }
    if lastInMemory[value] < depth, !again.refused.contains(value) {
      var attempt = again
      if let origin = commonOrigin(of: value, at: depth, &attempt) {
        again = attempt
        again.values.append(value)
        again.origins.append(origin)
        return origin
      }
      again.refused = attempt.refused
      again.refused.insert(value)
    }
    return last[value] >= depth ? value : nil
  }

  private func commonOrigin(of value: Int, at depth: Int, _ again: inout Again) -> Int? {
    guard roles[value] == .elementwise, let operations = program.lines[value].primitive!.operations
    else { return nil }
    again.operations += operations
    if again.operations > Recomputation.mostOperations { return nil }
    var common: Int?
    for operand in program.lines[value].lines {
      // It may be overwritten before.
      if case .variable = program.lines[bases[operand]].source { return nil }
      if isSmall(operand, beside: value) { continue }
      guard let origin = origin(of: operand, at: depth, &again), common ?? origin == origin
      else { return nil }
      common = origin
    }
    return common
  }

  /// Whether an operand repeats what is little beside a value.
  private func isSmall(_ operand: Int, beside value: Int) -> Bool {
    8 * program.lines[bases[operand]].shape.count <= program.lines[value].shape.count
  }

  // MARK: writing

  /// A value once more, for a line and others of its depth.
  ///
  /// - Parameter looks: lines that look at it, one through the other: what they show alone is
  ///   computed.
  func copy(
    _ value: Int, from source: Int, for user: Int, through looks: [Int] = [],
    _ rewriting: inout Rewriting, _ copies: inout [Copy: Int]
  ) -> Int {
    if value == source { return look(at: value, looks, &rewriting) }
    if program.lines[value].isView, case .line(let operand) = program.lines[value].operands[0] {
      return copy(operand, from: source, for: user, through: [value] + looks, &rewriting, &copies)
    }
    let key = Copy(value: value, looks: looks, depth: depths[user])
    if let known = copies[key] { return known }
    var line = program.lines[value]
    line.shape = program.lines[looks.last ?? value].shape
    for (i, operand) in line.operands.enumerated() {
      guard case .line(let operand) = operand else { continue }
      let place: Int
      if rectified[value] == source {
        place = look(at: source, looks, &rewriting)
      } else if isSmall(operand, beside: value) {
        place = look(at: operand, looks, &rewriting)
      } else {
        place = copy(operand, from: source, for: user, through: looks, &rewriting, &copies)
      }
      line.operands[i] = .line(place)
    }
    let place = rewriting.append(line)
    copies[key] = place
    return place
  }

  /// What looks show of another value than theirs.
  private func look(at value: Int, _ looks: [Int], _ rewriting: inout Rewriting) -> Int {
    looks.reduce(rewriting.place(of: value)) { place, look in
      var line = program.lines[look]
      line.operands = [.line(place)]
      line.dtype = rewriting[place].dtype
      return rewriting.append(line)
    }
  }
}

extension Program {
  /// If a line puts 0 where a value is not above 0, the comparison it goes by: the line's own
  /// result compared with 0 gives the same.
  fileprivate func rectification(_ index: Int) -> Int? {
    guard case .select = lines[index].primitive, lines[index].operands[1].isZero,
      case .line(let comparison) = lines[index].operands[0],
      case .lessEqual = lines[comparison].primitive,
      lines[comparison].operands[0] == lines[index].operands[2],
      lines[comparison].operands[1].isZero
    else { return nil }
    return comparison
  }
}

extension Line {
  /// Whether what uses it is in another tile program than what it uses.
  fileprivate func endsTileProgram(_ role: Role) -> Bool {
    switch role {
    case .elementwise, .reduceRows: false
    case .sumRows, .sumAll: true
    case .none: !isView && source == nil
    }
  }
}

extension Line.Operand {
  fileprivate var isZero: Bool {
    if case .number(let number) = self { number.double == 0 } else { false }
  }
}

extension Primitive {
  /// How many cheap operations it is like: eight of them take about as long as to read an operand
  /// from memory. Nil for what is not worth it.
  fileprivate var operations: Int? {
    switch self {
    case .negate, .abs, .not, .add, .subtract, .multiply, .maximum, .minimum, .equal, .notEqual,
      .less, .lessEqual, .and, .or, .xor, .select:
      1
    case .sigmoid: 3
    default: nil
    }
  }
}
