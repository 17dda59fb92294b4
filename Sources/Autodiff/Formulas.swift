import BacktapeTensors

/// The rules of elementwise primitives as formulas, which the walk backwards runs on small values:
/// the table of rules read once, without its tensors.
struct Formulas: @unchecked Sendable {
  enum Entry: Sendable {
    /// The operand receives nothing.
    case none
    /// The cotangent from the inputs `[g, operands..., y]`; `anyNumber` says that a Swift number
    /// may stand for an operand.
    case formula(Formula, anyNumber: Bool)
    /// Only the rule itself will do.
    case rule
  }

  /// Larger values go by the rules: their work outweighs what formulas save.
  static let largestElements = 256
  static let operandLimit = 3

  /// Made when first asked for, and never changed.
  static let ofRules = Formulas()

  private let entries: UnsafeMutablePointer<Entry>

  /// The formula for the cotangent of operand `i`.
  @inline(__always)
  subscript(code: Int, i: Int) -> Entry { entries[code &* Formulas.operandLimit &+ i] }

  private init() {
    let count = Primitive.elementwiseCodes * Formulas.operandLimit
    entries = .allocate(capacity: count)
    entries.initialize(repeating: .rule, count: count)
    for primitive in Primitive.elementwise {
      let code = Int(primitive.elementwiseCode)
      let tape = Tape()
      var operands = (0..<primitive.elementwiseOperands).map { _ in
        tape.placeholder(.scalar, .float64)
      }
      if primitive == .select { operands[0] = tape.placeholder(.scalar, .bool) }
      let y = Tensor.apply(primitive, operands)
      let g = tape.placeholder(.scalar, .float64)
      for i in operands.indices {
        let questions = Questions()
        var line = Application(
          tape: tape, index: Int(y.index), record: tape.record(at: Int(y.index)), g: g,
          recording: true, questions: questions)
        let entry: Entry
        if let cotangent = line.cotangent(of: i) {
          entry =
            Formula(cotangent, of: [g] + operands + [y])
            .map { .formula($0, anyNumber: !questions.askedForNumber) } ?? .rule
        } else {
          entry = .none
        }
        entries[code * Formulas.operandLimit + i] = entry
      }
    }
  }
}

/// What a rule wanted to know beyond tensors.
final class Questions {
  var askedForNumber = false
}
