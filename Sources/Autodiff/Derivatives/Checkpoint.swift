import BacktapeTensors

/// A function whose intermediate values are not kept for the derivative but computed again for it:
/// less memory for more time.
///
/// ```swift
/// let block = checkpoint { x in tanh(tanh(x.dot(w1)).dot(w2)) }
/// let slope = gradient(at: x) { x in block(block(x)).sum() }
/// ```
/// The function runs once, at the call; what the tape then keeps of it is what it was done with, and
/// the walk backwards does the same operations again. Tensors of the tape that the function uses
/// without being given them are differentiated as well. In a plan, values are computed again after
/// everything that comes before them on the way back.
///
/// Inside a function that is being differentiated, traced or defined as a graph; elsewhere it is
/// just the function.
public func checkpoint(_ function: @escaping ([Tensor]) -> [Tensor]) -> ([Tensor]) -> [Tensor] {
  { inputs in checkpoint(inputs) { function(inputs) } }
}

/// A function of one tensor whose intermediate values are computed again for the derivative.
public func checkpoint(_ function: @escaping (Tensor) -> Tensor) -> (Tensor) -> Tensor {
  { x in checkpoint(x, function) }
}

/// The value of a function whose intermediate values are computed again for the derivative.
///
/// As ``checkpoint(_:)-(([Tensor])->[Tensor])``, called at once.
public func checkpoint(
  _ x: Tensor, _ function: (Tensor) throws -> Tensor
) rethrows -> Tensor {
  try checkpoint([x]) { [try function(x)] }[0]
}

/// The values a body gives, of which those between are computed again for the derivative.
///
/// - Parameters:
///   - inputs: tensors that say which tape this is about; those of the innermost `gradient` if
///     they do not.
///   - body: made of tensor operations on any tensors of the tape.
public func checkpoint(
  _ inputs: [Tensor], _ body: () throws -> [Tensor]
) rethrows -> [Tensor] {
  let recorder = inputs.lazy.compactMap(\.recorder).first as? Tape
  guard let tape = recorder ?? OpenTape.ofThisTask else { return try body() }
  return try tape.checkpoint(body)
}

extension Tape {
  /// Values in a checkpoint lie by themselves from this size on, to be freed with it.
  private static var smallestDropped: Int { 512 }

  /// Records what `body` does as calls: one for each type among the results.
  func checkpoint(_ body: () throws -> [Tensor]) rethrows -> [Tensor] {
    let first = count
    let before = largestInline
    largestInline = Swift.min(before, Tape.smallestDropped)
    defer { largestInline = before }
    var results = (try OpenTape.ofThisTask === self ? body() : open(body)).map(\.strong)
    let made = results.indices.filter {
      results[$0].isTracked && results[$0].owner === self && Int(results[$0].index) >= first
    }
    let groups = Dictionary(grouping: made) { results[$0].dtype }.values
      .sorted { $0[0] < $1[0] }
    let packed = groups.map { group in Tensor.packed(group.map { results[$0] }) }
    let records = first..<count
    for (group, packed) in zip(groups, packed) {
      let inside = needed(for: [packed.index], from: first) { _ in false }
      let operands = used(by: inside, before: first)
      let callee = Callee(
        records: records, inputs: operands, output: packed.index, pullback: nil)
      let parts = call(callee, operands).unpacked(like: group.map { results[$0] })
      for (position, part) in zip(group, parts) { results[position] = part }
    }
    dropValues(of: records)
    return results
  }
}

extension Tensor {
  /// Tensors of one type as one: a vector of all their elements, or the only one as it is.
  static func packed(_ tensors: [Tensor]) -> Tensor {
    tensors.count == 1 ? tensors[0] : concatenate(tensors.map { $0.flatten() })
  }

  /// The tensors that were packed.
  func unpacked(like tensors: [Tensor]) -> [Tensor] {
    if tensors.count == 1 { return [self] }
    return zip(split(sizes: tensors.map(\.count)), tensors).map { $0.reshape($1.shape) }
  }
}
