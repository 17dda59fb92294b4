import BacktapeKernels

/// A contraction of two values in place, whatever their strides:
/// `[batch..., rows..., contracted...]` and `[batch..., contracted..., columns...]` give
/// `[batch..., rows..., columns...]`.
struct Contraction {
  private let a, b: DescriptorPointer
  private let batch, rows, columns, contracted: Int

  init(_ a: DescriptorPointer, _ b: DescriptorPointer, batch: Int, contracted: Int) {
    self.a = a
    self.b = b
    self.batch = batch
    self.contracted = contracted
    rows = a.rank - batch - contracted
    columns = b.rank - batch - contracted
  }

  func run(into result: DescriptorPointer) {
    if result.count == 0 { return }
    // A kilobyte of axes of which most are not used: only those that are get written.
    withUnsafeTemporaryAllocation(of: bt_contraction.self, capacity: 1) { memory in
      let contraction = memory.baseAddress!
      describe(in: contraction, result)
      bt_contract(contraction)
    }
  }

  private func describe(
    in contraction: UnsafeMutablePointer<bt_contraction>, _ result: DescriptorPointer
  ) {
    contraction.pointee.dtype = result.dtype.code
    contraction.pointee.accumulate = false
    contraction.pointee.scale = 1
    contraction.pointee.batch_rank = Int32(batch)
    contraction.pointee.row_rank = Int32(rows)
    contraction.pointee.column_rank = Int32(columns)
    contraction.pointee.contracted_rank = Int32(contracted)
    contraction.pointee.term_count = 1
    contraction.pointee.a_terms = nil
    contraction.pointee.b_terms = nil
    contraction.pointee.a = a.pointee.address.map {
      UnsafePointer($0.assumingMemoryBound(to: CChar.self))
    }
    contraction.pointee.b = b.pointee.address.map {
      UnsafePointer($0.assumingMemoryBound(to: CChar.self))
    }
    contraction.pointee.c = result.pointee.address?.assumingMemoryBound(to: CChar.self)
    Self.fill(&contraction.pointee.batch, batch, (a, 0), (b, 0), (result, 0))
    Self.fill(&contraction.pointee.rows, rows, (a, batch), nil, (result, batch))
    Self.fill(
      &contraction.pointee.columns, columns, nil, (b, batch + contracted), (result, batch + rows))
    Self.fill(&contraction.pointee.contracted, contracted, (a, batch + rows), (b, batch), nil)
  }

  private typealias Axes = (
    bt_contraction_axis, bt_contraction_axis, bt_contraction_axis, bt_contraction_axis,
    bt_contraction_axis, bt_contraction_axis, bt_contraction_axis, bt_contraction_axis
  )

  /// Writes `count` axes; each operand that has them says from which of its own on.
  @inline(__always)
  private static func fill(
    _ axes: UnsafeMutablePointer<Axes>, _ count: Int, _ a: (DescriptorPointer, Int)?,
    _ b: (DescriptorPointer, Int)?, _ c: (DescriptorPointer, Int)?
  ) {
    let axes = UnsafeMutableRawPointer(axes).assumingMemoryBound(to: bt_contraction_axis.self)
    for axis in 0..<count {
      let (owner, first) = a ?? b!
      axes[axis] = bt_contraction_axis(
        extent: Int64(owner.extents[first + axis]),
        a: a.map { Int64($0.0.strides[$0.1 + axis]) } ?? 0,
        b: b.map { Int64($0.0.strides[$0.1 + axis]) } ?? 0,
        c: c.map { Int64($0.0.strides[$0.1 + axis]) } ?? 0)
    }
  }
}
