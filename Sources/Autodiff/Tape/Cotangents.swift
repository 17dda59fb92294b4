import BacktapeTensors

/// The cotangents of a stretch of records while it is walked backwards: a word for each record.
///
/// A cotangent is a tensor or, where formulas make it, a cell: bare memory of the walk's own that
/// is used again as soon as its record has been visited.
struct Cotangents: ~Copyable {
  /// What is known of a record: flags and, above them, the position of its tensor or the address
  /// of its cell, which is a multiple of 16.
  private typealias Word = UInt
  private static let active: Word = 1
  private static let target: Word = 2
  private static let holdsTensor: Word = 4
  private static let holdsCell: Word = 8
  private static let flags: Word = 15

  private let first: Int
  private let count: Int
  private let words: UnsafeMutablePointer<Word>
  private var tensors: [Tensor?] = []
  private var freeTensors: [Int] = []
  private var cells = Cells()
  /// What slices of a record hand on, until the record's turn comes.
  private var slices: [Int32: [SlicedCotangent]] = [:]

  init(first: Int, last: Int) {
    self.first = first
    count = last - first + 1
    guard let block = Blocks.take(count * MemoryLayout<Word>.stride) else {
      fatalError("gradient: no memory to walk over \(count) records")
    }
    words = block.bindMemory(to: Word.self, capacity: count)
    words.initialize(repeating: 0, count: count)
  }

  deinit { Blocks.give(words, count * MemoryLayout<Word>.stride) }

  // MARK: marks

  /// Whether a record depends on a target. `Record.number` does not.
  @inline(__always)
  func isActive(_ place: Int32) -> Bool {
    Int(place) >= first && words[Int(place) &- first] & Cotangents.active != 0
  }

  @inline(__always)
  func activate(_ index: Int) { words[index &- first] |= Cotangents.active }

  @inline(__always)
  func isTarget(_ index: Int) -> Bool { words[index &- first] & Cotangents.target != 0 }

  func markTarget(_ index: Int32) {
    words[Int(index) - first] = Cotangents.target | Cotangents.active
  }

  @inline(__always)
  func isEmpty(_ index: Int) -> Bool {
    words[index &- first] & (Cotangents.holdsTensor | Cotangents.holdsCell) == 0
  }

  // MARK: cells

  /// The cell of a record, if it has one.
  @inline(__always)
  func cell(_ index: Int) -> UnsafeMutableRawPointer? {
    let word = words[index &- first]
    return word & Cotangents.holdsCell == 0
      ? nil : UnsafeMutableRawPointer(bitPattern: word & ~Cotangents.flags)
  }

  /// Gives a record that has no cotangent yet a cell of `bytes`, to be written.
  @inline(__always)
  mutating func makeCell(_ index: Int, bytes: Int) -> UnsafeMutableRawPointer {
    let cell = cells.take(bytes)
    let mark = Cotangents.holdsCell | words[index &- first] & Cotangents.flags
    words[index &- first] = UInt(bitPattern: cell) | mark
    return cell
  }

  /// Done with a record: unless it is a target its cotangent is no more needed.
  @inline(__always)
  mutating func leave(_ index: Int, bytes: Int) {
    let word = words[index &- first]
    if word & Cotangents.target != 0 { return }
    if word & Cotangents.holdsCell != 0 {
      let cell = UnsafeMutableRawPointer(bitPattern: word & ~Cotangents.flags)
      cells.give(cell.unsafelyUnwrapped, bytes)
    } else if word & Cotangents.holdsTensor != 0 {
      tensors[Int(word >> 4)] = nil
      freeTensors.append(Int(word >> 4))
    }
    words[index &- first] = word & (Cotangents.active | Cotangents.target)
  }

  /// Memory for the steps of a formula.
  mutating func spare() -> UnsafeMutableRawPointer { cells.spare() }

  /// Memory for the elements of operand `i` where those in place have gaps, or are a number.
  mutating func filler(_ i: Int) -> UnsafeMutableRawPointer {
    cells.spare() + (Formula.maximumSteps + i) * Formulas.largestElements * 8
  }

  // MARK: tensors

  /// The cotangent of a record as a tensor of the record's shape and type.
  func tensor(_ index: Int, like model: DescriptorPointer) -> Tensor? {
    let word = words[index - first]
    if word & Cotangents.holdsTensor != 0 { return tensors[Int(word >> 4)] }
    return cell(index).map { Tensor(copying: $0, like: model) }
  }

  /// Adds what one more use of a record contributes.
  mutating func add(_ cotangent: consuming Tensor, to place: Int, like model: DescriptorPointer) {
    let word = words[place - first]
    if word & Cotangents.holdsTensor != 0 {
      let position = Int(word >> 4)
      tensors[position] = tensors[position].take().unsafelyUnwrapped + cotangent
      return
    }
    if let cell = cell(place) {
      cotangent = Tensor(copying: cell, like: model) + cotangent
      cells.give(cell, model.count * model.dtype.size)
    }
    let mark = Cotangents.holdsTensor | word & (Cotangents.active | Cotangents.target)
    let position: Int
    if let free = freeTensors.popLast() {
      position = free
      tensors[position] = cotangent
    } else {
      position = tensors.count
      tensors.append(cotangent)
    }
    words[place - first] = UInt(position) << 4 | mark
  }
}

extension Cotangents {
  var hasSlices: Bool { !slices.isEmpty }

  /// Adds what a slice of a record contributes.
  mutating func lay(_ slice: SlicedCotangent, to place: Int32) {
    slices[place, default: []].append(slice)
  }

  /// Adds up the slices of a record whose turn has come.
  mutating func join(_ index: Int, like model: DescriptorPointer) {
    guard let parts = slices.removeValue(forKey: Int32(index)) else { return }
    for whole in parts.joined(like: model.shape) { add(whole, to: index, like: model) }
  }
}

/// Small pieces of memory in sizes of powers of two, used again and again.
private struct Cells: ~Copyable {
  private static let smallest = 16
  private static let sizes = 8  // up to 2 KiB

  private var chunks = Chunks()
  /// The first free cell of each size; a free cell holds the address of the next.
  private let free: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private var steps: UnsafeMutableRawPointer?

  init() {
    free = .allocate(capacity: Cells.sizes)
    free.initialize(repeating: nil, count: Cells.sizes)
  }

  deinit {
    var chunks = chunks
    chunks.release()
    free.deallocate()
  }

  /// Which size holds so many bytes.
  @inline(__always)
  private func size(_ bytes: Int) -> Int {
    let pieces = UInt(bitPattern: bytes &- 1) / UInt(Cells.smallest)
    return UInt.bitWidth &- pieces.leadingZeroBitCount
  }

  @inline(__always)
  mutating func take(_ bytes: Int) -> UnsafeMutableRawPointer {
    let size = size(bytes)
    if let cell = free[size] {
      free[size] = cell.load(as: UnsafeMutableRawPointer?.self)
      return cell
    }
    return chunks.allocate(Cells.smallest &<< size)
  }

  @inline(__always)
  mutating func give(_ cell: UnsafeMutableRawPointer, _ bytes: Int) {
    let size = size(bytes)
    cell.storeBytes(of: free[size], as: UnsafeMutableRawPointer?.self)
    free[size] = cell
  }

  mutating func spare() -> UnsafeMutableRawPointer {
    if let steps { return steps }
    let values = Formula.maximumSteps + Formulas.operandLimit
    let block = chunks.allocate(values * Formulas.largestElements * 8)
    steps = block
    return block
  }
}
