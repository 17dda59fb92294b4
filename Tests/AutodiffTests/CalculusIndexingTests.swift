import Backtape
import BacktapeAutodiff
import Testing

/// Reductions, cumulations, order, indexing and shape against PyTorch, JAX and NumPy, whose answers
/// are in `Tests/Golden/calculus_indexing.json`.
@Suite("Reductions, order, indexing and shape")
struct CalculusIndexingTests {
  @Test("have PyTorch's values and derivatives", arguments: try IndexingGolden.load().derivatives)
  func derivatives(golden: IndexingGolden.Derivative) {
    golden.expectDerivatives { golden.apply($0) }
  }

  @Test("have gradients that equal differences", arguments: try IndexingGolden.load().derivatives)
  func differences(golden: IndexingGolden.Derivative) {
    let point = golden.inputs.map(\.tensor)
    if golden.isBeyondDifferences(point) { return }
    let weights = golden.cotangent.tensor
    for order in [1, 2] {
      let report = checkGradients(
        of: { (sin(golden.apply($0)) * weights).sum() }, at: point,
        directions: .random(2, key: RandomKey(seed: 1)), order: order)
      #expect(report.agrees, "order \(order): \(report)")
    }
  }

  @Test(
    "have Jacobians with <u, J v> = <J^T u, v>", arguments: try IndexingGolden.load().derivatives)
  func transposes(golden: IndexingGolden.Derivative) {
    let point = golden.inputs.map(\.tensor)
    let directions = golden.tangents.map(\.tensor)
    let (_, pullback) = valueWithPullback(at: point) { golden.apply($0) }
    let u = golden.cotangent.tensor
    let forward = (jvp(at: point, along: directions) { golden.apply($0) } * u).sum().item()
    let backward = zip(pullback(u), directions).reduce(0.0) { $0 + ($1.0 * $1.1).sum().item() }
    #expect((forward - backward).magnitude <= 1e-12 * (1 + forward.magnitude))
  }

  @Test("do in graphs what they do at once", arguments: try IndexingGolden.load().derivatives)
  func graphs(golden: IndexingGolden.Derivative) throws {
    // Masks are known here, so sizes are.
    let inputs = golden.inputs.map(\.tensor)
    let graph = Graph()
    let places = inputs.map { graph.placeholder("x", $0.shape, .float64) }
    let value = golden.apply(places)
    let gradients = graph.gradients(
      of: (value * golden.cotangent.tensor).sum(), withRespectTo: places)
    let results = try Session(graph).run(
      [value] + gradients, feeding: Feeds(Array(zip(places, inputs))))
    golden.value.expectNear(results[0], "value")
    for (position, (result, expected)) in zip(results.dropFirst(), golden.vjp).enumerated() {
      expected.expectNear(result, "gradient of input \(position)")
    }
  }

  @Test("of any type", arguments: try IndexingGolden.load().values)
  func values(golden: IndexingGolden.Values) {
    let inputs = golden.inputs.map(\.tensor)
    expect(golden.settings.apply(golden.operation, inputs), golden)
    // The same with gaps between elements, and backwards.
    let views = inputs.map { x in Tensor.stack([x, x], axis: -1).flip()[..., 1].flip() }
    expect(golden.settings.apply(golden.operation, views), golden)
  }

  private func expect(_ results: [Tensor], _ golden: IndexingGolden.Values) {
    #expect(results.count == golden.outputs.count)
    for (result, expected) in zip(results, golden.outputs.map(\.tensor)) {
      #expect(result.shape == expected.shape)
      #expect(result.dtype == expected.dtype)
      if result.shape != expected.shape { continue }
      let relative = expected.dtype == .float64 ? 1e-12 : expected.dtype == .float32 ? 1e-6 : 0
      #expect(
        result.allClose(expected, relative: relative, absolute: 0), "\(result), not \(expected)")
    }
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try IndexingGolden.load()
    #expect(golden.header.generator == "Tests/Golden/calculus_indexing.py")
    #expect(golden.derivatives.count == golden.header.derivatives)
    #expect(golden.values.count == golden.header.values)
    #expect(golden.derivatives.count >= 200 && golden.values.count >= 130)
    #expect(golden.header.confirmedByJax >= 140)
  }
}

extension IndexingGolden.Derivative {
  /// Whether differences say nothing: there are ties or kinks, elements far apart, or none.
  fileprivate func isBeyondDifferences(_ point: [Tensor]) -> Bool {
    let hasKinks = ["norm", "median", "cummax", "cummin", "sort", "std"].contains {
      operation.hasPrefix($0)
    }
    return point.contains { x in
      x.count == 0 || abs(x).max().item() > 100
        || hasKinks
          && (abs(x).unique().values.count < x.count || x.countNonzero().item() < Double(x.count))
    }
  }
}
