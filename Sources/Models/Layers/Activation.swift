import BacktapeTensors

/// An elementwise function between layers; a layer itself.
///
/// Written with a leading dot where one is expected, `Dense(4, activation: .sigmoid)`, or as a
/// layer, `Activation.sigmoid`. Add your own in an extension:
///
/// ```swift
/// extension Activation {
///   static let swish = Activation("swish") { $0 * BacktapeTensors.sigmoid($0) }
/// }
/// ```
public struct Activation: Layer {
  /// What paths and messages call it.
  public let name: String
  private let function: @Sendable (Tensor) -> Tensor

  /// - Parameters:
  ///   - name: what paths and messages call it.
  ///   - function: made of tensor operations.
  public init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
    self.name = name
    self.function = function
  }

  /// The function's value.
  public func callAsFunction(_ x: Tensor) -> Tensor { function(x) }

  /// The function's value: it has no parameters.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor { function(x) }

  // Inside this type the bare names are these properties, so the functions are qualified.

  /// The input itself.
  public static let linear = Activation("linear") { $0 }
  /// 1 / (1 + exp(-x)).
  public static let sigmoid = Activation("sigmoid") { BacktapeTensors.sigmoid($0) }
  /// The hyperbolic tangent.
  public static let tanh = Activation("tanh") { BacktapeTensors.tanh($0) }
  /// The larger of x and 0.
  public static let relu = Activation("relu") { BacktapeTensors.relu($0) }
  /// x times the probability that a standard normal number is below x.
  public static let gelu = Activation("gelu") { BacktapeTensors.gelu($0) }
  /// x sigmoid(x), also called swish.
  public static let silu = Activation("silu") { BacktapeTensors.silu($0) }
  /// log(1 + exp(x)).
  public static let softplus = Activation("softplus") { BacktapeTensors.softplus($0) }
  /// exp(x) / sum(exp(x)) over the last axis.
  public static let softmax = Activation("softmax") { BacktapeTensors.softmax($0) }
}
