#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The random stream of NumPy's `np.random.RandomState(seed)`, value for value.
///
/// This is the legacy generator, whose stream NumPy has frozen: an experiment written with
/// `np.random.seed(1)` starts from the same weights here, to the last bit. For new work that
/// needs no such history, prefer ``RandomKey``: its values do not depend on the order of draws.
///
/// A copy of the value draws the same numbers as the original.
///
/// Uniform draws, integers, permutations and choices equal NumPy's on every platform. Gaussian and
/// exponential draws go through the C library's `log`, as NumPy's do, and equal those of a NumPy
/// that uses the same C library.
public struct NumPyRandomState: Sendable, Hashable {
  var generator: MersenneTwister
  /// The second value of the last polar pair, which the next gaussian draw returns first.
  private var cachedGaussian: Double?

  /// Creates the stream of `np.random.RandomState(seed)` for an integer seed.
  public init(seed: UInt32) {
    generator = MersenneTwister(seed: seed)
  }

  /// Creates the stream of `np.random.RandomState(seed)` for a list of integers.
  ///
  /// The stream of `[s]` differs from the stream of `s`, in NumPy too.
  public init(seed: [UInt32]) {
    if seed.isEmpty {
      fatalError("RandomState: the seed array is empty; give at least one 32-bit word")
    }
    generator = MersenneTwister(key: seed)
  }

  /// `random_sample(count)`: doubles in [0, 1) with 53 random bits.
  package mutating func doubles(_ count: Int) -> [Double] {
    draw(count, "random_sample") { $0.generator.nextDouble() }
  }

  /// `randn(count)`, `standard_normal(count)`: mean 0, standard deviation 1.
  package mutating func gaussians(_ count: Int) -> [Double] {
    draw(count, "randn") { $0.nextGaussian() }
  }

  /// `uniform(low, high, count)`: doubles in [low, high).
  ///
  /// As in NumPy `high` may be below `low`; the interval is then (high, low].
  package mutating func uniforms(low: Double, high: Double, count: Int) -> [Double] {
    let range = high - low
    if !range.isFinite {
      fatalError(
        "uniform: the range from \(low) to \(high) is not finite; give bounds whose difference is")
    }
    return draw(count, "uniform") { low + range * $0.generator.nextDouble() }
  }

  /// `normal(mean, standardDeviation, count)`.
  package mutating func normals(mean: Double, standardDeviation: Double, count: Int) -> [Double] {
    checkScale(standardDeviation, "normal", "standardDeviation")
    return draw(count, "normal") { mean + standardDeviation * $0.nextGaussian() }
  }

  /// `exponential(scale, count)`: density `exp(-x / scale) / scale` for x >= 0.
  package mutating func exponentials(scale: Double, count: Int) -> [Double] {
    checkScale(scale, "exponential", "scale")
    return draw(count, "exponential") { scale * -log(1 - $0.generator.nextDouble()) }
  }

  /// Fills an array with `count` draws, in order.
  mutating func draw<Element>(
    _ count: Int, _ operation: String, _ next: (inout NumPyRandomState) -> Element
  ) -> [Element] {
    if count < 0 {
      fatalError("\(operation): \(count) draws are asked for; ask for zero or more")
    }
    var result: [Element] = []
    result.reserveCapacity(count)
    for _ in 0..<count { result.append(next(&self)) }
    return result
  }

  /// Marsaglia's polar method, in the order of `legacy_gauss`: it keeps the value of the first
  /// coordinate and returns that of the second.
  private mutating func nextGaussian() -> Double {
    if let cached = cachedGaussian {
      cachedGaussian = nil
      return cached
    }
    var x1: Double
    var x2: Double
    var r2: Double
    repeat {
      x1 = 2 * generator.nextDouble() - 1
      x2 = 2 * generator.nextDouble() - 1
      r2 = x1 * x1 + x2 * x2
    } while r2 >= 1 || r2 == 0
    let factor = (-2 * log(r2) / r2).squareRoot()
    cachedGaussian = factor * x1
    return factor * x2
  }

  /// NumPy rejects by the sign bit, -0.0 included, and lets NaN through.
  private func checkScale(_ scale: Double, _ operation: String, _ name: String) {
    if scale.sign == .minus && !scale.isNaN {
      fatalError("\(operation): \(name) is \(scale); give a value that is not negative")
    }
  }
}
