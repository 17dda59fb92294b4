import Backtape
import Testing

/// Linear algebra: values and derivatives against PyTorch's and JAX's in
/// `Tests/Golden/calculus_linear.json`.
struct GoldenLinearTests {
  @Test("Linear algebra equals PyTorch's", arguments: try GoldenLinear.load().cases)
  func linearAlgebraEqualsPyTorch(golden: GoldenLinearCase) throws {
    let function = try #require(golden.function, "no operation \(golden.operation)")
    golden.expectDerivatives(of: function)
  }

  @Test("The golden file names its origin and holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try GoldenLinear.load()
    #expect(golden.header.generator == "Tests/Golden/calculus_linear.py")
    #expect(golden.cases.count == golden.header.cases)
    #expect(golden.cases.count >= 180)
  }
}

private struct GoldenLinear: Decodable {
  struct Header: Decodable {
    let generator: String
    let cases: Int
  }
  let header: Header
  let cases: [GoldenLinearCase]

  static func load() throws -> GoldenLinear { try loadGolden("calculus_linear") }
}

struct GoldenLinearCase: GoldenFunction, Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let operation: String
  /// As JSON.
  let attributes: [String]
  let inputs: [GoldenArray]
  let cotangent: GoldenArray
  let tangents: [GoldenArray]
  let value: GoldenArray
  let vjp: [GoldenArray]
  let jvp: GoldenArray
  let hvp: [GoldenArray]

  var testDescription: String { name }

  /// What the generator calls by this name.
  var function: (([Tensor]) -> Tensor)? {
    switch operation {
    case "einsum":
      let equation = attributes[0].filter { $0 != "\"" }
      return { einsum(equation, $0) }
    case "tensordot":
      let axes = numbers(0)
      if !attributes[0].hasPrefix("[") { return { $0[0].tensordot($0[1], axes: axes[0]) } }
      let half = axes.count / 2
      return { $0[0].tensordot($0[1], axes: (Array(axes[..<half]), Array(axes[half...]))) }
    case "cross":
      let axis = numbers(0)[0]
      return { $0[0].cross($0[1], axis: axis) }
    case "matrixPower":
      let exponent = numbers(0)[0]
      return { $0[0].matrixPower(exponent) }
    case "triangularSolve":
      let how = attributes.map { $0 == "true" }
      return {
        $0[0].triangularSolve($0[1], upper: how[0], transposed: how[1], unitDiagonal: how[2])
      }
    default: return functions[operation]
    }
  }

  private func numbers(_ position: Int) -> [Int] {
    attributes[position].split { !"-0123456789".contains($0) }.compactMap { Int($0) }
  }
}

private let functions: [String: @Sendable ([Tensor]) -> Tensor] = [
  "matmul": { $0[0].matmul($0[1]) }, "dot": { $0[0].dot($0[1]) },
  "outer": { $0[0].outer($0[1]) }, "inner": { $0[0].inner($0[1]) },
  "vdot": { $0[0].vdot($0[1]) }, "kron": { $0[0].kron($0[1]) },
  "solve": { $0[0].solve($0[1]) }, "solve vector": { $0[0].solve($0[1]) },
  "inverse": { $0[0].inverse() },
  "cholesky": { x in
    (x[0].matmul(x[0].transposed) + Tensor.eye(x[0].shape[-2], nil, .float64)).cholesky()
  },
  "det": { $0[0].det() }, "det, singular": { $0[0].det() },
  "logabsdet": { $0[0].logabsdet().logabsdet },
  "qr": { x in
    let (q, r) = x[0].qr()
    return .concatenate([q.flatten(), r.flatten()])
  },
  "eigvalsh": { symmetric($0[0]).eigvalsh() },
  "eigh": { x in
    let (values, vectors) = symmetric(x[0]).eigh()
    let first = vectors[..., 0..<1]
    return .concatenate([values.flatten(), first.matmul(first.transposed).flatten()])
  },
  "eigh, function": { x in
    let (values, vectors) = symmetric(x[0]).eigh()
    return (vectors * sin(values).expandDims(at: -2)).matmul(vectors.transposed)
  },
  "svdvals": { $0[0].svdvals() },
  "svd": { x in
    let (u, s, vh) = x[0].svd()
    let first = u[..., 0..<1].matmul(vh[..., 0..<1, .all])
    return .concatenate([s.flatten(), first.flatten()])
  },
  "svd, polar": { x in
    let (u, _, vh) = x[0].svd()
    return u.matmul(vh)
  },
  "svd, function": { x in
    let (u, s, vh) = x[0].svd()
    return (u * sin(s).expandDims(at: -2)).matmul(vh)
  },
  "matrixExp": { $0[0].matrixExp() }, "pinv": { $0[0].pinv() },
  "lstsq": { $0[0].lstsq($0[1]) },
]

private func symmetric(_ x: Tensor) -> Tensor { (x + x.transposed) / 2 }
