import BacktapeTensors

/// Rows that an input names by number, but for conversions and movements: looked at before a run
/// changes anything. Numbers that the run itself computes are not known then; those outside trap.
struct IndexCheck {
  let source: Line.Source
  /// What is between the input and the numbers, the last first.
  let steps: [Line]
  /// How many rows there are.
  let extent: Int
  /// The input's, for messages.
  let name: String

  func check(_ input: Tensor) throws(GraphError) {
    let indices = steps.reversed().reduce(input.detached) { value, line in
      .apply(line.primitive!, value, target: Target(shape: line.shape, dtype: line.dtype))
    }
    if let outside = indices.firstIndex(outside: extent) {
      throw .wrongIndex(input: name, index: outside.index, extent: extent)
    }
  }
}

extension Program {
  /// - Parameter name: of an input.
  func indexChecks(_ name: (Line.Source) -> String) -> [IndexCheck] {
    struct Use: Hashable {
      let indices, extent: Int
    }
    var known = Set<Use>()
    return lines.compactMap { line in
      let extent: Int
      switch (line.primitive, line.operands.first) {
      case (.gather(let axis, _), .line(let rows)): extent = lines[rows].shape[Int(axis)]
      case (.scatterAdd(let axis, _), _): extent = line.shape[Int(axis)]
      default: return nil
      }
      guard case .line(var index) = line.operands[1],
        known.insert(Use(indices: index, extent: extent)).inserted
      else { return nil }
      var steps: [Line] = []
      while lines[index].isView || lines[index].primitive == .cast,
        case .line(let next) = lines[index].operands[0]
      {
        steps.append(lines[index])
        index = next
      }
      switch lines[index].source {
      case .fed, .variable:
        let source = lines[index].source!
        return IndexCheck(source: source, steps: steps, extent: extent, name: name(source))
      case .constant, nil: return nil
      }
    }
  }
}

extension Plan {
  /// Whether inputs name rows by number.
  package var takesIndices: Bool { !indexChecks.isEmpty }

  /// Throws if an input names a row that is not there.
  package func checkIndices(_ values: [Tensor]) throws(GraphError) {
    for check in indexChecks {
      switch check.source {
      case .fed(let position): try check.check(values[position])
      case .variable(let number): try check.check(memory.sources.variables[number].value)
      case .constant: break
      }
    }
  }
}
