import Backtape

extension GoldenFamily {
  /// Expressions; the operation only says which part of one is of interest.
  static let arithmetic = GoldenFamily(
    "autodiff", least: 420,
    Dictionary(
      uniqueKeysWithValues: operations.split { $0.isWhitespace }.map { (String($0), value) }))

  private static let value: Function = { settings, inputs in
    settings["expression"]!.value(inputs)
  }

  private static let operations = """
    abs add amax amin assign at atan2 broadcast ceil clip concatenate cos divide dot erf exp expandDims
    expm1 flip floor let log log1p logSoftmax matmul max maximum mean min minimum multiply negate pad
    permute power product random relu remainder reshape round rsqrt sigmoid sign sin slice softmax split
    sqrt squared squeeze stack subtract sum swapAxes tan tanh variance where
    """
}

/// An expression in the prefix language of `Tests/Golden/calculus/expressions.py`.
extension GoldenSetting {
  private var parts: [GoldenSetting] { list ?? [] }

  /// A part of a subscript: a position, bounds, steps, a new axis, or all other axes.
  fileprivate var index: any TensorIndex {
    switch self {
    case .number(let position): return Int(position)
    case .list(let bounds):
      let ends = bounds.map(\.int)
      return IndexSelection.range(start: ends[0], end: ends[1])
    case .object(let steps): return IndexSelection.steps(steps["every"]!.int!)
    case .text("new"): return IndexSelection.insertion
    default: return IndexSelection.rest
    }
  }

  /// The value; a number is one that adapts its type.
  fileprivate func value(_ inputs: [Tensor], _ bound: [Tensor] = []) -> Tensor {
    if case .number(let value) = self {
      return value == value.rounded()
        ? Int(value).operand : value.operand
    }
    guard case .text(let name) = parts[0] else { fatalError("no operation in \(self)") }
    let rest = Array(parts.dropFirst())
    func of(_ k: Int) -> Tensor { rest[k].value(inputs, bound) }

    switch name {
    case "x": return inputs[rest[0].int!]
    case "v": return bound[rest[0].int!]
    case "let": return rest[1].value(inputs, bound + [of(0)])
    default: break
    }
    if let function = unaryFunctions[name] { return function(of(0)) }
    if let function = binaryFunctions[name] { return function(of(0), of(1)) }
    switch name {
    case "where": return .where(of(0), of(1), of(2))
    case "clip": return of(0).clip(of(1), of(2))
    case "softmax": return softmax(of(0), axis: rest[1].int!)
    case "logSoftmax": return logSoftmax(of(0), axis: rest[1].int!)
    case "concatenate":
      return .concatenate(rest.dropFirst().map { $0.value(inputs, bound) }, axis: rest[0].int!)
    case "stack":
      return .stack(rest.dropFirst().map { $0.value(inputs, bound) }, axis: rest[0].int!)
    case "assign":
      var x = of(0)
      x.assign(of(2), rest[1].parts.map(\.index))
      return x
    case "sum", "mean", "product", "variance", "max", "min", "amax", "amin":
      return reduce(name, of(0), rest)
    default: return move(name, of(0), rest)
    }
  }

  private func reduce(_ name: String, _ x: Tensor, _ rest: [GoldenSetting]) -> Tensor {
    let axes = rest[1].ints
    let keepDims = rest[2].isTrue
    return switch name {
    case "sum": x.sum(axes: axes, keepDims: keepDims)
    case "mean": x.mean(axes: axes, keepDims: keepDims)
    case "product": x.product(axes: axes, keepDims: keepDims)
    case "variance":
      x.variance(axes: axes, correction: rest.count > 3 ? rest[3].int! : 0, keepDims: keepDims)
    case "max": x.max(axis: axes![0], keepDims: keepDims)
    case "min": x.min(axis: axes![0], keepDims: keepDims)
    case "amax": x.max(axes: axes, keepDims: keepDims)
    default: x.min(axes: axes, keepDims: keepDims)
    }
  }

  private func move(_ name: String, _ x: Tensor, _ rest: [GoldenSetting]) -> Tensor {
    switch name {
    case "reshape": x.reshape(rest[1].ints!)
    case "broadcast": x.broadcast(to: Shape(rest[1].ints!))
    case "permute": x.permute(rest[1].ints!)
    case "swapAxes": x.swapAxes(rest[1].int!, rest[2].int!)
    case "expandDims": x.expandDims(at: rest[1].int!)
    case "squeeze": x.squeeze(axes: rest[1].ints!)
    case "flip": x.flip(axes: rest[1].ints!)
    case "slice": x.slice(axis: rest[1].int!, rest[2].int!..<rest[3].int!, step: rest[4].int!)
    case "at": x.at(rest[1].parts.map(\.index))
    case "pad": x.pad(axis: rest[1].int!, before: rest[2].int!, after: rest[3].int!)
    case "split": x.split(rest[1].int!, axis: rest[2].int!)[rest[3].int!]
    default: fatalError("no operation \(name)")
    }
  }
}

private let unaryFunctions: [String: @Sendable (Tensor) -> Tensor] = [
  "negate": { -$0 }, "abs": { abs($0) }, "exp": { exp($0) }, "expm1": { expm1($0) },
  "log": { log($0) }, "log1p": { log1p($0) }, "sin": { sin($0) }, "cos": { cos($0) },
  "tan": { tan($0) }, "tanh": { tanh($0) }, "sigmoid": { sigmoid($0) }, "erf": { erf($0) },
  "sqrt": { sqrt($0) }, "rsqrt": { rsqrt($0) }, "sign": { sign($0) }, "floor": { floor($0) },
  "ceil": { ceil($0) }, "round": { round($0) }, "relu": { relu($0) },
  "squared": { $0.squared() }, "stopGradient": { $0.stopGradient() },
]

private let binaryFunctions: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
  "add": { $0 + $1 }, "subtract": { $0 - $1 }, "multiply": { $0 * $1 }, "divide": { $0 / $1 },
  "power": { $0.power($1) }, "remainder": { $0 % $1 }, "maximum": { maximum($0, $1) },
  "minimum": { minimum($0, $1) }, "atan2": { atan2($0, $1) }, "less": { $0 .< $1 },
  "equal": { $0 .== $1 }, "dot": { $0.dot($1) }, "matmul": { $0.matmul($1) },
]

extension Tensor {
  /// A subscript whose parts are only known at run time.
  fileprivate func at(_ index: [any TensorIndex]) -> Tensor {
    switch index.count {
    case 1: self[index[0]]
    case 2: self[index[0], index[1]]
    default: self[index[0], index[1], index[2]]
    }
  }

  fileprivate mutating func assign(_ value: Tensor, _ index: [any TensorIndex]) {
    switch index.count {
    case 1: self[index[0]] = value
    case 2: self[index[0], index[1]] = value
    default: self[index[0], index[1], index[2]] = value
    }
  }
}

extension GoldenSettings {
  /// Those of an operation alone: of an expression the part it is named for, if that does nothing
  /// else; other settings as they are.
  func narrowed(to operation: String) -> GoldenSettings? {
    guard let expression = self["expression"] else { return self }
    return expression.plainPart(operation).map { GoldenSettings(values: ["expression": $0]) }
  }
}

extension GoldenSetting {
  private var operation: String? { if case .text(let name)? = parts.first { name } else { nil } }

  /// The part that does an operation with inputs, numbers and attributes only.
  fileprivate func plainPart(_ name: String) -> GoldenSetting? {
    if operation != name { return parts.lazy.compactMap { $0.plainPart(name) }.first }
    let operands = parts.dropFirst().compactMap(\.operation)
    return operands.allSatisfy { ["x", "...", "new"].contains($0) } ? self : nil
  }
}
