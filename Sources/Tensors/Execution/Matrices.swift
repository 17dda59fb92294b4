import BacktapeKernels

// Functions of matrices in the last two axes.

extension Primitive {
  /// Computes a function of each matrix.
  func matrix(
    _ function: bt_matrix_function, _ a: DescriptorPointer, into result: DescriptorPointer
  ) -> bt_status {
    a.withPacked { a in
      let (count, rows, columns) = a.matrices
      return bt_matrix(
        function, a.dtype.code, count, rows, columns, result.pointee.address, a.pointee.address)
    }
  }

  /// Solves equations with each matrix.
  func solve(
    _ part: bt_matrix_part, _ a: DescriptorPointer, _ b: DescriptorPointer,
    into result: DescriptorPointer
  ) -> bt_status {
    a.withPacked { a in
      b.withPacked { b in
        let (count, rows, columns) = b.matrices
        return bt_solve(
          part, a.dtype.code, count, rows, columns, result.pointee.address, a.pointee.address,
          b.pointee.address)
      }
    }
  }
}

extension UnsafeMutablePointer<Descriptor> {
  /// How many matrices there are in the last two axes, and their extents.
  fileprivate var matrices: (count: Int64, rows: Int64, columns: Int64) {
    (
      (0..<rank - 2).reduce(1) { $0 * Int64(extents[$1]) }, Int64(extents[rank - 2]),
      Int64(extents[rank - 1])
    )
  }
}
