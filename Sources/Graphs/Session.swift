import BacktapeTensors

/// Runs parts of a graph with variables of its own, in the manner of TensorFlow 1.
///
/// ```swift
/// let session = Session(graph)
/// let value = try session.run([loss], feeding: [x: data], updating: train)[0]
/// ```
/// Once the graph is complete, a session may be used from several tasks: its runs go one after the
/// other.
public final class Session: @unchecked Sendable {
  let graph: Graph
  private var variables: [Int: Variable] = [:]
  private var plans: [Request: Plan] = [:]
  private var order: [Request] = []
  private let access = VariableAccess()
  private let memory = VariableMemory()
  /// To the plans and the list of variables.
  private let lists = VariableAccess()

  /// Plans kept; the oldest goes first.
  private static let capacity = 64

  private struct Request: Hashable {
    let fetches: [Int32]
    let fed: [Int32]
    let updates: [Int32]
  }

  /// A session whose variables have their initial values.
  public init(_ graph: Graph) { self.graph = graph }

  /// Computes tensors of the graph, and applies updates after that.
  ///
  /// - Parameters:
  ///   - fetches: what to compute; it sees the variables' values before the run.
  ///   - feeds: a value of its shape and type for every placeholder needed. Values are read: no
  ///     derivative flows through a run.
  ///   - updates: new values of variables; see `minimize` of an optimizer.
  /// - Throws: ``GraphError``, before anything has changed.
  @discardableResult
  public func run(
    _ fetches: [Tensor], feeding feeds: Feeds = [:], updating updates: [Update] = []
  ) throws(GraphError) -> [Tensor] {
    try plan(fetches, feeds, updates).run(feeds.pairs.map(\.value))
  }

  /// The plan of a run, after checking what it is fed.
  func plan(
    _ fetches: [Tensor], _ feeds: Feeds, _ updates: [Update]
  ) throws(GraphError) -> Plan {
    _ = try graph.bindings(feeding: feeds.pairs.map(\.placeholder))
    for (placeholder, value) in feeds.pairs { try graph.check(fed: value, to: placeholder) }
    let isCacheable = (fetches + updates.map(\.value)).allSatisfy(\.isTracked)
    let request = Request(
      fetches: fetches.map(\.index), fed: feeds.pairs.map(\.placeholder.index),
      updates: updates.flatMap { [$0.variable.index, $0.value.index] })
    for tensor in fetches + updates.flatMap({ [$0.variable, $0.value] }) {
      try graph.check(belongs: tensor)
    }
    return try lists.exclusively { () throws(GraphError) in
      if isCacheable, let known = plans[request] { return known }
      let plan = try graph.plan(
        feeding: feeds.pairs.map(\.placeholder), outputs: fetches, updates: updates,
        memory: variable, access: access)
      if isCacheable { remember(plan, request) }
      return plan
    }
  }

  /// Computes one tensor of the graph, and applies updates after that.
  ///
  /// ```swift
  /// let value = try session.run(loss, feeding: [x: data, y: labels], updating: step)
  /// ```
  /// - Throws: ``GraphError``, before anything has changed.
  @discardableResult
  public func run(
    _ fetch: Tensor, feeding feeds: Feeds = [:], updating updates: [Update] = []
  ) throws(GraphError) -> Tensor {
    try run([fetch], feeding: feeds, updating: updates)[0]
  }

  /// The value a variable has in this session.
  public func value(of variable: Tensor) throws(GraphError) -> Tensor {
    current(try graph.declared(variable))
  }

  /// Sets the value a variable has in this session; a number takes its type.
  ///
  /// - Throws: ``GraphError`` if the value has another shape or type, or none yet.
  public func set(_ variable: Tensor, to value: some TensorOperand) throws(GraphError) {
    let declared = try graph.declared(variable)
    let value = try graph.replacement(value.operand, of: declared)
    let variable = lists.exclusively { self.variable(declared) }
    access.exclusively { variable.value = value }
  }

  /// The value a variable has.
  func current(_ declared: Graph.Declared) -> Tensor {
    let variable = lists.exclusively { self.variable(declared) }
    return access.exclusively { variable.value }
  }

  private func variable(_ declared: Graph.Declared) -> Variable {
    if let known = variables[Int(declared.index)] { return known }
    let fresh = Variable(declared.initial, in: memory)
    variables[Int(declared.index)] = fresh
    return fresh
  }

  private func remember(_ plan: Plan, _ request: Request) {
    if order.count == Session.capacity { plans[order.removeFirst()] = nil }
    order.append(request)
    plans[request] = plan
  }
}

/// Placeholders and what they are fed: `[x: data, rate: 0.1]`. A number takes the placeholder's
/// type.
public struct Feeds: ExpressibleByDictionaryLiteral {
  let pairs: [(placeholder: Tensor, value: Tensor)]

  /// One value for each placeholder.
  public init(dictionaryLiteral pairs: (Tensor, any TensorOperand)...) {
    self.init(pairs.map { ($0, $1.operand) })
  }

  /// One value for each placeholder, from a list made as the program runs.
  public init(_ pairs: [(Tensor, Tensor)]) {
    self.pairs = pairs.map { (placeholder: $0, value: $1.adapted(to: $0)) }
  }
}
