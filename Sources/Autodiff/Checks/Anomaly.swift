import BacktapeTensors

/// The first operation that made a NaN or an infinity of numbers that had none, in a computation or
/// on its way back.
///
/// See ``detectingAnomalies(infinities:_:)``. The description says it all:
/// ```
/// log gave -infinity at [1] of a result of shape [3] float64
///   %4 of shape [3] float64: 0.0 to 2.5
/// recorded by App.loss(Tensor) -> Tensor, at /app/Sources/App/Loss.swift:12
/// ```
public struct Anomaly: Error, Sendable, CustomStringConvertible {
  /// A value that had to do with it.
  public struct Operand: Sendable {
    /// What a listing of the tape calls it, or the part it takes: the cotangent, the result.
    public let name: String
    /// Its shape.
    public let shape: Shape
    /// Its type.
    public let dtype: DType
    /// The least and the greatest finite element; nil if there are none or they are not known.
    public let range: ClosedRange<Double>?
    /// How many elements are NaN.
    public let nanCount: Int
    /// How many elements are infinite.
    public let infinityCount: Int
  }

  /// The primitive at fault, or the input that was NaN from the beginning.
  public let operation: String
  /// Whether its value was made without one, and its derivative was at fault.
  public let isDerivative: Bool
  /// The first element that is not finite: NaN, infinity or -infinity.
  public let value: Double
  /// Where in the result it is.
  public let position: [Int]
  /// The shape of the result: of a derivative, that of the operand it is for.
  public let shape: Shape
  /// The type of the result.
  public let dtype: DType
  /// What the result was made of.
  public let operands: [Operand]
  /// The calls that recorded the operation, those of the user's code, the innermost first. Empty if
  /// it was recorded while nobody looked for anomalies. Found out when asked, which takes a while.
  public var calls: [CodePlace] { CodePlace.ofCalls(returningTo: returnAddresses) }
  let returnAddresses: [UInt]

  /// What happened, to what, and where.
  public var description: String {
    let subject = isDerivative ? "the derivative of \(operation)" : operation
    let number = value.isNaN ? "NaN" : value < 0 ? "-infinity" : "infinity"
    let place = position.isEmpty ? "" : " at \(position)"
    var lines = ["\(subject) gave \(number)\(place) of a result of shape \(shape) \(dtype)"]
    lines += operands.map { "  \($0)" }
    let calls = calls
    if let call = calls.first { lines.append("recorded by \(call)") }
    lines += calls.dropFirst().prefix(4).map { "  called by \($0)" }
    return lines.joined(separator: "\n")
  }
}

extension Anomaly.Operand: CustomStringConvertible {
  /// Name, shape, type, and what is in it.
  public var description: String {
    let counts =
      (nanCount == 0 ? "" : ", \(nanCount) NaN")
      + (infinityCount == 0 ? "" : ", \(infinityCount) infinite")
    let numbers = range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "no finite numbers"
    return "\(name) of shape \(shape) \(dtype): \(numbers)\(counts)"
  }

  init(_ name: String, _ x: Tensor) {
    self.name = name
    shape = x.shape
    dtype = x.dtype
    var lowest = Double.infinity
    var highest = -Double.infinity
    var nans = 0
    var infinities = 0
    for element in x.isAbstract ? [] : x.detached.scalars(as: Double.self) {
      if element.isFinite {
        lowest = min(lowest, element)
        highest = max(highest, element)
      } else if element.isNaN {
        nans += 1
      } else {
        infinities += 1
      }
    }
    range = lowest <= highest ? lowest...highest : nil
    nanCount = nans
    infinityCount = infinities
  }
}

/// What counts as an anomaly.
struct AnomalyCriterion: Sendable {
  let infinities: Bool

  /// The first element of a result that none of its operands explains.
  func violation(by result: Tensor, of operands: [Tensor]) -> (position: Int, value: Double)? {
    guard result.dtype.isFloatingPoint, let first = result.firstSpecial else { return nil }
    let specials = operands.compactMap(\.firstSpecial)
    let explainsNaN = specials.contains { $0.hasNaN }
    let explainsInfinity = explainsNaN || specials.contains { $0.hasInfinity }
    for (position, element) in first.elements.enumerated() where !element.isFinite {
      if element.isNaN ? !explainsNaN : infinities && !explainsInfinity {
        return (position, element)
      }
    }
    return nil
  }
}

/// The elements of a tensor that has some that are not finite.
private struct SpecialElements {
  let elements: [Double]
  var hasNaN: Bool { elements.contains { $0.isNaN } }
  var hasInfinity: Bool { elements.contains { $0.isInfinite } }
}

extension Tensor {
  /// Nil if all elements are finite, or not known.
  fileprivate var firstSpecial: SpecialElements? {
    guard dtype.isFloatingPoint, !isAbstract, count > 0 else { return nil }
    // 0 of what is finite, NaN of all else.
    let plain = detached
    if ((plain * 0).sum().cast(.float64).item() as Double).isNaN {
      return SpecialElements(elements: plain.scalars(as: Double.self))
    }
    return nil
  }
}
