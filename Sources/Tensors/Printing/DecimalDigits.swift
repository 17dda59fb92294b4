/// The decimal digits of a float: d₀.d₁d₂... · 10^exponent.
///
/// The algorithm is the free-format generation of Steele and White (1990) with the termination of
/// Burger and Dybvig (1996), cut off as NumPy's `dragon4.c` does: digits are those of the exact
/// binary value, they end as soon as they name no other float (but not before `minimum`), or at
/// `maximum`, and the last one is rounded to nearest, ties to even, on the exact remainder.
struct DecimalDigits {
  /// Where digits may end; with `maximum` nil there are as many as identify the value.
  enum Cutoff {
    /// Counted from the first digit.
    case significant(minimum: Int = 1, maximum: Int?)
    /// Counted from the decimal point.
    case fractional(maximum: Int?)
  }

  /// Values 0...9, at least one.
  private(set) var digits: [UInt8]
  /// The power of ten of the first digit.
  private(set) var exponent: Int

  /// - Parameter value: A finite number; its sign is ignored.
  init<Value: BinaryFloatingPoint>(_ value: Value, _ cutoff: Cutoff) {
    digits = []
    exponent = 0
    if value == 0 {
      digits = [0]
      return
    }
    var scaled = ScaledValue(value)
    let firstPower = scaled.normalise(limitedTo: cutoff)
    exponent = firstPower
    let (soonest, last) = cutoff.powers(firstPower: firstPower)

    var power = firstPower
    while true {
      let digit = scaled.nextDigit()
      let (low, high) = scaled.closeness
      if ((low || high) && power <= soonest) || power == last {
        finish(digit, roundingUp: low == high ? scaled.roundsUp(after: digit) : high)
        return
      }
      digits.append(digit)
      power -= 1
    }
  }

  /// Adds the last digit; a carry shortens the digits, and past the first it raises the exponent.
  private mutating func finish(_ digit: UInt8, roundingUp: Bool) {
    digits.append(digit)
    if !roundingUp { return }
    while digits.last == 9 { digits.removeLast() }
    if digits.isEmpty {
      digits = [1]
      exponent += 1
    } else {
      digits[digits.count - 1] += 1
    }
  }
}

extension DecimalDigits.Cutoff {
  /// The powers of ten of the digit that may be the last, and of the digit that must be.
  func powers(firstPower: Int) -> (soonest: Int, last: Int) {
    switch self {
    case .significant(let minimum, let maximum):
      return (firstPower - max(minimum, 1) + 1, maximum.map { firstPower - $0 + 1 } ?? Int.min)
    case .fractional(let maximum):
      return (firstPower, maximum.map { -$0 } ?? Int.min)
    }
  }
}

/// A float and half the gaps to its neighbours, as fractions over one denominator.
private struct ScaledValue {
  private var numerator: BigNatural
  private var denominator: BigNatural
  private var marginLow: BigNatural
  private var marginHigh: BigNatural
  /// The midpoint to a neighbour rounds to a float with an even significand, so it names it too.
  private let isEven: Bool
  /// Whether the numerator is the remainder of a digit already taken.
  private var needsShift = false

  init<Value: BinaryFloatingPoint>(_ value: Value) {
    let fractionBits = Value.significandBitCount
    let bias = 1 << (Value.exponentBitCount - 1) - 1
    let exponentField = Int(value.exponentBitPattern)
    let fraction = UInt64(value.significandBitPattern)
    let significand = exponentField == 0 ? fraction : fraction | 1 << UInt64(fractionBits)
    let exponent = max(exponentField, 1) - bias - fractionBits
    // Below a power of two the floats lie twice as dense.
    let isBoundary = fraction == 0 && exponentField > 1

    numerator = BigNatural(significand)
    denominator = BigNatural(1)
    marginLow = BigNatural(1)
    numerator <<= max(exponent, 0) + 2
    denominator <<= max(-exponent, 0) + 2
    marginLow <<= max(exponent, 0) + (isBoundary ? 0 : 1)
    marginHigh = marginLow
    if isBoundary { marginHigh *= 2 }
    isEven = significand & 1 == 0
  }

  /// Scales by powers of ten until the quotient is the first digit, and returns that digit's power.
  ///
  /// Under a fractional cutoff the first digit is not past the last one wanted: it may be 0.
  mutating func normalise(limitedTo cutoff: DecimalDigits.Cutoff) -> Int {
    var power = 0
    var tenfold = denominator
    tenfold *= 10
    while numerator >= tenfold {
      denominator = tenfold
      tenfold *= 10
      power += 1
    }
    let smallest: Int
    if case .fractional(let maximum?) = cutoff { smallest = -maximum } else { smallest = Int.min }
    while numerator < denominator && power > smallest {
      multiplyByTen()
      power -= 1
    }
    return power
  }

  /// Takes out a digit and keeps the remainder of it.
  mutating func nextDigit() -> UInt8 {
    if needsShift { multiplyByTen() }
    needsShift = true
    return numerator.divideForDigit(by: denominator)
  }

  /// Whether the digits so far, and the digits so far plus one in the last place, name this float.
  var closeness: (low: Bool, high: Bool) {
    let sum = numerator + marginHigh
    return isEven
      ? (numerator <= marginLow, sum >= denominator) : (numerator < marginLow, sum > denominator)
  }

  func roundsUp(after digit: UInt8) -> Bool {
    let twice = numerator + numerator
    return twice == denominator ? digit & 1 == 1 : twice > denominator
  }

  private mutating func multiplyByTen() {
    numerator *= 10
    marginLow *= 10
    marginHigh *= 10
  }
}
