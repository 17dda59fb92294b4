// Reading and assigning parts of tensors.

extension Tensor {
  /// A part of the tensor: a view, except when assigned to.
  ///
  /// ```swift
  /// x[0]                    // the first row
  /// x[-1, 2]                // an element
  /// x[1..., 0..<2]          // rows from 1, two columns
  /// x[.every(2)]            // every second row; .every(-1) reverses
  /// x[.ellipsis, 0]         // the first position of the last axis
  /// x[.newAxis, .all, 1]    // with a new axis in front
  /// x[0, 1] = 5             // other copies of x keep their values
  /// x[Tensor([2, 0, 2])]    // rows by number
  /// x[x .> 1]               // the elements where a condition holds
  /// x[x .> 1] = 0
  /// ```
  /// Tensors follow PyTorch: they broadcast to one shape, whose axes stand where those of the tensors
  /// were, or in front if other axes are between them; positions in them count from 0. How many
  /// elements conditions choose depends on values, so graphs refuse them, but for a number assigned.
  /// Where several positions are the same the last value assigned stays.
  ///
  /// Positions outside an axis are refused. On a tape, assignment makes a new tensor, through which
  /// derivatives flow to what stayed and to what was assigned.
  public subscript(_ indices: any TensorIndex...) -> Tensor {
    get { select(indices) }
    set { assign(newValue, at: indices) }
  }

  /// `x[..., 0]`: the last axes named, all before them whole.
  public subscript(_ rest: UnboundedRange, _ indices: any TensorIndex...) -> Tensor {
    get { select([IndexSelection.ellipsis] + indices) }
    set { assign(newValue, at: [IndexSelection.ellipsis] + indices) }
  }

  /// A part filled with a number: `x[0, 1] = 5`.
  ///
  /// Read, it is the part's one element. The type has no arithmetic, so that `x[0] + 1` can only mean
  /// tensors.
  @_disfavoredOverload
  public subscript(_ indices: any TensorIndex...) -> any TensorNumber {
    get { select(indices).item() }
    set { assign(newValue.operand, at: indices) }
  }

  /// A part filled with a number, the last axes named: `x[..., 0] = 5`.
  @_disfavoredOverload
  public subscript(_ rest: UnboundedRange, _ indices: any TensorIndex...) -> any TensorNumber {
    get { select([IndexSelection.ellipsis] + indices).item() }
    set { assign(newValue.operand, at: [IndexSelection.ellipsis] + indices) }
  }

  /// One step of taking a part, as needed to put it back.
  private enum Step {
    case slice(axis: Int, start: Int, step: Int, extent: Int)
    case flip(axis: Int)
  }

  private struct Part {
    var tensor: Tensor
    /// How it was taken, and its shape before positions lost their axes.
    var steps: [Step] = []
    var inner = Shape.scalar
  }

  /// The positions walked through on each axis; nil for a new one.
  private typealias Walks = [IndexSelection.Walk?]

  /// Where the indices lead; nil after refusing.
  private func walks(_ indices: [IndexSelection], for value: Tensor? = nil) -> Walks? {
    guard let selections = completed(indices, for: value) else { return nil }
    var walks: Walks = []
    var axis = 0
    for selection in selections {
      guard selection.axisCount == 1 else {
        walks.append(nil)
        continue
      }
      guard let walk = selection.walk(shape[axis]) else {
        _ = Tensor.refuse(
          """
          subscript: \(selection) is outside axis \(axis) of \(shape), which has positions \
          0..<\(shape[axis]) (negative ones count from the end)
          """, self, value ?? self)
        return nil
      }
      walks.append(walk)
      axis += 1
    }
    let axes = walks.count { $0?.removesAxis != true }
    if axes > Shape.maximumRank {
      _ = Tensor.refuse(
        """
        subscript: \(axes) axes from shape \(shape), a tensor has at most \(Shape.maximumRank); \
        leave out new ones
        """, self, value ?? self)
      return nil
    }
    return walks
  }

  private func select(_ indices: [any TensorIndex]) -> Tensor {
    let selections = indices.map(\.selection)
    if selections.contains(where: \.isTensor) {
      return Lookup(self, selections)?.elements() ?? self
    }
    return selected(selections) ?? self
  }

  /// The part that selections without tensors lead to; nil after refusing.
  func selected(_ selections: [IndexSelection], for value: Tensor? = nil) -> Tensor? {
    walks(selections, for: value).map { part($0).tensor }
  }

  private func part(_ walks: Walks) -> Part {
    var part = Part(tensor: self)
    var extents: [Int] = []  // of the final shape
    var axis = 0
    for walk in walks {
      guard let walk else {
        extents.append(1)
        continue
      }
      let extent = shape[axis]
      var start = walk.first
      if walk.step < 0 && walk.count > 0 {
        part.tensor = part.tensor.flip(axes: [axis])
        part.steps.append(.flip(axis: axis))
        start = extent - 1 - walk.first
      }
      let step = Swift.abs(walk.step)
      if walk.count != extent {
        let end = walk.count == 0 ? start : start + (walk.count - 1) * step + 1
        part.tensor = part.tensor.slice(axis: axis, start..<end, step: step)
        part.steps.append(.slice(axis: axis, start: start, step: step, extent: extent))
      }
      if !walk.removesAxis { extents.append(walk.count) }
      axis += 1
    }
    part.inner = part.tensor.shape
    part.tensor = part.tensor.reshape(Shape(extents))
    return part
  }

  /// One selection for each axis: the ellipsis, or the end, filled up. Nil after refusing too many.
  func completed(_ selections: [IndexSelection], for value: Tensor?) -> [IndexSelection]? {
    let open = rank - selections.reduce(0) { $0 + $1.axisCount }
    if open < 0 || selections.count(where: \.isEllipsis) > 1 {
      _ = Tensor.refuse(
        """
        subscript: \(selections.count) indices for shape \(shape), which has rank \(rank); there is \
        one ellipsis at most, and conditions name as many axes as they have
        """, self, value ?? self)
      return nil
    }
    let rest = [IndexSelection](repeating: .range(start: nil, end: nil), count: open)
    guard let place = selections.firstIndex(where: \.isEllipsis) else { return selections + rest }
    return selections[..<place] + rest + selections[(place + 1)...]
  }

  /// Broadcast to a part of a tensor that it is assigned to; nil after refusing.
  func filling(_ part: Shape, of whole: Tensor) -> Tensor? {
    if shape.broadcast(with: part) == part { return broadcast(to: part) }
    _ = Tensor.refuse(
      """
      subscript: a value of shape \(shape) does not fill a part of shape \(part); aligned at the \
      last axis, its extents must be the part's or 1
      """, whole, self)
    return nil
  }

  mutating func assign(_ value: Tensor, at indices: [any TensorIndex]) {
    let selections = indices.map(\.selection)
    if selections.contains(where: \.isTensor) {
      guard let lookup = Lookup(self, selections, for: value) else { return }
      return assign(lookup.replaced(by: value), at: lookup.others)
    }
    guard let walks = walks(selections, for: value) else { return }
    let isPlain = !isTracked && !value.isTracked
    if isPlain { makeUnique() }
    let old = strong
    let part = (isPlain ? old : old.untracked).part(walks)
    guard let filling = value.cast(dtype).filling(part.tensor.shape, of: old) else { return }
    if isPlain {
      withExtendedLifetime((filling, part.tensor)) {
        filling.descriptor.copyElements(toStrided: part.tensor.descriptor)
      }
      return
    }
    // The value in its place with zeros around it, and a mask of the place.
    var placed = filling.reshape(part.inner)
    var mask = Tensor.full(part.inner, 1, .bool)
    for step in part.steps.reversed() {
      placed = placed.undoing(step)
      mask = mask.undoing(step)
    }
    self = .where(mask, placed, old)
  }

  private func undoing(_ step: Step) -> Tensor {
    switch step {
    case .flip(let axis): flip(axes: [axis])
    case .slice(let axis, let start, let step, let extent):
      pad(axis: axis, start: start, step: step, total: extent)
    }
  }
}
