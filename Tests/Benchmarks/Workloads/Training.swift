import Backtape
import Foundation

extension Loss {
  /// Cross-entropy of logits `[batch, classes]` and integer labels `[batch]`.
  static let crossEntropyOfLabels = Loss("cross_entropy", targets: .any) { y, p in
    crossEntropies(p, y)
  }
}

/// Adam (Kingma and Ba 2015), as Keras has it, or AdamW (Loshchilov and Hutter 2019).
struct HandAdam: Optimizer {
  var learningRate = 1e-3
  /// Of AdamW, which also takes `learningRate * decay` of each parameter.
  var decay = 0.0

  func update(_ weight: Tensor, gradient: Tensor, _ slots: Slots) -> Tensor {
    let step = slots.step.cast(weight.dtype)
    let mean = 0.9 * slots("mean", like: weight) + 0.1 * gradient
    let square = 0.999 * slots("square", like: weight) + 0.001 * gradient.squared()
    slots.update("mean", to: mean)
    slots.update("square", to: square)
    let rate = slots.learningRate * sqrt(1 - pow(0.999, step)) / (1 - pow(0.9, step))
    let kept = decay == 0 ? weight : (1 - slots.learningRate * decay) * weight
    return kept - rate * mean / (sqrt(square) + 1e-7)
  }
}

/// Adam on plain tensors, with gradients of a tape.
final class EagerAdam {
  private var parameters: [Tensor]
  private var means: [Tensor]
  private var squares: [Tensor]
  private var number = 0.0
  private let rate: Double
  private let decay: Double

  /// - Parameter decay: of AdamW, which also takes `rate * decay` of each parameter.
  init(_ parameters: [Tensor], rate: Double = 1e-3, decay: Double = 0) {
    self.parameters = parameters
    self.rate = rate
    self.decay = decay
    means = parameters.map { .zeros(like: $0) }
    squares = means
  }

  /// A step down the loss, whose value before it is returned.
  func step(_ loss: ([Tensor]) -> Tensor) -> Double {
    let (value, gradient) = valueWithGradient(at: parameters, of: loss)
    number += 1
    let scale =
      rate * (1 - Foundation.pow(0.999, number)).squareRoot() / (1 - Foundation.pow(0.9, number))
    for i in parameters.indices {
      let slope = gradient[i]
      means[i] = 0.9 * means[i] + 0.1 * slope
      squares[i] = 0.999 * squares[i] + 0.001 * slope.squared()
      let change = scale * means[i] / (sqrt(squares[i]) + 1e-7)
      parameters[i] =
        decay == 0 ? parameters[i] - change : (1 - rate * decay) * parameters[i] - change
    }
    return value.item()
  }
}
