import BacktapeKernels

/// A contraction as products of matrices: rows, columns, contracted and batch axes each walked as
/// one axis where strides allow, else an operand is copied first.
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

  func run(into result: DescriptorPointer) -> bt_status {
    if result.count == 0 { return .ok }
    let mergesA = a.merged(batch, rows) != nil && a.merged(batch + rows, contracted) != nil
    let mergesB =
      b.merged(batch, contracted) != nil && b.merged(batch + contracted, columns) != nil
    if !mergesA {
      return a.withPackedCopy {
        Contraction($0, b, batch: batch, contracted: contracted).run(into: result)
      }
    }
    if !mergesB {
      return b.withPackedCopy {
        Contraction(a, $0, batch: batch, contracted: contracted).run(into: result)
      }
    }
    let m = a.merged(batch, rows)!
    let ka = a.merged(batch + rows, contracted)!
    let kb = b.merged(batch, contracted)!
    let n = b.merged(batch + contracted, columns)!
    let size = result.dtype.size

    // Batch axes merge in both operands, or the last is handed over and the others are walked here.
    let last: (count: Int, a: Int, b: Int)
    var walked = 0
    if batch == 0 {
      last = (1, 0, 0)
    } else if let wholeA = a.merged(0, batch), let wholeB = b.merged(0, batch) {
      last = (wholeA.extent, wholeA.stride, wholeB.stride)
    } else {
      walked = batch - 1
      last = (a.extents[walked], a.strides[walked], b.strides[walked])
    }
    var position = [Int](repeating: 0, count: walked)
    var offset = (a: 0, b: 0, result: 0)
    while true {
      let status = bt_dot(
        result.dtype.code, Int64(last.count), Int64(m.extent), Int64(n.extent), Int64(ka.extent),
        result.pointee.address.map { $0 + offset.result * size },
        a.pointee.address.map { $0 + offset.a * size }, Int64(last.a), Int64(m.stride),
        Int64(ka.stride), b.pointee.address.map { $0 + offset.b * size }, Int64(last.b),
        Int64(kb.stride), Int64(n.stride))
      if status != .ok { return status }
      offset.result += last.count * m.extent * n.extent
      var axis = walked - 1
      while axis >= 0 {
        position[axis] += 1
        offset.a += a.strides[axis]
        offset.b += b.strides[axis]
        if position[axis] < a.extents[axis] { break }
        offset.a -= a.strides[axis] * a.extents[axis]
        offset.b -= b.strides[axis] * a.extents[axis]
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return .ok }
    }
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// Some neighbouring axes as one: nil if their strides do not follow from each other.
  fileprivate func merged(_ first: Int, _ axes: Int) -> (extent: Int, stride: Int)? {
    var extent = 1
    var step = 0
    for axis in (first..<first + axes).reversed() where extents[axis] != 1 {
      if extent == 1 {
        step = strides[axis]
      } else if strides[axis] != step * extent {
        return nil
      }
      extent *= extents[axis]
    }
    return (extent, step)
  }

  /// Calls `body` with a copy without gaps.
  func withPackedCopy<R>(_ body: (DescriptorPointer) -> R) -> R {
    let copy = Node.copy(of: self)
    return withExtendedLifetime(copy) { body(copy.descriptor) }
  }
}
