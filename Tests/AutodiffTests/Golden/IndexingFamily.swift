import Backtape

extension GoldenFamily {
  /// Reductions, cumulation, order, indexing and shape.
  static let indexing = GoldenFamily(
    "calculus_indexing", least: 209,
    indexingFunctions.filter { derived.contains($0.key) }
      .mapValues(first))

  private static func first(_ function: @escaping SeveralResults) -> Function {
    { function($0, $1)[0] }
  }

  /// Of the results of these the first has a derivative.
  private static let derived = Set(indexingFunctions.keys).subtracting([
    "argmax", "argsort", "at", "countNonzero", "nonzero", "searchsorted", "unique",
  ])
}

/// An operation that may have several results.
typealias SeveralResults = @Sendable (GoldenSettings, [Tensor]) -> [Tensor]

/// What operations of `calculus_indexing.json` make of tensors of any type.
let indexingFunctions: [String: SeveralResults] = [
  reductions.mapValues(results), cumulations, order, indexing.mapValues(results),
  movement.mapValues(results),
].reduce([:]) { $0.merging($1) { $1 } }

private func results(_ function: @escaping GoldenFamily.Function) -> SeveralResults {
  { [function($0, $1)] }
}

private let reductions: [String: GoldenFamily.Function] = [
  "variance": {
    $1[0].variance(axes: $0.ints("axes"), correction: $0.int("correction")!, keepDims: $0.keepDims)
  },
  "std": {
    $1[0].std(axes: $0.ints("axes"), correction: $0.int("correction")!, keepDims: $0.keepDims)
  },
  "logSumExp": { $1[0].logSumExp(axes: $0.ints("axes"), keepDims: $0.keepDims) },
  "norm": { $1[0].norm($0.number("order")!, axes: $0.ints("axes"), keepDims: $0.keepDims) },
  "median": { $1[0].median(axis: $0.axis, keepDims: $0.keepDims) },
  "median of all": { $1[0].median() },
  "countNonzero": { $1[0].countNonzero(axes: $0.ints("axes")) },
  "argmax": { $1[0].argmax(axis: $0.axis) },
  "quantile": { s, x in
    if let q = s.number("q") {
      return x[0].quantile(
        q, axis: s.int("axis"), keepDims: s.keepDims, interpolation: s.interpolation)
    }
    return x[0].quantile(
      s["q"]!.list!.map { $0.number! }, axis: s.int("axis"), keepDims: s.keepDims,
      interpolation: s.interpolation)
  },
]

private let cumulations: [String: SeveralResults] = [
  "cumsum": { [$1[0].cumsum(axis: $0.axis)] }, "cumprod": { [$1[0].cumprod(axis: $0.axis)] },
  "cummax": {
    let (values, indices) = $1[0].cummax(axis: $0.axis)
    return [values, indices]
  },
  "cummin": {
    let (values, indices) = $1[0].cummin(axis: $0.axis)
    return [values, indices]
  },
  "logcumsumexp": { [$1[0].logcumsumexp(axis: $0.axis)] },
  "diff": {
    [
      $1[0].diff(
        $0.int("n") ?? 1, axis: $0.axis, prepend: $1.count > 1 ? $1[1] : nil,
        append: $1.count > 2 ? $1[2] : nil)
    ]
  },
]

private let order: [String: SeveralResults] = [
  "sort": { [$1[0].sort(axis: $0.axis, descending: $0.isTrue("descending"))] },
  "argsort": { [$1[0].argsort(axis: $0.axis, descending: $0.isTrue("descending"))] },
  "topk": {
    let (values, indices) = $1[0].topk(
      $0.int("k")!, axis: $0.axis, largest: !$0.has("largest") || $0.isTrue("largest"))
    return [values, indices]
  },
  "kthValue": { [$1[0].kthValue($0.int("k")!, axis: $0.axis, keepDims: $0.keepDims).values] },
  "searchsorted": { [$1[0].searchsorted($1[1], right: $0.isTrue("right"))] },
  "unique": {
    let (values, inverse, counts) = $1[0].unique()
    return [values, inverse, counts]
  },
]

private let indexing: [String: GoldenFamily.Function] = [
  "gather": { $1[0].gather($0.at, axis: $0.axis) },
  "takeAlongAxis": { $1[0].takeAlongAxis($0.at, axis: $0.axis) },
  "indexSelect": { $1[0].indexSelect($0.at, axis: $0.axis) },
  "gatherND": { $1[0].gatherND($0.at) },
  "scatter": { $1[0].scatter($1[1], at: $0.at, axis: $0.axis) },
  "scatterAdd": { $1[0].scatterAdd($1[1], at: $0.at, axis: $0.axis) },
  "indexAdd": { $1[0].indexAdd($1[1], at: $0.at, axis: $0.axis) },
  "indexCopy": { $1[0].indexCopy($1[1], at: $0.at, axis: $0.axis) },
  "put": { $1[0].put($1[1], at: $0.at, accumulate: $0.isTrue("accumulate")) },
  "segmentSum": { $1[0].segmentSum($0.at, count: $0.int("count")!) },
  "maskedSelect": { $1[0].maskedSelect($0.mask) },
  "maskedScatter": { $1[0].maskedScatter($0.mask, $1[1]) },
  "nonzero": { $1[0].nonzero() },
  "at": { s, x in
    let index = s.subscripts
    return index.count == 1 ? x[0][index[0]] : x[0][index[0], index[1]]
  },
  "assign": { s, x in
    let index = s.subscripts
    var y = x[0]
    if index.count == 1 { y[index[0]] = x[1] } else { y[index[0], index[1]] = x[1] }
    return y
  },
]

private let movement: [String: GoldenFamily.Function] = [
  "tile": { $1[0].tile($0.ints("counts")!) },
  "repeat": { $1[0].repeat($0.int("count")!, axis: $0.int("axis")) },
  "repeat each": { $1[0].repeat($0.ints("counts")!, axis: $0.axis) },
  "roll": { s, x in
    let shifts = s.ints("shifts")!
    return s.ints("axes").map { x[0].roll(shifts, axes: $0) } ?? x[0].roll(shifts[0])
  },
  "rot90": { $1[0].rot90($0.int("k")!, axes: $0.axisPair) },
  "flip": { $1[0].flip(axes: $0.ints("axes")) },
  "pad": { s, x in
    let widths = s["widths"]!.list!.map { $0.ints! }
    return x[0].pad(widths.map { (before: $0[0], after: $0[1]) }, mode: s.paddingMode)
  },
  "tril": { $1[0].tril($0.int("offset")!) }, "triu": { $1[0].triu($0.int("offset")!) },
  "diagonal": { $1[0].diagonal($0.int("offset")!, axes: $0.axisPair) },
  "diag": { $1[0].diag($0.int("offset")!) },
  "diagEmbed": { $1[0].diagEmbed($0.int("offset")!) },
  "trace": {
    $0.has("axes") ? $1[0].trace($0.int("offset")!, axes: $0.axisPair) : $1[0].trace()
  },
  "meshgrid": {
    Tensor.meshgrid($1, indexing: $0.text("mode") == "xy" ? .xy : .ij)[$0.int("k")!]
  },
  "unstack": { $1[0].unstack(axis: $0.axis)[$0.int("k")!] },
  "flatten": { $1[0].flatten(from: $0.axisPair.0, to: $0.axisPair.1) },
  "moveAxis": { $1[0].moveAxis($0.axisPair.0, to: $0.axisPair.1) },
]

extension GoldenSettings {
  fileprivate var axis: Int { int("axis")! }
  fileprivate var axisPair: (Int, Int) { (ints("axes")![0], ints("axes")![1]) }
  fileprivate var keepDims: Bool { isTrue("keepDims") }
  fileprivate var at: Tensor { tensor("indices") }
  fileprivate var mask: Tensor { tensor("mask").cast(.bool) }

  fileprivate var interpolation: QuantileInterpolation {
    switch text("mode") {
    case "lower": .lower
    case "higher": .higher
    case "nearest": .nearest
    case "midpoint": .midpoint
    default: .linear
    }
  }

  fileprivate var paddingMode: PaddingMode {
    switch text("mode") {
    case "reflect": .reflect
    case "replicate": .replicate
    case "circular": .circular
    default: .constant(number("value") ?? 0)
    }
  }

  /// Positions, or lists of start, end and step, each or none.
  fileprivate var subscripts: [any TensorIndex] {
    self["index"]!.list!.map { part in
      guard let bounds = part.list?.map(\.int) else { return part.int! }
      let step = bounds.count > 2 ? bounds[2] ?? 1 : 1
      switch (bounds[0], bounds[1]) {
      case (nil, nil): return IndexSelection.every(step)
      case (let start?, nil) where step < 0: return stride(from: start, through: 0, by: step)
      case (let start?, let end?) where step != 1: return stride(from: start, to: end, by: step)
      case (let start, let end): return IndexSelection.range(start: start, end: end)
      }
    }
  }
}
