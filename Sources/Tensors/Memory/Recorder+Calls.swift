// What records of calls need: a result made elsewhere, and values that are dropped before the tape is.

extension Recorder {
  /// A record of a result that is already there, or is not known yet.
  package final func record(
    _ primitive: Primitive, _ operands: [Int32], giving value: Tensor
  ) -> Tensor {
    enter()
    defer { leave() }
    return tensor(at: Int(append(primitive, sharing: value, operands: operands)))
  }

  /// The record a tensor stands at; one that is on no tape is put on this one as a constant.
  package final func index(of tensor: Tensor) -> Int32 {
    enter()
    defer { leave() }
    return place(tensor.strong)
  }

  /// Frees the values of a stretch of records, but not what was given: inputs and constants. A tensor
  /// that still stands at one of them has no value any more.
  ///
  /// Values that lie in the chunks stay there, unreachable: see ``largestInline``.
  package final func dropValues(of records: Range<Int>) {
    enter()
    defer { leave() }
    for index in records {
      let record = record(at: index)
      if record.pointee.operandCount == 0 { continue }
      record.descriptor.pointee.address = nil
      record.descriptor.pointee.owner.take()?.release()
    }
  }
}
