import BacktapeTensors

/// One line of the tape, as the table of rules reads it.
struct Application {
  let tape: Tape
  let index: Int
  let record: RecordPointer
  /// The cotangent of the result.
  let g: Tensor
  /// Whether the derivative is to be differentiable itself: then operands are on the tape.
  let recording: Bool
  /// Whether each operand's cotangent is of interest, where a rule makes all at once.
  var wanted: [Bool] = []
  /// What a rule made when it was asked for the first operand.
  private var shared: [Tensor?]?
  /// Keeps note of what a rule asks, where that is of interest.
  var questions: Questions?

  init(
    tape: Tape, index: Int, record: RecordPointer, g: Tensor, recording: Bool,
    questions: Questions? = nil
  ) {
    self.tape = tape
    self.index = index
    self.record = record
    self.g = g
    self.recording = recording
    self.questions = questions
  }

  var primitive: Primitive { record.pointee.primitive }
  /// The first operand.
  var a: Tensor { operand(0) }
  /// The second operand.
  var b: Tensor { operand(1) }
  /// The result.
  var y: Tensor { tape.tensor(at: index, tracked: recording) }

  func operand(_ i: Int) -> Tensor {
    let place = record.operands[i]
    if place == Record.number { return Tensor(record.pointee.number.unsafelyUnwrapped) }
    return tape.tensor(at: Int(place), tracked: recording)
  }

  var operands: [Tensor] { (0..<record.operandCount).map(operand) }

  /// What the rules of a primitive's operands have in common, made once for each record.
  mutating func once(_ make: (Application) -> [Tensor?]) -> [Tensor?] {
    if let shared { return shared }
    let made = make(self)
    shared = made
    return made
  }

  /// The Swift number that stands for an operand; nil for a tensor. A rule that decides by the
  /// number itself asks here.
  func number(_ i: Int) -> Number? {
    questions?.askedForNumber = true
    return record.operands[i] == Record.number ? record.pointee.number : nil
  }
}
