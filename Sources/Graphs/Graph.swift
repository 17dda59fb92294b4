import BacktapeAutodiff
import BacktapeTensors

/// A computation defined before it runs: a tape without values.
///
/// Define placeholders and variables, compute with them as with any tensors, ask for gradients
/// (which are more graph), then run: with a ``Session`` in the manner of TensorFlow 1, or as a
/// ``Function`` in Theano's.
///
/// ```swift
/// let graph = Graph()
/// let x = graph.placeholder("x", [4, 3], .float64)
/// let w = graph.variable("w", Tensor.zeros([3, 1], .float64))
/// let loss = sigmoid(x.dot(w)).squared().sum()
/// let dw = graph.gradients(of: loss, withRespectTo: [w])[0]
/// let step = try Function(inputs: [x], outputs: [loss], updates: [Update(w, to: w - 0.1 * dw)])
/// ```
public final class Graph: Tape, @unchecked Sendable {
  struct Declared {
    /// Its record: a tensor here would keep the graph alive for ever.
    let index: Int32
    let initial: Tensor
    /// The value functions of this graph share.
    let shared: Variable
  }
  private(set) var variables: [Int: Declared] = [:]
  private(set) var placeholders: Set<Int> = []
  /// Names that are taken, with the last number given to each.
  private var takenNames: [String: Int] = [:]
  /// To the values that functions of this graph share.
  let access = VariableAccess()
  private let memory = VariableMemory()

  /// An empty graph.
  public override init() { super.init() }

  /// A tensor whose value is fed at every run.
  ///
  /// - Parameters:
  ///   - name: for messages and listings. A name that is taken gets a number: `x`, `x_1`.
  ///   - shape: fixed; for many shapes see ``compiled(_:)-(([Tensor])->[Tensor])``.
  public func placeholder(_ name: String, _ shape: Shape, _ dtype: DType = .float32) -> Tensor {
    let tensor = placeholder(shape, dtype, name: free(name))
    placeholders.insert(Int(tensor.index))
    roles[Int(tensor.index)] = "placeholder"
    return tensor
  }

  /// A tensor whose value stays from run to run and changes by updates.
  ///
  /// - Parameters:
  ///   - name: for messages and listings. A name that is taken gets a number: `w`, `w_1`.
  ///   - initial: the value at first, which fixes shape and type.
  public func variable(_ name: String, _ initial: Tensor) -> Tensor {
    let initial = initial.strong.detached
    let tensor = placeholder(initial.shape, initial.dtype, name: free(name))
    roles[Int(tensor.index)] = "variable"
    variables[Int(tensor.index)] = Declared(
      index: tensor.index, initial: initial, shared: Variable(initial, in: memory))
    return tensor
  }

  /// The graph's variables, in the order they were declared.
  public var allVariables: [Tensor] { variables.keys.sorted().map { tensor(at: $0) } }

  /// The derivatives of a number in this graph, as more graph.
  ///
  /// - Parameters:
  ///   - loss: a tensor of one element. Traps if it is of another graph.
  ///   - variables: variables, placeholders or anything between; zeros where the loss does not
  ///     depend on one.
  /// - Returns: one gradient for each, of its shape and type.
  public func gradients(of loss: Tensor, withRespectTo variables: [Tensor]) -> [Tensor] {
    if loss.isTracked && loss.owner !== self {
      refuse("gradients: the loss \(describe(loss)) is of another graph; ask that one")
    }
    return gradient(of: loss, withRespectTo: variables, recording: true)
  }

  /// The value a variable has for the functions of this graph.
  public func value(of variable: Tensor) throws(GraphError) -> Tensor {
    let shared = try declared(variable).shared
    return access.exclusively { shared.value }
  }

  /// Sets the value a variable has for the functions of this graph; a number takes its type.
  ///
  /// - Throws: ``GraphError`` if the value has another shape or type, or none yet.
  public func set(_ variable: Tensor, to value: some TensorOperand) throws(GraphError) {
    let declared = try declared(variable)
    let value = try replacement(value.operand, of: declared)
    access.exclusively { declared.shared.value = value }
  }

  private func free(_ name: String) -> String {
    var candidate = name
    var number = takenNames[name] ?? 0
    while takenNames[candidate] != nil {
      number += 1
      candidate = "\(name)_\(number)"
    }
    takenNames[name] = number
    if candidate != name { takenNames[candidate] = 0 }
    return candidate
  }

  // MARK: checks

  func declared(_ tensor: Tensor) throws(GraphError) -> Declared {
    guard tensor.isTracked, tensor.owner === self, let declared = variables[Int(tensor.index)]
    else { throw .notAVariable(describe(tensor)) }
    return declared
  }

  func check(belongs tensor: Tensor) throws(GraphError) {
    if tensor.isTracked && tensor.owner !== self { throw .foreign(describe(tensor)) }
  }

  /// What a variable is set to from outside.
  func replacement(_ value: Tensor, of declared: Declared) throws(GraphError) -> Tensor {
    let value = value.adapted(to: declared.initial)
    try check(value, replaces: declared)
    if value.isAbstract { throw .noValue(label(declared.index)) }
    return value
  }

  func check(_ value: Tensor, replaces variable: Declared) throws(GraphError) {
    let initial = variable.initial
    if value.shape != initial.shape || value.dtype != initial.dtype {
      throw .wrongUpdate(
        variable: label(variable.index), expected: "\(initial.dtype) \(initial.shape)",
        given: "\(value.dtype) \(value.shape)")
    }
  }

  @inline(__always)
  func check(fed value: Tensor, to placeholder: Tensor) throws(GraphError) {
    if value.dtype == placeholder.dtype && value.hasShape(of: placeholder) && !value.isAbstract {
      return
    }
    try refuse(fed: value, to: placeholder)
  }

  /// Says what is wrong with a value; looking names up takes its time.
  @inline(never)
  private func refuse(fed value: Tensor, to placeholder: Tensor) throws(GraphError) {
    let name = label(placeholder.index)
    if value.shape != placeholder.shape {
      throw .wrongShape(placeholder: name, expected: placeholder.shape, fed: value.shape)
    }
    if value.dtype != placeholder.dtype {
      throw .wrongType(placeholder: name, expected: placeholder.dtype, fed: value.dtype)
    }
    throw .noValue(name)
  }

  /// The placeholders' places in a list of feeds.
  func bindings(feeding tensors: [Tensor]) throws(GraphError) -> [Int: Plan.Binding] {
    var bindings: [Int: Plan.Binding] = [:]
    for (position, tensor) in tensors.enumerated() {
      guard tensor.isTracked, tensor.owner === self, placeholders.contains(Int(tensor.index)) else {
        throw .notAPlaceholder(describe(tensor))
      }
      if bindings[Int(tensor.index)] != nil { throw .fedTwice(placeholder: label(tensor.index)) }
      bindings[Int(tensor.index)] = .fed(position)
    }
    return bindings
  }

  /// A plan in which variables live where `memory` says, and are got at by `access` alone.
  func plan(
    feeding inputs: [Tensor], outputs: [Tensor], updates: [Update],
    memory: (Declared) -> Variable, access: VariableAccess
  ) throws(GraphError) -> Plan {
    var bindings = try bindings(feeding: inputs)
    for (index, declared) in variables { bindings[index] = .variable(memory(declared)) }
    for output in outputs { try check(belongs: output) }
    var targets: [(variable: Variable, value: Tensor)] = []
    var updated: Set<Int> = []
    for update in updates {
      let declared = try declared(update.variable)
      try check(belongs: update.value)
      try check(update.value, replaces: declared)
      if !updated.insert(Int(update.variable.index)).inserted {
        throw .updatedTwice(variable: label(update.variable.index))
      }
      targets.append((memory(declared), update.value))
    }
    return try Plan(
      self, bindings: bindings, outputs: outputs, updates: targets, access: access)
  }

  private func describe(_ tensor: Tensor) -> String {
    guard tensor.isTracked, let tape = tensor.recorder as? Tape else {
      return "a plain tensor of shape \(tensor.shape)"
    }
    return "'\(tape.label(tensor.index))' of shape \(tensor.shape)"
  }
}

extension Tensor {
  /// A Swift number in the type of the tensor it is to stand for; any other tensor as it is.
  func adapted(to tensor: Tensor) -> Tensor {
    guard isWeak else { return self }
    return dtype.isFloatingPoint && !tensor.dtype.isFloatingPoint ? strong : cast(tensor.dtype)
  }
}

/// A variable and the tensor whose value it has after a run.
public struct Update: Sendable {
  /// Of a graph.
  public let variable: Tensor
  /// Of the variable's shape and type; it sees the values before the run.
  public let value: Tensor

  /// `variable` becomes `value`; a number takes the variable's type.
  public init(_ variable: Tensor, to value: some TensorOperand) {
    self.variable = variable
    self.value = value.operand.adapted(to: variable)
  }
}
