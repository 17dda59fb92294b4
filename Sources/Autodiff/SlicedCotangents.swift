import BacktapeTensors

/// What slices hand on to their operands, kept until an operand's turn comes.
///
/// Several slices of one tensor are what `split`, subscripts and scans leave. Where they do not
/// overlap, the sum of what the rule of the slice gives for each is one concatenation.
struct SlicedCotangents {
  private var parts: [Int32: [SlicedCotangent]] = [:]

  /// Keeps the cotangent of a slice in steps of 1 for its operand; false for anything else.
  mutating func add(_ line: Application, to place: Int32) -> Bool {
    guard case .slice(let start, 1, let axis) = line.primitive else { return false }
    parts[place, default: []].append(SlicedCotangent(g: line.g, axis: Int(axis), start: start))
    return true
  }

  /// Cotangents of a record, of its shape, that add up to what its slices have handed on.
  mutating func take(_ index: Int, _ tape: Tape) -> [Tensor] {
    if parts.isEmpty { return [] }
    guard let slices = parts.removeValue(forKey: Int32(truncatingIfNeeded: index)) else {
      return []
    }
    return slices.joined(like: tape.record(at: index).descriptor.shape)
  }
}

/// The cotangent of a slice: zeros around it make that of the operand.
private struct SlicedCotangent {
  let g: Tensor
  let axis: Int
  let start: Int

  var end: Int { start + g.shape[axis] }
}

extension [SlicedCotangent] {
  /// Cotangents of the operand, of its shape, that add up to what the slices contribute.
  fileprivate func joined(like shape: Shape) -> [Tensor] {
    var rest = self
    var wholes: [Tensor] = []
    while let axis = rest.first?.axis {
      let along = rest.filter { $0.axis == axis }.sorted { $0.start < $1.start }
      rest.removeAll { $0.axis == axis }
      if along.count > 1, zip(along, along.dropFirst()).allSatisfy({ $0.end <= $1.start }) {
        wholes.append(along.concatenated(like: shape, axis))
      } else {
        for part in along {
          wholes.append(part.g.pad(axis: axis, start: part.start, step: 1, total: shape[axis]))
        }
      }
    }
    return wholes
  }

  /// Parts in order, with zeros between them.
  private func concatenated(like shape: Shape, _ axis: Int) -> Tensor {
    var parts: [Tensor] = []
    var position = 0
    func fill(to end: Int) {
      if end > position {
        parts.append(.zeros(shape.with(end - position, at: axis), self[0].g.dtype))
      }
    }
    for part in self {
      fill(to: part.start)
      parts.append(part.g)
      position = part.end
    }
    fill(to: shape[axis])
    return .concatenate(parts, axis: axis)
  }
}
