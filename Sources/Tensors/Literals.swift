// Nested array literals as tensors.

/// A number, a bool or an array in a tensor's literal.
public enum TensorLiteral: Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  /// A whole number.
  case integer(Int)
  /// A number with a fraction.
  case floatingPoint(Double)
  /// A truth value.
  case bool(Bool)
  /// A row.
  case row([TensorLiteral])

  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .floatingPoint(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A row.
  public init(arrayLiteral elements: TensorLiteral...) { self = .row(elements) }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// `let x: Tensor = [[1, 2], [3, 4]]`: bool if all elements are, int64 if all are whole numbers,
  /// else float32.
  ///
  /// For float64 write `Tensor([[1.0, 2.0]])`, or cast.
  public init(arrayLiteral elements: TensorLiteral...) {
    var leaves: [TensorLiteral] = []
    var extents: [Int] = []
    Tensor.flatten(.row(elements), axis: 0, into: &leaves, extents: &extents)
    let shape = Shape(extents)
    if leaves.isEmpty {
      self.init([Float](), shape)
    } else if leaves.allSatisfy({ if case .bool = $0 { true } else { false } }) {
      self.init(leaves.map { $0.double != 0 }, shape)
    } else if leaves.allSatisfy({ if case .floatingPoint = $0 { false } else { true } }) {
      self.init(leaves.map(\.int), shape)
    } else {
      self.init(leaves.map { Float($0.double) }, shape)
    }
  }

  private static func flatten(
    _ literal: TensorLiteral, axis: Int, into leaves: inout [TensorLiteral], extents: inout [Int]
  ) {
    let length: Int? = if case .row(let row) = literal { row.count } else { nil }
    let isFirst = leaves.isEmpty && extents.count == axis
    if isFirst, let length { extents.append(length) }
    if length != (axis < extents.count ? extents[axis] : nil) {
      fatalError(
        """
        Tensor: \(length.map { "a row of \($0)" } ?? "a number") among rows of \
        \(axis < extents.count ? extents[axis] : 0) at axis \(axis) of a literal; all must be \
        equally long and deep
        """)
    }
    guard case .row(let row) = literal else {
      leaves.append(literal)
      return
    }
    for element in row { flatten(element, axis: axis + 1, into: &leaves, extents: &extents) }
  }
}

extension TensorLiteral {
  fileprivate var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .floatingPoint(let value): value
    case .bool(let value): value ? 1 : 0
    case .row: .nan
    }
  }

  fileprivate var int: Int {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    case .floatingPoint, .row: 0
    }
  }
}
