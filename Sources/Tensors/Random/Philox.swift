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
    var x = counter
    var k0 = key[0]
    var k1 = key[1]
    for _ in 0..<10 {
      let p0 = (0xD251_1F53 as UInt32).multipliedFullWidth(by: x[0])
      let p1 = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: x[2])
      x = SIMD4(p1.high ^ x[1] ^ k0, p1.low, p0.high ^ x[3] ^ k1, p0.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return x
  }
}
