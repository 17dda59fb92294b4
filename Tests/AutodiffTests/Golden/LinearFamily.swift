import Backtape

extension GoldenFamily {
  /// Linear algebra, of what does not depend on the signs of vectors.
  static let linear = GoldenFamily("calculus_linear", least: 220, functions)
}

private let functions: [String: GoldenFamily.Function] = [
  "einsum": { einsum($0.text("equation")!, $1) },
  "tensordot": { s, x in
    if let count = s.int("axes") { return x[0].tensordot(x[1], axes: count) }
    let axes = s["axes"]!.list!.map { $0.ints! }
    return x[0].tensordot(x[1], axes: (axes[0], axes[1]))
  },
  "cross": { $1[0].cross($1[1], axis: $0.int("axis")!) },
  "matrixPower": { $1[0].matrixPower($0.int("exponent")!) },
  "triangularSolve": {
    $1[0].triangularSolve(
      $1[1], upper: $0.isTrue("upper"), transposed: $0.isTrue("transposed"),
      unitDiagonal: $0.isTrue("unit"))
  },
  "matmul": { $1[0].matmul($1[1]) }, "dot": { $1[0].dot($1[1]) },
  "outer": { $1[0].outer($1[1]) }, "inner": { $1[0].inner($1[1]) },
  "vdot": { $1[0].vdot($1[1]) }, "kron": { $1[0].kron($1[1]) },
  "solve": { $1[0].solve($1[1]) }, "solve vector": { $1[0].solve($1[1]) },
  "inverse": { $1[0].inverse() },
  "cholesky": { _, x in
    (x[0].matmul(x[0].transposed) + Tensor.eye(x[0].shape[-2], nil, .float64)).cholesky()
  },
  "det": { $1[0].det() }, "det, singular": { $1[0].det() },
  "logabsdet": { $1[0].logabsdet().logabsdet },
  "qr": { _, x in
    let (q, r) = x[0].qr()
    return .concatenate([q.flatten(), r.flatten()])
  },
  "eigvalsh": { symmetric($1[0]).eigvalsh() },
  "eigh": { _, x in
    let (values, vectors) = symmetric(x[0]).eigh()
    let first = vectors[..., 0..<1]
    return .concatenate([values.flatten(), first.matmul(first.transposed).flatten()])
  },
  "eigh, function": { _, x in
    let (values, vectors) = symmetric(x[0]).eigh()
    return (vectors * sin(values).expandDims(at: -2)).matmul(vectors.transposed)
  },
  "svdvals": { $1[0].svdvals() },
  "svd": { _, x in
    let (u, s, vh) = x[0].svd()
    let first = u[..., 0..<1].matmul(vh[..., 0..<1, .all])
    return .concatenate([s.flatten(), first.flatten()])
  },
  "svd, polar": { _, x in
    let (u, _, vh) = x[0].svd()
    return u.matmul(vh)
  },
  "svd, function": { _, x in
    let (u, s, vh) = x[0].svd()
    return (u * sin(s).expandDims(at: -2)).matmul(vh)
  },
  "matrixExp": { $1[0].matrixExp() }, "pinv": { $1[0].pinv() },
  "lstsq": { $1[0].lstsq($1[1]) },
]

private func symmetric(_ x: Tensor) -> Tensor { (x + x.transposed) / 2 }
