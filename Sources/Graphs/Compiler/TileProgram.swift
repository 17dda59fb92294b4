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

  /// Elements that the program visits.
  var count: Int { extents.reduce(1, *) }
}
