/// MT19937 of Matsumoto and Nishimura (1998), the bit generator under NumPy's `RandomState`.
///
/// State and both seedings are those of the authors' `mt19937ar.c` (2002).
struct MersenneTwister: Sendable, Hashable {
  private static let length = 624
  private static let offset = 397

  private var words: [UInt32]
  private var position = MersenneTwister.length

  /// Seeds by one word (`init_genrand`).
  init(seed: UInt32) {
    words = [UInt32](repeating: seed, count: Self.length)
    for i in 1..<Self.length {
      let previous = words[i - 1]
      words[i] = 1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(i)
    }
  }

  /// Seeds by a non-empty key (`init_by_array`).
  init(key: [UInt32]) {
    self.init(seed: 19_650_218)
    var i = 1
    var j = 0
    for _ in 0..<max(Self.length, key.count) {
      let previous = words[i - 1]
      words[i] =
        (words[i] ^ ((previous ^ (previous >> 30)) &* 1_664_525)) &+ key[j] &+ UInt32(j)
      advance(&i)
      j = j + 1 == key.count ? 0 : j + 1
    }
    for _ in 1..<Self.length {
      let previous = words[i - 1]
      words[i] = (words[i] ^ ((previous ^ (previous >> 30)) &* 1_566_083_941)) &- UInt32(i)
      advance(&i)
    }
    words[0] = 0x8000_0000
  }

  private mutating func advance(_ i: inout Int) {
    i += 1
    if i == Self.length {
      words[0] = words[Self.length - 1]
      i = 1
    }
  }

  /// The next 32 bits.
  mutating func next32() -> UInt32 {
    if position == Self.length { twist() }
    var y = words[position]
    position += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    y ^= y >> 18
    return y
  }

  /// The next 64 bits: the first word drawn is the high one, as in NumPy.
  mutating func next64() -> UInt64 {
    let high = UInt64(next32())
    return high << 32 | UInt64(next32())
  }

  /// The next double in [0, 1), a multiple of 2⁻⁵³ (`genrand_res53`).
  mutating func nextDouble() -> Double {
    let high = next32() >> 5
    let low = next32() >> 6
    return (Double(high) * 67_108_864 + Double(low)) / 9_007_199_254_740_992
  }

  private mutating func twist() {
    words.withUnsafeMutableBufferPointer { words in
      for i in 0..<Self.length {
        let next = i + 1 == Self.length ? 0 : i + 1
        let other = i + Self.offset < Self.length ? i + Self.offset : i + Self.offset - Self.length
        let y = (words[i] & 0x8000_0000) | (words[next] & 0x7fff_ffff)
        words[i] = words[other] ^ (y >> 1) ^ ((y & 1) &* 0x9908_b0df)
      }
    }
    position = 0
  }
}
