import Backtape

/// Whether costs grow as they should, from the smallest to the largest.
struct SizeSweep: Workload {
  let name = "sweep"
  let title = "sizes"
  let details = """
    A step of training two layers of a width, batches of 32, ReLU, squared error, gradient descent,
    float32: a width twice as large has four times the operations, and may cost five times as much.
    A tape of so many operations on a number, there and back, for which an operation may cost half as
    much again as on a tape of a tenth of the length.
    """

  private static let widths = (2...12).map { 1 << $0 }
  private static let lengths = [10, 100, 1000, 10_000, 100_000, 1_000_000]
  private static let batch = 32

  var figures: [Figure] {
    let steps = Self.widths.map { width in
      // Two products forward; back, one for each kernel and one for the hidden layer.
      let flops = 2.0 * 5 * Double(Self.batch * width * width)
      return Figure(
        id: "width \(width)", unit: .gigaflops(operations: flops), flops: flops,
        must: width == Self.widths[0] ? [:] : [2: .noCliff(5), 1: .noCliff(5)])
    }
    let tapes = Self.lengths.map { length in
      Figure(
        id: "tape \(length)", unit: .nanoseconds, threads: [1],
        must: length == Self.lengths[0] ? [:] : [1: .noCliff(1.5)])
    }
    return steps + tapes
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let parts = figure.split(separator: " ")
    guard parts.count == 2, let number = Int(parts[1]) else {
      throw WrongResult(description: "sweep has no \(figure)")
    }
    if parts[0] == "tape" { return tape(size == .full ? number : min(number, 1000)) }
    return try step(size == .full ? number : min(number, 64))
  }

  private func step(_ width: Int) throws -> Work {
    let graph = Graph()
    let scale = (2 / Double(width)).squareRoot()
    let kernels = (0..<2).map { layer in
      graph.variable(
        "kernel",
        scale * .randomNormal([width, width], key: RandomKey(seed: 12, stream: UInt32(layer))))
    }
    let x = graph.placeholder("x", [Self.batch, width])
    let y = graph.placeholder("y", [Self.batch, width])
    let loss = (relu(x.dot(kernels[0])).dot(kernels[1]) - y).squared().mean()
    let train = try Function(
      inputs: [x, y], outputs: [loss],
      updates: SGD(learningRate: 0.01).minimize(loss, in: graph))
    let data = Tensor.random([Self.batch, width], key: RandomKey(seed: 12, stream: 2))
    let targets = Tensor.random([Self.batch, width], key: RandomKey(seed: 12, stream: 3))
    let check = {
      let before = try train(data, targets)[0].item()
      for _ in 0..<3 { try train(data, targets) }
      try expectDescent(from: before, to: try train(data, targets)[0].item())
    }
    return Work(check: check) { try train(data, targets) }
  }

  private func tape(_ length: Int) -> Work {
    let factor = Tensor(0.999)
    func slope() -> Tensor {
      gradient(at: factor) { a in
        var x = Tensor(0.5)
        for _ in 0..<length { x = x * a }
        return x
      }
    }
    let check = {
      // d/da of 0.5 a^n is 0.5 n a^(n-1).
      var expected = 0.5 * Double(length)
      for _ in 1..<length { expected *= 0.999 }
      try expect("the slope", slope().item(), near: expected, tolerance: 1e-9)
    }
    return Work(items: length, check: check) { _ = slope() }
  }
}
