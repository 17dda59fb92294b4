import BacktapeAutodiff
import BacktapeTensors

/// A stretch of tape as the compiler sees it: what is computed, in an order that works, and which
/// of it is wanted.
///
/// Every pass is a function from one program to another of the same meaning.
struct Program {
  var lines: [Line] = []
  /// Lines whose values are handed out.
  var outputs: [Int] = []
  /// Variables by number, and the lines whose values they have after a run.
  var updates: [(variable: Int, line: Int)] = []
}

/// One value of a program.
struct Line {
  /// What makes a value.
  enum Operation: Hashable {
    case primitive(Primitive)
    /// Zeros, with each operand put at its place: what pads and concatenations come to.
    case assemble([Part])
    /// The sum of several floating-point products alike: two operands for each.
    case dots(batch: Int, contracted: Int)
    /// The first operand and, a number of times, the product of the other two.
    case addedDot(batch: Int, contracted: Int, scale: Double)
    case source(Source)
  }

  /// Where an operand of an assembly lies along one axis of the result.
  struct Part: Hashable {
    let axis: Int
    let start: Int
    let step: Int
  }

  /// What gives a value that no line computes.
  enum Source: Hashable {
    case fed(Int)
    /// A variable, by its number among the program's.
    case variable(Int)
    /// A value known when the plan is made, by its number among the program's.
    case constant(Int)
  }

  enum Operand: Hashable {
    case line(Int)
    /// A Swift number: an operand of rank 0 in the type of the others.
    case number(Number)
  }

  // In the order that takes the least memory: a shape begins where a cache line does.
  var shape: Shape
  var dtype: DType
  var operation: Operation
  var operands: [Operand]
  /// The checkpoint it belongs to, 0 if to none: lines of different ones are never merged, or what
  /// is computed again would be what was computed first.
  var stretch: Int

  init(
    operation: Operation, operands: [Operand], shape: Shape, dtype: DType, stretch: Int = 0
  ) {
    self.operation = operation
    self.operands = operands
    self.shape = shape
    self.dtype = dtype
    self.stretch = stretch
  }
}

extension Line {
  /// The primitive, if it is one.
  var primitive: Primitive? {
    if case .primitive(let primitive) = operation { primitive } else { nil }
  }

  var source: Source? {
    if case .source(let source) = operation { source } else { nil }
  }

  /// Whether the value is another look at the first operand's memory, where strides allow.
  var isView: Bool { primitive?.isView ?? false }

  /// Axes that the operands of a product share, and how many of them it sums over.
  var product: (batch: Int, contracted: Int)? {
    switch operation {
    case .dots(let batch, let contracted), .addedDot(let batch, let contracted, _):
      (batch, contracted)
    default: nil
    }
  }

  /// The lines multiplied in a product, two for each term.
  var factors: [Int] {
    if case .addedDot = operation { Array(lines.dropFirst()) } else { Array(lines) }
  }

  /// Lines this one reads.
  var lines: Lines { Lines(operands: operands) }

  /// The operands that are no numbers.
  struct Lines: Sequence, IteratorProtocol {
    private let operands: [Operand]
    private var position = 0

    fileprivate init(operands: [Operand]) { self.operands = operands }

    /// Exact: lists made of them are made at once.
    var underestimatedCount: Int {
      operands[position...].count { if case .line = $0 { true } else { false } }
    }

    mutating func next() -> Int? {
      while position < operands.count {
        defer { position += 1 }
        if case .line(let line) = operands[position] { return line }
      }
      return nil
    }
  }
}

extension Program {
  func isAddition(_ index: Int) -> Bool {
    if case .primitive(.add) = lines[index].operation { true } else { false }
  }

  /// Goes through the lines that a line reads, without taking hold of it.
  @inline(__always)
  func forEachOperand(of index: Int, _ body: (Int) -> Void) {
    for i in 0..<lines[index].operands.count {
      if case .line(let operand) = lines[index].operands[i] { body(operand) }
    }
  }

  /// How often every line is used: as an operand of what is needed, an output or an update.
  func useCounts() -> [Int] {
    let needed = needed()
    var counts = [Int](repeating: 0, count: lines.count)
    for index in lines.indices where needed[index] {
      forEachOperand(of: index) { counts[$0] += 1 }
    }
    for line in outputs + updates.map(\.line) { counts[line] += 1 }
    return counts
  }

  /// Everything a result depends on, as a set of lines.
  func needed() -> [Bool] {
    var needed = [Bool](repeating: false, count: lines.count)
    for line in outputs { needed[line] = true }
    for update in updates { needed[update.line] = true }
    for line in lines.indices.reversed() where needed[line] {
      forEachOperand(of: line) { needed[$0] = true }
    }
    return needed
  }
}

extension Program: CustomStringConvertible {
  /// One line of text for each line, then what is wanted.
  var description: String {
    var text = lines.indices.map { "%\($0) = \(describe($0))" }
    if !outputs.isEmpty { text.append("outputs: " + names(outputs)) }
    if !updates.isEmpty { text.append("updates: " + names(updates.map(\.line))) }
    return text.joined(separator: "\n")
  }

  private func names(_ lines: [Int]) -> String {
    lines.map { "%\($0)" }.joined(separator: ", ")
  }

  /// What a line computes: `sum(%1, axes: [0])  [4] float32`.
  func describe(_ index: Int) -> String {
    let rank = lines[index].lines.first { _ in true }.map { lines[$0].shape.rank } ?? 0
    return lines[index].describe(rank: rank)
  }
}

extension Line {
  /// - Parameter rank: of the first operand.
  fileprivate func describe(rank: Int) -> String {
    let type = "  \(shape) \(dtype)"
    switch operation {
    case .source: return operation.description + type
    case .primitive(let primitive): return call(primitive.attributes(rank: rank)) + type
    case .assemble, .dots, .addedDot: return call([]) + type
    }
  }

  private func call(_ attributes: [String]) -> String {
    let names = operands.map {
      switch $0 {
      case .line(let line): "%\(line)"
      case .number(let number): "\(number)"
      }
    }
    return "\(operation)(\((names + attributes).joined(separator: ", ")))"
  }
}

extension Line.Operation: CustomStringConvertible {
  var description: String {
    switch self {
    case .primitive(let primitive): primitive.name
    case .assemble(let parts):
      "assemble["
        + parts.map { "\($0.axis): \($0.start) by \($0.step)" }
        .joined(separator: ", ") + "]"
    case .dots(let batch, let contracted): "dots[\(batch), \(contracted)]"
    case .addedDot(let batch, let contracted, let scale):
      "addedDot[\(batch), \(contracted), scale: \(scale)]"
    case .source(.fed(let position)): "fed[\(position)]"
    case .source(.variable(let number)): "variable[\(number)]"
    case .source(.constant(let number)): "constant[\(number)]"
    }
  }
}
