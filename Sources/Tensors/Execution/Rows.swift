import BacktapeKernels

// Rows by number, and window elements put back.

extension Primitive {
  /// Reads rows of `a` into order.
  func gather(
    _ a: DescriptorPointer, _ indices: DescriptorPointer, axis: Int, batch: Int,
    into result: DescriptorPointer
  ) {
    a.withPacked { a in
      withRows(of: a, indices, axis, batch) {
        bt_gather($0, result.pointee.address, a.pointee.address)
      }
    }
  }

  /// Adds rows of `a` to zeros.
  func scatterAdd(
    _ a: DescriptorPointer, _ indices: DescriptorPointer, axis: Int, batch: Int,
    into result: DescriptorPointer
  ) -> bt_status {
    a.withPacked { a in
      withRows(of: result, indices, axis, batch) {
        bt_scatter_add($0, result.pointee.address, a.pointee.address)
      }
    }
  }

  /// Calls `body` with what the kernels take, after looking at all indices.
  private func withRows<R>(
    of whole: DescriptorPointer, _ indices: DescriptorPointer, _ axis: Int, _ batch: Int,
    _ body: (UnsafePointer<bt_rows>) -> R
  ) -> R {
    indices.withPacked { indices in
      func product(_ axes: Range<Int>) -> Int64 {
        axes.reduce(1) { $0 * Int64(whole.extents[$1]) }
      }
      let batches = product(0..<batch)
      var rows = bt_rows(
        dtype: whole.dtype.code, index_dtype: indices.dtype.code, batch: batches,
        middle: product(batch..<axis), n: Int64(whole.extents[axis]),
        inner: product(axis + 1..<whole.rank),
        count: batches == 0 ? 0 : Int64(indices.count) / batches,
        indices: indices.pointee.address)
      if let outside = indices.firstIndex(outside: whole.extents[axis]) {
        fatalError(
          """
          \(batch == 0 ? "take" : "takeAlongAxis"): index \(outside.index), at position \
          \(outside.position) of indices of shape \(indices.shape), is outside axis \(axis) of \
          \(whole.shape), which has positions 0..<\(whole.extents[axis]); to count from the end, \
          add the extent\(batch == 0 ? " (embedding, oneHot and crossEntropy take as well)" : "")
          """)
      }
      return body(&rows)
    }
  }
}

extension Tensor {
  /// The first of these integers that is not in 0..<extent, and its position in their order.
  package func firstIndex(outside extent: Int) -> (index: Int, position: Int)? {
    withExtendedLifetime(self) {
      descriptor.withPacked { $0.firstIndex(outside: extent) }
    }
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// Calls `body` with itself if there are no gaps, else with a copy.
  func withPacked<R>(_ body: (DescriptorPointer) -> R) -> R {
    if pointee.isContiguous { return body(self) }
    let copy = Node.copy(of: self)
    return withExtendedLifetime(copy) { body(copy.descriptor) }
  }

  /// Of integers of 4 or 8 bytes without gaps.
  fileprivate func firstIndex(outside extent: Int) -> (index: Int, position: Int)? {
    let position = Int(bt_first_outside(dtype.code, Int64(count), pointee.address, Int64(extent)))
    guard position >= 0, let address = pointee.address else { return nil }
    let index =
      dtype == .int32
      ? Int(address.load(fromByteOffset: 4 * position, as: Int32.self))
      : address.load(fromByteOffset: 8 * position, as: Int.self)
    return (index, position)
  }

  /// Adds window elements up at their places. Whole slices are added, the windows' or their
  /// elements', whichever are fewer; windows that do not overlap are copied.
  func fold(to result: DescriptorPointer, axis: Int, step: Int, dilation: Int) -> bt_status {
    let bytes = result.count * result.dtype.size
    guard bytes > 0, let out = result.pointee.address else { return .ok }
    _ = UnsafeMutableRawBufferPointer(start: out, count: bytes).initializeMemory(
      as: UInt8.self, repeating: 0)
    guard count > 0, let start = pointee.address else { return .ok }
    let size = dtype.size
    let windows = extents[axis]
    let elements = extents[axis + 1]
    return withUnsafeTemporaryAllocation(of: Int64.self, capacity: 3 * Shape.maximumRank) { free in
      let base = free.baseAddress.unsafelyUnwrapped
      let mine = base + Shape.maximumRank
      let theirs = mine + Shape.maximumRank
      for i in 0..<rank {
        base[i] = Int64(extents[i])
        mine[i] = Int64(strides[i])
        theirs[i] = Int64(result.strides[i > axis ? i - 1 : i])
      }
      let place = result.strides[axis]
      theirs[axis] = Int64(step * place)
      theirs[axis + 1] = Int64(dilation * place)
      if windows == 1 || elements == 1 || (elements - 1) * dilation < step {
        bt_copy(
          size, Int32(rank), base, bt_operand(address: out, strides: theirs),
          bt_operand(address: start, strides: mine))
        return .ok
      }
      let walked = windows < elements ? axis : axis + 1
      let stride = walked == axis ? step : dilation
      base[walked] = 1
      for i in 0..<extents[walked] {
        let sum = bt_operand(address: out + i * stride * place * size, strides: theirs)
        let part = bt_operand(address: start + i * strides[walked] * size, strides: mine)
        let status = bt_binary(.add, dtype.code, Int32(rank), base, sum, sum, part)
        if status != .ok { return status }
      }
      return .ok
    }
  }
}
