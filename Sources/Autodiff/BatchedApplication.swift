import BacktapeTensors

/// What stands for a record of one example: a tensor for all of them, whose first axis counts them,
/// or one that they share.
struct Batched {
  let tensor: Tensor
  let isShared: Bool
  /// Instead, one for each example, where their shape leaves no room for one more axis.
  private(set) var apart: [Tensor]?

  init(tensor: Tensor, isShared: Bool) {
    self.tensor = tensor
    self.isShared = isShared
  }

  /// Of examples one by one, which are together if there is room.
  init(_ examples: [Tensor], like one: Target) {
    let hasRoom = one.shape.rank < Shape.maximumRank
    let nothing = Tensor.zeros(hasRoom ? one.shape.inserting(0, at: 0) : one.shape, one.dtype)
    tensor = hasRoom && !examples.isEmpty ? .stack(examples) : nothing
    isShared = false
    apart = hasRoom ? nil : examples
  }

  /// With the first axis, of so many examples.
  func spread(_ examples: Int) -> Tensor {
    if isShared { return tensor.broadcast(to: tensor.shape.inserting(examples, at: 0)) }
    guard let apart else { return tensor }
    return (apart.first(where: \.isTracked) ?? tensor).refusing(
      """
      vmap: one example gives shape \(tensor.shape), which leaves no room for the axis of the \
      examples: a tensor has at most \(Shape.maximumRank) axes; merge some
      """, standIn: tensor.shape)
  }

  /// What there is of one example.
  func example(_ position: Int) -> Tensor {
    if isShared { return tensor }
    return apart.map { $0[position] }
      ?? tensor.slice(axis: 0, position..<position + 1).squeeze(axes: [0])
  }
}

/// One line of the tape of an example, and the operands of all examples.
struct BatchedApplication {
  let tape: Tape
  let primitive: Primitive
  let number: Number?
  /// Nil where the number stands. One at least is not shared.
  let operands: [Batched?]
  let examples: Int
  /// Shape and type of the result, with the axis of the examples.
  let target: Target

  /// Applies the primitive, or another with the axes where they are now, to operands that all have
  /// the first axis.
  func asItIs(_ primitive: Primitive? = nil) -> Tensor {
    let primitive = primitive ?? self.primitive
    let spread = operands.map { $0?.spread(examples) }
    guard let number else { return .apply(primitive, spread.map { $0! }, target: target) }
    let numberFirst = spread[0] == nil
    return .apply(primitive, spread[numberFirst ? 1 : 0]!, number, numberFirst: numberFirst)
  }

  /// The operand of a broadcast, with axes of extent 1 behind the first where the result has more.
  func aligned() -> Tensor {
    let x = operands[0]!.tensor
    let missing = target.shape.rank - x.rank
    return (0..<missing).reduce(x) { x, _ in x.expandDims(at: 1) }
  }

  func gathered(_ axis: UInt8, _ batch: UInt8) -> Tensor {
    let (rows, places) = (operands[0]!, operands[1]!)
    if places.isShared && batch == 0 {
      return .apply(.gather(axis: axis + 1, batch: 0), rows.tensor, places.tensor)
    }
    if rows.isShared && batch == 0 {
      return Tensor.apply(.gather(axis: axis, batch: 0), rows.tensor, places.tensor)
        .moveAxis(Int(axis), to: 0)
    }
    return asItIs(.gather(axis: axis + 1, batch: batch + 1))
  }

  func scattered(_ axis: UInt8, _ batch: UInt8) -> Tensor {
    let (rows, places) = (operands[0]!, operands[1]!)
    if places.isShared && batch == 0 {
      return .apply(
        .scatterAdd(axis: axis + 1, batch: 0), [rows.tensor, places.tensor], target: target)
    }
    return asItIs(.scatterAdd(axis: axis + 1, batch: batch + 1))
  }

  /// A product in which only one operand has examples is one product: they are among its rows or
  /// columns.
  func product(_ batch: UInt8, _ contracted: UInt8) -> Tensor {
    let (a, b) = (operands[0]!, operands[1]!)
    let (front, middle) = (Int(batch), Int(batch) + Int(contracted))
    if b.isShared {
      return Tensor.dot(a.tensor.moveAxis(0, to: front), b.tensor, batch, over: contracted)
        .moveAxis(front, to: 0)
    }
    if a.isShared {
      let rows = a.tensor.rank - middle
      return Tensor.dot(a.tensor, b.tensor.moveAxis(0, to: middle), batch, over: contracted)
        .moveAxis(front + rows, to: 0)
    }
    return asItIs(.dot(batch: batch + 1, contracted: contracted))
  }

  func called(_ callee: Int32) -> Tensor {
    tape.callAgain(
      tape.callees[Int(callee)], operands.map { $0! }, .batches(on: tape, examples, tracked: false))
  }
}

extension Replay<Batched>.Source {
  /// Does the records of a tape of one example for many.
  static func batches(on tape: Tape, _ examples: Int, tracked: Bool) -> Self {
    Self(
      asItIs: { Batched(tensor: tape.tensor(at: Int($0), tracked: tracked), isShared: true) },
      apply: { tape.apply($0, $1, examples) },
      tensor: { $0.spread(examples) },
      value: { Batched(tensor: $0, isShared: false) })
  }
}

extension Tape {
  /// What a record gives for all examples.
  fileprivate func apply(_ index: Int32, _ operands: [Batched?], _ examples: Int) -> Batched {
    if operands.allSatisfy({ $0?.isShared ?? true }) {
      return Batched(tensor: apply(index, operands.map { $0?.tensor }), isShared: true)
    }
    let record = record(at: Int(index))
    let shape = record.descriptor.shape
    let dtype = record.descriptor.dtype
    if shape.rank == Shape.maximumRank || operands.contains(where: { $0?.apart != nil }) {
      let results = (0..<examples).map { i in apply(index, operands.map { $0?.example(i) }) }
      return Batched(results, like: Target(shape: shape, dtype: dtype))
    }
    let application = BatchedApplication(
      tape: self, primitive: record.pointee.primitive, number: record.pointee.number,
      operands: operands, examples: examples,
      target: Target(shape: shape.inserting(examples, at: 0), dtype: dtype))
    return Batched(tensor: application.result(), isShared: false)
  }
}

extension AxisMask {
  /// The same axes where another comes before all.
  var behindBatch: AxisMask { AxisMask(bits: bits << 1) }
}

extension Permutation {
  /// The same order behind a first axis that stays, where there are `rank` in all.
  func behindBatch(rank: Int) -> Permutation {
    Permutation([0] + axes(rank: rank - 1).map { $0 + 1 })
  }
}
