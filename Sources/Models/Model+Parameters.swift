import BacktapeTensors

extension Model {
  /// The parameters and states with their paths, in the order the layers asked for them.
  ///
  /// - Throws: ``ModelError`` if a layer does not fit its input.
  public var parameters: [(path: String, value: Tensor)] {
    get throws(ModelError) {
      try build()
      return store.order.map { ($0, store.entries[$0]!.variable.value) }
    }
  }

  /// The value of a parameter or state: `parameter("dense/kernel")`.
  ///
  /// - Throws: ``ModelError/unknownPath(_:known:)``.
  public func parameter(_ path: String) throws(ModelError) -> Tensor {
    try entry(path).variable.value
  }

  /// Sets a parameter or state to a value of its shape and type.
  ///
  /// - Throws: ``ModelError/unknownPath(_:known:)`` or ``ModelError/wrongParameter(path:expected:given:)``.
  public func setParameter(_ path: String, to value: Tensor) throws(ModelError) {
    let entry = try entry(path)
    if value.isAbstract { throw .argument(name: path, message: noValue(value)) }
    let value = value.strong.detached
    if value.shape != entry.shape || value.dtype != entry.dtype {
      throw .wrongParameter(
        path: path, expected: "\(entry.dtype) \(entry.shape)",
        given: "\(value.dtype) \(value.shape)")
    }
    entry.variable.value = value
  }

  /// The value of a parameter or state: `model["dense/kernel"]`.
  ///
  /// Traps if there is none of that path, or if the new value has another shape or type; see
  /// ``parameter(_:)`` and ``setParameter(_:to:)`` for paths and values that come from outside.
  public subscript(path: String) -> Tensor {
    get {
      do { return try parameter(path) } catch { fatalError("Model: \(error)") }
    }
    set {
      do { try setParameter(path, to: newValue) } catch { fatalError("Model: \(error)") }
    }
  }

  /// Leaves the parameters at a path, or below it, out of training.
  ///
  /// - Throws: ``ModelError/unknownPath(_:known:)``.
  public func freeze(_ path: String) throws(ModelError) {
    try checkHolds(path)
    frozenPaths.insert(path)
    forgetSteps()
  }

  /// Takes back what ``freeze(_:)`` did with the same path.
  ///
  /// - Throws: ``ModelError/unknownPath(_:known:)``.
  public func unfreeze(_ path: String) throws(ModelError) {
    try checkHolds(path)
    frozenPaths.remove(path)
    forgetSteps()
  }

  /// Whether a path, or one above it, is frozen.
  func isFrozen(_ path: String) -> Bool {
    frozenPaths.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  private func entry(_ path: String) throws(ModelError) -> Store.Entry {
    try build()
    guard let entry = store.entries[path] else { throw .unknownPath(path, known: store.order) }
    return entry
  }

  private func checkHolds(_ path: String) throws(ModelError) {
    try build()
    if !store.order.contains(where: { $0 == path || $0.hasPrefix(path + "/") }) {
      throw .unknownPath(path, known: store.order)
    }
  }
}
