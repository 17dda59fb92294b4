import Backtape
import Testing

/// Operations and their derivatives against PyTorch's and JAX's, whose answers are in
/// `Tests/Golden`, and against themselves.
struct GoldenDerivativeTests {
  @Test("Values and derivatives equal PyTorch's", arguments: try GoldenExample.all.get())
  func equalPyTorch(example: GoldenExample) throws {
    let golden = example.golden
    let function = try example.function()
    let point = golden.inputs.map(\.tensor)
    let directions = golden.tangents.map(\.tensor)
    let u = golden.cotangent.tensor
    func near(_ expected: GoldenArray, _ ours: Tensor, _ what: String) {
      expected.expectNear(ours, what, eachAlone: example.isElementwise)
    }

    let (value, pullback) = valueWithPullback(at: point, of: function)
    near(golden.value, value, "value")
    near(golden.value, function(point), "value off the tape")
    guard let expected = golden.jvp else { return }
    near(expected, jvp(at: point, along: directions, of: function), "jvp")
    for (i, (pulled, expected)) in zip(pullback(u), golden.vjp).enumerated() {
      near(expected, pulled, "vjp of input \(i)")
    }
    #expect(golden.vjp.count == point.count)
    if golden.hvp.isEmpty { return }
    #expect(golden.hvp.count == point.count)
    let curvature = hessianVectorProduct(at: point, along: directions) { (function($0) * u).sum() }
    for (i, (product, expected)) in zip(curvature, golden.hvp).enumerated() {
      near(expected, product, "hvp of input \(i)")
    }
  }

  @Test("Graphs give what runs at once", arguments: try GoldenExample.all.get())
  func graphs(example: GoldenExample) throws {
    let golden = example.golden
    let function = try example.function()
    let graph = Graph()
    let places = golden.inputs.map { graph.placeholder("x", Shape($0.shape), .float64) }
    let value = function(places)
    let gradients = graph.gradients(
      of: (value * golden.cotangent.tensor).sum(), withRespectTo: places)
    let results = try Session(graph).run(
      [value] + gradients, feeding: Feeds(Array(zip(places, golden.inputs.map(\.tensor)))))
    golden.value.expectNear(results[0], "value", eachAlone: example.isElementwise)
    for (i, (gradient, expected)) in zip(results.dropFirst(), golden.vjp).enumerated() {
      expected.expectNear(gradient, "gradient of input \(i)", eachAlone: example.isElementwise)
    }
  }

  @Test("Derivatives equal differences", arguments: try GoldenExample.smooth.get())
  func equalDifferences(example: GoldenExample) throws {
    let function = try example.function()
    let point = example.golden.inputs.map(\.tensor)
    let u = example.golden.cotangent.tensor
    let isSmall = point.reduce(0) { $0 + $1.count } <= 12
    // A wide sine bends what is linear.
    let width = max(1, example.golden.value.size)
    for order in 1...2 {
      let report = checkGradients(
        of: { width * (sin(function($0) / width) * u).sum() }, at: point,
        directions: isSmall ? .everyElement : .random(3, key: RandomKey(seed: 1)), order: order)
      #expect(report.agrees, "order \(order): \(report)")
    }
  }

  @Test("<u, J v> equals <J^T u, v>", arguments: try GoldenExample.derived.get())
  func transposeOfTheJacobian(example: GoldenExample) throws {
    let function = try example.function()
    let point = example.golden.inputs.map(\.tensor)
    let directions = example.golden.tangents.map(\.tensor)
    let u = example.golden.cotangent.tensor
    let forward = (jvp(at: point, along: directions, of: function) * u).sum().item()
    let backward = zip(vjp(at: point, along: u, of: function), directions).map {
      ($0 * $1).sum().item()
    }
    let difference = forward - backward.reduce(0, +)
    let size = backward.reduce(0) { $0 + $1.magnitude }
    #expect(difference.magnitude <= 1e-11 * (1 + size), "\(forward), \(backward)")
  }

  @Test("Golden files name their origin and hold what they say", arguments: GoldenFamily.all)
  func filesAreWhole(family: GoldenFamily) throws {
    let file: GoldenFile<GoldenCase> = try loadGolden(family.file)
    file.expectWhole(family.file, least: family.least)
    #expect(file.cases.filter { $0.jax }.count == file.header.jaxChecked)
    #expect(Set(file.cases.map(\.operation)) == Set(family.operations.keys))
    #expect(file.cases.contains { $0.smooth })
  }
}
