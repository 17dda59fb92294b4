import BacktapeTensors

/// How far two gradients may lie apart.
public enum GradientTolerance: Sendable {
  /// Units in the last place of the largest element of each operand: the distance of that element
  /// to the next number of its type. Two orders of summation differ by a few.
  case unitsInLastPlace(Double)
  /// `|derived - reference| <= absolute + relative * |reference|`, for every element.
  case relative(Double, absolute: Double)
}

/// Compares derived gradients with ones from a formula worked out by hand.
///
/// ```swift
/// let l2Delta = (y - l2) * l2 * (1 - l2)
/// let report = compareGradients(derived: [-g[0]], handDerived: [l2Delta], names: ["l2Delta"])
/// print(report.unitsInLastPlace!)  // 0 or 1
/// ```
/// - Parameters:
///   - derived: gradients from automatic differentiation.
///   - handDerived: as many, of the same shapes and types.
///   - names: what the report calls them; `inputs[i]` if left out.
///   - tolerance: 4 units in the last place of the largest element, if left out.
/// - Returns: the verdict, the worst element, and the largest difference in units in the last place.
public func compareGradients(
  derived: [Tensor], handDerived: [Tensor], names: [String]? = nil,
  tolerance: GradientTolerance = .unitsInLastPlace(4)
) -> GradientReport {
  let names = names ?? derived.indices.map { "inputs[\($0)]" }
  if derived.count != handDerived.count || derived.count != names.count {
    fatalError(
      """
      compareGradients: \(derived.count) derived gradients, \(handDerived.count) derived by hand \
      and \(names.count) names; there must be equally many
      """)
  }
  var report = GradientReport(reference: "the hand-derived")
  report.unitsInLastPlace = 0
  for (name, (ours, theirs)) in zip(names, zip(derived, handDerived)) {
    if ours.shape != theirs.shape || ours.dtype != theirs.dtype || !ours.dtype.isFloatingPoint {
      fatalError(
        """
        compareGradients: \(name) is \(ours.dtype) of shape \(ours.shape), derived by hand \
        \(theirs.dtype) of shape \(theirs.shape); both must be of one floating-point type and shape
        """)
    }
    report.add(name, ours.detached, theirs.detached, tolerance)
  }
  return report
}

/// Compares named derived gradients with ones from a formula worked out by hand.
///
/// As for lists; the report calls each by its name.
public func compareGradients(
  derived: [String: Tensor], handDerived: [String: Tensor],
  tolerance: GradientTolerance = .unitsInLastPlace(4)
) -> GradientReport {
  let names = derived.keys.sorted()
  if names != handDerived.keys.sorted() {
    fatalError(
      """
      compareGradients: derived are \(names.joined(separator: ", ")); derived by hand \
      \(handDerived.keys.sorted().joined(separator: ", ")); the names must be the same
      """)
  }
  return compareGradients(
    derived: names.map { derived[$0]! }, handDerived: names.map { handDerived[$0]! }, names: names,
    tolerance: tolerance)
}

extension GradientReport {
  fileprivate mutating func add(
    _ name: String, _ derived: Tensor, _ reference: Tensor, _ tolerance: GradientTolerance
  ) {
    let ours = derived.scalars(as: Double.self)
    let theirs = reference.scalars(as: Double.self)
    let largest = theirs.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    let unit = reference.dtype == .float32 ? Double(Float(largest).ulp) : largest.ulp
    var farthest = 0.0
    for (position, (ours, theirs)) in zip(ours, theirs).enumerated() {
      let allowed =
        switch tolerance {
        case .unitsInLastPlace(let count): count * unit
        case .relative(let relative, let absolute): absolute + relative * theirs.magnitude
        }
      let difference = add(
        name, derived.shape.position(of: position), derived: ours, reference: theirs,
        tolerance: allowed)
      farthest = max(farthest, difference)
    }
    unitsInLastPlace = max(unitsInLastPlace ?? 0, farthest / unit)
  }
}
