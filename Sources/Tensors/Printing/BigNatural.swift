/// A natural number of any size: what exact decimal digits of a float need, and no more.
struct BigNatural: Comparable {
  /// Base 2³², least significant first, no zero at the end.
  private var limbs: [UInt32]

  init(_ value: UInt64) {
    limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
    trim()
  }

  var isZero: Bool { limbs.isEmpty }

  static func < (a: BigNatural, b: BigNatural) -> Bool {
    if a.limbs.count != b.limbs.count { return a.limbs.count < b.limbs.count }
    for i in a.limbs.indices.reversed() where a.limbs[i] != b.limbs[i] {
      return a.limbs[i] < b.limbs[i]
    }
    return false
  }

  static func + (a: BigNatural, b: BigNatural) -> BigNatural {
    if a.limbs.count < b.limbs.count { return b + a }
    var sum = a
    var carry: UInt64 = 0
    for i in a.limbs.indices {
      carry += UInt64(a.limbs[i]) + (i < b.limbs.count ? UInt64(b.limbs[i]) : 0)
      sum.limbs[i] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry != 0 { sum.limbs.append(UInt32(carry)) }
    return sum
  }

  /// Requires `a >= b`.
  static func -= (a: inout BigNatural, b: BigNatural) {
    var borrow: Int64 = 0
    for i in a.limbs.indices {
      borrow += Int64(a.limbs[i]) - (i < b.limbs.count ? Int64(b.limbs[i]) : 0)
      a.limbs[i] = UInt32(truncatingIfNeeded: borrow)
      borrow >>= 32
    }
    a.trim()
  }

  static func *= (a: inout BigNatural, factor: UInt32) {
    var carry: UInt64 = 0
    for i in a.limbs.indices {
      carry += UInt64(a.limbs[i]) * UInt64(factor)
      a.limbs[i] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
    }
    if carry != 0 { a.limbs.append(UInt32(carry)) }
  }

  static func <<= (a: inout BigNatural, bits: Int) {
    if a.isZero { return }
    a *= 1 << UInt32(bits % 32)
    a.limbs.insert(contentsOf: repeatElement(0, count: bits / 32), at: 0)
  }

  /// Leaves the remainder; requires a quotient that is a decimal digit.
  mutating func divideForDigit(by divisor: BigNatural) -> UInt8 {
    var quotient: UInt8 = 0
    while self >= divisor {
      self -= divisor
      quotient += 1
    }
    return quotient
  }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }
}
