import BacktapeKernels
import BacktapeTensors

/// One thing a plan does, before it has addresses: what becomes an instruction.
struct Work {
  enum Action {
    // By reference, so that works are cheap to move: what the kernels take of a product alone is
    // two kilobytes.
    indirect case tile(TileProgram)
    indirect case product(ProductWork)
    /// A primitive run as it is run outside a plan: its line, and whose buffer takes the result.
    case primitive(Int, into: Int)
    case copy(CopyWork)
    /// The sum of the parts that chunks have left: their number, where, and the line it is for.
    case sum(chunks: Int, parts: Int, line: Int)
  }

  var action: Action
  /// Lines it reads, behind looks, in order, and lines whose values it writes.
  let reads: [Int]
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
  var from: Layout
  let target: Lowering.Buffer
  var to: Layout
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
  /// The scratch that holds the second matrix in panels, if that is shared.
  var panels: Int?
}

extension Work {
  /// In how many parts it is shared out by itself.
  var chunks: Int {
    switch action {
    case .tile(let tiles): tiles.chunks
    case .product(let product): Swift.max(Int(product.contraction.prepared.chunks), 1)
    case .primitive, .copy, .sum: 1
    }
  }

  /// The same, shared out along an axis in equal parts.
  func cut(along axis: Int, into chunks: Int) -> Work {
    var work = self
    switch action {
    case .tile(var tiles):
      tiles.cut(along: axis, into: chunks)
      work.action = .tile(tiles)
    case .product(var product):
      product.contraction.cut(along: axis)
      work.action = .product(product)
    case .copy(var copy):
      copy.from.bringForward(axis)
      copy.to.bringForward(axis)
      work.action = .copy(copy)
    case .primitive, .sum: break
    }
    return work
  }
}

extension ProductWork {
  /// More takes so long that a barrier makes no difference: it goes as is best for it alone.
  private static let chainedNanoseconds = 100_000.0
  /// A matrix that stays in the caches however often it is gone through.
  private static let cachedBytes = 512 << 10

  /// Whether a product may go along rows though it were better cut another way.
  func isWorthCutting(_ nanoseconds: Double) -> Bool {
    contraction.cut == .rows || contraction.cut == .batch
      || nanoseconds < ProductWork.chainedNanoseconds
  }

  /// Rows of a part that make up for what every part does to the second matrix by itself: packing
  /// it, or reading it from farther than the caches.
  func fewestRows(n: Int, k: Int, size: Int) -> Int {
    let isInPlace = n == 1 || contraction.columnAxes.contains { $0.b == 1 }
    if n * k * size > ProductWork.cachedBytes { return 128 }
    return isInPlace ? 8 : 64
  }
}
