import BacktapeTensors

/// The steps of one operand through memory along the axes of a group's domain.
struct Access {
  /// The line whose buffer it is.
  let buffer: Int
  let offset: Int
  var strides: [Int]
  let dtype: DType
  /// Whether it has a value for each row alone.
  let isRow: Bool
  /// Along the columns its elements come again after so many.
  var period: Int?
}

/// The axes a tile program walks: those of all members' shapes, cut so finely that each fits, then
/// merged as far as the operands' strides allow.
struct Domain {
  var extents: [Int]
  /// How many of the last axes are a row, where rows matter.
  private(set) var columnAxes: Int
  /// Whether members have values for each row.
  let hasRows: Bool
  /// Whether it matters where a row ends: for values of rows, and for sums over rows.
  private let hasBorder: Bool

  init(_ group: Group, hasRows: Bool, sumsRows: Bool) {
    self.hasRows = hasRows
    hasBorder = hasRows || sumsRows
    var boundaries = group.boundaries
    boundaries.insert(group.count)
    if let columns = group.columns { boundaries.insert(columns) }
    let sorted = boundaries.sorted.filter { $0 > 1 }
    var inner = 1
    var extents: [Int] = []
    var columnAxes = 0
    for boundary in sorted {
      extents.insert(boundary / inner, at: 0)
      if boundary <= group.columns ?? 0 { columnAxes += 1 }
      inner = boundary
    }
    if extents.isEmpty { extents = [1] }
    self.extents = extents
    self.columnAxes = hasBorder ? columnAxes : 0
    if hasBorder && columnAxes == 0 {
      // Rows of one element.
      self.extents.append(1)
      self.columnAxes = 1
    }
  }

  var rowExtents: [Int] { Array(extents.dropLast(columnAxes)) }

  /// Strides along the domain's axes of a value for each element.
  func strides(of layout: Layout) -> [Int]? { layout.split(into: extents) }

  /// Strides along the domain's axes of a value for each row.
  func rowStrides(of layout: Layout) -> [Int]? {
    layout.split(into: rowExtents).map { $0 + [Int](repeating: 0, count: columnAxes) }
  }

  /// Merges neighbouring axes wherever all operands allow, but never a row with what is around it.
  mutating func merge(_ accesses: inout [Access]) {
    var axis = 0
    while axis + 1 < extents.count {
      let firstColumn = extents.count - columnAxes
      let isSingle = extents[axis] == 1 || extents[axis + 1] == 1
      let follows = isSingle || accesses.allSatisfy { $0.follows(axis, extents) }
      if !follows || hasBorder && axis + 1 == firstColumn {
        axis += 1
        continue
      }
      let kept = extents[axis + 1] == 1 ? axis : axis + 1
      if axis >= firstColumn { columnAxes -= 1 }
      for i in accesses.indices {
        accesses[i].strides[axis] = accesses[i].strides[kept]
        accesses[i].strides.remove(at: axis + 1)
      }
      extents[axis] *= extents[axis + 1]
      extents.remove(at: axis + 1)
    }
  }

  /// Whether a program can walk the columns with an operand: as one axis, an element at a time or
  /// none.
  func fits(_ access: Access) -> Bool {
    let columns = hasBorder ? columnAxes : 1
    let isOneAxis = (extents.count - columns..<extents.count - 1).allSatisfy {
      access.follows($0, extents)
    }
    return isOneAxis && (extents.last == 1 || 0...1 ~= access.strides.last!)
  }

  /// Narrow rows whose operands either run on from row to row or repeat become one long row: the
  /// length of the repetition, or nil if it is not so.
  mutating func flatten(_ accesses: inout [Access]) -> Int? {
    let last = extents.count - 1
    guard !hasRows, last > 0, extents[last] < 1024 else { return nil }
    let columns = extents[last]
    for access in accesses where !access.repeats(last) && !access.follows(last - 1, extents) {
      return nil
    }
    for i in accesses.indices {
      if accesses[i].repeats(last) { accesses[i].period = columns }
      accesses[i].strides.remove(at: last - 1)
    }
    extents[last - 1] *= columns
    extents.removeLast()
    return columns
  }
}

extension Access {
  /// Whether an axis goes on where the next one ends.
  fileprivate func follows(_ axis: Int, _ extents: [Int]) -> Bool {
    strides[axis] == strides[axis + 1] * extents[axis + 1]
  }

  /// Whether every row is the same.
  fileprivate func repeats(_ last: Int) -> Bool { strides[last - 1] == 0 && strides[last] == 1 }
}
