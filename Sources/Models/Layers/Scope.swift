import BacktapeTensors

/// What a layer may ask for while it is called: parameters, states, other layers.
///
/// A scope has a place in the model, its path; what is asked for by name gets the path
/// `place/name`. It is valid during the call it was handed to.
public struct Scope {
  let trace: Trace
  /// Where in the model this is: `encoder/dense_1`; empty for the model itself.
  public let path: String
  let names: Names
  let isFrozen: Bool

  /// Whether this is a training step, not an evaluation or a prediction.
  public var isTraining: Bool { trace.isTraining }

  /// The type of parameters and of what layers compute.
  public var dtype: DType { trace.dtype }

  /// A tensor that training changes, made by its initializer when it is first asked for.
  ///
  /// Asked for again at the same path it is the same tensor: a layer that is called twice shares
  /// its parameters. Another shape than before is an error that names the path and both shapes.
  public func parameter(_ name: String, _ shape: Shape, _ initializer: Initializer) -> Tensor {
    trace.value(at: join(name), shape, initializer, isState: false, isFrozen: isFrozen)
  }

  /// A tensor that the layer itself changes, with ``update(_:to:)``; no gradient is taken to it.
  public func state(_ name: String, _ shape: Shape, _ initializer: Initializer) -> Tensor {
    trace.value(at: join(name), shape, initializer, isState: true, isFrozen: isFrozen)
  }

  /// Gives a state a new value at the end of a training step; evaluation leaves states alone.
  ///
  /// ``state(_:_:_:)`` gives the new value from here on.
  public func update(_ name: String, to value: Tensor) { trace.update(join(name), to: value) }

  /// The place `name` within this one, without a layer of its own.
  public func callAsFunction(_ name: String) -> Scope {
    if !names.takesGroup(name) { refuse("the name '\(name)' is that of a layer already") }
    return Scope(trace: trace, path: join(name), names: names.group(name), isFrozen: isFrozen)
  }

  /// Reserves a place for a layer. Calling what comes back twice shares the parameters.
  ///
  /// - Parameter name: must be new here. Left out, it is the layer's own, numbered if taken:
  ///   `dense`, `dense_1`.
  public func layer(_ layer: any Layer, name: String? = nil) -> ReservedLayer {
    var place = name ?? layer.name
    if name == nil {
      place = names.unused(place)
    } else if place.isEmpty || place.contains("/") {
      refuse("'\(place)' is no name for a layer: it must not be empty or contain '/'")
    } else if !names.takesLayer(place) {
      refuse("two layers are named '\(place)'; call one reserved layer twice to share it")
    }
    return ReservedLayer(
      layer: layer, trace: trace, path: join(place), isFrozen: isFrozen)
  }

  /// Calls a layer at a place of its own.
  public func callAsFunction(_ layer: any Layer, _ x: Tensor) -> Tensor { self.layer(layer)(x) }

  /// Reports that the layer cannot be done; `fit` and the like then throw, naming the layer.
  ///
  /// The caller goes on with any tensor of a plausible shape.
  public func refuse(_ message: String) { trace.tape.refuse(message) }

  /// The same place, its parameters left out of training.
  var frozen: Scope { Scope(trace: trace, path: path, names: names, isFrozen: true) }

  private func join(_ name: String) -> String { path.isEmpty ? name : path + "/" + name }
}

/// A layer with a place in a model.
public struct ReservedLayer {
  let layer: any Layer
  let trace: Trace
  /// The layer's place: its parameters' paths start with it.
  public let path: String
  let isFrozen: Bool

  /// The layer's output. Every call uses the same parameters.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    trace.call(
      layer, x, Scope(trace: trace, path: path, names: Names(), isFrozen: isFrozen))
  }
}

/// The names given at one place during one call of the layer there.
final class Names {
  private var layers: Set<String> = []
  private var groups: [String: Names] = [:]

  /// A name that is not taken: `base`, `base_1`, ...
  func unused(_ base: String) -> String {
    var name = base
    var n = 0
    while !takesLayer(name) {
      n += 1
      name = "\(base)_\(n)"
    }
    return name
  }

  /// Takes the name for a layer; false if it is taken.
  func takesLayer(_ name: String) -> Bool {
    groups[name] == nil && layers.insert(name).inserted
  }

  func takesGroup(_ name: String) -> Bool { !layers.contains(name) }

  /// The names of a group, the same each time.
  func group(_ name: String) -> Names {
    if let known = groups[name] { return known }
    let names = Names()
    groups[name] = names
    return names
  }
}
