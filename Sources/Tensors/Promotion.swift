// Which type the result of a mixed operation has: PyTorch's rules, in this one place.
//
// Operands fall into three classes: tensors with axes, tensors of rank 0, and numbers of Swift
// (weak). The type of a lower class matters only if its category (bool < integer < floating) is
// higher than that of every class above it, so `2.5 * x` keeps a float32 `x` float32.

extension DType {
  /// The type two operands of one class meet in: the larger category, then the larger type;
  /// uint8 and int32 meet in int32, an integer and a float32 in float32.
  public static func promoted(_ a: DType, _ b: DType) -> DType {
    a.rawValue >= b.rawValue ? a : b
  }

  /// bool 0, integers 1, floating point 2.
  var category: Int { self == .bool ? 0 : isFloatingPoint ? 2 : 1 }

  /// What a Swift number brings to a promotion: an integer int64, anything else float32.
  static func ofNumber(_ number: Number) -> DType { number.isInteger ? .int64 : .float32 }

  /// Adds a lower class to the type the classes above it agreed on.
  static func promoted(_ higher: DType, byLower lower: DType) -> DType {
    lower.category > higher.category ? lower : higher
  }
}

extension Tensor {
  /// The type `a op b` is computed in.
  static func promotedType(_ a: Tensor, _ b: Tensor) -> DType {
    if a.isWeak && b.isWeak { return .promoted(a.weakType, b.weakType) }
    if a.isWeak { return .promoted(b.dtype, byLower: a.weakType) }
    if b.isWeak { return .promoted(a.dtype, byLower: b.weakType) }
    if a.rank == 0 && b.rank > 0 { return .promoted(b.dtype, byLower: a.dtype) }
    if b.rank == 0 && a.rank > 0 { return .promoted(a.dtype, byLower: b.dtype) }
    return .promoted(a.dtype, b.dtype)
  }

  /// The type `x op number` is computed in.
  static func promotedType(_ x: Tensor, _ number: Number) -> DType {
    .promoted(x.strongType, byLower: .ofNumber(number))
  }

  /// What a weak tensor becomes when nothing else decides: a floating literal float32.
  var weakType: DType { dtype.isFloatingPoint ? .float32 : dtype }

  /// The type the tensor has, or would take if nothing else decided.
  var strongType: DType { isWeak ? weakType : dtype }

  /// The type many tensors are joined in.
  static func promotedType(_ tensors: [Tensor]) -> DType {
    var classes: [DType?] = [nil, nil, nil]  // with axes, rank 0, weak
    for x in tensors {
      let rank = x.isWeak ? 2 : x.rank == 0 ? 1 : 0
      let type = x.strongType
      classes[rank] = classes[rank].map { .promoted($0, type) } ?? type
    }
    let present = classes.compactMap(\.self)
    return present.dropFirst().reduce(present.first ?? .float32) { .promoted($0, byLower: $1) }
  }
}
