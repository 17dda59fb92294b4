// Comparisons give bool tensors; they have no derivative.

infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence
infix operator .& : LogicalConjunctionPrecedence
infix operator .| : LogicalDisjunctionPrecedence
infix operator .^ : LogicalDisjunctionPrecedence

extension Tensor {
  /// Where elements are equal; NaN equals nothing. Shapes broadcast.
  public static func .== (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.equal, ".==", a, b.operand)
  }
  /// Where elements differ. Shapes broadcast.
  public static func .!= (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.notEqual, ".!=", a, b.operand)
  }
  /// Where the left element is smaller. Shapes broadcast.
  public static func .< (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.less, ".<", a, b.operand)
  }
  /// Where the left element is smaller or equal. Shapes broadcast.
  public static func .<= (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.lessEqual, ".<=", a, b.operand)
  }
  /// Where the left element is larger. Shapes broadcast.
  public static func .> (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.less, ".>", b.operand, a)
  }
  /// Where the left element is larger or equal. Shapes broadcast.
  public static func .>= (a: Tensor, b: some TensorOperand) -> Tensor {
    binary(.lessEqual, ".>=", b.operand, a)
  }

  /// Where both are true; anything but 0 is true.
  public static func .& (a: Tensor, b: Tensor) -> Tensor {
    binary(.and, ".&", a.cast(.bool), b.cast(.bool))
  }
  /// Where one is true, or both.
  public static func .| (a: Tensor, b: Tensor) -> Tensor {
    binary(.or, ".|", a.cast(.bool), b.cast(.bool))
  }
  /// Where one is true, not both.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor {
    binary(.xor, ".^", a.cast(.bool), b.cast(.bool))
  }
  /// Where the element is false.
  public static prefix func ! (a: Tensor) -> Tensor { apply(.not, a.cast(.bool)) }

  /// `a` where the condition holds, else `b`; all three broadcast.
  ///
  /// The derivative of the branch not taken is multiplied by 0, so a branch whose derivative is
  /// infinite gives NaN: put the `where` inside, around its argument, too.
  public static func `where`(
    _ condition: Tensor, _ a: some TensorOperand, _ b: some TensorOperand
  ) -> Tensor {
    let a = a.operand
    let b = b.operand
    guard let values = a.shape.broadcast(with: b.shape),
      let shape = values.broadcast(with: condition.shape)
    else {
      return refuse(
        """
        where: shapes \(condition.shape), \(a.shape) and \(b.shape) do not broadcast; aligned at \
        the last axis, extents must be equal or 1
        """, a, b, condition)
    }
    let dtype = promotedType(a, b)
    return apply(
      .select,
      [condition.cast(.bool).broadcast(to: shape)]
        + [a, b].map { $0.cast(dtype).broadcast(to: shape) })
  }
}
