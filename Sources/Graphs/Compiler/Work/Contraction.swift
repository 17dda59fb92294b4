import BacktapeKernels

extension bt_contraction {
  var batchAxes: [bt_contraction_axis] { axes(batch, batch_rank) }
  var rowAxes: [bt_contraction_axis] { axes(rows, row_rank) }
  var columnAxes: [bt_contraction_axis] { axes(columns, column_rank) }
  var contractedAxes: [bt_contraction_axis] { axes(contracted, contracted_rank) }

  private func axes<Field>(_ field: Field, _ rank: Int32) -> [bt_contraction_axis] {
    withUnsafeBytes(of: field) {
      Array($0.bindMemory(to: bt_contraction_axis.self).prefix(Int(rank)))
    }
  }

  /// Fills a list of axes and answers their number.
  mutating func set<Field>(
    _ field: WritableKeyPath<bt_contraction, Field>, _ axes: [bt_contraction_axis]
  ) -> Int32 {
    withUnsafeMutableBytes(of: &self[keyPath: field]) {
      let field = $0.bindMemory(to: bt_contraction_axis.self)
      for (i, axis) in axes.enumerated() { field[i] = axis }
    }
    return Int32(axes.count)
  }

  /// The axes of rows, those as one that go on where the next one ends.
  var mergedRows: [bt_contraction_axis] {
    var merged: [bt_contraction_axis] = []
    for axis in rowAxes.reversed() where axis.extent != 1 {
      if let inner = merged.first, axis.a == inner.a * inner.extent,
        axis.c == inner.c * inner.extent
      {
        merged[0].extent *= axis.extent
      } else {
        merged.insert(axis, at: 0)
      }
    }
    return merged
  }

  /// Whether rows can be shared out without a change of the kernel. That which goes along what is
  /// summed over adds up in an order of its own, and is chosen by the number of axes.
  var keepsKernelByRows: Bool {
    let contracted = contractedAxes.filter { $0.extent != 1 }
    let isAlongBoth = contracted.count == 1 && contracted[0].a == 1 && contracted[0].b == 1
    let rows = rowAxes.reduce(1) { $0 * $1.extent }
    let columns = columnAxes.reduce(1) { $0 * $1.extent }
    return !isAlongBoth || rows >= 16 && columns >= 16 || row_rank <= 1
  }

  /// The same, shared out along an axis: of the batch if it has one, else of the merged rows.
  mutating func cut(along axis: Int) {
    if batch_rank > 0 {
      var axes = batchAxes
      axes.insert(axes.remove(at: axis), at: 0)
      batch_rank = set(\.batch, axes)
    } else {
      var axes = mergedRows
      axes.insert(axes.remove(at: axis), at: 0)
      row_rank = set(\.rows, axes)
    }
    cut = .leading
    bt_prepare_contraction(&self)
  }
}
