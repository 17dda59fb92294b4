import BacktapeTensors

/// Steps of adapted length for every weight (Kingma and Ba 2015), with decay if asked for
/// (Loshchilov and Hutter 2019).
///
/// `m += (g - m)(1 - β₁)`, `v += (g² - v)(1 - β₂)`, then
/// `w - rate sqrt(1 - β₂ᵗ) / (1 - β₁ᵗ) m / (sqrt(v) + ε)` at step `t`: as in Keras. PyTorch adds its
/// ε after dividing `v` by its correction, so that the early steps differ by ε alone.
public struct Adam: Optimizer {
  /// How far to go.
  public var learningRate: Double
  /// How much of the mean gradient is kept.
  public var beta1: Double
  /// How much of the mean squared gradient is kept.
  public var beta2: Double
  /// Keeps steps finite where gradients are 0.
  public var epsilon: Double
  /// What share of a weight, times the rate, each step takes away, apart from the gradient.
  public var weightDecay: Double

  /// Keras's settings unless said.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// What a parameter becomes.
  public func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
    // In float64 whatever the weight's type: 1 - 0.999 is far from exact in float32.
    let t = slots.step.cast(.float64)
    let correction = sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t))
    let rate = slots.learningRate * correction.cast(weight.dtype)

    let oldMean = slots("momentum", like: weight)
    let oldSquare = slots("velocity", like: weight)
    let mean = oldMean + (gradient - oldMean) * (1 - beta1)
    let square = oldSquare + (gradient * gradient - oldSquare) * (1 - beta2)
    slots.update("momentum", to: mean)
    slots.update("velocity", to: square)
    let step = rate * mean / (sqrt(square) + epsilon)
    if weightDecay == 0 { return weight - step }
    return weight - weight * (slots.learningRate * weightDecay) - step
  }
}

extension Optimizer where Self == Adam {
  /// Steps of adapted length for every weight, with Keras's settings unless said.
  public static func adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7
  ) -> Adam {
    Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon)
  }

  /// ``adam(learningRate:beta1:beta2:epsilon:)`` with decay of the weights apart from the gradient.
  public static func adamW(
    learningRate: Double = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7
  ) -> Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      weightDecay: weightDecay)
  }
}
