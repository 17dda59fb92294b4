// Comparisons of a Swift number, which takes the tensor's type, with a tensor.

extension Tensor {
  /// Where a number is equal to elements.
  public static func .== (a: some TensorNumber, b: Tensor) -> Tensor {
    binary(.equal, b, a.number, numberFirst: true)
  }
  /// Where a number differs from elements.
  public static func .!= (a: some TensorNumber, b: Tensor) -> Tensor {
    binary(.notEqual, b, a.number, numberFirst: true)
  }
  /// Where a number is smaller than elements.
  public static func .< (a: some TensorNumber, b: Tensor) -> Tensor {
    binary(.less, b, a.number, numberFirst: true)
  }
  /// Where a number is smaller than elements or equal.
  public static func .<= (a: some TensorNumber, b: Tensor) -> Tensor {
    binary(.lessEqual, b, a.number, numberFirst: true)
  }
  /// Where a number is larger than elements.
  public static func .> (a: some TensorNumber, b: Tensor) -> Tensor { binary(.less, b, a.number) }
  /// Where a number is larger than elements or equal.
  public static func .>= (a: some TensorNumber, b: Tensor) -> Tensor {
    binary(.lessEqual, b, a.number)
  }
}
