import BacktapeKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Primitive {
  /// A reduction over any axes as one over the middle axis of three.
  func reduce(
    _ reduction: bt_reduction, _ a: DescriptorPointer, over axes: AxisMask,
    into result: DescriptorPointer
  ) -> bt_status {
    if result.count == 0 { return .ok }
    let merged = MergedAxes(a, kinds: { axes.contains($0) ? 1 : 0 })
    if let view = merged.asReduction {
      return bt_reduce(
        reduction, a.dtype.code, Int64(view.outer.extent), Int64(view.reduced.extent),
        Int64(view.inner.extent), result.pointee.address, a.pointee.address,
        Int64(view.outer.stride), Int64(view.reduced.stride), Int64(view.inner.stride))
    }
    if reduction == .reduce_max || reduction == .reduce_min,
      case let inside = axes.bits & AxisMask(firstAxes: a.rank).bits, inside.nonzeroBitCount > 1
    {
      return reduceInSteps(reduction, a, over: AxisMask(bits: inside), into: result)
    }
    // The axes to reduce go last, so that they become one.
    let order = (0..<a.rank).filter { !axes.contains($0) } + axes.axes.filter { $0 < a.rank }
    let n = a.count / result.count
    return a.withPackedElements(order: order) { packed in
      bt_reduce(
        reduction, a.dtype.code, Int64(result.count), Int64(n), 1, result.pointee.address, packed,
        Int64(n), 1, 1)
    }
  }
}

extension Primitive {
  /// An extremum over the last of several axes, then over the rest: exact in any order, and what
  /// pooling leaves after the first is small.
  private func reduceInSteps(
    _ reduction: bt_reduction, _ a: DescriptorPointer, over axes: AxisMask,
    into result: DescriptorPointer
  ) -> bt_status {
    let last = AxisMask(bits: 1 << (7 - UInt8(axes.bits.leadingZeroBitCount)))
    let rest = AxisMask(bits: axes.bits & ~last.bits)
    let first = Node.make(shape: a.shape.removing(last), dtype: a.dtype)
    return withExtendedLifetime(first) {
      let status = reduce(reduction, a, over: last, into: first.descriptor)
      return status == .ok
        ? reduce(reduction, first.descriptor, over: rest, into: result) : status
    }
  }
}

/// Neighbouring axes of one kind walked as one, where strides allow.
struct MergedAxes {
  struct Axis {
    var extent: Int
    var stride: Int
    var kind: Int
  }
  private(set) var axes: [Axis] = []

  init(_ a: DescriptorPointer, kinds: (Int) -> Int) {
    for axis in 0..<a.rank where a.extents[axis] != 1 {
      let next = Axis(extent: a.extents[axis], stride: a.strides[axis], kind: kinds(axis))
      if let last = axes.last, last.kind == next.kind, last.stride == next.stride * next.extent {
        axes[axes.count - 1] = Axis(
          extent: last.extent * next.extent, stride: next.stride, kind: next.kind)
      } else {
        axes.append(next)
      }
    }
  }

  /// As outer, reduced (kind 1) and inner axes; nil if there are more groups than that.
  var asReduction: (outer: Axis, reduced: Axis, inner: Axis)? {
    let one = Axis(extent: 1, stride: 0, kind: 0)
    let reduced = axes.filter { $0.kind == 1 }
    if reduced.count > 1 { return nil }
    guard let position = axes.firstIndex(where: { $0.kind == 1 }) else {
      if axes.count > 1 { return nil }
      return (axes.first ?? one, one, one)
    }
    if position > 1 || axes.count - position > 2 { return nil }
    return (
      position == 1 ? axes[0] : one, axes[position],
      position + 1 < axes.count ? axes[position + 1] : one
    )
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// Calls `body` with the elements copied without gaps, axes in the given order.
  func withPackedElements<R>(order: [Int], _ body: (UnsafeMutableRawPointer) -> R) -> R {
    let packed = Storage(bytes: count * dtype.size)
    return withExtendedLifetime(packed) {
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: 3 * Shape.maximumRank) { scratch in
        var step: Int64 = 1
        for (position, axis) in order.enumerated().reversed() {
          scratch[position] = Int64(extents[axis])
          scratch[8 + position] = Int64(strides[axis])
          scratch[16 + position] = step
          step *= scratch[position]
        }
        let base = scratch.baseAddress.unsafelyUnwrapped
        bt_copy(
          dtype.size, Int32(order.count), base,
          bt_operand(address: packed.address, strides: base + 16),
          bt_operand(address: pointee.address, strides: base + 8))
      }
      return body(packed.address)
    }
  }
}
