// What NumPy's RandomState returns as arrays: float64 and int64 tensors, value for value.

extension NumPyRandomState {
  /// Uniform numbers in [0, 1).
  public mutating func randomSample(_ shape: Shape) -> Tensor {
    Tensor(doubles(shape.count), shape)
  }

  /// Uniform numbers in [0, 1), extents one by one.
  public mutating func rand(_ extents: Int...) -> Tensor { randomSample(Shape(extents)) }

  /// Standard normal numbers, extents one by one.
  public mutating func randn(_ extents: Int...) -> Tensor {
    let shape = Shape(extents)
    return Tensor(gaussians(shape.count), shape)
  }

  /// Uniform numbers in [low, high).
  public mutating func uniform(_ low: Double = 0, _ high: Double = 1, _ shape: Shape) -> Tensor {
    Tensor(uniforms(low: low, high: high, count: shape.count), shape)
  }

  /// Normal numbers of a mean and a standard deviation.
  public mutating func normal(
    _ mean: Double = 0, _ standardDeviation: Double = 1, _ shape: Shape
  ) -> Tensor {
    Tensor(
      normals(mean: mean, standardDeviation: standardDeviation, count: shape.count), shape)
  }

  /// Exponential numbers of a scale.
  public mutating func exponential(_ scale: Double = 1, _ shape: Shape) -> Tensor {
    Tensor(exponentials(scale: scale, count: shape.count), shape)
  }

  /// Integers from `low` up to `high`, which is left out.
  public mutating func randint(_ low: Int, _ high: Int, _ shape: Shape) -> Tensor {
    Tensor(integers(low: low, high: high, count: shape.count), shape)
  }

  /// The numbers 0..<n in random order.
  public mutating func permutation(_ n: Int) -> Tensor {
    let order: [Int] = permutation(n)
    return Tensor(order)
  }

  /// Positions in 0..<population, with or without repeats, with weights if given.
  public mutating func choice(
    _ population: Int, _ count: Int, replace: Bool = true, p: [Double]? = nil
  ) -> Tensor {
    let positions: [Int] = choice(population, count: count, replace: replace, p: p)
    return Tensor(positions)
  }
}
