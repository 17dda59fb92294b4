import Backtape
import Foundation

/// An expression of `Tests/Golden/autodiff.json`, in the prefix language of its generator.
indirect enum Expression: Decodable, Sendable {
  case number(Double)
  case text(String)
  case nothing
  case flag(Bool)
  case list([Expression])
  case every(Int)

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .nothing
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([Expression].self) {
      self = .list(list)
    } else {
      self = .every(try value.decode([String: Int].self)["every"] ?? 1)
    }
  }

  var int: Int { if case .number(let value) = self { Int(value) } else { 0 } }
  var isTrue: Bool { if case .flag(true) = self { true } else { false } }
  var parts: [Expression] { if case .list(let list) = self { list } else { [] } }
  var ints: [Int] { parts.map(\.int) }
  var axes: [Int]? { if case .list = self { ints } else { nil } }

  /// A part of a subscript: a position, bounds, steps, a new axis, or all other axes.
  var index: any TensorIndex {
    switch self {
    case .number(let position): return Int(position)
    case .every(let step): return IndexSelection.steps(step)
    case .list(let bounds):
      let ends = bounds.map { if case .number(let end) = $0 { Int(end) } else { Int?.none } }
      return IndexSelection.range(start: ends[0], end: ends[1])
    case .text("new"): return IndexSelection.insertion
    default: return IndexSelection.rest
    }
  }

  /// The value; a number is one that adapts its type.
  func value(_ inputs: [Tensor], _ bound: [Tensor] = []) -> Tensor {
    if case .number(let value) = self {
      return value == value.rounded()
        ? Int(value).operand : value.operand
    }
    guard case .text(let name) = parts[0] else { fatalError("no operation in \(self)") }
    let rest = Array(parts.dropFirst())
    func of(_ k: Int) -> Tensor { rest[k].value(inputs, bound) }

    switch name {
    case "x": return inputs[rest[0].int]
    case "v": return bound[rest[0].int]
    case "let": return rest[1].value(inputs, bound + [of(0)])
    default: break
    }
    if let function = unaryFunctions[name] { return function(of(0)) }
    if let function = binaryFunctions[name] { return function(of(0), of(1)) }
    switch name {
    case "where": return .where(of(0), of(1), of(2))
    case "clip": return of(0).clip(of(1), of(2))
    case "softmax": return softmax(of(0), axis: rest[1].int)
    case "logSoftmax": return logSoftmax(of(0), axis: rest[1].int)
    case "concatenate":
      return .concatenate(rest.dropFirst().map { $0.value(inputs, bound) }, axis: rest[0].int)
    case "stack": return .stack(rest.dropFirst().map { $0.value(inputs, bound) }, axis: rest[0].int)
    case "assign":
      var x = of(0)
      x.assign(of(2), rest[1].parts.map(\.index))
      return x
    case "sum", "mean", "product", "variance", "max", "min", "amax", "amin":
      return reduce(name, of(0), rest)
    default: return move(name, of(0), rest)
    }
  }

  private func reduce(_ name: String, _ x: Tensor, _ rest: [Expression]) -> Tensor {
    let axes = rest[1].axes
    let keepDims = rest[2].isTrue
    return switch name {
    case "sum": x.sum(axes: axes, keepDims: keepDims)
    case "mean": x.mean(axes: axes, keepDims: keepDims)
    case "product": x.product(axes: axes, keepDims: keepDims)
    case "variance":
      x.variance(axes: axes, correction: rest.count > 3 ? rest[3].int : 0, keepDims: keepDims)
    case "max": x.max(axis: axes![0], keepDims: keepDims)
    case "min": x.min(axis: axes![0], keepDims: keepDims)
    case "amax": x.max(axes: axes, keepDims: keepDims)
    default: x.min(axes: axes, keepDims: keepDims)
    }
  }

  private func move(_ name: String, _ x: Tensor, _ rest: [Expression]) -> Tensor {
    switch name {
    case "reshape": x.reshape(rest[1].ints)
    case "broadcast": x.broadcast(to: Shape(rest[1].ints))
    case "permute": x.permute(rest[1].ints)
    case "swapAxes": x.swapAxes(rest[1].int, rest[2].int)
    case "expandDims": x.expandDims(at: rest[1].int)
    case "squeeze": x.squeeze(axes: rest[1].ints)
    case "flip": x.flip(axes: rest[1].ints)
    case "slice": x.slice(axis: rest[1].int, rest[2].int..<rest[3].int, step: rest[4].int)
    case "at": x.at(rest[1].parts.map(\.index))
    case "pad": x.pad(axis: rest[1].int, before: rest[2].int, after: rest[3].int)
    case "split": x.split(rest[1].int, axis: rest[2].int)[rest[3].int]
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
