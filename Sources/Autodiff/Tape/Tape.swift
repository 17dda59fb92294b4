import BacktapeTensors

/// A list of the operations done on its variables, in order: what a gradient is derived from.
///
/// Operations run at once and are recorded (a Wengert list); ``gradient(of:withRespectTo:recording:)``
/// walks the list backwards. A tape can be differentiated many times, and by several outputs.
///
/// ```swift
/// let tape = Tape()
/// let x = tape.variable(Tensor([3.0]))
/// let y = (x * x).sum()
/// let dx = tape.gradient(of: y, withRespectTo: [x])[0]  // [6]
/// ```
/// A tape belongs to the task that records on it: two at once trap. Values that left it by
/// ``Tensor/detached`` do not keep its memory.
open class Tape: Recorder, @unchecked Sendable {
  /// How shapes that do not fit are met: trapped (nil), or kept here while the trace goes on.
  package var refusals: [String]?
  /// Names of inputs, for listings and messages.
  package var names: [Int: String] = [:]
  /// What an input is to the graph that declared it, for listings: a placeholder or a variable.
  package var roles: [Int: String] = [:]
  /// What records of calls stand for.
  package var callees: [Callee] = []

  /// What looks at all that is recorded, if something does.
  var watch: AnomalyWatch? {
    didSet { if watch == nil { visitRecords(nil) } }
  }

  /// An empty tape.
  public override init() {
    super.init()
    if let scope = AnomalyScope.current { watch = AnomalyWatch(self, scope) }
  }

  deinit { watch?.settle(self) }

  /// A tensor of this tape with the value of `x`, to take gradients with respect to.
  ///
  /// A tensor that is on the tape already gets an alias.
  public func variable(_ x: Tensor, name: String? = nil) -> Tensor {
    let x = x.strong
    if x.isTracked && x.owner !== self {
      fatalError(
        """
        variable: the tensor of shape \(x.shape) is on another tape; take it `.detached` to start \
        anew, or compute both on one tape
        """)
    }
    let variable =
      x.isTracked
      ? Tensor.apply(.reshape, x, target: Target(shape: x.shape, dtype: x.dtype)) : input(x)
    if let name { names[Int(variable.index)] = name }
    return variable
  }

  /// A tensor of this tape whose value is not known yet.
  package func placeholder(_ shape: Shape, _ dtype: DType, name: String? = nil) -> Tensor {
    let placeholder = placeholder(shape, dtype)
    if let name { names[Int(placeholder.index)] = name }
    return placeholder
  }

  /// That the value was dropped with a checkpoint's.
  public override func reasonUnknown(at index: Int) -> String? {
    let record = record(at: index)
    let operands = UnsafeBufferPointer(start: record.operands, count: record.operandCount)
    let isTraced = operands.contains {
      $0 != Record.number && self.record(at: Int($0)).descriptor.pointee.address == nil
    }
    if isTraced || !callees.contains(where: { $0.isCheckpoint && $0.records.contains(index) }) {
      return nil
    }
    return "which a checkpoint computed and did not keep; return it from the checkpoint as well"
  }

  /// Traps, or while refusals are collected keeps the message for later.
  public override func refuse(_ message: String) {
    let whole = note.isEmpty ? message : "\(note): \(message)"
    if refusals == nil { fatalError(whole) }
    refusals?.append(whole)
  }
}
