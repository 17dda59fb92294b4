// Comparisons with a Swift number, which takes the tensor's type.

extension Tensor {
  /// Where elements are equal to a number.
  public static func .== (a: Tensor, b: Double) -> Tensor { binary(.equal, a, Number(b)) }
  /// Where a number is equal to elements.
  public static func .== (a: Double, b: Tensor) -> Tensor {
    binary(.equal, b, Number(a), numberFirst: true)
  }
  /// Where elements differ from a number.
  public static func .!= (a: Tensor, b: Double) -> Tensor { binary(.notEqual, a, Number(b)) }
  /// Where a number differs from elements.
  public static func .!= (a: Double, b: Tensor) -> Tensor {
    binary(.notEqual, b, Number(a), numberFirst: true)
  }
  /// Where elements are smaller than a number.
  public static func .< (a: Tensor, b: Double) -> Tensor { binary(.less, a, Number(b)) }
  /// Where a number is smaller than elements.
  public static func .< (a: Double, b: Tensor) -> Tensor {
    binary(.less, b, Number(a), numberFirst: true)
  }
  /// Where elements are smaller than a number or equal.
  public static func .<= (a: Tensor, b: Double) -> Tensor { binary(.lessEqual, a, Number(b)) }
  /// Where a number is smaller than elements or equal.
  public static func .<= (a: Double, b: Tensor) -> Tensor {
    binary(.lessEqual, b, Number(a), numberFirst: true)
  }
  /// Where elements are larger than a number.
  public static func .> (a: Tensor, b: Double) -> Tensor {
    binary(.less, a, Number(b), numberFirst: true)
  }
  /// Where a number is larger than elements.
  public static func .> (a: Double, b: Tensor) -> Tensor { binary(.less, b, Number(a)) }
  /// Where elements are larger than a number or equal.
  public static func .>= (a: Tensor, b: Double) -> Tensor {
    binary(.lessEqual, a, Number(b), numberFirst: true)
  }
  /// Where a number is larger than elements or equal.
  public static func .>= (a: Double, b: Tensor) -> Tensor { binary(.lessEqual, b, Number(a)) }
  /// Where elements are equal to a number.
  public static func .== (a: Tensor, b: Int) -> Tensor { binary(.equal, a, Number(b)) }
  /// Where a number is equal to elements.
  public static func .== (a: Int, b: Tensor) -> Tensor {
    binary(.equal, b, Number(a), numberFirst: true)
  }
  /// Where elements differ from a number.
  public static func .!= (a: Tensor, b: Int) -> Tensor { binary(.notEqual, a, Number(b)) }
  /// Where a number differs from elements.
  public static func .!= (a: Int, b: Tensor) -> Tensor {
    binary(.notEqual, b, Number(a), numberFirst: true)
  }
  /// Where elements are smaller than a number.
  public static func .< (a: Tensor, b: Int) -> Tensor { binary(.less, a, Number(b)) }
  /// Where a number is smaller than elements.
  public static func .< (a: Int, b: Tensor) -> Tensor {
    binary(.less, b, Number(a), numberFirst: true)
  }
  /// Where elements are smaller than a number or equal.
  public static func .<= (a: Tensor, b: Int) -> Tensor { binary(.lessEqual, a, Number(b)) }
  /// Where a number is smaller than elements or equal.
  public static func .<= (a: Int, b: Tensor) -> Tensor {
    binary(.lessEqual, b, Number(a), numberFirst: true)
  }
  /// Where elements are larger than a number.
  public static func .> (a: Tensor, b: Int) -> Tensor {
    binary(.less, a, Number(b), numberFirst: true)
  }
  /// Where a number is larger than elements.
  public static func .> (a: Int, b: Tensor) -> Tensor { binary(.less, b, Number(a)) }
  /// Where elements are larger than a number or equal.
  public static func .>= (a: Tensor, b: Int) -> Tensor {
    binary(.lessEqual, a, Number(b), numberFirst: true)
  }
  /// Where a number is larger than elements or equal.
  public static func .>= (a: Int, b: Tensor) -> Tensor { binary(.lessEqual, b, Number(a)) }
}
