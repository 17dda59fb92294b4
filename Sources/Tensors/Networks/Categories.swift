// Class numbers: as rows of zeros and a one, as rows of a table, as labels.

/// Rows with a 1 at the place each integer names and zeros elsewhere: `[...]` gives
/// `[..., count]`.
///
/// - Parameters:
///   - indices: integers in 0..<count; one outside traps when the operation runs.
///   - count: of places, at least 1.
///   - dtype: of the result.
public func oneHot(_ indices: Tensor, _ count: Int, _ dtype: DType = .float32) -> Tensor {
  if count < 1 || indices.rank == Shape.maximumRank {
    return indices.refusing(
      """
      oneHot: indices of shape \(indices.shape) as \(count) places; there must be at least 1, along \
      one more of at most \(Shape.maximumRank) axes
      """, standIn: indices.shape)
  }
  return indices.marks(of: count, comparedIn: dtype, for: "oneHot").cast(dtype)
}

/// Rows of a table by number: `[...]` with a table `[n, width]` gives `[..., width]`.
///
/// - Parameters:
///   - indices: integers in 0..<n; one outside traps when the operation runs.
///   - table: a row for every number.
public func embedding(_ indices: Tensor, _ table: Tensor) -> Tensor {
  table.take(indices, for: "embedding")
}

extension Tensor {
  /// `[...]` integers as `[..., count]` conditions: whether a place is the one named.
  ///
  /// The lookup converts, and refuses integers outside, at once.
  package func marks(
    of count: Int, comparedIn dtype: DType, for operation: StaticString
  ) -> Tensor {
    let places = Tensor.places(count, comparedIn: dtype)
    return places .== places.take(self, for: operation).expandDims(at: -1)
  }

  /// 0..<count in the floating type of what surrounds them if that counts so far, else int64.
  package static func places(_ count: Int, comparedIn dtype: DType) -> Tensor {
    let isExact = dtype == .float64 || dtype == .float32 && count <= 1 << 24
    return arange(count).cast(isExact ? dtype : .int64)
  }
}
