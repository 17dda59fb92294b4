import BacktapeTensors

/// All axes but the batch as one: `[batch, ...] -> [batch, product]`.
public struct Flatten: Layer {
  /// There is nothing to set.
  public init() {}

  /// `[batch, ...] -> [batch, product]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    if x.rank == 0 {
      scope.refuse("Flatten: the input has shape [], without a batch axis to keep")
      return x
    }
    return x.reshape([x.shape[0], x.shape.array.dropFirst().reduce(1, *)])
  }
}

/// A function of tensors as a layer without parameters.
///
/// ```swift
/// Lambda("center") { $0 - 0.5 }
/// ```
public struct Lambda: Layer {
  /// What paths and messages call the layer.
  public let name: String
  private let function: @Sendable (Tensor) -> Tensor

  /// - Parameters:
  ///   - name: what paths and messages call the layer.
  ///   - function: made of tensor operations; its first axis is the batch.
  public init(_ name: String = "lambda", _ function: @escaping @Sendable (Tensor) -> Tensor) {
    self.name = name
    self.function = function
  }

  /// The function's value.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor { function(x) }
}
