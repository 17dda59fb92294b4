import BacktapeTensors

/// A fully connected layer: `activation(x.dot(kernel) + bias)`, over the last axis.
///
/// `[batch, ..., in] -> [batch, ..., units]`, with parameters `kernel` `[in, units]` and `bias`
/// `[units]`.
public struct Dense: Layer {
  /// Extent of the output's last axis.
  public let units: Int
  /// Applied to the result.
  public let activation: Activation
  /// Whether a bias is added.
  public let useBias: Bool
  /// What the kernel starts as.
  public let kernelInitializer: Initializer
  /// What the bias starts as.
  public let biasInitializer: Initializer

  /// A layer of `units` outputs.
  public init(
    _ units: Int, activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
  }

  /// `[batch, ..., in] -> [batch, ..., units]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    if units < 1 {
      scope.refuse("Dense: \(units) units; there must be at least 1")
      return x
    }
    if x.rank < 2 {
      scope.refuse(
        """
        Dense: an input of shape \(x.shape) has no axis of features after the batch; declare \
        `input: [1]` and hand in columns
        """)
      return x
    }
    let y = x.dot(scope.parameter("kernel", [x.shape.last, units], kernelInitializer))
    return activation(useBias ? y + scope.parameter("bias", [units], biasInitializer) : y)
  }
}
