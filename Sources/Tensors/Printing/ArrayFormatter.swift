/// The elements of an array to be written, by their position in row-major order.
package enum ArrayElements {
  case float64((Int) -> Double)
  case float32((Int) -> Float)
  /// The name is the dtype's: `int64`, `int32`, `uint8`, ...
  case integer(dtype: String, (Int) -> Int)
  case bool((Int) -> Bool)

  /// NumPy's name of the element type.
  package var dtype: String {
    switch self {
    case .float64: "float64"
    case .float32: "float32"
    case .integer(let dtype, _): dtype
    case .bool: "bool"
    }
  }
}

/// Writes arrays as NumPy 2.4 does, character for character.
///
/// The rules are those of `numpy/_core/arrayprint.py` with the options of ``PrintOptions``; the
/// rest (`floatmode='maxprec'`, `sign='-'`, `nanstr`, `infstr`) has NumPy's defaults.
package struct ArrayFormatter: Sendable {
  package let options: PrintOptions

  package init(options: PrintOptions = PrintOptions()) {
    if options.precision < 0 || options.edgeItems < 0 {
      fatalError(
        "PrintOptions: precision \(options.precision), edgeItems \(options.edgeItems); "
          + "neither may be negative")
    }
    self.options = options
  }

  /// `str(array)`: elements separated by spaces; rank 0 is written like a scalar.
  package func string(shape: [Int], _ elements: ArrayElements) -> String {
    if !shape.isEmpty { return body(shape: shape, elements) }
    return switch elements {
    case .float64(let element): FloatFormatting.scalar(element(0), positionalLimit: 1e16)
    case .float32(let element): FloatFormatting.scalar(element(0), positionalLimit: 1e6)
    case .integer(_, let element): String(element(0))
    case .bool(let element): element(0) ? "True" : "False"
    }
  }

  /// `repr(array)`: `array([1., 2.], dtype=float32)`.
  ///
  /// - Parameter name: The word before the parenthesis; continuation lines are indented by it.
  package func representation(
    shape: [Int], _ elements: ArrayElements, name: String = "array"
  ) -> String {
    let prefix = name + "("
    let size = shape.reduce(1, *)
    var extras: [String] = []
    if (size == 0 && shape != [0]) || size > options.threshold {
      extras.append(
        "shape=(" + shape.map(String.init).joined(separator: ", ")
          + (shape.count == 1 ? ",)" : ")"))
    }
    let isImplied = ["float64", "int64", "bool"].contains(elements.dtype)
    if !isImplied || size == 0 { extras.append("dtype=" + elements.dtype) }

    var text =
      prefix + body(shape: shape, elements, separator: ", ", prefix: prefix, suffix: ")")
    if extras.isEmpty { return text + ")" }
    text += ","
    let extra = extras.joined(separator: ", ") + ")"
    let lastLine = text.utf8.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
    let isTooLong = lastLine + extra.utf8.count + 1 > options.lineWidth
    return text
      + (isTooLong ? "\n" + String(repeating: " ", count: prefix.utf8.count) : " ") + extra
  }

  /// `np.array2string(array, separator=separator, prefix=prefix, suffix=suffix)`.
  ///
  /// - Parameters:
  ///   - shape: The size of each axis.
  ///   - elements: The elements; those that a summary leaves out are not read.
  ///   - separator: What stands between elements.
  ///   - prefix: Indents continuation lines by its length; it is not part of the result.
  ///   - suffix: Shortens lines by its length; it is not part of the result.
  package func body(
    shape: [Int], _ elements: ArrayElements, separator: String = " ", prefix: String = "",
    suffix: String = ""
  ) -> String {
    let size = shape.reduce(1, *)
    if size == 0 { return "[]" }
    let edgeItems = size > options.threshold ? options.edgeItems : nil
    let layout = ArrayLayout(
      shape: shape, edgeItems: edgeItems, separator: separator,
      element: element(elements, shape: shape, shown: shownPositions(shape, edgeItems)))
    return layout.text(
      indent: String(repeating: " ", count: 1 + prefix.utf8.count),
      width: options.lineWidth - suffix.utf8.count)
  }

  private func element(
    _ elements: ArrayElements, shape: [Int], shown: [Int]
  ) -> (Int) -> String {
    switch elements {
    case .float64(let element):
      let format = ElementFormat.floats(
        shown.map(element), options: options, exponentLimit: 1e8)
      return { format(element($0)) }
    case .float32(let element):
      let format = ElementFormat.floats(
        shown.map(element), options: options, exponentLimit: 1e6)
      return { format(element($0)) }
    case .integer(_, let element):
      let format = ElementFormat.integers(shown.map(element))
      return { format(element($0)) }
    case .bool(let element):
      let format = ElementFormat.bools(rank: shape.count)
      return { format(element($0)) }
    }
  }

  /// Positions of the elements in the corners; all of them without a summary.
  ///
  /// With `edgeItems` 0 NumPy lets all elements count for the widths, and so does this.
  private func shownPositions(_ shape: [Int], _ edgeItems: Int?) -> [Int] {
    var positions = [0]
    for size in shape {
      let edge = edgeItems ?? 0
      let isCut = edge > 0 && edge < size - edge
      let indices = isCut ? Array(0..<edge) + Array((size - edge)..<size) : Array(0..<size)
      positions = positions.flatMap { position in indices.map { position * size + $0 } }
    }
    return positions
  }
}
