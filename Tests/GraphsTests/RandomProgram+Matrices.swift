import Backtape

// Steps that factor matrices, all well conditioned, so that rounding stays what it is.

extension RandomProgram {
  mutating func drawMatrix() {
    let (a, b) = (pick(), pick())
    let (batch, n) = (number(1..<4), number(1..<6))
    /// Far from singular, and not symmetric.
    let matrix: @Sendable (Tensor) -> Tensor = { x in
      let small = tanh(x.fitted(to: [batch, n, n])) * 0.15
      return small + Tensor.eye(n, nil, small.dtype)
    }
    switch number(0..<9) {
    case 0: add([a, b]) { matrix($0[0]).solve($0[1].fitted(to: [batch, n, 2])) }
    case 1: add([a]) { matrix($0[0]).inverse() }
    case 2: add([a]) { matrix($0[0]).det() }
    case 3: add([a]) { matrix($0[0]).logabsdet().logabsdet }
    case 4:
      add([a]) {
        let x = matrix($0[0])
        return (x + x.transposed).cholesky()
      }
    case 5:
      add([a, b]) {
        matrix($0[0]).triangularSolve($0[1].fitted(to: [batch, n]), transposed: true)
      }
    case 6: add([a]) { matrix($0[0]).qr().q }
    case 7: add([a]) { matrix($0[0]).matrixExp() / 3 }
    default:
      add([a, b]) {
        einsum("bij,bjk,kl->bil", matrix($0[0]), matrix($0[1]), matrix($0[0])[0]) / 2
      }
    }
  }
}
