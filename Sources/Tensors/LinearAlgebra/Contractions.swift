// Sums of products of any number of tensors whose axes have names: what einsum and tensordot are.

/// A tensor whose axes are labelled with small numbers.
struct Labelled {
  var tensor: Tensor
  var labels: [Int]

  init(_ tensor: Tensor, _ labels: [Int]) {
    self.tensor = tensor
    self.labels = labels
  }

  /// The labels as a set, a bit each.
  var set: UInt64 { labels.reduce(0) { $0 | 1 << UInt64($1) } }

  /// Of axes with equal labels the diagonal, at the end.
  ///
  /// Equal labels have equal extents.
  func withoutRepetitions() -> Labelled {
    var result = self
    while let (first, second) = result.repetition {
      let label = result.labels[first]
      result.labels.remove(at: second)
      result.labels.remove(at: first)
      result.tensor = result.tensor.diagonal(axes: (first, second))
      result.labels.append(label)
    }
    return result
  }

  private var repetition: (Int, Int)? {
    for second in labels.indices {
      if let first = labels[..<second].firstIndex(of: labels[second]) { return (first, second) }
    }
    return nil
  }

  /// Without the axes whose labels are not in a set: they are summed over.
  func summed(keeping kept: UInt64) -> Labelled {
    let axes = labels.indices.filter { kept & 1 << UInt64(labels[$0]) == 0 }
    if axes.isEmpty { return self }
    return Labelled(
      tensor.sum(axes: axes).cast(tensor.dtype),
      labels.filter { kept & 1 << UInt64($0) != 0 })
  }

  /// The axes in the order of labels; every label is one of them.
  func ordered(_ order: [Int]) -> Tensor {
    tensor.permute(order.map { label in labels.firstIndex(of: label)! })
  }

  /// The product of two, summed over the labels that are not kept.
  func times(_ other: Labelled, keeping kept: UInt64, _ operation: StaticString) -> Labelled {
    let a = summed(keeping: kept | other.set)
    let b = other.summed(keeping: kept | set)
    let shared = a.set & b.set
    func isIn(_ set: UInt64, _ label: Int) -> Bool { set & 1 << UInt64(label) != 0 }
    let batch = a.labels.filter { isIn(shared & kept, $0) }
    let contracted = a.labels.filter { isIn(shared & ~kept, $0) }
    let rows = a.labels.filter { !isIn(shared, $0) }
    let columns = b.labels.filter { !isIn(shared, $0) }
    let labels = batch + rows + columns
    if labels.count > Shape.maximumRank {
      let message = """
        \(operation): the product of \(tensor.shape) and \(other.tensor.shape) has \
        \(labels.count) axes, a tensor has at most \(Shape.maximumRank); merge some with reshape
        """
      return Labelled(Tensor.refuse(message, tensor, other.tensor), self.labels)
    }
    let left = a.ordered(batch + rows + contracted)
    if contracted.isEmpty {
      let right = b.ordered(batch + columns)
      let wide = Shape(left.shape.array + [Int](repeating: 1, count: columns.count))
      let narrow =
        Array(right.shape.array[..<batch.count]) + [Int](repeating: 1, count: rows.count)
        + right.shape.array[batch.count...]
      return Labelled(left.reshape(wide) * right.reshape(Shape(narrow)), labels)
    }
    let product = Tensor.apply(
      .dot(batch: UInt8(batch.count), contracted: UInt8(contracted.count)), left,
      b.ordered(batch + contracted + columns))
    return Labelled(product, labels)
  }
}

extension Tensor {
  /// The product of all terms, summed over the labels that are not in the result's. Extents of equal
  /// labels are equal.
  static func contract(
    _ operation: StaticString, _ terms: [Labelled], _ output: [Int]
  ) -> Tensor {
    let dtype = promotedType(terms.map(\.tensor))
    let typed = terms.map { Labelled($0.tensor.cast(dtype), $0.labels).withoutRepetitions() }
    let kept = Labelled(typed[0].tensor, output).set
    var values = typed.map { Optional($0) }
    var order = ContractionOrder(typed, keeping: kept)
    for (i, j) in order.steps() {
      let a = values[i].take()!
      let b = values[j].take()!
      let needed = values.reduce(kept) { $0 | ($1?.set ?? 0) }
      values[i] = a.times(b, keeping: needed, operation)
    }
    let last = values.lazy.compactMap(\.self).first!
    return last.summed(keeping: kept).ordered(output)
  }
}

/// In which order to multiply labelled tensors two by two: the one with the fewest multiplications
/// where there are few tensors, else the cheapest next until there are.
struct ContractionOrder {
  /// As many as are tried in all orders.
  private static let triedCount = 7

  /// What is known of one tensor, given or made on the way: its labels, and where it will stand.
  private struct Part {
    var labels: UInt64
    let place: Int
  }

  private var extents = [Double](repeating: 1, count: 64)
  private var parts: [Part]
  private let kept: UInt64
  private var chosen: [(Int, Int)] = []

  init(_ terms: [Labelled], keeping kept: UInt64) {
    for term in terms {
      for (axis, label) in term.labels.enumerated() {
        extents[label] = Double(term.tensor.shape[axis])
      }
    }
    parts = terms.enumerated().map { Part(labels: $1.set, place: $0) }
    self.kept = kept
  }

  /// Pairs of positions, each of whose products takes the place of the first.
  mutating func steps() -> [(Int, Int)] {
    while parts.count > ContractionOrder.triedCount { joinCheapest() }
    if parts.count > 1 { joinInBestOrder() }
    return chosen
  }

  /// Multiplications of a product: one for every position of the labels that occur.
  private func cost(_ a: UInt64, _ b: UInt64) -> Double {
    var rest = a | b
    var product = 1.0
    while rest != 0 {
      product *= extents[rest.trailingZeroBitCount]
      rest &= rest - 1
    }
    return product
  }

  private mutating func joinCheapest() {
    var best = (cost: Double.infinity, i: 0, j: 1)
    for j in parts.indices {
      for i in 0..<j {
        let cost = cost(parts[i].labels, parts[j].labels)
        if cost < best.cost { best = (cost, i, j) }
      }
    }
    chosen.append((parts[best.i].place, parts[best.j].place))
    let labels = parts[best.i].labels | parts[best.j].labels
    parts.remove(at: best.j)
    parts[best.i].labels = 0
    parts[best.i].labels = labels & parts.reduce(kept) { $0 | $1.labels }
  }

  /// For every subset of the parts the cheapest way to its product is a pair of smaller subsets.
  private mutating func joinInBestOrder() {
    let all = 1 << parts.count
    func labels(of subset: Int) -> UInt64 {
      parts.indices.reduce(0) { subset & 1 << $1 == 0 ? $0 : $0 | parts[$1].labels }
    }
    let remaining = (0..<all).map { subset in
      labels(of: subset) & (kept | labels(of: all - 1 - subset))
    }
    var costs = [Double](repeating: 0, count: all)
    var halves = [Int](repeating: 0, count: all)
    for subset in 1..<all where subset & (subset - 1) != 0 {
      costs[subset] = .infinity
      var half = (subset - 1) & subset
      while half > 0 {
        let rest = subset - half
        let total = costs[half] + costs[rest] + cost(remaining[half], remaining[rest])
        if half > rest && (halves[subset] == 0 || total < costs[subset]) {
          costs[subset] = total
          halves[subset] = rest
        }
        half = (half - 1) & subset
      }
    }
    func join(_ subset: Int) -> Int {
      if halves[subset] == 0 { return parts[subset.trailingZeroBitCount].place }
      let first = join(halves[subset])
      let second = join(subset - halves[subset])
      chosen.append((first, second))
      return first
    }
    _ = join(all - 1)
  }
}
