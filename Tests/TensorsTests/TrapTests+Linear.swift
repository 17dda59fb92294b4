import Backtape

extension TrapTests {
  /// Linear algebra that cannot be done.
  static let linear: [Mistake] = [
    (
      ["cholesky", "[2, 2] is not positive definite", "leading minor of order 2", "eigh"],
      { _ = Tensor([[1.0, 2.0], [2.0, 1.0]]).cholesky() }
    ),
    (
      ["at position 3 of [2, 2]", "order 1"],
      {
        var many = Tensor.eye(3).broadcast(to: [2, 2, 3, 3])
        many[1, 1, 0, 0] = 0
        _ = many.cholesky()
      }
    ),
    (
      ["cholesky", "order 3"],
      { _ = Tape().variable(Tensor([1.0, 1.0, -1.0]) * Tensor.eye(3)).cholesky() }
    ),
    (
      ["solve", "the matrix of shape [2, 2] is singular, of rank 1", "lstsq or pinv"],
      { _ = Tensor([[1.0, 2.0], [2.0, 4.0]]).solve(Tensor([1.0, 2.0])) }
    ),
    (
      ["inverse", "at position 1 of [2]", "rank 0"],
      { _ = Tensor.stack([.eye(3), .zeros([3, 3])]).inverse() }
    ),
    (["inverse", "singular"], { _ = Tensor([[1, 1], [1, 1]]).matrixPower(-3) }),
    (["det: shape [2, 3] holds no square matrices"], { _ = Tensor.zeros([2, 3]).det() }),
    (["inverse: shape [3] holds no square matrices"], { _ = Tensor.zeros([3]).inverse() }),
    (["matrixExp: shape [] holds no square"], { _ = Tensor(1.0).matrixExp() }),
    (["eigh: shape [2, 1]"], { _ = Tensor.zeros([2, 1]).eigh() }),
    (["logabsdet: shape [0, 1]"], { _ = Tensor.zeros([0, 1]).logabsdet() }),
    (["svd: shape [3] holds no matrices"], { _ = Tensor.zeros([3]).svd() }),
    (["qr: shape [] holds no matrices"], { _ = Tensor(1.0).qr() }),
    (
      ["solve: matrices of shape [3, 3]", "right side of shape [2, 1]", "[..., n, columns]"],
      { _ = Tensor.eye(3).solve(.zeros([2, 1])) }
    ),
    (
      ["solve", "[2, 3, 3]", "[3, 3, 1]", "broadcast"],
      { _ = Tensor.ones([2, 3, 3]).solve(.zeros([3, 3, 1])) }
    ),
    (
      ["triangularSolve: matrices of shape [2, 2]", "shape [3]"],
      { _ = Tensor.eye(2).triangularSolve(.zeros([3])) }
    ),
    (
      ["lstsq: matrices of shape [3, 2]", "shape [2, 1]", "[..., m, columns]"],
      { _ = Tensor.ones([3, 2]).lstsq(.zeros([2, 1])) }
    ),
    (
      ["tensordot: shapes [2, 3] and [3]", "no 2 axes"],
      { _ = Tensor.zeros([2, 3]).tensordot(.zeros([3])) }
    ),
    (
      ["tensordot: axes [0] of [2, 3]", "axes [0] of [3]"],
      { _ = Tensor.zeros([2, 3]).tensordot(.zeros([3]), axes: ([0], [0])) }
    ),
    (
      ["tensordot", "named twice"],
      { _ = Tensor.zeros([2, 2]).tensordot(.zeros([2, 2]), axes: ([0, -2], [0, 1])) }
    ),
    (
      ["tensordot", "has 9 axes", "merge"],
      {
        let x = Tensor.zeros([1, 1, 1, 1, 1])
        _ = x.tensordot(x[0], axes: 0)
      }
    ),
    (["cross: axis -1", "[2]", "extent 3"], { _ = Tensor([1, 2]).cross(Tensor([1, 2])) }),
    (["kron", "more than 4 axes"], { _ = Tensor.zeros([1, 1, 1, 1, 1]).kron(.zeros([1])) }),
    (["einsum: \"ij\" was given no operands"], { _ = einsum("ij") }),
    (["einsum: \"ij,jk\" has terms for 2 operands, and was given 1"], { _ = einsum("ij,jk", x) }),
    (["\"ijk->i\" names 3 axes of operand 0", "[2, 3] has 2"], { _ = einsum("ijk->i", x) }),
    (["names 3 axes of operand 0"], { _ = einsum("...ijk->i", x) }),
    (["names 1 axes of operand 0"], { _ = einsum("i->i", x) }),
    (["has k in the result, which no operand has"], { _ = einsum("ij->k", x) }),
    (["names i twice in the result"], { _ = einsum("ij->ii", x) }),
    (["has i of extent 3 in operand 0 of shape [2, 3], and of extent 2"], { _ = einsum("ii", x) }),
    (["has j of extent 2 in operand 1"], { _ = einsum("ij,jk", x, x) }),
    (["has two ellipses in one term"], { _ = einsum("...i...", x) }),
    (["has more than one arrow"], { _ = einsum("ij->i->j", x) }),
    (["has 1 where a letter"], { _ = einsum("i1", x) }),
    (["has . where a letter"], { _ = einsum("ij..", x) }),
    (["has - where a letter"], { _ = einsum("ij-", x) }),
  ]

  private static let x = Tensor.zeros([2, 3])
}
