import Backtape

/// A long short-term memory, there and back.
struct W7Recurrence: Workload {
  let name = "W7"
  let title = "an LSTM of 128 units over 50 steps"
  let details = """
    Batches of 32 sequences of 50 steps and 64 inputs, float32: the mean of the squared outputs and
    its derivatives by all weights, compiled.
    """
  let program: String? = "recurrent.py"

  var figures: [Figure] {
    let products = 50 * (64 + 128) * 512
    // Forward, by weights, by the hidden state; nobody needs the derivative of the series.
    let flops = Double(2 * (3 * products - 50 * 64 * 512))
    return [
      Figure(
        id: "gradient", unit: .perSecond("sequences"),
        rivals: ["torch", "torch-compile", "jax", "tensorflow"], flops: flops,
        must: [2: .times(1.3), 1: .times(1.3)], aim: [2: .value(7500)])
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let (batch, time, inputs, units) = size == .full ? (32, 50, 64, 128) : (2, 3, 4, 8)
    func weights(_ rows: Int, _ stream: UInt32) -> Tensor {
      0.1 * .randomNormal([rows, 4 * units], key: RandomKey(seed: 7, stream: stream))
    }
    let values = [weights(inputs, 1), weights(units, 2), .zeros([4 * units])]
    let data = Tensor.randomNormal([batch, time, inputs], key: RandomKey(seed: 7))

    let graph = Graph()
    let variables = values.map { graph.variable("weights", $0) }
    let x = graph.placeholder("x", data.shape)
    let loss = self.loss(variables, x)
    let differentiate = try Function(
      inputs: [x], outputs: [loss] + graph.gradients(of: loss, withRespectTo: variables))
    let check = {
      // The same on a tape, in float64.
      let (value, slopes) = valueWithGradient(at: values.map { $0.cast(.float64) }) { p in
        self.loss(p, data.cast(.float64))
      }
      for (got, expected) in zip(try differentiate(data), [value] + slopes) {
        if !got.cast(.float64).allClose(expected, relative: 1e-3, absolute: 1e-6) {
          throw WrongResult(description: "a derivative differs from that in float64")
        }
      }
    }
    return Work(items: batch, check: check) { try differentiate(data) }
  }

  private func loss(_ p: [Tensor], _ x: Tensor) -> Tensor {
    lstm(x, kernel: p[0], recurrentKernel: p[1], bias: p[2]).outputs.squared().mean()
  }
}
