import BacktapeKernels
import Testing

/// A contraction over memory of its own, and the same sum by plain loops. Elements are small
/// integers, so that both are exact.
struct ContractionCase<T: Element & BinaryFloatingPoint> {
  typealias Axis = bt_contraction_axis
  var batch: [Axis] = []
  var rows: [Axis] = []
  var columns: [Axis] = []
  var contracted: [Axis] = []
  var terms: [(a: Int64, b: Int64)] = [(0, 0)]
  var accumulates = false
  var scale = 1.0
  var cut = bt_cut.best
  /// Into how many parts it is cut; nil for what is prepared.
  var parts: Int?
  /// Whether partial sums are welcome.
  var offersParts = false

  static var guardValue: T { 7 }

  /// Elements before the first one at index 0, and all of them.
  private static func room(_ offsets: [Int]) -> (before: Int, count: Int) {
    let before = 8 - min(0, offsets.min() ?? 0)
    return (before, before + max(0, offsets.max() ?? 0) + 72)
  }

  /// Offsets of all positions of axes, the last axis fastest.
  private static func offsets(_ axes: [Axis], _ step: (Axis) -> Int64) -> [Int] {
    var result = [0]
    for axis in axes {
      var next: [Int] = []
      next.reserveCapacity(result.count * Int(axis.extent))
      let step = Int(step(axis))
      for start in result {
        for position in 0..<Int(axis.extent) { next.append(start + position * step) }
      }
      result = next
    }
    return result
  }

  /// Runs it, and answers what memory holds and what it should hold; of partial sums, their sum.
  func run(seed: UInt64) -> (result: [T], expected: [T], cut: bt_cut) {
    var numbers = Numbers(seed)
    let aOffsets = Self.offsets(batch + rows + contracted, \.a)
    let bOffsets = Self.offsets(batch + contracted + columns, \.b)
    let cOffsets = Self.offsets(batch + rows + columns, \.c)
    let aRoom = Self.room(
      aOffsets.map { $0 + Int(terms.map(\.a).min() ?? 0) }
        + aOffsets.map { $0 + Int(terms.map(\.a).max() ?? 0) })
    let bRoom = Self.room(
      bOffsets.map { $0 + Int(terms.map(\.b).min() ?? 0) }
        + bOffsets.map { $0 + Int(terms.map(\.b).max() ?? 0) })
    let cRoom = Self.room(cOffsets)
    let a = (0..<aRoom.count).map { _ in T(Int(numbers.next() % 7) - 3) }
    let b = (0..<bRoom.count).map { _ in T(Int(numbers.next() % 7) - 3) }

    let memory = UnsafeMutablePointer<bt_contraction>.allocate(capacity: 1)
    defer { memory.deallocate() }
    memory.initialize(to: bt_contraction())
    memory.pointee.dtype = T.dtype
    memory.pointee.accumulate = accumulates
    memory.pointee.scale = scale
    memory.pointee.batch_rank = Int32(batch.count)
    memory.pointee.row_rank = Int32(rows.count)
    memory.pointee.column_rank = Int32(columns.count)
    memory.pointee.contracted_rank = Int32(contracted.count)
    withUnsafeMutableBytes(of: &memory.pointee.batch) { Self.copy(batch, to: $0) }
    withUnsafeMutableBytes(of: &memory.pointee.rows) { Self.copy(rows, to: $0) }
    withUnsafeMutableBytes(of: &memory.pointee.columns) { Self.copy(columns, to: $0) }
    withUnsafeMutableBytes(of: &memory.pointee.contracted) { Self.copy(contracted, to: $0) }
    memory.pointee.term_count = Int64(terms.count)
    memory.pointee.cut = cut
    memory.pointee.c_part = offersParts || cut == .contracted ? Int64(cRoom.count) : 0
    bt_prepare_contraction(memory)
    let chosen = memory.pointee.cut
    let extent = Int(memory.pointee.prepared.extent)
    var count = Int(memory.pointee.prepared.chunks)
    if chosen != .contracted { count = parts ?? max(1, count) }

    var c = [T](
      repeating: Self.guardValue, count: cRoom.count * (chosen == .contracted ? max(1, count) : 1))
    let aTerms = terms.map(\.a)
    let bTerms = terms.map(\.b)
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        c.withUnsafeMutableBytes { c in
          aTerms.withUnsafeBufferPointer { aTerms in
            bTerms.withUnsafeBufferPointer { bTerms in
              let size = MemoryLayout<T>.size
              if terms.count != 1 || terms[0] != (0, 0) {
                memory.pointee.a_terms = aTerms.baseAddress
                memory.pointee.b_terms = bTerms.baseAddress
              }
              memory.pointee.a = (a.baseAddress! + aRoom.before * size).assumingMemoryBound(
                to: CChar.self)
              memory.pointee.b = (b.baseAddress! + bRoom.before * size).assumingMemoryBound(
                to: CChar.self)
              memory.pointee.c = (c.baseAddress! + cRoom.before * size).assumingMemoryBound(
                to: CChar.self)
              for part in 0..<count {
                bt_run_contraction(
                  memory, Int64(extent * part / count), Int64(extent * (part + 1) / count),
                  Int64(part))
              }
            }
          }
        }
      }
    }
    return (
      sumOfParts(c, cRoom.count, cOffsets.map { $0 + cRoom.before }),
      expected(a, aRoom, b, bRoom, cRoom, accumulations: chosen == .contracted ? count : 1), chosen
    )
  }

  private static func copy(_ axes: [Axis], to memory: UnsafeMutableRawBufferPointer) {
    axes.withUnsafeBytes { memory.copyMemory(from: $0) }
  }

  /// Adds up parts where elements are; elsewhere every part must be as it was.
  private func sumOfParts(_ c: [T], _ length: Int, _ places: [Int]) -> [T] {
    var sum = Array(c[0..<length])
    let isElement = Set(places)
    for part in stride(from: length, to: c.count, by: length) {
      for place in 0..<length {
        if isElement.contains(place) {
          sum[place] += c[part + place]
        } else if c[part + place] != Self.guardValue {
          sum[place] = .nan
        }
      }
    }
    return sum
  }

  private func expected(
    _ a: [T], _ aRoom: (before: Int, count: Int), _ b: [T], _ bRoom: (before: Int, count: Int),
    _ cRoom: (before: Int, count: Int), accumulations: Int
  ) -> [T] {
    var c = [T](repeating: Self.guardValue, count: cRoom.count)
    let batchOffsets = (
      Self.offsets(batch, \.a), Self.offsets(batch, \.b), Self.offsets(batch, \.c)
    )
    let rowOffsets = (Self.offsets(rows, \.a), Self.offsets(rows, \.c))
    let columnOffsets = (Self.offsets(columns, \.b), Self.offsets(columns, \.c))
    let runs = zip(Self.offsets(contracted, \.a), Self.offsets(contracted, \.b)).map { ($0, $1) }
    for place in batchOffsets.0.indices {
      for row in rowOffsets.0.indices {
        for column in columnOffsets.0.indices {
          let aAt = aRoom.before + batchOffsets.0[place] + rowOffsets.0[row]
          let bAt = bRoom.before + batchOffsets.1[place] + columnOffsets.0[column]
          var sum: T = 0
          for term in terms {
            for run in runs {
              sum += a[aAt + run.0 + Int(term.a)] * b[bAt + run.1 + Int(term.b)]
            }
          }
          c[cRoom.before + batchOffsets.2[place] + rowOffsets.1[row] + columnOffsets.1[column]] =
            (accumulates ? Self.guardValue * T(accumulations) : 0) + T(scale) * sum
        }
      }
    }
    return c
  }
}
