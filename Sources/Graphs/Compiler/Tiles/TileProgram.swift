import BacktapeKernels
import BacktapeTensors

/// A tile program before its memory is known: what ``TileWriter`` makes of a group.
struct TileProgram {
  enum Place {
    case stream(Access)
    case rowElement(Access)
    case periodic(Access, period: Int)
    case number(Double)
    case tile, row, slot
    /// Partial sums in the buffer of a line: so many elements for each chunk.
    case columnSums(Int, period: Int)
    case totals(Int)
  }
  struct Operand {
    var place: Place
    var dtype: DType
  }
  struct Pass {
    var first: Int
    var count: Int
    var isRow: Bool
  }

  var dtype: DType
  /// Outer axes, then the columns.
  var extents: [Int]
  var operands: [Operand] = []
  var steps: [bt_step] = []
  var passes: [Pass] = []

  /// The operations in it, in the order of the steps.
  var operations: [Primitive] = []

  /// Columns that go together where the columns themselves are shared out.
  var unit = 1024

  /// Elements that the program visits.
  var count: Int { extents.reduce(1, *) }
}

extension TileProgram {
  /// Length of the axis that is shared out.
  var extent: Int {
    extents.count > 1 ? extents[0] : (extents[0] + unit - 1) / unit
  }

  /// In how many parts it is shared out: by its shape and steps alone.
  var chunks: Int {
    let parts = Int(nanoseconds / 8000)
    return parts < 4 ? 1 : Swift.min(extent, parts, 16)
  }

  /// Whether all columns are computed apart from each other.
  var canShareColumns: Bool {
    let isScratch = operands.contains {
      switch $0.place {
      case .row, .slot, .rowElement: true
      default: false
      }
    }
    return extents.count == 1 && !isScratch && passes.allSatisfy { !$0.isRow }
  }

  /// The same, shared out along an axis in equal parts: its first, or its columns if it has no
  /// other.
  mutating func cut(along axis: Int, into chunks: Int) {
    if extents.count == 1 {
      unit = Swift.min(unit, extents[0] / chunks)
      if extents[0] / chunks % unit != 0 { unit = extents[0] / chunks }
    }
    if axis == 0 { return }
    extents.bringForward(axis)
    for i in operands.indices {
      switch operands[i].place {
      case .stream(var access):
        access.strides.bringForward(axis)
        operands[i].place = .stream(access)
      case .rowElement(var access):
        access.strides.bringForward(axis)
        operands[i].place = .rowElement(access)
      case .periodic(var access, let period):
        access.strides.bringForward(axis)
        operands[i].place = .periodic(access, period: period)
      default: break
      }
    }
  }

  /// What it takes on one thread, roughly.
  var nanoseconds: Double {
    let each = steps.reduce(0.0) { $0 + $1.nanoseconds }
    return Double(count) * each * (dtype == .float64 ? 2 : 1)
  }
}

extension [Int] {
  /// Puts one before all others, which keep their order.
  mutating func bringForward(_ index: Int) { insert(remove(at: index), at: 0) }
}

extension bt_step {
  /// What a step takes for an element of float32, roughly.
  fileprivate var nanoseconds: Double {
    switch Int(operation) - Int(bt_step_unary) {
    case Int(bt_unary_operation.exp.rawValue), Int(bt_unary_operation.log.rawValue),
      Int(bt_unary_operation.tanh.rawValue), Int(bt_unary_operation.sigmoid.rawValue):
      0.35
    default: 0.03
    }
  }
}
