import BacktapeTensors

/// Why a graph was not run. Nothing has changed when one is thrown.
public enum GraphError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A value of another shape was fed. Placeholders have fixed shapes; `compiled` traces anew.
  case wrongShape(placeholder: String, expected: Shape, fed: Shape)
  /// A value of another type was fed.
  case wrongType(placeholder: String, expected: DType, fed: DType)
  /// A placeholder that the result depends on was not fed.
  case unfed(placeholder: String, shape: Shape, dtype: DType)
  /// Something that is not a placeholder of the graph was fed.
  case notAPlaceholder(String)
  /// One placeholder was fed twice.
  case fedTwice(placeholder: String)
  /// A fetch, an input or an update that belongs to another graph, or to none.
  case foreign(String)
  /// Something that is not a variable of the graph was updated or asked for.
  case notAVariable(String)
  /// One variable has two updates.
  case updatedTwice(variable: String)
  /// An update whose value does not have its variable's shape and type.
  case wrongUpdate(variable: String, expected: String, given: String)
  /// A placeholder was fed, or a variable set to, a tensor of a graph that has not run.
  case noValue(String)
  /// A function was called with more or fewer values than it has inputs.
  case wrongCount(expected: Int, given: Int)
  /// An input names a row that is not there. Numbers computed in the run are not known before it:
  /// one outside traps.
  case wrongIndex(input: String, index: Int, extent: Int)

  /// What happened and what to do about it.
  public var description: String {
    switch self {
    case .wrongShape(let name, let expected, let fed):
      """
      placeholder '\(name)' has shape \(expected), was fed \(fed); reshape the value, or use \
      `compiled`, which traces once for every shape
      """
    case .wrongType(let name, let expected, let fed):
      "placeholder '\(name)' is \(expected), was fed \(fed); cast the value to \(expected)"
    case .unfed(let name, let shape, let dtype):
      "placeholder '\(name)' of shape \(shape) and type \(dtype) is needed and was not fed"
    case .notAPlaceholder(let name):
      "\(name) was fed, but is not a placeholder of this graph"
    case .fedTwice(let name): "placeholder '\(name)' was fed twice"
    case .foreign(let name):
      "\(name) does not belong to this graph; build it from this graph's placeholders"
    case .notAVariable(let name):
      "\(name) is not a variable of this graph; declare it with `variable(_:_:)`"
    case .updatedTwice(let name): "variable '\(name)' has two updates in one run"
    case .wrongUpdate(let name, let expected, let given):
      "variable '\(name)' is \(expected), its update is \(given)"
    case .noValue(let name):
      "'\(name)' was given a tensor that has no value until its graph runs; fetch it first"
    case .wrongCount(let expected, let given):
      "the function has \(expected) inputs and was given \(given) values"
    case .wrongIndex(let name, let index, let extent):
      """
      '\(name)' names row \(index), and there are rows 0..<\(extent); to count from the end, add \
      the extent
      """
    }
  }
}
