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

  /// Elements that the program visits.
  var count: Int { extents.reduce(1, *) }
}

extension TileProgram {
  /// Columns that go together where the columns themselves are shared out.
  var unit: Int { 1024 }

  /// Length of the axis that is shared out.
  var extent: Int {
    extents.count > 1 ? extents[0] : (extents[0] + unit - 1) / unit
  }

  /// In how many parts it is shared out: by its shape and steps alone.
  var chunks: Int {
    let parts = Int(nanoseconds / 8000)
    return parts < 4 ? 1 : Swift.min(extent, parts, 16)
  }

  /// What it takes on one thread, roughly.
  var nanoseconds: Double {
    let each = steps.reduce(0.0) { $0 + $1.nanoseconds }
    return Double(count) * each * (dtype == .float64 ? 2 : 1)
  }
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
