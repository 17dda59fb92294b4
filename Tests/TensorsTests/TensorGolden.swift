import Backtape
import Foundation
import Testing

/// One line of `Tests/Golden/tensors.json`: what a peer makes of an operation.
struct TensorCase: Decodable, CustomTestStringConvertible {
  enum Expected: Decodable {
    case tensor(GoldenTensor)
    case dtype(String)

    init(from decoder: any Decoder) throws {
      if let name = try? decoder.singleValueContainer().decode(String.self) {
        self = .dtype(name)
      } else {
        self = .tensor(try GoldenTensor(from: decoder))
      }
    }
  }

  private let expectation: Expected
  private let inputs: [GoldenTensor]?
  private let keep: Bool?
  private let target: String?
  private let whole: GoldenTensor?

  let name: String
  /// Operand kind and type in the cases of promotion.
  let left: [String]?
  let right: [String]?
  let axes: [Int]?
  let axis: Int?
  let correction: Int?
  let arguments: [Double]?
  let position: Int?

  enum CodingKeys: String, CodingKey {
    case expectation = "expected"
    case inputs = "operands"
    case keep = "keepDims"
    case target = "to"
    case whole = "changed"
    case name, left, right, axes, axis, correction, arguments, position
  }

  var operands: [Tensor] { (inputs ?? []).map(\.tensor) }
  var keepDims: Bool { keep ?? false }
  var castType: DType? { target.flatMap(dtype(named:)) }
  /// The whole tensor after an assignment to its part.
  var changed: Tensor? { whole?.tensor }
  var expected: Tensor {
    if case .tensor(let golden) = expectation { golden.tensor } else { Tensor(0) }
  }
  var expectedType: String? { if case .dtype(let name) = expectation { name } else { nil } }

  var testDescription: String {
    "\(name) of \(operands.map { "\($0.shape) \($0.dtype)" }) \(axes ?? [])"
  }
}

/// A tensor as JSON.
struct GoldenTensor: Decodable {
  let tensor: Tensor

  enum CodingKeys: String, CodingKey { case dtype, shape, values }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = Shape(try container.decode([Int].self, forKey: .shape))
    func values<T: Decodable>(_ type: T.Type) throws -> [T] {
      try container.decode([T].self, forKey: .values)
    }
    switch try #require(dtype(named: container.decode(String.self, forKey: .dtype))) {
    case .bool: tensor = Tensor(try values(Bool.self), shape)
    case .uint8: tensor = Tensor(try values(UInt8.self), shape)
    case .int32: tensor = Tensor(try values(Int32.self), shape)
    case .int64: tensor = Tensor(try values(Int.self), shape)
    case .float32:
      tensor = Tensor(try values(GoldenArray.Real.self).map { Float($0.value) }, shape)
    case .float64: tensor = Tensor(try values(GoldenArray.Real.self).map(\.value), shape)
    }
  }
}

/// The groups of `tensors.json`, decoded once.
struct TensorGolden: Decodable {
  struct Header: Decodable {
    let generator: String
    let numpy: String
    let torch: String
    let seed: Int
  }

  let header: Header
  let promotion, unary, binary, reductions, contraction, creation, joining: [TensorCase]
  let normalising, casts, views, subscripts: [TensorCase]

  static let shared = Result { try loadGolden("tensors") as TensorGolden }

  static func cases(_ group: KeyPath<TensorGolden, [TensorCase]>) throws -> [TensorCase] {
    let golden = try shared.get()
    #expect(golden.header.generator == "Tests/Golden/tensors.py")
    return golden[keyPath: group]
  }
}

func dtype(named name: String) -> DType? { DType.allCases.first { $0.description == name } }

/// How near two floating-point tensors must be; other types must be equal.
enum Nearness {
  /// The same bits; any NaN for a NaN.
  case exact
  /// At most this many units in the last place apart; the sign of a zero does not matter.
  case ulps(UInt64)
  /// `|a - b| <= relative * (|b| + scale)`.
  case relative(Double, scale: Double)
}

/// What is wrong with a result, or nil: type, shape, or the first element too far off.
func mismatch(_ actual: Tensor, _ expected: Tensor, _ nearness: Nearness = .exact) -> String? {
  if actual.dtype != expected.dtype { return "\(actual.dtype) instead of \(expected.dtype)" }
  if actual.shape != expected.shape { return "\(actual.shape) instead of \(expected.shape)" }
  switch expected.dtype {
  case .float32:
    let pairs = zip(actual.scalars(as: Float.self), expected.scalars(as: Float.self))
    for (position, (a, b)) in pairs.enumerated() where !near(a, b, nearness) {
      return "\(a) instead of \(b) at \(position)"
    }
  case .float64:
    let pairs = zip(actual.scalars(as: Double.self), expected.scalars(as: Double.self))
    for (position, (a, b)) in pairs.enumerated() where !near(a, b, nearness) {
      return "\(a) instead of \(b) at \(position)"
    }
  default:
    let pairs = zip(actual.scalars(as: Int.self), expected.scalars(as: Int.self))
    for (position, (a, b)) in pairs.enumerated() where a != b {
      return "\(a) instead of \(b) at \(position)"
    }
  }
  return nil
}

private func near<T: BinaryFloatingPoint>(_ a: T, _ b: T, _ nearness: Nearness) -> Bool {
  if a.isNaN || b.isNaN { return a.isNaN && b.isNaN }
  switch nearness {
  case .exact: return a == b && a.sign == b.sign
  case .ulps(let limit):
    if a == b { return true }
    if !a.isFinite || !b.isFinite { return overflowsAlike(a, b) && limit > 0 }
    let unit = max(T.leastNonzeroMagnitude, b.magnitude.ulp)
    return (a - b).magnitude <= T(limit) * unit
  case .relative(let limit, let scale):
    if a == b { return true }
    return a.isFinite && b.isFinite
      && Double((a - b).magnitude) <= limit * (Double(b.magnitude) + scale)
  }
}

/// The largest number and infinity are neighbours.
private func overflowsAlike<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool {
  a.sign == b.sign && min(a.magnitude, b.magnitude) == T.greatestFiniteMagnitude
}
