import Backtape

/// A small GPT in training, and how long it takes to begin.
struct W8Transformer: Workload {
  let name = "W8"
  let title = "a small GPT"
  let details = """
    Four layers of width 128 with four heads, context 64, 65 tokens, layer norm first, GELU with the
    hyperbolic tangent, an output matrix of its own; cross-entropy, AdamW, float32, batches of 16:
    `train` by a function of a graph, `eager` on the tape, beside PyTorch run in the same way.
    """
  let program: String? = "transformer.py"

  private static let batches = 10

  var figures: [Figure] {
    let flops = 3 * Transformer.full.flops
    let tokens = Figure.Unit.perSecond("tokens")
    return [
      Figure(
        id: "train", unit: tokens, rivals: ["torch", "torch-compile", "jax"], flops: flops,
        must: [2: .times(1.4), 1: .times(1.4)], aim: [2: .value(33_000)]),
      Figure(
        id: "eager", rivalID: "train", unit: tokens, rivals: ["torch"], flops: flops,
        must: [2: .times(1.2), 1: .times(1.2)], aim: [2: .times(1.5), 1: .times(1.5)]),
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let network = size == .full ? Transformer.full : Transformer.smoke
    let data = network.data(size == .full ? Self.batches : 2)
    let items = data.count * network.batch * network.context
    let step: (Tensor, Tensor) throws -> Double
    if figure == "eager" {
      let optimizer = EagerAdam(network.parameters(), rate: 3e-4, decay: 0.01)
      step = { x, y in optimizer.step { p in network.loss(p, x, y) } }
    } else {
      let train = try network.trainingStep(network.parameters())
      step = { x, y in try train(x, y)[0].item() }
    }
    let check = {
      let before = try step(data[0].x, data[0].y)
      for _ in 0..<5 { _ = try step(data[0].x, data[0].y) }
      try expectDescent(from: before, to: try step(data[0].x, data[0].y))
    }
    return Work(items: items, check: check) { for (x, y) in data { _ = try step(x, y) } }
  }
}

/// How long the first step of the small GPT takes, from nothing but its weights.
struct W11FirstStep: Workload {
  let name = "W11"
  let title = "time to the first step of the small GPT"
  let details = """
    From weights and data that are there to the end of the first step of W8: tracing,
    differentiating, compiling, running. Every repetition is a process of its own and finds nothing
    kept from before.
    """
  let program: String? = "transformer.py"

  var figures: [Figure] {
    [
      Figure(
        id: "first step", unit: .milliseconds, threads: [2], rivals: ["jax", "torch-compile"],
        must: [2: .times(50)], aim: [2: .value(20)], isFresh: true, repetitions: 3)
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let network = size == .full ? Transformer.full : Transformer.smoke
    let parameters = network.parameters()
    let (x, y) = network.data(1)[0]
    return Work(reported: {
      let clock = ContinuousClock()
      let start = clock.now
      let loss = try network.trainingStep(parameters)(x, y)[0].item()
      let elapsed = (clock.now - start).seconds
      // Weights that know nothing find all tokens about as likely.
      try expect("the first loss", loss, near: 4.2, tolerance: 0.3)
      return elapsed
    })
  }
}
