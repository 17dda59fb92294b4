import BacktapeKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Runs one primitive: the same code for an operation run at once and for a plan's instruction.

extension Primitive {
  /// Computes the result's elements. Address, shape and type of the result are set; it has no gaps.
  @inline(__always)
  package func execute(
    _ operands: UnsafeBufferPointer<DescriptorPointer>, into result: DescriptorPointer
  ) {
    let a = operands[0]
    var status = bt_status.ok
    switch kernel {
    case .source: return
    case .unary(let operation):
      return execute(operation, a, into: result)
    case .binary(let operation), .comparison(let operation):
      return execute(operation, a, operands[1], into: result)
    case .cast:
      bt_cast(
        result.dtype.code, a.dtype.code, Int32(result.rank), result.extents64, result.operand,
        a.operand)
    case .polygamma(let order):
      status = bt_polygamma(
        Int32(order), a.dtype.code, Int32(result.rank), result.extents64, result.operand, a.operand)
    case .select:
      bt_select(
        result.dtype.size, Int32(result.rank), result.extents64, result.operand, a.operand,
        operands[1].operand, operands[2].operand)
    case .reduce(let reduction, let axes): status = reduce(reduction, a, over: axes, into: result)
    case .cumulativeSum(let axis): status = cumulativeSum(a, axis: axis, into: result)
    case .argsort(let axis, let descending):
      argsort(a, axis: axis, descending: descending, into: result)
    case .view: a.copyElements(to: result, reshaping: true)
    case .pad(let start, let step, let axis):
      memset(result.pointee.address.unsafelyUnwrapped, 0, result.count * result.dtype.size)
      a.copyElements(to: result, axis: axis, start: start, step: step)
    case .concatenate(let axis):
      var start = 0
      for operand in operands {
        operand.copyElements(to: result, axis: axis, start: start, step: 1)
        start += operand.extents[axis]
      }
    case .fold(let step, let dilation, let axis):
      status = a.fold(to: result, axis: axis, step: step, dilation: dilation)
    case .gather(let axis, let batch):
      gather(a, operands[1], axis: axis, batch: batch, into: result)
    case .scatterAdd(let axis, let batch):
      status = scatterAdd(a, operands[1], axis: axis, batch: batch, into: result)
    case .dot(let batch, let contracted):
      Contraction(a, operands[1], batch: batch, contracted: contracted).run(into: result)
    case .matrix(let function): status = matrix(function, a, into: result)
    case .solve(let part): status = solve(part, a, operands[1], into: result)
    }
    if status != .ok { refuse(status, a.dtype) }
  }

  /// Computes an elementwise result of one operand.
  @inline(__always)
  func execute(
    _ operation: bt_unary_operation, _ a: DescriptorPointer, into result: DescriptorPointer
  ) {
    let status =
      a.pointee.isContiguous
      ? bt_unary_dense(
        operation, a.dtype.code, Int64(a.count), result.pointee.address, a.pointee.address)
      : bt_unary(
        operation, a.dtype.code, Int32(result.rank), result.extents64, result.operand, a.operand)
    if status != .ok { refuse(status, a.dtype) }
  }

  /// Computes an elementwise result of two operands of equal shape, or of one and a number.
  @inline(__always)
  func execute(
    _ operation: bt_binary_operation, _ a: DescriptorPointer, _ b: DescriptorPointer,
    into result: DescriptorPointer
  ) {
    let dtype = a.rank < b.rank ? b.dtype : a.dtype
    let status: bt_status
    if a.pointee.isContiguous && b.pointee.isContiguous {
      let layout: bt_layout =
        a.rank == b.rank ? .both_vary : a.rank < b.rank ? .left_constant : .right_constant
      status = bt_binary_dense(
        operation, dtype.code, Int64(result.count), result.pointee.address, a.pointee.address,
        b.pointee.address, layout)
    } else {
      status = bt_binary(
        operation, dtype.code, Int32(result.rank), result.extents64, result.operand, a.operand,
        b.operand)
    }
    if status != .ok { refuse(status, dtype) }
  }

  @inline(never)
  private func refuse(_ status: bt_status, _ dtype: DType) -> Never {
    if status == .division_by_zero {
      fatalError("\(self): division of an integer by zero; cast to floating point first")
    }
    if status == .no_memory {
      fatalError("\(self): no memory to work in; give it fewer or smaller matrices")
    }
    fatalError("\(self): not defined for \(dtype); cast the operand first")
  }
}

extension DType {
  @inline(__always) package var code: bt_dtype { unsafeBitCast(self, to: bt_dtype.self) }
}

extension UnsafeMutablePointer<Descriptor> {
  @inline(__always) var extents64: UnsafePointer<Int64> {
    UnsafeRawPointer(extents).assumingMemoryBound(to: Int64.self)
  }
  @inline(__always) var strides64: UnsafePointer<Int64> {
    UnsafeRawPointer(strides).assumingMemoryBound(to: Int64.self)
  }

  /// As a kernel takes it. An operand of rank 0 is repeated along all axes.
  @inline(__always) var operand: bt_operand {
    bt_operand(address: pointee.address, strides: rank == 0 ? bt_repeated() : strides64)
  }

  /// Copies elements to a contiguous result of the same shape, or with `reshaping` of another.
  package func copyElements(to result: DescriptorPointer, reshaping: Bool = false) {
    if count > 0 { copyElements(toDense: result.pointee.address.unsafelyUnwrapped) }
  }

  /// Copies elements to memory for them without gaps; there is at least one.
  package func copyElements(toDense result: UnsafeMutableRawPointer) {
    let size = dtype.size
    if pointee.isContiguous {
      memcpy(result, pointee.address.unsafelyUnwrapped, count * size)
      return
    }
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: Shape.maximumRank) { packed in
      var step = 1
      for axis in (0..<rank).reversed() {
        packed[axis] = Int64(step)
        step *= extents[axis]
      }
      bt_copy(
        size, Int32(rank), extents64,
        bt_operand(address: result, strides: packed.baseAddress), operand)
    }
  }

  /// Copies elements to memory with other strides, of the same shape.
  func copyElements(toStrided result: DescriptorPointer) {
    bt_copy(dtype.size, Int32(rank), extents64, result.operand, operand)
  }

  /// Copies elements to a part of a result: from `start`, every `step` along one axis.
  func copyElements(to result: DescriptorPointer, axis: Int, start: Int, step: Int) {
    if count == 0 { return }
    let size = dtype.size
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: Shape.maximumRank) { strides in
      for i in 0..<rank { strides[i] = Int64(result.strides[i]) }
      let first = result.pointee.address.unsafelyUnwrapped + start * result.strides[axis] * size
      strides[axis] *= Int64(step)
      bt_copy(
        size, Int32(rank), extents64, bt_operand(address: first, strides: strides.baseAddress),
        operand)
    }
  }
}
