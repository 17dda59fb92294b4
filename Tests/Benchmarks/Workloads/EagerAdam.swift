import Backtape
import Foundation

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
