import Backtape
import Testing

/// Derivatives of orders 1 to 5 along lines against JAX's in `Tests/Golden/calculus_orders.json`: at
/// once, and compiled.
struct GoldenOrderTests {
  struct Golden: Decodable {
    struct Header: Decodable { let cases: Int }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
      let name: String
      let point, direction, weights, derivatives: [Double]

      var testDescription: String { name }
    }
    let header: Header
    let cases: [Case]
  }

  private static let golden = Result { try loadGolden("calculus_orders") as Golden }
  private static var cases: [Golden.Case] { (try? golden.get().cases) ?? [] }

  private typealias Function = @Sendable (Tensor) -> Tensor

  private static func halves(_ f: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> Function {
    { x in f(x[0..<x.count / 2], x[(x.count / 2)...]) }
  }
  private static func matrix(_ rows: Int, _ columns: Int, _ f: @escaping Function) -> Function {
    { f($0.reshape([rows, columns])) }
  }
  private static func symmetric(_ n: Int, _ f: @escaping Function) -> Function {
    matrix(n, n) { f(($0 + $0.transposed) / 2) }
  }

  // What the generator's functions are here, by its names.

  private static let elementwise: [String: Function] = [
    "exp": { exp($0) }, "exp2": { exp2($0) }, "expm1": { expm1($0) }, "sin": { sin($0) },
    "cos": { cos($0) }, "tan": { tan($0) }, "sinh": { sinh($0) }, "cosh": { cosh($0) },
    "tanh": { tanh($0) }, "atan": { atan($0) }, "asinh": { asinh($0) }, "erf": { erf($0) },
    "erfc": { erfc($0) }, "sigmoid": { sigmoid($0) }, "silu": { silu($0) }, "gelu": { gelu($0) },
    "gelu by tanh": { gelu($0, .tanh) }, "mish": { mish($0) }, "softplus": { softplus($0) },
    "logSigmoid": { logSigmoid($0) }, "elu": { elu($0) }, "selu": { selu($0) },
    "celu": { celu($0) }, "softsign": { softsign($0) }, "square": { square($0) },
    "reciprocal": { reciprocal($0) }, "abs": { abs($0) }, "log": { log($0) },
    "log2": { log2($0) }, "log10": { log10($0) }, "log1p": { log1p($0) }, "sqrt": { sqrt($0) },
    "rsqrt": { rsqrt($0) }, "asin": { asin($0) }, "acos": { acos($0) }, "atanh": { atanh($0) },
    "erfinv": { erfinv($0) }, "power of 2.5": { $0.power(2.5) }, "power of 3": { $0.power(3) },
    "acosh": { acosh($0 + 1.2) }, "lgamma": { lgamma($0) }, "digamma": { digamma($0) },
    "huber": { huberLoss($0, .zeros([6], .float64)) },
  ]
  private static let pairs: [String: Function] = [
    "atan2": halves { atan2($0, $1) }, "hypot": halves { hypot($0, $1) },
    "logaddexp": halves { logaddexp($0, $1) }, "xlogy": halves { xlogy($0, $1) },
    "pow": halves { pow($0, $1) }, "divide": halves { $0 / $1 },
    "multiply": halves { $0 * $1 }, "remainder": halves { $0 % $1 },
    "cosineSimilarity": halves { cosineSimilarity($0, $1) },
  ]
  private static let rows: [String: Function] = [
    "softmax": matrix(2, 3) { softmax($0) }, "logSoftmax": matrix(2, 3) { logSoftmax($0) },
    "logSumExp": matrix(2, 3) { $0.logSumExp(axis: -1) },
    "norm": matrix(2, 3) { $0.norm(axis: -1) },
    "norm of order 3": matrix(2, 3) { $0.norm(3, axis: -1) },
    "std": matrix(2, 3) { $0.std(axis: -1, correction: 1) },
    "variance": matrix(2, 3) { $0.variance(axis: -1) },
    "cumsum": matrix(2, 3) { $0.cumsum(axis: -1).power(3) },
    "logcumsumexp": matrix(2, 3) { $0.logcumsumexp(axis: 1) },
    "layerNorm": matrix(2, 3) { layerNorm($0) },
    "crossEntropy": matrix(2, 3) { crossEntropy($0, Tensor([0, 2])) },
    "max": matrix(2, 3) { $0.max(axis: 1).power(3) },
    "product with zeros": { $0.product() }, "cumprod with zeros": { $0.cumprod(axis: 0) },
    "sort": { $0.sort().power(3) }, "median": { $0.median().power(3) },
    "take": { $0.take(Tensor([0, 2, 2])).power(3) },
    "indexAdd": { Tensor.zeros([3], .float64).indexAdd($0, at: Tensor([0, 2, 2, 1])).power(3) },
    "conv1d": { x in
      let kernel = x[5...].flip().reshape([3, 1, 1])
      return conv1d(x[0..<5].reshape([1, 5, 1]), kernel, padding: .valid).squared()
    },
  ]
  private static let matrices: [String: Function] = [
    "det": matrix(3, 3) { $0.det() }, "det of four rows": matrix(4, 4) { $0.det() },
    "inverse": matrix(3, 3) { $0.inverse() },
    "logabsdet": matrix(3, 3) { $0.logabsdet().logabsdet },
    "cholesky": symmetric(3) { $0.cholesky() },
    "eigenvalues": symmetric(3) { $0.eigh().eigenvalues },
    "singular values": matrix(3, 2) { $0.svdvals() }, "qr": matrix(3, 2) { abs($0.qr().r) },
    "solve": matrix(3, 3) { $0.solve($0[.all, 0..<1].squared()) },
    "matrixExp": matrix(3, 3) { $0.matrixExp() },
    "matrixPower": matrix(2, 2) { $0.matrixPower(4) },
  ]

  private static func function(_ name: String) throws -> Function {
    try #require(
      elementwise[name] ?? pairs[name] ?? rows[name] ?? matrices[name], "no function \(name)")
  }

  private static func derivative(
    _ order: Int, of function: @escaping (Tensor) -> Tensor
  ) -> (Tensor) -> Tensor {
    order == 0 ? function : derivative(order - 1) { t in gradient(at: t, of: function) }
  }

  @Test("The file is there, whole")
  func whole() throws {
    let golden = try Self.golden.get()
    #expect(golden.cases.count == golden.header.cases && golden.cases.count >= 80)
  }

  @Test("Derivatives of orders 1 to 5 are JAX's", arguments: cases)
  func orders(golden: Golden.Case) throws {
    let function = try Self.function(golden.name)
    let (point, direction) = (Tensor(golden.point), Tensor(golden.direction))
    let weights = Tensor(golden.weights)
    let along = { (t: Tensor) in (function(point + t * direction).flatten() * weights).sum() }
    #expect(golden.derivatives.count == 5)
    for (order, expected) in zip(1..., golden.derivatives) {
      let derivative = Self.derivative(order, of: along)
      let found = derivative(Tensor(0.0)).item()
      let planned = compiled { t in [derivative(t[0])] }([Tensor(0.0)])[0].item()
      for value in [found, planned] {
        #expect(Swift.abs(value - expected) <= 1e-10 * max(Swift.abs(expected), 1e-2), "\(order)")
      }
    }
  }
}
