import Backtape
import Testing

/// Transformations of functions against PyTorch's and JAX's in
/// `Tests/Golden/calculus_transforms.json`: at once, and compiled.
struct GoldenTransformTests {
  struct Case: GoldenNamed {
    let name: String
    let inputs: [GoldenArray]
    let results: [GoldenArray]
  }

  private static let golden = Result {
    try loadGolden("calculus_transforms") as GoldenFile<Case>
  }

  // Functions of the generator, by its names.

  @Sendable private static func composite(_ x: Tensor) -> Tensor { exp(sin(x)) * x / (1 + x * x) }
  @Sendable private static func root(_ x: Tensor) -> Tensor { sqrt(1 + x * x) * log1p(x * x) }
  @Sendable private static func quotient(_ x: Tensor) -> Tensor { tanh(x) / (2 + cos(x)) }
  @Sendable private static func power(_ x: Tensor) -> Tensor { (1.5 + sin(x)).power(x) }
  @Sendable private static func softplus(_ x: Tensor) -> Tensor {
    customGradient { x in (log(1 + exp(x)), { g in g * (1 - 1 / (1 + exp(x))) }) }(x)
  }
  @Sendable private static func scaled(_ x: Tensor) -> Tensor {
    customGradient { x in (x * x * x, { g in g * sin(x) * x }) }(x)
  }
  private static func layer(_ p: [Tensor]) -> Tensor { tanh(p[2].dot(p[0]) + p[1]) }
  private static func network(_ w: Tensor, _ v: Tensor, _ x: Tensor) -> Tensor {
    tanh(x.dot(w)).dot(v)
  }
  private static func loss(_ w: Tensor, _ v: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor {
    (network(w, v, x) - y).squared().sum()
  }
  private static func attention(_ p: [Tensor]) -> Tensor {
    softmax(p[0].dot(p[1].transposed) / 2).dot(p[2])
  }
  private static func polynomial(_ p: [Tensor]) -> Tensor {
    let (a, b) = (p[0], p[1])
    return (a * b * b + a.power(3) * b).sum() * a[0] - b.power(4).sum()
  }

  private static let elementwise: [String: @Sendable (Tensor) -> Tensor] = [
    "composite": composite, "root": root, "quotient": quotient, "power": power,
    "softplus of one's own": softplus, "a rule that is no derivative": scaled,
  ]

  private static func derivative(
    _ order: Int, at x: Tensor, _ function: @escaping (Tensor) -> Tensor
  ) -> Tensor {
    if order == 0 { return function(x) }
    return gradient(at: x) { x in derivative(order - 1, at: x, function).sum() }
  }

  private static func gathers(_ x: Tensor, _ places: Tensor) -> [Tensor] {
    let fixed = places[0]
    let cubes: (Tensor) -> Tensor = { rows in (rows * rows * rows).sum() }
    return [
      vmap({ $0.take($1) })(x, places), vmap({ x[0].take($0) })(places),
      vmap({ $0.take(fixed) })(x),
      vmap({ x, i in gradient(at: x) { cubes($0.take(i)) } })(x, places),
      vmap({ x in gradient(at: x) { cubes($0.take(fixed)) } })(x),
    ]
  }

  /// What a case is, by its name.
  private static func transformed(_ name: String, _ p: [Tensor]) -> [Tensor]? {
    if let comma = name.range(of: ", order "),
      let function = elementwise[String(name[..<comma.lowerBound])],
      let order = Int(name[comma.upperBound...])
    {
      return [derivative(order, at: p[0], function)]
    }
    switch name {
    case "jacobian of a layer, rows", "jacobian of a layer, columns":
      return jacobian(at: p, of: layer)
    case "jacobian with more rows than columns":
      return [
        jacobian(at: p[0]) { x in sin(x).expandDims(at: 1) * exp(x) }
      ]
    case "hessian of a polynomial": return hessian(at: p, of: polynomial).flatMap { $0 }
    case "hessian times a vector":
      return hessianVectorProduct(at: [p[0], p[1]], along: [p[2], p[3]], of: polynomial)
    case "attention, forward product":
      let (value, derivative) = valueWithDerivative(
        at: Array(p[..<3]), along: Array(p[3...]), of: attention)
      return [value, derivative]
    case "attention, transposed product":
      return vjp(at: Array(p[..<3]), along: p[3], of: attention)
    case "gradients example by example":
      return vmap(
        { p in gradient(at: [p[0], p[1]]) { loss($0[0], $0[1], p[2], p[3]) } },
        inAxes: [nil, nil, 0, 0])(p)
    case "hessians example by example":
      return vmap(
        { p in [hessian(at: p[2]) { loss(p[0], p[1], $0, p[3]) }] },
        inAxes: [nil, nil, 0, 0])(p)
    case "forward products example by example":
      return [vmap({ x, t in jvp(at: x, along: t) { network(p[0], p[1], $0) } })(p[2], p[3])]
    case "the gradient of gradient norms":
      return [
        gradient(at: p[0]) { w in
          vmap({ x, y in gradient(at: w) { loss($0, p[1], x, y) } })(p[2], p[3]).squared().sum()
        }
      ]
    case "all pairs by a map in a map":
      return [
        vmap({ a in vmap({ b in exp(-(a - b).squared().sum()) })(p[1]) })(p[0])
      ]
    case "axes of arguments and results":
      return [vmap({ a, b in a.expandDims(at: 1) * b }, inAxes: (1, 0), outAxes: 2)(p[0], p[1])]
    case "rows taken and their derivative": return gathers(p[0], p[1].cast(.int64))
    default: return nil
    }
  }

  @Test("Transformations give what PyTorch's and JAX's do", arguments: try golden.get().cases)
  func transformations(golden: Case) throws {
    let inputs = golden.inputs.map(\.tensor)
    let ours = try #require(Self.transformed(golden.name, inputs))
    let inPlan = compiled { (p: [Tensor]) in Self.transformed(golden.name, p)! }(inputs)
    #expect(ours.count == golden.results.count && inPlan.count == golden.results.count)
    for (i, expected) in golden.results.enumerated() {
      expected.expectNear(ours[i], "result \(i)")
      expected.expectNear(inPlan[i], "result \(i) of the plan")
    }
  }

  @Test("Checkpoints change nothing", arguments: ["composite", "root", "quotient", "power"])
  func checkpoints(name: String) throws {
    let function = try #require(Self.elementwise[name])
    let cases = try Self.golden.get().cases.filter { $0.name.hasPrefix(name + ",") }
    #expect(cases.count >= 3)
    for golden in cases {
      let order = try #require(Int(String(golden.name.last!)))
      let ours = Self.derivative(order, at: golden.inputs[0].tensor) { x in checkpoint(x, function)
      }
      golden.results[0].expectNear(ours, golden.name)
    }
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    try Self.golden.get().expectWhole("calculus_transforms", least: 40)
  }
}
