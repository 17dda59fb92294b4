// Comparisons of a Swift number, which takes the tensor's type, with a tensor.

extension Tensor {
  /// Where a number is equal to elements.
  public static func .== (a: Double, b: Tensor) -> Tensor {
    binary(.equal, b, Number(a), numberFirst: true)
  }
  /// Where a number differs from elements.
  public static func .!= (a: Double, b: Tensor) -> Tensor {
    binary(.notEqual, b, Number(a), numberFirst: true)
  }
  /// Where a number is smaller than elements.
  public static func .< (a: Double, b: Tensor) -> Tensor {
    binary(.less, b, Number(a), numberFirst: true)
  }
  /// Where a number is smaller than elements or equal.
  public static func .<= (a: Double, b: Tensor) -> Tensor {
    binary(.lessEqual, b, Number(a), numberFirst: true)
  }
  /// Where a number is larger than elements.
  public static func .> (a: Double, b: Tensor) -> Tensor { binary(.less, b, Number(a)) }
  /// Where a number is larger than elements or equal.
  public static func .>= (a: Double, b: Tensor) -> Tensor { binary(.lessEqual, b, Number(a)) }
  /// Where a number is equal to elements.
  public static func .== (a: Int, b: Tensor) -> Tensor {
    binary(.equal, b, Number(a), numberFirst: true)
  }
  /// Where a number differs from elements.
  public static func .!= (a: Int, b: Tensor) -> Tensor {
    binary(.notEqual, b, Number(a), numberFirst: true)
  }
  /// Where a number is smaller than elements.
  public static func .< (a: Int, b: Tensor) -> Tensor {
    binary(.less, b, Number(a), numberFirst: true)
  }
  /// Where a number is smaller than elements or equal.
  public static func .<= (a: Int, b: Tensor) -> Tensor {
    binary(.lessEqual, b, Number(a), numberFirst: true)
  }
  /// Where a number is larger than elements.
  public static func .> (a: Int, b: Tensor) -> Tensor { binary(.less, b, Number(a)) }
  /// Where a number is larger than elements or equal.
  public static func .>= (a: Int, b: Tensor) -> Tensor { binary(.lessEqual, b, Number(a)) }
}
