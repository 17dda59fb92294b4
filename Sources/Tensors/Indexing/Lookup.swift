/// A subscript with tensors of positions or conditions among its parts, as PyTorch's.
struct Lookup {
  /// The subscript with whole axes in place of the tensors, and the part it selects.
  let others: [IndexSelection]
  private let part: Tensor
  /// The tensors, and which axis of the part each begins at.
  private let tensors: [(indices: Tensor, axis: Int)]

  /// Nil after refusing.
  init?(_ x: Tensor, _ selections: [IndexSelection], for value: Tensor? = nil) {
    guard let selections = x.completed(selections, for: value) else { return nil }
    var others: [IndexSelection] = []
    var tensors: [(indices: Tensor, axis: Int)] = []
    var (axis, partAxis) = (0, 0)
    for selection in selections {
      let count = selection.axisCount
      if case .elements(let indices) = selection {
        let extents = x.shape.array[axis..<axis + count]
        if indices.dtype == .bool && (count == 0 || indices.shape.array != Array(extents)) {
          _ = Tensor.refuse(
            """
            subscript: conditions of shape \(indices.shape) for axes of \(x.shape) from axis \
            \(axis) on; they have an axis at least, and are as long as the tensor along each
            """, x, indices, value ?? x)
          return nil
        }
        tensors.append((indices, partAxis))
        others += [IndexSelection](repeating: .range(start: nil, end: nil), count: count)
        partAxis += count
      } else {
        others.append(selection)
        if case .position = selection {} else { partAxis += 1 }
      }
      axis += count
    }
    self.others = others
    self.tensors = tensors
    guard let part = x.selected(others, for: value) else { return nil }
    self.part = part
  }

  /// The elements that are chosen.
  func elements() -> Tensor {
    guard let lines = lines() else { return part }
    return lines.whole.take(lines.places, axis: lines.axis, for: "subscript")
  }

  /// The part with a value where elements are chosen.
  func replaced(by value: Tensor) -> Tensor {
    if tensors.count == 1, value.rank == 0, tensors[0].indices.dtype == .bool {
      // Where they are need not be known.
      let (mask, axis) = tensors[0]
      let behind = [Int](repeating: 1, count: part.rank - axis - mask.rank)
      return part.maskedFill(mask.reshape(Shape(mask.shape.array + behind)), value)
    }
    guard let lines = lines() else { return part }
    let extents = lines.whole.shape.array
    let (lead, rest) = (extents[..<lines.axis], extents[(lines.axis + 1)...])
    let target = Shape(lead + lines.places.shape.array + rest)
    guard let filling = value.filling(target, of: part) else { return part }
    let rows = filling.reshape(Shape(lead + [lines.places.count] + rest))
    let replaced = lines.whole.copied(
      rows, at: lines.places.flatten(), axis: lines.axis, for: "subscript")
    let permuted = lines.order.map { part.shape[$0] }
    let back = Permutation(lines.order).inverse(rank: part.rank).axes(rank: part.rank)
    return replaced.reshape(Shape(permuted)).permute(back)
  }

  /// The part with the axes that are looked up along moved together and made one, the positions
  /// along it, and the order its axes were brought to. Nil after refusing.
  private func lines() -> (whole: Tensor, places: Tensor, axis: Int, order: [Int])? {
    guard let positions = positions() else { return nil }
    var shape = Shape.scalar
    for position in positions {
      guard let both = shape.broadcast(with: position.indices.shape) else {
        _ = Tensor.refuse(
          """
          subscript: positions of shapes \(positions.map(\.indices.shape)) do not broadcast; aligned \
          at the last axis, extents must be equal or 1
          """, part, position.indices)
        return nil
      }
      shape = both
    }
    let axes = positions.map(\.axis)
    let remaining = (0..<part.rank).filter { !axes.contains($0) }
    let areNeighbours = axes[axes.count - 1] - axes[0] == axes.count - 1
    let axis = areNeighbours ? axes[0] : 0
    if remaining.count + shape.rank > Shape.maximumRank {
      _ = Tensor.refuse(
        """
        subscript: positions of shape \(shape) along axes \(axes) of \(part.shape) give \
        \(remaining.count + shape.rank) axes, a tensor has at most \(Shape.maximumRank)
        """, part, positions[0].indices)
      return nil
    }
    let order = remaining[..<axis] + axes + remaining[axis...]
    let moved = part.permute(Array(order))
    if axes.count == 1 {
      let indices = positions[0].indices
      // What has no value yet is looked at when it is looked up.
      let known =
        indices.isAbstract
        ? indices : indices.places(in: part.shape, axes[0], "subscript", part)
      return known.map { (moved, $0, axis, Array(order)) }
    }
    guard let places = part.places(of: positions.map(\.indices), along: axes, shape, "subscript")
    else { return nil }
    let extents = part.shape.array
    let whole = Shape(
      remaining[..<axis].map { extents[$0] } + [Shape(axes.map { extents[$0] }).count]
        + remaining[axis...].map { extents[$0] })
    return (moved.reshape(whole), places, axis, Array(order))
  }

  /// The tensors as positions along one axis each; nil after refusing conditions without values.
  private func positions() -> [(indices: Tensor, axis: Int)]? {
    var positions: [(indices: Tensor, axis: Int)] = []
    for (indices, axis) in tensors {
      if indices.dtype != .bool {
        positions.append((indices, axis))
        continue
      }
      if indices.isAbstract {
        _ = Tensor.refuse(
          """
          subscript: how many elements conditions of shape \(indices.shape) choose depends on values, \
          and a graph has none yet; use maskedSelect with a size, or `Tensor.where`
          """, part, indices)
        return nil
      }
      let places = indices.untracked.nonzero()
      for i in 0..<indices.rank {
        positions.append((places.slice(axis: 1, i..<i + 1).reshape([places.shape[0]]), axis + i))
      }
    }
    return positions
  }
}

extension Tensor: TensorIndex {
  /// Of integers the positions they name, of bools those where they hold.
  public var selection: IndexSelection { .elements(strong) }
}
