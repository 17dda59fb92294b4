import BacktapeTensors

/// A step of a model: a value with one method.
///
/// A layer holds its settings; its parameters belong to the model. It asks for them by name, so
/// their shapes may follow from the input's:
///
/// ```swift
/// struct Scale: Layer {
///   func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
///     x * scope.parameter("factor", [x.shape.last], .ones)
///   }
/// }
/// ```
/// The method is called with tensors that have no values yet, once for every shape of batch: a
/// choice by value is written with ``Tensor/where(_:_:_:)``. The first axis is the batch.
public protocol Layer: Sendable {
  /// What paths call the layer: its type's name in snake case unless it says otherwise.
  var name: String { get }

  /// The layer's output: `[batch, ...] -> [batch, ...]`.
  func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor
}

extension Layer {
  /// The type's name in snake case: `dense`, `conv2d_transpose`.
  public var name: String { snakeCase(typeName) }

  /// The type's name without what it is generic over.
  var typeName: String { String("\(type(of: self))".prefix { $0 != "<" }) }
}

/// A Swift name as Keras writes it in paths: an underscore before a capital that starts a word.
func snakeCase(_ name: String) -> String {
  let letters = Array(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
  var result = ""
  for (i, letter) in letters.enumerated() {
    let startsWord =
      i > 0 && letter.isUppercase && letters[i - 1] != "_"
      && (letters[i - 1].isLowercase || i + 1 < letters.count && letters[i + 1].isLowercase)
    result += (startsWord ? "_" : "") + letter.lowercased()
  }
  return result
}
