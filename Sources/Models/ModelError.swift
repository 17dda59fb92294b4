import BacktapeTensors

/// Why a model was not built, trained or run. Nothing has changed when one is thrown.
public enum ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A layer cannot take its input; the path is empty for the model's own function.
  case layer(path: String, input: Shape, message: String)
  /// The model's output number `index` is not a batch of something.
  case output(index: Int, message: String)
  /// The loss cannot take the outputs of a layer.
  case loss(name: String, layer: String, message: String)
  /// A metric cannot take the outputs of a layer.
  case metric(name: String, layer: String, message: String)
  /// The optimizer cannot update a parameter.
  case optimizer(parameter: String, message: String)
  /// Training or evaluation before `compile`.
  case notCompiled
  /// As many tensors as the model has inputs (or outputs) are needed; others were given.
  case wrongCount(of: String, expected: Int, given: Int)
  /// Data of another shape than `[batch] + expected`.
  case wrongInput(index: Int, expected: Shape, given: Shape)
  /// Targets that are not shaped like the outputs of the layer they belong to.
  case wrongTarget(layer: String, output: Shape, given: Shape)
  /// Inputs, targets or sample weights for different numbers of samples.
  case wrongRows(of: String, expected: Int, given: Int)
  /// There are no samples.
  case empty(String)
  /// Data that name a row which is not there, as of an ``Embedding``.
  case wrongIndex(of: String, index: Int, extent: Int)
  /// An argument out of its range.
  case argument(name: String, message: String)
  /// No parameter or layer has that path.
  case unknownPath(String, known: [String])
  /// A value of another shape or type than its parameter's.
  case wrongParameter(path: String, expected: String, given: String)

  /// What happened and what to do about it.
  public var description: String {
    switch self {
    case .layer("", let input, let message):
      "the model cannot take an input of shape \(input): \(message)"
    case .layer(let path, let input, let message):
      "layer '\(path)' cannot take its input of shape \(input): \(message)"
    case .output(let index, let message): "output \(index) of the model: \(message)"
    case .loss(let name, let layer, let message):
      "loss '\(name)' of the output of layer '\(layer)': \(message)"
    case .metric(let name, let layer, let message):
      "metric '\(name)' of the output of layer '\(layer)': \(message)"
    case .optimizer(let parameter, let message):
      "the optimizer cannot update '\(parameter)': \(message)"
    case .notCompiled: "the model has no loss yet; call compile(optimizer:loss:metrics:) first"
    case .wrongCount(let what, let expected, let given):
      "the model has \(expected) \(what), \(given) were given"
    case .wrongInput(let index, let expected, let given):
      """
      input \(index) of the model takes \(Trace.batched(expected)), was given \(given); the first \
      axis counts the samples
      """
    case .wrongTarget(let layer, let output, let given):
      """
      targets have shape \(given), the output of layer '\(layer)' has shape \(output); they must \
      be equal, nothing is broadcast but [n] and [n, 1]
      """
    case .wrongRows(let what, let expected, let given):
      "\(what) has \(given) rows for \(expected) samples"
    case .empty(let what): "\(what) has no samples"
    case .wrongIndex(let what, let index, let extent):
      "\(what) names row \(index), and there are rows 0..<\(extent)"
    case .argument(let name, let message): "\(name): \(message)"
    case .unknownPath(let path, let known):
      "nothing in the model has the path '\(path)'; there are \(known.joined(separator: ", "))"
    case .wrongParameter(let path, let expected, let given):
      "'\(path)' is \(expected), its value would be \(given)"
    }
  }
}
