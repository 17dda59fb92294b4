/// How each element of one array is written, so that all are equally wide.
///
/// Each function reads the elements that will be shown, and returns what writes one of them.
enum ElementFormat {
  /// NumPy's `FloatingFormat` with floatmode `maxprec`.
  ///
  /// - Parameter exponentLimit: The magnitude from which exponents are written: 1e8 for `float64`,
  ///   1e6 for `float32`, whose digits end there.
  static func floats<Value: BinaryFloatingPoint>(
    _ values: [Value], options: PrintOptions, exponentLimit: Value
  ) -> (Value) -> String {
    let finite = values.filter(\.isFinite)
    let magnitudes = finite.filter { $0 != 0 }.map(\.magnitude)
    // In the type of the values, as NumPy compares them: 1e-4 as a Float is not below 1e-4.
    let smallest = magnitudes.min() ?? 1
    let largest = magnitudes.max() ?? 1
    let hasExponent =
      largest >= exponentLimit
      || (!options.suppressSmall && (smallest < 0.0001 || largest / smallest > 1000))

    var wholeWidth = 0
    var restWidth = 0
    let write: (Value) -> String
    if hasExponent {
      let parts = finite.map { FloatFormatting.scientific($0, precision: options.precision) }
      let digits = parts.map(\.fraction.utf8.count).max() ?? 0
      let exponentDigits =
        parts.map { FloatFormatting.exponent($0.exponent).utf8.count - 2 }.max() ?? 2
      wholeWidth = parts.map(\.whole.utf8.count).max() ?? 0
      restWidth = digits + 2 + exponentDigits
      write = { value in
        let (whole, fraction, power) = FloatFormatting.scientific(value, digits: digits)
        return whole + "." + fraction + FloatFormatting.exponent(power, digits: exponentDigits)
      }
    } else {
      let parts = finite.map { FloatFormatting.positional($0, precision: options.precision) }
      wholeWidth = parts.map(\.whole.utf8.count).max() ?? 0
      restWidth = parts.map(\.fraction.utf8.count).max() ?? 0
      let fractionWidth = restWidth
      write = { value in
        let (whole, fraction) = FloatFormatting.positional(value, precision: options.precision)
        return whole + "." + fraction + spaces(fractionWidth - fraction.utf8.count)
      }
    }
    // The point is one more.
    let specialWidth = values.compactMap { FloatFormatting.special($0)?.utf8.count }.max() ?? 0
    let width = max(wholeWidth + restWidth + 1, specialWidth)
    return { value in leftPadded(FloatFormatting.special(value) ?? write(value), to: width) }
  }

  /// NumPy's `IntegerFormat`.
  static func integers(_ values: [Int]) -> (Int) -> String {
    let width = max(
      values.max().map { String($0).utf8.count } ?? 0,
      values.min().map { String($0).utf8.count } ?? 0)
    return { leftPadded(String($0), to: width) }
  }

  /// NumPy's `BoolFormat`: a scalar is not padded.
  static func bools(rank: Int) -> (Bool) -> String {
    { $0 ? (rank == 0 ? "True" : " True") : "False" }
  }
}

private func leftPadded(_ text: String, to width: Int) -> String {
  spaces(width - text.utf8.count) + text
}

private func spaces(_ count: Int) -> String {
  String(repeating: " ", count: max(count, 0))
}
