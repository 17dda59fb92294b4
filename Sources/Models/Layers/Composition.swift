import BacktapeTensors

/// Layers one after another.
///
/// ```swift
/// Sequential {
///   Dense(16, activation: .relu)
///   if isDeep { Dense(16, activation: .relu) }
///   Dense(1)
/// }
/// ```
public struct Sequential: Layer {
  /// In the order they are called.
  public let layers: [any Layer]

  /// The layers of a list.
  public init(_ layers: [any Layer]) { self.layers = layers }

  /// The layers declared in a block.
  public init(@LayerBuilder _ layers: () -> [any Layer]) { self.layers = layers() }

  /// The output of the last layer; of no layer the input.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    layers.reduce(x) { scope($1, $0) }
  }
}

/// A layer whose parameters training leaves alone.
///
/// It keeps the name and the paths of the layer it holds. To freeze a part of a finished model see
/// ``Model/freeze(_:)``.
public struct Frozen: Layer {
  private let layer: any Layer

  /// The layer, left out of training.
  public init(_ layer: any Layer) { self.layer = layer }

  /// The name of the layer held.
  public var name: String { layer.name }

  /// The output of the layer held.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor { layer(x, scope.frozen) }
}

/// The input plus what layers make of it (He et al. 2015): their output has the input's shape.
public struct Residual: Layer {
  private let body: Sequential

  /// A shortcut around the layers declared in a block.
  public init(@LayerBuilder _ layers: () -> [any Layer]) { body = Sequential(layers()) }

  /// `x + layers(x)`, of the input's shape.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    let y = body(x, scope)
    if y.shape != x.shape {
      scope.refuse(
        "Residual: the layers make \(y.shape) of an input of shape \(x.shape); it must stay")
      return x
    }
    return x + y
  }
}

/// Collects the layers declared in a block, with `if`, `if`/`else`, `switch` and `for`.
@resultBuilder
public enum LayerBuilder {
  /// A layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Layers made elsewhere.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// All statements of a block.
  public static func buildBlock(_ parts: [any Layer]...) -> [any Layer] { parts.flatMap(\.self) }
  /// `if` without `else`.
  public static func buildOptional(_ part: [any Layer]?) -> [any Layer] { part ?? [] }
  /// The first branch.
  public static func buildEither(first part: [any Layer]) -> [any Layer] { part }
  /// The second branch.
  public static func buildEither(second part: [any Layer]) -> [any Layer] { part }
  /// The rounds of a `for`.
  public static func buildArray(_ parts: [[any Layer]]) -> [any Layer] { parts.flatMap(\.self) }
  /// `if #available`.
  public static func buildLimitedAvailability(_ part: [any Layer]) -> [any Layer] { part }
}
