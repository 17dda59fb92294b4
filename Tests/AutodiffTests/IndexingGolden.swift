import Backtape
import Testing

/// The content of `Tests/Golden/calculus_indexing.json`.
struct IndexingGolden: Decodable {
  struct Header: Decodable {
    let generator: String
    let derivatives: Int
    let values: Int
    let confirmedByJax: Int
  }
  let header: Header
  let derivatives: [Derivative]
  let values: [Values]

  static func load() throws -> IndexingGolden { try loadGolden("calculus_indexing") }

  struct Derivative: GoldenFunction, Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let operation: String
    let settings: Settings
    let inputs: [GoldenArray]
    let cotangent: GoldenArray
    let tangents: [GoldenArray]
    let value: GoldenArray
    let vjp: [GoldenArray]
    let jvp: GoldenArray
    let hvp: [GoldenArray]

    var testDescription: String { name }
    func apply(_ x: [Tensor]) -> Tensor { settings.apply(operation, x)[0] }
  }

  struct Values: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let operation: String
    let settings: Settings
    let inputs: [TypedArray]
    let outputs: [TypedArray]

    var testDescription: String { name }
  }

  /// Elements of any type, those that JSON has no number for by name.
  struct TypedArray: Decodable, Sendable {
    let dtype: String
    let shape: [Int]
    let data: [Element]

    var tensor: Tensor {
      Tensor(data.map(\.value), Shape(shape)).cast(DType.allCases.first { "\($0)" == dtype }!)
    }
  }

  struct Element: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      value =
        try (try? container.decode(Double.self)) ?? Double(container.decode(String.self)) ?? .nan
    }
  }

  struct Integers: Decodable, Sendable {
    let shape: [Int]
    let data: [Int]
    var tensor: Tensor { Tensor(data, Shape(shape)) }
  }

  /// One number, or several.
  struct Numbers: Decodable, Sendable {
    let list: [Double]
    let isOne: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let one = try? container.decode(Double.self)
      isOne = one != nil
      list = try one.map { [$0] } ?? container.decode([Double].self)
    }
  }

  /// A part of a subscript: a position, or start, end and step, each or none.
  enum Part: Decodable, Sendable {
    case position(Int)
    case slice([Int?])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let position = try? container.decode(Int.self) {
        self = .position(position)
      } else {
        self = .slice(try container.decode([Int?].self))
      }
    }

    var index: any TensorIndex {
      switch self {
      case .position(let position): return position
      case .slice(let bounds):
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

  struct Settings: Decodable, Sendable {
    let axis: Int?
    let axes: [Int]?
    let keepDims: Bool?
    let correction: Int?
    let order: Element?
    let q: Numbers?
    let mode: String?
    let value: Element?
    let n: Int?
    let k: Int?
    let descending: Bool?
    let largest: Bool?
    let right: Bool?
    let accumulate: Bool?
    let count: Int?
    let counts: [Int]?
    let shifts: [Int]?
    let offset: Int?
    let widths: [[Int]]?
    let indices: Integers?
    let mask: Integers?
    let index: [Part]?
  }
}
