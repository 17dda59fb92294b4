import BacktapeTensors

extension Program {
  /// Elementwise operations of which only slices are used, such as gates computed side by side and
  /// then split, are done on the slices: there they meet what the slices are used for, and the
  /// whole is never stored.
  ///
  /// Every element is computed as before, and none more often. Nil if there are none.
  func operatingOnSlices() -> Program? {
    let isSliced = slicedOperations()
    if !isSliced.contains(true) { return nil }
    var slicing = Slicing()
    return Rewriting.of(self) { rewriting, index, line in
      let place: Int
      if let movement = line.primitive, line.isView, case .line(let operand) = line.operands[0],
        slicing.isSliced.contains(operand)
      {
        place = slicing.moved(operand, by: movement, to: line.shape, &rewriting)
      } else {
        place = rewriting.append(line)
      }
      if isSliced[index] { slicing.isSliced.insert(place) }
      return place
    }
  }

  /// Elementwise lines whose uses, through looks, are elementwise operations on slices that do not
  /// have more elements in all.
  private func slicedOperations() -> [Bool] {
    var isSliced = [Bool](repeating: false, count: lines.count)
    /// Elements of the slices that the users of a line ask for.
    var asked = [Int](repeating: 0, count: lines.count)
    /// Whether elementwise operations use all of it, perhaps through looks, whether looks do, and
    /// whether anything else.
    var isOperand = isSliced
    var isMoved = isSliced
    var isUsedOtherwise = isSliced
    for line in outputs + updates.map(\.line) { isUsedOtherwise[line] = true }
    for index in lines.indices.reversed() {
      let isElementwise = lines[index].primitive?.isElementwise ?? false
      if isElementwise {
        isSliced[index] =
          isMoved[index] && !isOperand[index] && !isUsedOtherwise[index]
          && asked[index] <= lines[index].shape.count && lines[index].dtype.isFloatingPoint
      }
      for i in lines[index].operands.indices {
        guard case .line(let operand) = lines[index].operands[i] else { continue }
        // The same twice is asked for once.
        if isElementwise && lines[index].operands[..<i].contains(.line(operand)) { continue }
        if isElementwise && isSliced[index] {
          isMoved[operand] = true
          asked[operand] += asked[index]
        } else if isElementwise {
          isOperand[operand] = true
        } else if lines[index].passesSlices(of: lines[operand]), !isUsedOtherwise[index] {
          let isSlice = lines[index].isSlice
          isMoved[operand] = true
          asked[operand] += asked[index]
          if isOperand[index] && isSlice { asked[operand] += lines[index].shape.count }
          if isOperand[index] && !isSlice { isOperand[operand] = true }
        } else {
          isUsedOtherwise[operand] = true
        }
      }
    }
    return isSliced
  }
}

extension Line {
  fileprivate var isSlice: Bool {
    if case .slice = primitive { true } else { false }
  }

  /// Whether a look at a value keeps neighbours along the last axis neighbours.
  fileprivate func passesSlices(of value: Line) -> Bool {
    switch primitive {
    case .slice(_, let step, _): step == 1
    case .reshape:
      shape.array.filter { $0 != 1 } == value.shape.array.filter { $0 != 1 }
    case .permute(let order): order.axes(rank: shape.rank).last == shape.rank - 1
    default: false
    }
  }
}

/// Moves looks from results to operands.
private struct Slicing {
  /// Lines of the new program, the looks at which go on to their operands.
  var isSliced = Set<Int>()
  private var known: [Look: Int] = [:]

  private struct Look: Hashable {
    let line: Int
    let movement: Primitive
    let shape: Shape
  }

  mutating func moved(
    _ line: Int, by movement: Primitive, to shape: Shape, _ rewriting: inout Rewriting
  ) -> Int {
    let look = Look(line: line, movement: movement, shape: shape)
    if let place = known[look] { return place }
    var value = rewriting[line]
    if isSliced.contains(line), value.primitive?.isElementwise ?? false {
      for (i, operand) in value.operands.enumerated() {
        guard case .line(let operand) = operand else { continue }
        value.operands[i] = .line(moved(operand, by: movement, to: shape, &rewriting))
      }
      value.shape = shape
    } else {
      value = Line(
        operation: .primitive(movement), operands: [.line(line)], shape: shape,
        dtype: value.dtype)
    }
    let place = rewriting.append(value)
    known[look] = place
    // What looks at this look goes on to the operands.
    isSliced.insert(place)
    return place
  }
}
