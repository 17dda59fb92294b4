import BacktapeTensors
import Synchronization

/// Runs a body and throws the first ``Anomaly`` in it, if there is one: the first recorded operation
/// that made a NaN or an infinity of numbers that had none, or whose derivative did.
///
/// ```swift
/// do {
///   let slope = try detectingAnomalies { gradient(at: w) { w in loss(w) } }
/// } catch let anomaly as Anomaly {
///   print(anomaly)
/// }
/// ```
/// What is looked at is what tapes record in the task at work: inside `gradient` and its like, and
/// on tapes made inside. Everything is looked at and its calls are kept, which takes many times as
/// long; elsewhere detection costs nothing. The body runs to its end either way.
///
/// A graph that is defined inside keeps the calls that made its operations, for
/// `Function.firstAnomaly` and `Session.firstAnomaly` to name. A model's `fit` looks at every step
/// before it takes it, and ends at the first that has an anomaly, with its parameters as they were
/// before that step; the epoch has no values.
///
/// - Parameters:
///   - infinities: whether infinities count, or NaNs alone. A NaN that an infinity turns into is one.
///   - body: what to look at.
/// - Throws: ``Anomaly``, or what `body` throws.
public func detectingAnomalies<Result>(
  infinities: Bool = true, _ body: () throws -> Result
) throws -> Result {
  let scope = AnomalyScope(AnomalyCriterion(infinities: infinities))
  let open = OpenTape.ofThisTask
  let isWatched = open?.watch != nil
  if let open, !isWatched { open.watch = AnomalyWatch(open, scope) }
  defer { if !isWatched { open?.watch = nil } }
  let result = try AnomalyScope.$current.withValue(scope, operation: body)
  if let anomaly = scope.close() { throw anomaly }
  return result
}

/// What tapes look for while a body runs, and the first that one of them has found.
final class AnomalyScope: Sendable {
  @TaskLocal static var current: AnomalyScope?

  private struct State {
    var isOpen = true
    var found: Anomaly?
    var watches: [AnomalyWatch] = []
  }
  let criterion: AnomalyCriterion
  private let state = Mutex(State())

  init(_ criterion: AnomalyCriterion) { self.criterion = criterion }

  /// Whether the body runs.
  var isOpen: Bool { state.withLock(\.isOpen) }

  /// Whether there is still something to look for.
  var isLooking: Bool { state.withLock { $0.isOpen && $0.found == nil } }

  func add(_ watch: AnomalyWatch) { state.withLock { $0.watches.append(watch) } }

  func report(_ anomaly: Anomaly) {
    state.withLock { if $0.found == nil { $0.found = anomaly } }
  }

  /// Ends the search.
  func close() -> Anomaly? {
    let watches = state.withLock { $0.watches }
    for watch in watches { watch.finish() }
    return state.withLock { state in
      state.isOpen = false
      state.watches = []
      return state.found
    }
  }
}

/// Looks at everything a tape records.
final class AnomalyWatch: @unchecked Sendable {
  private weak var tape: Tape?
  private let scope: AnomalyScope
  /// Return addresses by record.
  private var addresses: [Int: [UInt]] = [:]
  private var isInRule = false
  /// The records before have been looked at.
  private var settled: Int

  init(_ tape: Tape, _ scope: AnomalyScope) {
    self.tape = tape
    self.scope = scope
    settled = tape.count
    scope.add(self)
    tape.visitRecords { [unowned(unsafe) tape, unowned(unsafe) self] in
      // In the midst of an operation: the one before is complete.
      settle(tape)
      addresses[tape.count] = CodePlace.returnAddresses()
    }
  }

  /// Looks at what is left, and no further.
  func finish() {
    guard let tape else { return }
    settle(tape)
    tape.visitRecords(nil)
  }

  var isLooking: Bool { scope.isLooking }

  /// Looks at the records that have been completed. Those of a rule are the derivative's.
  func settle(_ tape: Tape) {
    let isLooking = !isInRule && scope.isLooking
    for index in settled..<tape.count where isLooking {
      if let anomaly = tape.anomaly(at: index, scope.criterion) { scope.report(anomaly) }
    }
    settled = tape.count
  }

  /// Runs a rule and looks at what it makes.
  func cotangent(of i: Int, _ line: inout Application) -> Tensor? {
    settle(line.tape)
    isInRule = true
    defer { isInRule = false }
    let cotangent = line.cotangent(of: i)
    if let cotangent { check(cotangent, for: i, of: line) }
    settle(line.tape)
    return cotangent
  }

  private func check(_ cotangent: Tensor, for i: Int, of line: Application) {
    guard scope.isLooking,
      let (position, value) = scope.criterion.violation(by: cotangent, of: [line.g])
    else { return }
    let operands = line.operands.enumerated().map { i, operand in
      Anomaly.Operand(line.tape.label(ofOperand: i, at: line.index), operand)
    }
    scope.report(
      Anomaly(
        operation: line.primitive.name, isDerivative: true, value: value,
        position: cotangent.shape.position(of: position), shape: cotangent.shape,
        dtype: cotangent.dtype,
        operands: [Anomaly.Operand("the cotangent", line.g)] + operands
          + [Anomaly.Operand("the result", line.y)],
        returnAddresses: returnAddresses(at: line.index)))
  }

  /// Who recorded an operation.
  func returnAddresses(at index: Int) -> [UInt] { addresses[index] ?? [] }
}

extension Tape {
  func label(ofOperand i: Int, at index: Int) -> String {
    let operand = record(at: index).operands[i]
    return operand == Record.number ? "the number" : label(operand)
  }

  /// What is wrong with a record's own value.
  fileprivate func anomaly(at index: Int, _ criterion: AnomalyCriterion) -> Anomaly? {
    let record = record(at: index)
    if record.descriptor.pointee.address == nil { return nil }
    let operands = (0..<record.operandCount).map { i in
      let operand = record.operands[i]
      return operand == Record.number
        ? Tensor(record.pointee.number!) : tensor(at: Int(operand), tracked: false)
    }
    return anomaly(of: tensor(at: index, tracked: false), at: index, operands, criterion)
  }

  /// What is wrong with the value that a record has for some operands.
  func anomaly(
    of result: Tensor, at index: Int, _ operands: [Tensor], _ criterion: AnomalyCriterion
  ) -> Anomaly? {
    let record = record(at: index)
    let primitive = record.pointee.primitive
    if primitive.isView && record.operandCount > 0 { return nil }
    // What was given may be infinite.
    let given = AnomalyCriterion(infinities: criterion.infinities && record.operandCount > 0)
    guard let (position, value) = given.violation(by: result, of: operands) else { return nil }
    let name = names[index]
    return Anomaly(
      operation: primitive.name + (name.map { " '\($0)'" } ?? ""), isDerivative: false,
      value: value, position: result.shape.position(of: position), shape: result.shape,
      dtype: result.dtype,
      operands: operands.enumerated().map { i, operand in
        Anomaly.Operand(label(ofOperand: i, at: index), operand)
      }, returnAddresses: watch?.returnAddresses(at: index) ?? [])
  }

  /// Whether anomalies are looked for in the task at work.
  package static var looksForAnomalies: Bool { AnomalyScope.current?.isOpen ?? false }

  /// Where anomalies are looked for, looks for one in what a plan made of this tape will compute.
  ///
  /// - Returns: whether there is one, also after the first.
  @discardableResult
  package func reportAnomalies(in outputs: [Tensor], knowing values: [Int: Tensor]) -> Bool {
    guard let scope = AnomalyScope.current, scope.isOpen else { return false }
    let infinities = scope.criterion.infinities
    let anomaly = firstAnomaly(of: outputs, knowing: values, infinities: infinities)
    if let anomaly { scope.report(anomaly) }
    return anomaly != nil
  }

  /// The first anomaly when results are computed record by record from other values.
  package func firstAnomaly(
    of results: [Tensor], knowing values: [Int: Tensor], infinities: Bool
  ) -> Anomaly? {
    let criterion = AnomalyCriterion(infinities: infinities)
    var found: Anomaly?
    let plain = Replay<Tensor>.Source.primitives(of: self, tracked: false)
    let source = Replay<Tensor>.Source(
      asItIs: plain.asItIs,
      apply: { index, operands in
        let result = plain.apply(index, operands)
        if found == nil {
          let numbers = operands.map { $0 ?? Tensor(self.record(at: Int(index)).pointee.number!) }
          found = self.anomaly(of: result, at: Int(index), numbers, criterion)
        }
        return result
      }, tensor: plain.tensor, value: plain.value)
    for (index, value) in values.sorted(by: { $0.key < $1.key }) where found == nil {
      found = anomaly(of: value, at: index, [], criterion)
    }
    let known = Dictionary(uniqueKeysWithValues: values.map { (Int32($0), $1) })
    var replay = Replay(self, from: 0, onlyDependents: false, knowing: known, source)
    _ = replay(results.filter(\.isTracked).map(\.index))
    return found
  }
}
