import BacktapeKernels
import BacktapeTensors

/// One thing a plan does, before it has addresses: what becomes an instruction.
struct Work {
  enum Action {
    case tile(TileProgram)
    /// By reference: what the kernels take is two kilobytes.
    indirect case product(ProductWork)
    /// A primitive run as it is run outside a plan: its line, and whose buffer takes the result.
    case primitive(Int, into: Int)
    case copy(CopyWork)
    /// The sum of the parts that chunks have left: their number, where, and the line it is for.
    case sum(chunks: Int, parts: Int, line: Int)
  }

  let action: Action
  /// Lines it reads, behind looks, and lines whose values it writes.
  let reads: Set<Int>
  let writes: [Int]
  /// Sources whose variables it overwrites: all that read them go first.
  let overwrites: [Int]
  /// Where it stood on the tape: which of two that may both be next goes first.
  let order: Int
}

/// Elements moved from one layout to another of the same extents.
struct CopyWork {
  /// What is read; nil for zeros.
  let source: Lowering.Buffer?
  let from: Layout
  let target: Lowering.Buffer
  let to: Layout
  let dtype: DType
}

/// A sum of products, or some of its terms.
struct ProductWork {
  /// Two lines that are multiplied.
  struct Term {
    let a, b: Int
  }
  let line: Int
  let terms: [Term]
  /// As the kernels take it, but for addresses.
  var contraction: bt_contraction
  /// The scratch for partial sums, if chunks make such.
  var parts: Int?
}
