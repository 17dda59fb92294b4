import BacktapeTensors

/// Elementwise lines, and the reductions between them, that one tile program computes.
///
/// All lines have one value for each element of a domain, or for each row of it.
struct Group {
  /// In an order that works.
  var members: [Int] = []
  /// Elements of the domain.
  let count: Int
  /// Elements of a row, once a member asks for rows.
  var columns: Int?
  /// The floating-point type, once a member has one.
  var dtype: DType?
  /// Where axes of the members' shapes begin and end: products of trailing extents.
  var boundaries: SmallSet
  /// How many groups a value has to pass after this one, at most.
  var stage: Int
  /// Values as large as the domain that it reads, and how many such it writes.
  var reads: SmallSet = []
  var writes = 0
}

extension Shape {
  /// Where axes begin: the products of trailing extents, without 1.
  var boundaries: SmallSet {
    var boundaries: SmallSet = []
    var step = 1
    var axis = rank - 1
    while axis >= 0 {
      step *= self[axis]
      if self[axis] != 1 { boundaries.insert(step) }
      axis -= 1
    }
    return boundaries
  }
}

extension Group {
  /// Agrees on the elements of a row.
  mutating func take(columns other: Int?) -> Bool {
    guard let other else { return true }
    if columns == nil && count % other == 0 { columns = other }
    return columns == other
  }

  mutating func take(dtype other: DType?) -> Bool {
    guard let other else { return true }
    if dtype == nil { dtype = other }
    return dtype == other
  }
}

extension Program {
  /// The floating-point type among a line's operands and result.
  func floatType(of line: Int) -> DType? {
    if lines[line].dtype.isFloatingPoint { return lines[line].dtype }
    return lines[line].lines.lazy.map { self.lines[$0].dtype }.first(where: \.isFloatingPoint)
  }
}
