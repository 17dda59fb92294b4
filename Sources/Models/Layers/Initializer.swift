import BacktapeTensors

/// What a parameter starts as: a function of its shape, type and a random key.
///
/// The key follows from the model's seed and the parameter's path, so a layer added elsewhere does
/// not change it.
public struct Initializer: Sendable {
  /// For messages.
  public let name: String
  private let function: @Sendable (Shape, DType, RandomKey) -> Tensor

  /// - Parameters:
  ///   - name: for messages.
  ///   - function: gives a tensor of the shape and type.
  public init(
    _ name: String, _ function: @escaping @Sendable (Shape, DType, RandomKey) -> Tensor
  ) {
    self.name = name
    self.function = function
  }

  /// The first value of a parameter.
  public func callAsFunction(_ shape: Shape, _ dtype: DType, key: RandomKey) -> Tensor {
    function(shape, dtype, key)
  }

  /// Zeros.
  public static let zeros = constant(0)
  /// Ones.
  public static let ones = constant(1)

  /// One number everywhere.
  public static func constant(_ value: Double) -> Initializer {
    Initializer("constant") { shape, dtype, _ in .full(shape, value, dtype) }
  }

  /// Uniform numbers in [low, high).
  public static func uniform(_ low: Double = -0.05, _ high: Double = 0.05) -> Initializer {
    Initializer("uniform") { shape, dtype, key in
      Tensor(key.uniforms(count: shape.count).map { low + (high - low) * $0 }, shape).cast(dtype)
    }
  }

  /// Normal numbers.
  public static func normal(mean: Double = 0, standardDeviation: Double = 0.05) -> Initializer {
    Initializer("normal") { shape, dtype, key in
      let values = key.normals(count: shape.count).map { mean + standardDeviation * $0 }
      return Tensor(values, shape).cast(dtype)
    }
  }

  /// Normal numbers, those farther than two standard deviations from the mean drawn again.
  public static func truncatedNormal(
    mean: Double = 0, standardDeviation: Double = 0.05
  ) -> Initializer {
    Initializer("truncatedNormal") { shape, dtype, key in
      let values = key.truncatedNormals(count: shape.count).map { mean + standardDeviation * $0 }
      return Tensor(values, shape).cast(dtype)
    }
  }

  /// Uniform within ±sqrt(6 / (in + out)) (Glorot and Bengio 2010): what `Dense` starts with.
  public static let glorotUniform = scaledUniform("glorotUniform") { 6 / ($0 + $1) }
  /// Uniform within ±sqrt(6 / in) (He et al. 2015), for relu.
  public static let heUniform = scaledUniform("heUniform") { fanIn, _ in 6 / fanIn }
  /// Truncated normal of variance 2 / (in + out) (Glorot and Bengio 2010).
  public static let glorotNormal = scaledNormal("glorotNormal") { 2 / ($0 + $1) }
  /// Truncated normal of variance 2 / in (He et al. 2015), for relu.
  public static let heNormal = scaledNormal("heNormal") { fanIn, _ in 2 / fanIn }

  private static func scaledUniform(
    _ name: String, _ squaredLimit: @escaping @Sendable (Double, Double) -> Double
  ) -> Initializer {
    Initializer(name) { shape, dtype, key in
      let fans = shape.fans
      let limit = squaredLimit(fans.in, fans.out).squareRoot()
      return Initializer.uniform(-limit, limit)(shape, dtype, key: key)
    }
  }

  private static func scaledNormal(
    _ name: String, _ variance: @escaping @Sendable (Double, Double) -> Double
  ) -> Initializer {
    Initializer(name) { shape, dtype, key in
      let fans = shape.fans
      // Cutting at two standard deviations leaves this much of one.
      let standardDeviation = variance(fans.in, fans.out).squareRoot() / 0.87962566103423978
      return Initializer.truncatedNormal(standardDeviation: standardDeviation)(
        shape, dtype, key: key)
    }
  }
}

extension Shape {
  /// How many inputs feed an output and how many outputs an input feeds, as Keras counts them:
  /// `[receptive field..., in, out]`.
  fileprivate var fans: (in: Double, out: Double) {
    if rank < 2 { return (Double(last), Double(last)) }
    let field = array.dropLast(2).reduce(1, *)
    return (Double(field * self[-2]), Double(field * self[-1]))
  }
}

extension RandomKey {
  /// The first normals of the sequence that are within two standard deviations.
  fileprivate func truncatedNormals(count: Int) -> [Double] {
    var drawn = count + count / 16 + 16
    while true {
      let kept = normals(count: drawn).lazy.filter { $0.magnitude <= 2 }.prefix(count)
      if kept.count == count { return Array(kept) }
      drawn += drawn / 8
    }
  }
}
