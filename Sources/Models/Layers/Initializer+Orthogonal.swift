import BacktapeTensors

extension Initializer {
  /// A matrix with orthonormal columns, or rows if those are fewer (Saxe et al. 2014): of normal
  /// numbers the Q of the QR decomposition whose R has a positive diagonal. The axes before the last
  /// are taken as one.
  public static let orthogonal = Initializer("orthogonal") { shape, dtype, key in
    let columns = shape.last
    let rows = columns == 0 ? 0 : shape.count / columns
    let (count, length) = (Swift.min(rows, columns), Swift.max(rows, columns))
    var vectors = (0..<count).map { i in [Double](repeating: 0, count: length) }
    let normals = key.normals(count: count * length)
    for i in 0..<count {
      var v = Array(normals[i * length..<(i + 1) * length])
      // Twice is enough (Kahan and Parlett): what the first pass leaves, the second takes.
      for _ in 0..<2 {
        for earlier in vectors[..<i] {
          let share = zip(v, earlier).reduce(0) { $0 + $1.0 * $1.1 }
          for k in 0..<length { v[k] -= share * earlier[k] }
        }
      }
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vectors[i] = v.map { $0 / norm }
    }
    let matrix = Tensor(vectors.flatMap(\.self), [count, length])
    return (rows < columns ? matrix : matrix.transposed).reshape(shape).cast(dtype)
  }
}
