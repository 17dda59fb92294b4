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
  /// Keeps note of what a rule asks, where that is of interest.
  var questions: Questions?

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

  /// The Swift number that stands for an operand; nil for a tensor. A rule that decides by the
  /// number itself asks here.
  func number(_ i: Int) -> Number? {
    questions?.askedForNumber = true
    return record.operands[i] == Record.number ? record.pointee.number : nil
  }
}
