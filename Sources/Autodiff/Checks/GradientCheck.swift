import BacktapeTensors

/// Which derivatives of a function a gradient check tries.
public enum GradientDirections: Sendable {
  /// The derivative by every element of every input: two evaluations for each.
  case everyElement
  /// The derivatives along random directions through all inputs at once: two evaluations for each,
  /// however many elements there are.
  case random(Int, key: RandomKey)
}

/// Compares the derivatives of a function of several tensors with central differences.
///
/// ```swift
/// let report = checkGradients(of: { p in tanh(x.dot(p[0]) + p[1]).sum() }, at: [w, b])
/// #expect(report.agrees, "\(report)")
/// ```
/// Differences are taken in float64 with a step of the cube root of the machine epsilon, times
/// `max(1, |x|)`: they are good to about nine digits, so stay away from kinks and poles.
///
/// - Parameters:
///   - function: made of tensor operations, giving one float64 number.
///   - inputs: where; float64.
///   - directions: every element, or some random directions where there are many.
///   - order: 1 checks the gradient. 2 checks the gradient of `(gradient * v).sum()`, with `v`
///     random, against differences of that sum: the Hessian's rows.
///   - relativeTolerance: allowed difference for a derivative of size 1.
///   - absoluteTolerance: allowed difference for a function of size 1: what it loses in the
///     subtraction comes on top of what the relative tolerance allows.
/// - Returns: the verdict, and the worst element.
public func checkGradients(
  of function: ([Tensor]) throws -> Tensor, at inputs: [Tensor],
  directions: GradientDirections = .everyElement, order: Int = 1,
  relativeTolerance: Double = 1e-6, absoluteTolerance: Double = 1e-8
) rethrows -> GradientReport {
  try checkGradients(
    of: function, at: inputs, names: inputs.indices.map { "inputs[\($0)]" }, directions, order,
    relativeTolerance, absoluteTolerance)
}

/// Compares the derivatives of a function of named tensors with central differences.
///
/// As for a list; the report calls each input by its name.
public func checkGradients(
  of function: ([String: Tensor]) throws -> Tensor, at inputs: [String: Tensor],
  directions: GradientDirections = .everyElement, order: Int = 1,
  relativeTolerance: Double = 1e-6, absoluteTolerance: Double = 1e-8
) rethrows -> GradientReport {
  let names = Names(inputs)
  return try checkGradients(
    of: { try function(names.dictionary($0)) }, at: names.list(inputs), names: names.names,
    directions, order, relativeTolerance, absoluteTolerance)
}

private func checkGradients(
  of function: ([Tensor]) throws -> Tensor, at inputs: [Tensor], names: [String],
  _ directions: GradientDirections, _ order: Int, _ relativeTolerance: Double,
  _ absoluteTolerance: Double
) rethrows -> GradientReport {
  let points = inputs.map(\.detached)
  for (name, x) in zip(names, points) where x.dtype != .float64 {
    fatalError(
      """
      checkGradients: \(name) of shape \(x.shape) is \(x.dtype), too coarse for \
      differences; cast it to float64 first: x.cast(.float64)
      """)
  }
  switch order {
  case 1: break
  case 2:
    let weights = points.enumerated().map { position, x in
      Tensor.randomNormal(x.shape, key: RandomKey(seed: 2, step: UInt64(position)), .float64)
    }
    return try checkGradients(
      of: { x in
        zip(try gradient(at: x, of: function), weights)
          .map { ($0 * $1).sum() }.reduce(Tensor(0.0), +)
      }, at: points, names: names, directions, 1, relativeTolerance, absoluteTolerance)
  default: fatalError("checkGradients: order \(order); 1 and 2 can be checked")
  }

  func value(_ x: [Tensor]) throws -> Double {
    let result = try function(x)
    if result.count != 1 || result.dtype != .float64 {
      fatalError(
        """
        checkGradients: the function gives \(result.dtype) of shape \(result.shape) and must give \
        one float64 number; take its sum, and cast to float64 before computing
        """)
    }
    return result.item()
  }
  let size = try value(points).magnitude
  let derived = try gradient(at: points, of: function).map { $0.scalars(as: Double.self) }
  let noise = absoluteTolerance * max(1, size)
  var report = GradientReport(reference: "central differences")

  switch directions {
  case .everyElement:
    for (operand, x) in points.enumerated() {
      var elements = x.scalars(as: Double.self)
      for (position, middle) in elements.enumerated() {
        let step = differenceStep(at: middle)
        let (low, high) = (middle - step, middle + step)
        func shifted(to element: Double) throws -> Double {
          elements[position] = element
          var moved = points
          moved[operand] = Tensor(elements, x.shape)
          return try value(moved)
        }
        let slope = (try shifted(to: high) - shifted(to: low)) / (high - low)
        elements[position] = middle
        report.add(
          names[operand], x.shape.position(of: position), derived: derived[operand][position],
          reference: slope, tolerance: noise + relativeTolerance * slope.magnitude)
      }
    }
  case .random(let count, let key):
    let elements = points.map { $0.scalars(as: Double.self) }
    let step = differenceStep(at: elements.joined().reduce(0) { max($0, $1.magnitude) })
    for number in 0..<count {
      let ownKey = RandomKey(seed: key.seed, stream: key.stream, step: key.step &+ UInt64(number))
      let direction = unitVectors(like: elements, ownKey)
      func shifted(by step: Double) throws -> Double {
        try value(
          points.indices.map { i in
            Tensor(zip(elements[i], direction[i]).map { $0 + step * $1 }, points[i].shape)
          })
      }
      let slope = (try shifted(by: step) - shifted(by: -step)) / (2 * step)
      let along = zip(derived.joined(), direction.joined()).reduce(0) { $0 + $1.0 * $1.1 }
      report.add(
        "direction \(number)", [], derived: along, reference: slope,
        tolerance: noise + relativeTolerance * slope.magnitude)
    }
  }
  return report
}

/// Compares the derivative of a function of one tensor with central differences.
///
/// As for several tensors.
///
/// ```swift
/// print(checkGradients(of: { sin($0).sum() }, at: Tensor([0.5, 1.5])))
/// ```
public func checkGradients(
  of function: (Tensor) throws -> Tensor, at x: Tensor,
  directions: GradientDirections = .everyElement, order: Int = 1,
  relativeTolerance: Double = 1e-6, absoluteTolerance: Double = 1e-8
) rethrows -> GradientReport {
  try checkGradients(
    of: { try function($0[0]) }, at: [x], directions: directions, order: order,
    relativeTolerance: relativeTolerance, absoluteTolerance: absoluteTolerance)
}

/// Where the error of the third order equals what rounding the function costs.
private func differenceStep(at x: Double) -> Double {
  let cubeRootOfEpsilon = 6.055454452393343e-06
  return cubeRootOfEpsilon * max(1, x.magnitude)
}

/// A random direction of length 1 through all inputs at once.
private func unitVectors(like lists: [[Double]], _ key: RandomKey) -> [[Double]] {
  let numbers = key.normals(count: lists.reduce(0) { $0 + $1.count })
  let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  var start = 0
  return lists.map { list in
    defer { start += list.count }
    return numbers[start..<start + list.count].map { $0 / length }
  }
}

extension Shape {
  /// The position along every axis of an element counted as if flattened.
  func position(of element: Int) -> [Int] {
    var rest = element
    return array.reversed().map { extent in
      defer { rest /= max(extent, 1) }
      return rest % max(extent, 1)
    }.reversed()
  }
}
