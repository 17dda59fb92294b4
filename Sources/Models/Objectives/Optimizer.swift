import BacktapeTensors

/// How a parameter follows its gradient: a value with one method, in tensor operations.
///
/// The method becomes part of the plan of a training step, so it is called once for every
/// parameter, not once for every step.
///
/// ```swift
/// struct SignDescent: Optimizer {
///   var learningRate = 0.01
///   func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
///     weight - slots.learningRate * sign(gradient)
///   }
/// }
/// ```
public protocol Optimizer: Sendable {
  /// The rate to start with; see ``Model/learningRate`` to change it later.
  var learningRate: Double { get }

  /// What a parameter becomes, of its shape and type.
  func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor
}

/// What an optimizer may ask for: the learning rate, the step, and memory for each parameter.
public struct Slots {
  /// Rank 0, of the parameter's type.
  public let learningRate: Tensor
  /// The number of the step, from 1: int64, rank 0.
  public var step: Tensor { currentStep() }
  let currentStep: () -> Tensor
  let slot: (String, Tensor, Double) -> Tensor
  let assign: (String, Tensor) -> Void

  /// Memory of the parameter, with the value it had at the end of the last step.
  ///
  /// - Parameters:
  ///   - name: one for each use.
  ///   - weight: the memory has its shape and type.
  ///   - initial: what it starts as, everywhere.
  public func callAsFunction(_ name: String, like weight: Tensor, initial: Double = 0) -> Tensor {
    slot(name, weight, initial)
  }

  /// Gives memory a new value at the end of the step.
  public func update(_ name: String, to value: Tensor) { assign(name, value) }
}

/// Gradient descent, with momentum if asked for (Polyak 1964, Nesterov 1983).
///
/// `w - rate * g`. With momentum `m = momentum * m - rate * g`, then `w + m`, or with `nesterov`
/// `w + momentum * m - rate * g`: as in Keras. PyTorch keeps `m / rate`, which is the same as long
/// as the rate stays.
public struct SGD: Optimizer {
  /// How far to go along the gradient.
  public var learningRate: Double
  /// How much of the last step is kept, 0 to 1.
  public var momentum: Double
  /// Whether the gradient is followed from where momentum leads.
  public var nesterov: Bool

  /// Descent at a rate.
  public init(learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
  }

  /// What a parameter becomes.
  public func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
    let step = slots.learningRate * gradient
    if momentum == 0 { return weight - step }
    let velocity = momentum * slots("momentum", like: weight) - step
    slots.update("momentum", to: velocity)
    return nesterov ? weight + (momentum * velocity - step) : weight + velocity
  }
}

extension Optimizer where Self == SGD {
  /// Gradient descent, with momentum if asked for.
  public static func sgd(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false
  ) -> SGD {
    SGD(learningRate: learningRate, momentum: momentum, nesterov: nesterov)
  }
}
