extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
  /// The elements as NumPy's `str` lays them out.
  public var description: String { description(PrintOptions()) }

  /// The elements as NumPy's `str` lays them out, with options.
  public func description(_ options: PrintOptions) -> String {
    if isAbstract { return "Tensor(shape: \(shape), dtype: \(dtype), not yet computed)" }
    return withFormatter(options) { $0.string(shape: $1, $2) }
  }

  /// The elements as NumPy's `repr` lays them out: `array([1., 2.], dtype=float32)`.
  public var debugDescription: String {
    if isAbstract { return description }
    return withFormatter(PrintOptions()) { $0.representation(shape: $1, $2) }
  }

  private func withFormatter(
    _ options: PrintOptions, _ body: (ArrayFormatter, [Int], ArrayElements) -> String
  ) -> String {
    let formatter = ArrayFormatter(options: options)
    return withUnsafeBytes { bytes in
      let address = bytes.baseAddress
      func element<T>(_ type: T.Type) -> (Int) -> T {
        { address.unsafelyUnwrapped.load(fromByteOffset: $0 * MemoryLayout<T>.stride, as: T.self) }
      }
      let elements: ArrayElements =
        switch dtype {
        case .float64: .float64(element(Double.self))
        case .float32: .float32(element(Float.self))
        case .bool: .bool(element(Bool.self))
        case .uint8:
          .integer(dtype: "uint8") { [load = element(UInt8.self)] in Int(load($0)) }
        case .int32:
          .integer(dtype: "int32") { [load = element(Int32.self)] in Int(load($0)) }
        case .int64: .integer(dtype: "int64", element(Int.self))
        }
      return body(formatter, shape.array, elements)
    }
  }
}
