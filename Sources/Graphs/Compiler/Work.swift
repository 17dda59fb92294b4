import BacktapeTensors

/// One thing a plan does, before it has addresses: what becomes an instruction.
struct Work {
  enum Action {
    case tile(TileProgram)
    /// A sum of products, by its line.
    case product(Int)
    /// A primitive run as it is run outside a plan, by its line.
    case primitive(Int)
    case copy(CopyWork)
    /// The sum of the parts that chunks of a program or a product have left for a line.
    case sumParts(of: Int)
  }

  let action: Action
  /// Lines whose values it reads, behind looks; and the lines whose buffers it writes.
  let reads: Set<Int>
  let writes: [Int]
  /// Where it stood on the tape: which of two that may both be next goes first.
  let order: Int
}

/// Elements moved from one layout to another of the same extents.
struct CopyWork {
  /// The line whose buffer is read; nil for zeros.
  let source: Int?
  let from: Layout
  let target: Target
  let to: Layout
  let dtype: DType

  enum Target {
    /// The buffer of a line.
    case line(Int)
    /// The memory of the update of a number.
    case variable(Int)
    /// The output of a number.
    case output(Int)
  }
}
