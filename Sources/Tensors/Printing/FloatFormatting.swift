/// Text of single floats, as `str(np.float64(x))` and `np.format_float_...` write it.
enum FloatFormatting {
  /// The whole part with its sign, and the digits after the point.
  typealias Positional = (whole: String, fraction: String)
  /// The first digit with its sign, the digits after the point, and the power of ten.
  typealias Scientific = (whole: String, fraction: String, exponent: Int)

  /// `precision` is the most digits after the point; trailing zeros are removed.
  static func positional<Value: BinaryFloatingPoint>(
    _ value: Value, precision: Int?
  ) -> Positional {
    let decimal = DecimalDigits(value, .fractional(maximum: precision))
    let digits = text(decimal.digits)
    let wholeCount = decimal.exponent + 1
    let whole: String
    let fraction: String
    if wholeCount > 0 {
      whole = digits.prefix(wholeCount) + zeros(wholeCount - digits.utf8.count)
      fraction = String(digits.dropFirst(wholeCount))
    } else {
      whole = "0"
      fraction = zeros(-wholeCount) + digits
    }
    return (sign(value) + whole, withoutTrailingZeros(fraction))
  }

  /// `precision` is the most digits after the point; trailing zeros are removed.
  static func scientific<Value: BinaryFloatingPoint>(
    _ value: Value, precision: Int?
  ) -> Scientific {
    // 17 digits name any Double, so a greater precision means the same.
    let decimal = DecimalDigits(value, .significant(maximum: precision.map { min($0, 17) + 1 }))
    return (
      sign(value) + text(decimal.digits[..<1]),
      withoutTrailingZeros(text(decimal.digits[1...])), decimal.exponent
    )
  }

  /// Exactly `digits` digits after the point, those of the exact value.
  static func scientific<Value: BinaryFloatingPoint>(_ value: Value, digits: Int) -> Scientific {
    let decimal = DecimalDigits(value, .significant(minimum: digits + 1, maximum: digits + 1))
    let fraction = text(decimal.digits[1...])
    return (
      sign(value) + text(decimal.digits[..<1]),
      fraction + zeros(digits - fraction.utf8.count), decimal.exponent
    )
  }

  /// `e+07`: a sign and at least `digits` digits.
  static func exponent(_ exponent: Int, digits: Int = 2) -> String {
    let magnitude = String(abs(exponent))
    return (exponent < 0 ? "e-" : "e+") + zeros(digits - magnitude.utf8.count) + magnitude
  }

  /// `nan`, `inf` or `-inf`; nil for a finite value.
  static func special<Value: BinaryFloatingPoint>(_ value: Value) -> String? {
    value.isNaN ? "nan" : value.isInfinite ? sign(value) + "inf" : nil
  }

  /// `str(value)` of a NumPy scalar: the shortest digits that name the value.
  ///
  /// - Parameter positionalLimit: The magnitude from which an exponent is written: 1e16 for
  ///   `float64`, 1e6 for `float32`.
  static func scalar<Value: BinaryFloatingPoint>(_ value: Value, positionalLimit: Value) -> String {
    if let special = special(value) { return special }
    let magnitude = Double(value.magnitude)
    if value == 0 || (magnitude >= 1e-4 && value.magnitude < positionalLimit) {
      let (whole, fraction) = positional(value, precision: nil)
      return whole + "." + (fraction.isEmpty ? "0" : fraction)
    }
    let (whole, fraction, power) = scientific(value, precision: nil)
    return whole + (fraction.isEmpty ? "" : "." + fraction) + exponent(power)
  }

  private static func sign<Value: BinaryFloatingPoint>(_ value: Value) -> String {
    value.sign == .minus ? "-" : ""
  }

  private static func text(_ digits: some Sequence<UInt8>) -> String {
    String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
  }

  private static func zeros(_ count: Int) -> String {
    String(repeating: "0", count: max(count, 0))
  }

  private static func withoutTrailingZeros(_ fraction: String) -> String {
    var fraction = Substring(fraction)
    while fraction.last == "0" { fraction.removeLast() }
    return String(fraction)
  }
}
