// Nested array literals as tensors.

extension Tensor: ExpressibleByArrayLiteral {
  /// `let x: Tensor = [[1, 2], [3, 4]]`: int64 if all numbers are integers, else float32.
  ///
  /// For float64 write `Tensor([[1.0, 2.0]])`, or cast.
  public init(arrayLiteral rows: Tensor...) {
    if rows.isEmpty {
      self = Tensor([Float](), [0])
      return
    }
    if let row = rows.first(where: { $0.shape != rows[0].shape }) {
      fatalError(
        """
        Tensor: a row of shape \(row.shape) among rows of shape \(rows[0].shape); all rows of a \
        literal must be equal
        """)
    }
    let numbers = rows.compactMap(\.number)
    if numbers.count < rows.count {
      self = .stack(rows)
    } else if numbers.allSatisfy(\.isInteger) {
      self.init(numbers.map(\.int))
    } else {
      self.init(numbers.map { Float($0.double) })
    }
  }
}

extension Tensor: ExpressibleByBooleanLiteral {
  /// `true`: a bool tensor of rank 0.
  public init(booleanLiteral value: Bool) { self.init(value) }
}
