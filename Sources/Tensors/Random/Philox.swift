/// The counter-based generator Philox4x32-10.
///
/// A block of 128 random bits is a function of a 64-bit key and a 128-bit counter: there is no
/// state, so blocks can be computed in any order. From Salmon, Moraes, Dror and Shaw, "Parallel
/// Random Numbers: As Easy as 1, 2, 3" (SC 2011), with the constants of its Random123 library.
package struct Philox4x32: Sendable, Hashable {
  /// The key words, low one first.
  package let key: SIMD2<UInt32>

  package init(key: SIMD2<UInt32>) {
    self.key = key
  }

  /// The four random words at `counter`.
  package func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    // One by one: in and out of the lanes of a vector would take longer than the arithmetic.
    var (x0, x1, x2, x3) = (counter[0], counter[1], counter[2], counter[3])
    var (k0, k1) = (key[0], key[1])
    for _ in 0..<10 {
      let p0 = 0xD251_1F53 &* UInt64(x0)
      let p1 = 0xCD9E_8D57 &* UInt64(x2)
      (x0, x1) = (UInt32(truncatingIfNeeded: p1 >> 32) ^ x1 ^ k0, UInt32(truncatingIfNeeded: p1))
      (x2, x3) = (UInt32(truncatingIfNeeded: p0 >> 32) ^ x3 ^ k1, UInt32(truncatingIfNeeded: p0))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }
}
