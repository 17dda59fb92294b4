import BacktapeTensors

/// The cotangent of a slice in steps of 1: zeros around it make that of the operand.
///
/// Several slices of one operand are what `split`, subscripts and scans leave. Where they do not
/// overlap, the sum of what the rule of the slice gives for each is one concatenation.
struct SlicedCotangent {
  let g: Tensor
  let axis: Int
  let start: Int

  var end: Int { start + g.shape[axis] }
}

extension [SlicedCotangent] {
  /// Cotangents of the operand, of its shape, that add up to what the slices contribute.
  func joined(like shape: Shape) -> [Tensor] {
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
