import BacktapeTensors
import Synchronization

/// Which tape a gradient inside a gradient joins: the outer one, so that a closure over a tensor of
/// the outer function is differentiated rightly.
///
/// Looked up once for each gradient, never for an operation, and only in the task that opened it
/// and while it is open: a task started inside inherits the value, but must not use the tape.
final class OpenTape: Sendable {
  @TaskLocal static var current: OpenTape?

  let tape: Tape
  private let task: Int?
  private let isOpen = Atomic(true)

  init(_ tape: Tape) {
    self.tape = tape
    task = OpenTape.taskIdentity
  }

  func close() { isOpen.store(false, ordering: .relaxed) }

  private static var taskIdentity: Int? { withUnsafeCurrentTask { $0?.hashValue } }

  /// The open tape of this task.
  static var ofThisTask: Tape? {
    guard let open = current, open.task == taskIdentity, open.isOpen.load(ordering: .relaxed) else {
      return nil
    }
    return open.tape
  }
}

extension Tape {
  /// Runs `body` with gradients inside it on this tape.
  package func open<R>(_ body: () throws -> R) rethrows -> R {
    let scope = OpenTape(self)
    defer { scope.close() }
    return try OpenTape.$current.withValue(scope, operation: body)
  }

  /// The tape a derivative at `inputs` is recorded on, and whether it lies inside another.
  static func forDerivative(at inputs: [Tensor]) -> (tape: Tape, isNested: Bool) {
    if let open = OpenTape.ofThisTask { return (open, true) }
    if let recorder = inputs.lazy.compactMap(\.recorder).first as? Tape { return (recorder, true) }
    return (Tape(), false)
  }
}
