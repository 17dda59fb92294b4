import BacktapeKernels
import BacktapeTensors

/// The memory a piece of work touches, axis by axis: what decides whether parts of it meet.
struct Footprint {
  /// Elements of one buffer.
  struct Touch {
    let buffer: Lowering.Buffer
    let isWritten: Bool
    /// Bytes of an element.
    let size: Int
    let offset: Int
    /// Steps along the work's axes.
    let strides: [Int]
    /// How far it goes on behind where the steps lead.
    var reach = 0
    /// Of partial sums: what each chunk writes for itself, one after the other.
    var part: Int?
  }

  /// Extents of everything the work walks.
  var extents: [Int] = []
  /// Axes it can be shared out along, the best first.
  var axes: [Int] = []
  var touches: [Touch] = []
  /// In how many parts it is shared out when alone.
  var chunks = 1
  /// The only number of parts there can be, where each leaves a sum of its own.
  var sums: Int?
  /// Columns of a tile program that stay together.
  var unit = 1
  /// The most parts that are worth what each costs anew.
  var mostChunks = Int.max
  /// What it takes on one thread, roughly.
  var nanoseconds = 0.0

  /// How many bytes of a buffer belong to one chunk, then to the next, and after the last to the
  /// first again, if every chunk touches its own alone; else nil.
  func slab(_ touch: Touch, along axis: Int, chunks: Int) -> Int? {
    if let part = touch.part { return part * touch.size }
    let step = touch.strides[axis]
    let own = extents[axis] / chunks
    guard step > 0 else { return nil }
    let slab = step * own
    var first = touch.offset % (slab * chunks)
    var last = first + (own - 1) * step + touch.reach
    for (other, stride) in touch.strides.enumerated()
    where other != axis && stride % (slab * chunks) != 0 {
      let distance = (extents[other] - 1) * stride
      if distance < 0 { first += distance } else { last += distance }
    }
    return first >= 0 && last < slab ? slab * touch.size : nil
  }

  /// Whether it can be shared out in so many equal parts along an axis.
  func divides(along axis: Int, into chunks: Int) -> Bool {
    extents[axis] % (unit * chunks) == 0 && sums ?? chunks == chunks
  }
}

extension Lowering {
  func footprint(of work: Work) -> Footprint {
    var footprint =
      switch work.action {
      case .tile(let tiles): footprint(of: tiles)
      case .product(let product): footprint(of: product)
      case .copy(let copy): footprint(of: copy)
      case .primitive, .sum: Footprint()
      }
    footprint.chunks = work.chunks
    return footprint
  }

  // MARK: tile programs

  private func footprint(of tiles: TileProgram) -> Footprint {
    var footprint = Footprint()
    footprint.extents = tiles.extents
    footprint.nanoseconds = tiles.nanoseconds
    let written = Set(
      tiles.steps.filter { Int($0.operation) == bt_step_store }.map { Int($0.x) })
    let last = tiles.extents.count - 1
    for (i, operand) in tiles.operands.enumerated() {
      switch operand.place {
      case .stream(let access), .rowElement(let access):
        footprint.add(access, buffers, written.contains(i))
      case .periodic(var access, let period):
        // It begins again and again along the columns.
        access.strides[last] = 0
        footprint.add(access, buffers, written.contains(i), reach: period - 1)
      case .columnSums(let line, let period):
        footprint.sums = tiles.chunks
        footprint.add(
          parts[line] ?? line, buffers, size: operand.dtype.size,
          part: period == 0 ? tiles.extents[last] : period)
      case .totals(let line):
        footprint.sums = tiles.chunks
        footprint.add(parts[line] ?? line, buffers, size: operand.dtype.size, part: 1)
      case .number, .tile, .row, .slot: break
      }
    }
    if footprint.sums == 1 { return footprint }
    if last > 0 {
      // Sums are made along the first axis as it is.
      footprint.axes = footprint.sums == nil ? Array(0..<last) : [0]
    } else if tiles.canShareColumns {
      footprint.axes = [0]
      if footprint.sums != nil { footprint.unit = tiles.unit }
    }
    return footprint
  }

  // MARK: products

  private func footprint(of product: ProductWork) -> Footprint {
    var footprint = Footprint()
    let contraction = product.contraction
    let batch = contraction.batchAxes
    let rows = contraction.mergedRows
    let columns = contraction.columnAxes
    let contracted = contraction.contractedAxes
    let axes = batch + rows + columns + contracted
    footprint.extents = axes.map { Int($0.extent) }
    func count(_ axes: [bt_contraction_axis]) -> Int { axes.reduce(1) { $0 * Int($1.extent) } }
    let (m, n, k) = (count(rows), count(columns), count(contracted) * product.terms.count)
    let size = contraction.dtype == .float64 ? 8 : 4
    footprint.nanoseconds = 2 * Double(count(batch) * m * n * k) / (size == 8 ? 80 : 160)
    func add(_ value: Int, isWritten: Bool, _ step: (bt_contraction_axis) -> Int64) {
      footprint.touches.append(
        Footprint.Touch(
          buffer: buffers[locations.owners[value]]!, isWritten: isWritten, size: size,
          offset: locations.layouts[value].offset, strides: axes.map { Int(step($0)) }))
    }
    for term in product.terms {
      add(term.a, isWritten: false, \.a)
      if product.panels == nil { add(term.b, isWritten: false, \.b) }
    }
    if let panels = product.panels {
      footprint.touches.append(
        Footprint.Touch(
          buffer: .own(panels), isWritten: false, size: size, offset: 0,
          strides: axes.map { Int($0.b) }))
    }
    add(product.line, isWritten: true, \.c)
    if product.parts != nil || footprint.nanoseconds == 0 { return footprint }
    if !product.isWorthCutting(footprint.nanoseconds) { footprint.mostChunks = 0 }
    if batch.isEmpty {
      if !contraction.keepsKernelByRows { return footprint }
      footprint.axes = Array(rows.indices)
      footprint.mostChunks = Swift.min(
        footprint.mostChunks, m / product.fewestRows(n: n, k: k, size: size))
    } else {
      footprint.axes = Array(batch.indices)
    }
    return footprint
  }

  // MARK: copies

  private func footprint(of copy: CopyWork) -> Footprint {
    var footprint = Footprint()
    footprint.extents = copy.to.extents
    footprint.axes = Array(copy.to.extents.indices)
    footprint.nanoseconds = Double(copy.to.count * copy.dtype.size) / 10
    if let source = copy.source {
      footprint.touches.append(
        Footprint.Touch(
          buffer: source, isWritten: false, size: copy.dtype.size, offset: copy.from.offset,
          strides: copy.from.strides))
    }
    footprint.touches.append(
      Footprint.Touch(
        buffer: copy.target, isWritten: true, size: copy.dtype.size, offset: copy.to.offset,
        strides: copy.to.strides))
    return footprint
  }
}

extension Footprint {
  fileprivate mutating func add(
    _ access: Access, _ buffers: [Lowering.Buffer?], _ isWritten: Bool, reach: Int = 0
  ) {
    touches.append(
      Touch(
        buffer: buffers[access.buffer]!, isWritten: isWritten, size: access.dtype.size,
        offset: access.offset, strides: access.strides, reach: reach))
  }

  fileprivate mutating func add(
    _ line: Int, _ buffers: [Lowering.Buffer?], size: Int, part: Int
  ) {
    touches.append(
      Touch(
        buffer: buffers[line]!, isWritten: true, size: size, offset: 0,
        strides: extents.map { _ in 0 }, part: part))
  }
}
