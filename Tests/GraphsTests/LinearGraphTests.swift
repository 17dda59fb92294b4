import Backtape
import Testing

@Suite("Linear algebra in graphs")
struct LinearGraphTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let function: @Sendable (Tensor) -> Tensor

    init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
      testDescription = name
      self.function = function
    }
  }

  static let cases = [
    Case("solve") { $0.solve($0.transposed) },
    Case("triangularSolve") { $0.triangularSolve($0[0], upper: true) },
    Case("inverse") { $0.inverse() }, Case("det") { $0.det() },
    Case("logabsdet") { $0.logabsdet().sign * $0.logabsdet().logabsdet },
    Case("cholesky") { $0.matmul($0.transposed).cholesky() },
    Case("qr") { $0.qr().r + $0.qr().q }, Case("wide qr") { $0[..., 0..<2, .all].qr().r },
    Case("eigh") { ($0 + $0.transposed).eigh().eigenvectors.squared() },
    Case("svd") { $0.svd().s }, Case("pinv") { $0[..., 1...].pinv() },
    Case("matrixPower") { $0.matrixPower(-3) }, Case("matrixExp") { $0.matrixExp() },
    Case("einsum") { einsum("...ij,...kj,...kl->...il", $0, $0, $0) },
    Case("kron") { $0.kron(Tensor([[1.0, 2.0]])) },
    Case("determinant of a large matrix") { x in (x.kron(x) + x.kron(x).transposed).det() },
  ]

  @Test("A plan gives what eager operations give, and their gradients", arguments: cases)
  func plansEqualEager(graph: Case) {
    let function = graph.function
    func both(_ x: Tensor) -> [Tensor] {
      [function(x), gradient(at: x) { sin(function($0)).sum() }]
    }
    let noise = Tensor.random([3, 3], key: RandomKey(seed: 5), .float64)
    let x = noise + 2 * Tensor.eye(3, nil, .float64)
    let plan = compiled { (x: [Tensor]) in both(x[0]) }
    for (ours, eager) in zip(plan([x]), both(x)) { #expect(ours.isClose(to: eager)) }
    // Again with other values, as memory is used anew; and many at once.
    for (ours, eager) in zip(plan([x.transposed]), both(x.transposed)) {
      #expect(ours.isClose(to: eager))
    }
    let many = Tensor.stack([x, x.transposed, x + 1])
    for (ours, eager) in zip(plan([many]), both(many)) { #expect(ours.isClose(to: eager)) }
  }

  @Test("What is refused by its values is NaN in a plan")
  func failures() {
    let plan = compiled { (x: [Tensor]) in [x[0].solve(x[0]), x[0].inverse(), x[1].cholesky()] }
    let results = plan([Tensor([[1.0, 2], [2, 4]]), Tensor([[1.0, 2], [2, 1]])])
    for result in results { #expect(result.scalars(as: Double.self).allSatisfy { $0.isNaN }) }
    let fine = plan([Tensor([[1.0, 2], [2, 5]]), Tensor([[1.0, 0], [0, 1]])])
    #expect(
      fine[0].allClose(Tensor.eye(2, nil, .float64), relative: 0, absolute: 0)
        && fine[2][1, 1].item() == 1)
  }
}
