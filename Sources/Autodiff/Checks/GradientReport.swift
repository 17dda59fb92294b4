/// What a comparison of gradients found: whether they agree, and where they agree least.
///
/// Made by `checkGradients` and `compareGradients`.
public struct GradientReport: Sendable {
  /// One compared number of a gradient.
  public struct Element: Sendable {
    /// The operand it belongs to: its name, or `inputs[i]`.
    public let operand: String
    /// Its position in the operand; empty for an operand of rank 0 and for a direction.
    public let index: [Int]
    /// What automatic differentiation derived.
    public let derived: Double
    /// What it was compared with.
    public let reference: Double
    /// The distance of the two: 0 where both are NaN or the same infinity.
    public let difference: Double
    /// The largest distance allowed.
    public let tolerance: Double

    /// How far the difference is from the tolerance: above 1 they disagree.
    var strain: Double {
      if difference == 0 { return 0 }
      return tolerance > 0 ? difference / tolerance : .infinity
    }
  }

  /// What the gradients were compared with, as the description says it.
  public let reference: String
  /// How many numbers were compared.
  public internal(set) var comparedCount: Int = 0
  /// How many of them differ by more than their tolerance.
  public internal(set) var disagreementCount: Int = 0
  /// The element nearest to its tolerance or farthest beyond; nil if there was nothing to compare.
  public internal(set) var worst: Element?
  /// The largest difference of all elements.
  public internal(set) var largestDifference: Double = 0
  /// The largest difference in units of the last place of the largest element of its operand: the
  /// distance of that element to the next number of its type. Nil where the reference is
  /// approximate, as differences are.
  public internal(set) var unitsInLastPlace: Double?

  /// Whether every element is within its tolerance.
  public var agrees: Bool { disagreementCount == 0 }

  init(reference: String) { self.reference = reference }

  /// Takes one number in, and returns its difference.
  @discardableResult
  mutating func add(
    _ operand: String, _ index: [Int], derived: Double, reference: Double, tolerance: Double
  ) -> Double {
    let isSame = derived == reference || derived.isNaN && reference.isNaN
    let distance = isSame ? 0 : (derived - reference).magnitude
    let element = Element(
      operand: operand, index: index, derived: derived, reference: reference,
      difference: distance.isNaN ? .infinity : distance, tolerance: tolerance)
    comparedCount += 1
    if element.strain > 1 { disagreementCount += 1 }
    if worst.map({ element.strain > $0.strain }) ?? true { worst = element }
    largestDifference = max(largestDifference, element.difference)
    return element.difference
  }
}

extension GradientReport: CustomStringConvertible {
  /// The verdict on the first line, the worst element below it.
  public var description: String {
    guard let worst else { return "gradients agree: there are no elements to compare" }
    let place = worst.operand + (worst.index.isEmpty ? "" : "\(worst.index)")
    let verdict =
      agrees
      ? "gradients agree with \(reference): \(comparedCount) compared"
      : "gradients disagree with \(reference) in \(disagreementCount) of \(comparedCount)"
    let units = unitsInLastPlace.map {
      "\nlargest difference: \(largestDifference), \($0) units in the last place"
    }
    return """
      \(verdict); \(agrees ? "nearest to its tolerance" : "worst") is \(place)
        derived    \(worst.derived)
        reference  \(worst.reference)
        difference \(worst.difference), tolerance \(worst.tolerance)\(units ?? "")
      """
  }
}
