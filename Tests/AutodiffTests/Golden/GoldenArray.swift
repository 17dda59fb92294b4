import Backtape
import Testing

/// A number, which JSON may have to name: "NaN", "inf", "-Infinity".
struct GoldenNumber: Decodable, Sendable {
  let value: Double

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      value = number
    } else if let number = Double(try container.decode(String.self)) {
      value = number
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number")
    }
  }
}

/// An array of float64 numbers.
struct GoldenArray: Decodable, Sendable {
  let shape: [Int]
  let data: [Double]

  private enum Keys: CodingKey { case shape, data }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    shape = try container.decode([Int].self, forKey: .shape)
    data =
      try (try? container.decode([Double].self, forKey: .data))
      ?? container.decode([GoldenNumber].self, forKey: .data).map(\.value)
  }

  var tensor: Tensor { Tensor(data, Shape(shape)) }

  /// The largest number.
  var size: Double { data.filter(\.isFinite).map(\.magnitude).max() ?? 0 }

  /// Expects a tensor of this shape whose elements are near these.
  ///
  /// Elements may differ by 1e-10 of the largest, as sums of others do, and 1e-13.
  ///
  /// - Parameter eachAlone: by 1e-10 of each and 1e-13, where elements are no sums of others.
  func expectNear(
    _ ours: Tensor, _ what: String, eachAlone: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(ours.dtype == .float64, "\(what): type", sourceLocation: sourceLocation)
    guard ours.shape.array == shape else {
      Issue.record(
        "\(what): shape \(ours.shape), expected \(shape)", sourceLocation: sourceLocation)
      return
    }
    let size = size
    let elements = ours.scalars(as: Double.self)
    let worst = zip(elements, data).enumerated().filter { _, pair in
      let (found, expected) = pair
      let scale = eachAlone ? expected.magnitude : size
      return found != expected && !(found.isNaN && expected.isNaN)
        && !(expected.isFinite && (found - expected).magnitude <= 1e-10 * (scale + 1e-3))
    }.max { ($0.element.0 - $0.element.1).magnitude < ($1.element.0 - $1.element.1).magnitude }
    if let (position, (found, expected)) = worst {
      Issue.record(
        "\(what): \(found) instead of \(expected) at element \(position) of \(elements)",
        sourceLocation: sourceLocation)
    }
  }
}
