import BacktapeKernels

// What goes along the lines of an axis: running sums, positions in order.

extension Primitive {
  func cumulativeSum(_ a: DescriptorPointer, axis: Int, into result: DescriptorPointer)
    -> bt_status
  {
    a.withPacked { a in
      let lines = a.lines(along: axis)
      return bt_cumulative_sum(
        a.dtype.code, lines.outer, lines.n, lines.inner, result.pointee.address, a.pointee.address)
    }
  }

  func argsort(
    _ a: DescriptorPointer, axis: Int, descending: Bool, into result: DescriptorPointer
  ) {
    a.withPacked { a in
      let lines = a.lines(along: axis)
      bt_argsort(
        a.dtype.code, descending, lines.outer, lines.n, lines.inner,
        result.pointee.address?.assumingMemoryBound(to: Int64.self), a.pointee.address)
    }
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// The axes before one, the axis itself, and those behind it, each as one.
  fileprivate func lines(along axis: Int) -> (outer: Int64, n: Int64, inner: Int64) {
    func product(_ axes: Range<Int>) -> Int64 {
      axes.reduce(1) { $0 * Int64(extents[$1]) }
    }
    return (product(0..<axis), Int64(extents[axis]), product(axis + 1..<rank))
  }
}
