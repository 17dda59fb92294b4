#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A name for an endless sequence of random numbers that can be read any number of times.
///
/// The value at a position depends on the key and the position alone: not on what was drawn
/// before, on the thread, or on how many values are asked for. Two keys that differ in any field
/// name independent sequences; the functions of one key read the same random bits, so give each
/// use a stream of its own.
///
/// ```swift
/// let weights = RandomKey(seed: 7, stream: 0).normals(count: 12)
/// let order = RandomKey(seed: 7, stream: 1, step: epoch).permutation(count: 60_000)
/// ```
public struct RandomKey: Sendable, Hashable {
  /// The seed of the whole experiment.
  public var seed: UInt64
  /// The use within the experiment: one number for each layer, data set, dropout mask, ...
  public var stream: UInt32
  /// The repetition of that use: the epoch or the iteration.
  public var step: UInt64

  /// Creates the key of a use and its repetition.
  public init(seed: UInt64, stream: UInt32 = 0, step: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
    self.step = step
  }

  /// Doubles in [0, 1), multiples of 2⁻⁵³.
  public func uniforms(count: Int) -> [Double] {
    fill(count, perBlock: 2) { block, append in
      append(Double(high64(block) >> 11) * 0x1p-53)
      append(Double(low64(block) >> 11) * 0x1p-53)
    }
  }

  /// Floats in [0, 1), multiples of 2⁻²⁴.
  public func floats(count: Int) -> [Float] {
    fill(count, perBlock: 4) { block, append in
      for lane in 0..<4 { append(Float(block[lane] >> 8) * 0x1p-24) }
    }
  }

  /// Normally distributed doubles with mean 0 and standard deviation 1.
  ///
  /// By the transform of Box and Muller (1958): positions 2k and 2k + 1 come from the uniforms at
  /// those positions. The largest magnitude is 8.6. The last bit depends on the C library's
  /// `log`, `cos` and `sin`.
  public func normals(count: Int) -> [Double] {
    fill(count, perBlock: 2) { block, append in
      // 1 - u lies in (0, 1], where the logarithm is finite.
      let radius = (-2 * log(1 - Double(high64(block) >> 11) * 0x1p-53)).squareRoot()
      let angle = 2 * Double.pi * (Double(low64(block) >> 11) * 0x1p-53)
      append(radius * cos(angle))
      append(radius * sin(angle))
    }
  }

  /// The integers 0, ..., count - 1 in random order.
  ///
  /// By the shuffle of Fisher and Yates with 64 random bits a place, scaled by multiplication;
  /// the bias is below `count` · 2⁻⁶⁴.
  public func permutation(count: Int) -> [Int] {
    let draws: [UInt64] = fill(count, perBlock: 2) { block, append in
      append(high64(block))
      append(low64(block))
    }
    var result = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) {
      result.swapAt(i, Int(draws[i].multipliedFullWidth(by: UInt64(i + 1)).high))
    }
    return result
  }

  /// Collects the first `count` values of blocks 0, 1, ..., each giving `perBlock` values.
  private func fill<Value>(
    _ count: Int, perBlock: Int, _ values: (SIMD4<UInt32>, (Value) -> Void) -> Void
  ) -> [Value] {
    if count < 0 {
      fatalError("RandomKey: \(count) values are asked for; ask for zero or more")
    }
    let blocks = (count + perBlock - 1) / perBlock
    if blocks > 1 << 32 {
      fatalError(
        "RandomKey: \(count) values are asked for, but a key has \(perBlock << 32); "
          + "use more streams")
    }
    let philox = Philox4x32(
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    var counter = SIMD4(
      0, stream, UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32))
    var result: [Value] = []
    result.reserveCapacity(blocks * perBlock)
    for block in 0..<blocks {
      counter[0] = UInt32(block)
      values(philox.block(counter)) { result.append($0) }
    }
    result.removeLast(result.count - count)
    return result
  }
}

private func high64(_ block: SIMD4<UInt32>) -> UInt64 {
  UInt64(block[0]) << 32 | UInt64(block[1])
}

private func low64(_ block: SIMD4<UInt32>) -> UInt64 {
  UInt64(block[2]) << 32 | UInt64(block[3])
}
