/// What may stand in a tensor's subscript: a position, a range, a stride, `.all`, `.newAxis`,
/// `.ellipsis`, `.every(n)`, or a tensor of positions or conditions.
public protocol TensorIndex: Sendable {
  /// What it selects.
  var selection: IndexSelection { get }
}

/// A subscript's part, resolved as far as it can be without the extent of its axis.
public enum IndexSelection: Sendable {
  /// One position, counted from the end if negative; the axis disappears.
  case position(Int)
  /// Bounds, counted from the end if negative; nil is the axis's own. `end` is left out.
  case range(start: Int?, end: Int?)
  /// Positions at equal distances.
  case positions(first: Int, step: Int, count: Int)
  /// The whole axis in steps; backwards if negative.
  case steps(Int)
  /// A new axis of extent 1.
  case insertion
  /// All axes that are not named.
  case rest
  /// Integers: the positions they name. Bools: where they hold, for as many axes as they have.
  case elements(Tensor)
}

extension IndexSelection: TensorIndex {
  /// Itself.
  public var selection: IndexSelection { self }
}

extension TensorIndex where Self == IndexSelection {
  /// The whole axis.
  public static var all: IndexSelection { .range(start: nil, end: nil) }
  /// The whole axis in steps, backwards if negative: NumPy's `::step`.
  public static func every(_ step: Int) -> IndexSelection { .steps(step) }
  /// A new axis of extent 1.
  public static var newAxis: IndexSelection { .insertion }
  /// All axes that are not named.
  public static var ellipsis: IndexSelection { .rest }
}

extension Int: TensorIndex {
  /// One position.
  public var selection: IndexSelection { .position(self) }
}
extension Range<Int>: TensorIndex {
  /// From the lower bound up to the upper, which is left out; behind a negative lower bound 0 is the
  /// end of the axis, so that `-2..<0` are the last two.
  public var selection: IndexSelection { .range(start: lowerBound, end: upperBound) }
}
extension ClosedRange<Int>: TensorIndex {
  /// From the lower bound to the upper.
  public var selection: IndexSelection {
    .range(start: lowerBound, end: upperBound == -1 ? nil : Swift.max(upperBound, upperBound &+ 1))
  }
}
extension PartialRangeFrom<Int>: TensorIndex {
  /// From the bound to the end of the axis.
  public var selection: IndexSelection { .range(start: lowerBound, end: nil) }
}
extension PartialRangeUpTo<Int>: TensorIndex {
  /// From the start of the axis up to the bound, which is left out.
  public var selection: IndexSelection { .range(start: nil, end: upperBound) }
}
extension PartialRangeThrough<Int>: TensorIndex {
  /// From the start of the axis to the bound.
  public var selection: IndexSelection {
    .range(start: nil, end: upperBound == -1 ? nil : Swift.max(upperBound, upperBound &+ 1))
  }
}
extension StrideTo<Int>: TensorIndex {
  /// The positions it walks through.
  public var selection: IndexSelection { .walking(self) }
}
extension StrideThrough<Int>: TensorIndex {
  /// The positions it walks through.
  public var selection: IndexSelection { .walking(self) }
}

extension IndexSelection {
  fileprivate static func walking(_ positions: some Sequence<Int>) -> IndexSelection {
    var positions = positions.makeIterator()
    guard let first = positions.next() else { return .range(start: 0, end: 0) }
    guard let second = positions.next() else { return .positions(first: first, step: 1, count: 1) }
    let (step, overflow) = second.subtractingReportingOverflow(first)
    var count = 2
    // As good as outside: no one waits for more to be counted.
    while count < .max, positions.next() != nil { count = count == 1 << 32 ? .max : count + 1 }
    return .positions(first: first, step: overflow ? .max : step, count: count)
  }
}

extension IndexSelection {
  var isEllipsis: Bool { if case .rest = self { true } else { false } }

  var isTensor: Bool { if case .elements = self { true } else { false } }

  /// How many axes that are there it speaks of.
  var axisCount: Int {
    switch self {
    case .insertion, .rest: 0
    case .position, .range, .positions, .steps: 1
    case .elements(let tensor): tensor.dtype == .bool ? tensor.rank : 1
    }
  }

  struct Walk {
    var first: Int
    var step: Int
    var count: Int
    var removesAxis = false
  }

  /// The positions it selects on an axis; nil if one is outside.
  func walk(_ extent: Int) -> Walk? {
    func fromFront(_ position: Int) -> Int { position < 0 ? position + extent : position }
    switch self {
    case .position(let position):
      let first = fromFront(position)
      if first < 0 || first >= extent { return nil }
      return Walk(first: first, step: 1, count: 1, removesAxis: true)
    case .range(let start, let end):
      let first = start.map(fromFront) ?? 0
      let last = end.map { $0 < 0 || ($0 == 0 && (start ?? 0) < 0) ? $0 + extent : $0 } ?? extent
      if first < 0 || last > extent || last < first { return nil }
      return Walk(first: first, step: 1, count: last - first)
    case .positions(let position, let step, let count):
      let first = fromFront(position)
      if count < 1 || first < 0 || first >= extent { return nil }
      let (span, overflow) = (count - 1).multipliedReportingOverflow(by: step)
      let (last, beyond) = first.addingReportingOverflow(span)
      if overflow || beyond || last < 0 || last >= extent || (step == 0 && count > 1) { return nil }
      return Walk(first: first, step: count == 1 ? 1 : step, count: count)
    case .steps(let step):
      if step == 0 || step == .min { return nil }
      let count = extent == 0 ? 0 : (extent - 1) / Swift.abs(step) + 1
      return Walk(first: step > 0 ? 0 : max(extent - 1, 0), step: step, count: count)
    case .insertion, .rest, .elements: return nil
    }
  }
}

extension IndexSelection: CustomStringConvertible {
  /// As it was written.
  public var description: String {
    switch self {
    case .position(let position): "\(position)"
    case .range(let start, let end):
      (start.map(String.init) ?? "") + "..<" + (end.map(String.init) ?? "")
    case .positions(let first, let step, let count):
      "\(count) positions from \(first) in steps of \(step)"
    case .steps(let step): ".every(\(step))"
    case .insertion: ".newAxis"
    case .rest: ".ellipsis"
    case .elements(let tensor): "a tensor of \(tensor.dtype) \(tensor.shape)"
    }
  }
}
