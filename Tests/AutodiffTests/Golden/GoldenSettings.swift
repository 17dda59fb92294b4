import Backtape

/// A value of JSON.
indirect enum GoldenSetting: Decodable, Sendable {
  case number(Double)
  case text(String)
  case nothing
  case flag(Bool)
  case list([GoldenSetting])
  case object([String: GoldenSetting])

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
    } else if let list = try? value.decode([GoldenSetting].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: GoldenSetting].self))
    }
  }

  /// A number, which may be named: "inf".
  var number: Double? {
    switch self {
    case .number(let value): value
    case .text(let text): Double(text)
    default: nil
    }
  }
  var int: Int? { if case .number(let value) = self { Int(value) } else { nil } }
  var list: [GoldenSetting]? { if case .list(let list) = self { list } else { nil } }
  var ints: [Int]? { list?.compactMap(\.int) }
  var isTrue: Bool { if case .flag(true) = self { true } else { false } }

  /// Nested lists of numbers or flags, or a shape with its data; integers stay integers.
  var tensor: Tensor {
    if case .object(let parts) = self, let data = parts["data"], let shape = parts["shape"]?.ints {
      return data.tensor.reshape(shape)
    }
    var shape: [Int] = []
    var level = self
    while case .list(let list) = level {
      shape.append(list.count)
      guard let first = list.first else { break }
      level = first
    }
    func flat(_ value: GoldenSetting) -> [GoldenSetting] {
      if case .list(let list) = value { list.flatMap(flat) } else { [value] }
    }
    let numbers = flat(self).map { $0.number ?? ($0.isTrue ? 1 : 0) }
    let tensor = Tensor(numbers, Shape(shape))
    if case .flag = level { return tensor.cast(.bool) }
    return numbers.allSatisfy { $0 == $0.rounded() } ? tensor.cast(.int64) : tensor
  }
}

/// Attributes of an operation by name.
struct GoldenSettings: Decodable, Sendable {
  private let values: [String: GoldenSetting]

  init(values: [String: GoldenSetting]) { self.values = values }

  init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: GoldenSetting].self)
  }

  subscript(key: String) -> GoldenSetting? { values[key] }

  func number(_ key: String) -> Double? { values[key]?.number }
  func int(_ key: String) -> Int? { values[key]?.int }
  func ints(_ key: String) -> [Int]? { values[key]?.ints }
  func text(_ key: String) -> String? {
    if case .text(let text)? = values[key] { text } else { nil }
  }
  func isTrue(_ key: String) -> Bool { values[key]?.isTrue ?? false }
  func has(_ key: String) -> Bool { values[key] != nil }
  func tensor(_ key: String) -> Tensor {
    guard let value = values[key] else { fatalError("no setting \(key)") }
    return value.tensor
  }
}
