import Backtape
import BacktapeTensors
import Testing

/// The check itself: it must find what is wrong, and say it so that a person sees where.
struct GradientCheckTests {
  let x = Tensor([[0.5, -1.5], [2.0, 0.25]])

  /// A function whose derivative is wrong at one element: part of it is hidden from the tape.
  private func partlyHidden(_ x: Tensor) -> Tensor {
    let weights = Tensor([[0.0, 0], [1, 0]])
    return (x * x).sum() + (x.stopGradient() * weights).sum()
  }

  @Test("A right gradient agrees")
  func rightGradientAgrees() throws {
    let report = checkGradients(of: { ($0[0].dot($0[1]) + exp($0[0])).sum() }, at: [x, x + 1])
    #expect(report.agrees && report.comparedCount == 8 && report.disagreementCount == 0)
    #expect(report.unitsInLastPlace == nil)
    let worst = try #require(report.worst)
    #expect(worst.difference <= worst.tolerance)
    #expect(report.largestDifference < 1e-8)
    #expect(report.description.hasPrefix("gradients agree with central differences: 8 compared"))
  }

  @Test("A wrong gradient is found where it is wrong")
  func wrongGradientIsFound() throws {
    let report = checkGradients(of: partlyHidden, at: x)
    #expect(!report.agrees && report.disagreementCount == 1)
    let worst = try #require(report.worst)
    #expect(worst.operand == "inputs[0]" && worst.index == [1, 0])
    #expect(worst.derived == 4 && (worst.reference - 5).magnitude < 1e-8)
    let lines = "\(report)".split(separator: "\n")
    #expect(
      lines[0]
        == "gradients disagree with central differences in 1 of 4; worst is inputs[0][1, 0]")
    #expect(lines[1] == "  derived    4.0")
  }

  @Test("Named inputs are called by their names")
  func namedInputs() throws {
    let right = checkGradients(
      of: { p in (p["w"]! * tanh(p["x"]!)).sum() }, at: ["w": x, "x": x + 1], order: 2)
    #expect(right.agrees && right.comparedCount == 8, "\(right)")
    let wrong = checkGradients(
      of: { p in p["w"]!.sum() + self.partlyHidden(p["x"]!) }, at: ["w": x, "x": x])
    #expect(wrong.worst?.operand == "x" && wrong.disagreementCount == 1)
    #expect("\(wrong)".contains("worst is x[1, 0]"))
  }

  @Test("Random directions find it too")
  func randomDirections() {
    let key = RandomKey(seed: 5)
    let wrong = checkGradients(of: partlyHidden, at: x, directions: .random(3, key: key))
    #expect(wrong.disagreementCount == 3 && wrong.worst?.index == [])
    let large = Tensor.randomNormal([40, 50], key: key, .float64)
    let right = checkGradients(
      of: { tanh($0).squared().mean() }, at: large, directions: .random(4, key: key))
    #expect(right.agrees && right.comparedCount == 4, "\(right)")
  }

  @Test("The second order finds a wrong second derivative behind a right first one")
  func secondOrder() {
    // exp(x - x₀) is 1 at x₀, and so is its derivative; hidden, its second derivative is 0.
    func function(_ x: Tensor) -> Tensor {
      let g = exp(x).stopGradient()
      return (g * (x - x.stopGradient()) + g).sum()
    }
    #expect(checkGradients(of: function, at: x, order: 1).agrees)
    #expect(!checkGradients(of: function, at: x, order: 2).agrees)
    #expect(checkGradients(of: { exp($0).sum() }, at: x, order: 2).agrees)
  }

  @Test("Steps fit the size of the element")
  func largeElements() {
    let report = checkGradients(of: { ($0 * $0 * $0).sum() }, at: Tensor([1e6, -3e4, 1e-9]))
    #expect(report.agrees, "\(report)")
  }

  @Test("A NaN disagrees with a number, and agrees with a NaN")
  func notANumber() {
    let numbers = Tensor([1.0, 2])
    let broken = Tensor([1.0, .nan])
    #expect(!compareGradients(derived: [broken], handDerived: [numbers]).agrees)
    #expect(!compareGradients(derived: [numbers], handDerived: [broken]).agrees)
    let same = compareGradients(derived: [broken], handDerived: [broken])
    #expect(same.agrees && same.unitsInLastPlace == 0)
    let infinite = Tensor([.infinity, 1.0])
    #expect(compareGradients(derived: [infinite], handDerived: [infinite]).agrees)
    #expect(!compareGradients(derived: [infinite], handDerived: [-infinite]).agrees)
  }

  @Test("Nothing to compare agrees")
  func nothing() {
    let none = Tensor.zeros([0, 2], .float64)
    #expect(checkGradients(of: { $0.sum() }, at: none).agrees)
    let report = compareGradients(derived: [none], handDerived: [none])
    #expect(report.agrees && report.worst == nil && report.comparedCount == 0)
    #expect("\(report)" == "gradients agree: there are no elements to compare")
  }

  @Test("Differences in units of the last place of the largest element")
  func unitsInTheLastPlace() throws {
    let derived = Tensor([4.0 + 3 * 4.0.ulp, 1e-3])
    let hand = Tensor([4.0, 1e-3 + 4.0.ulp])
    let report = compareGradients(
      derived: [x, derived], handDerived: [x, hand], names: ["l1Delta", "l2Delta"])
    #expect(report.agrees && report.unitsInLastPlace == 3)
    #expect(report.largestDifference == 3 * 4.0.ulp)
    #expect(try #require(report.worst).operand == "l2Delta")
    let strict = compareGradients(
      derived: [derived], handDerived: [hand], tolerance: .unitsInLastPlace(2))
    #expect(!strict.agrees && strict.disagreementCount == 1 && strict.worst?.index == [0])
    #expect("\(strict)".contains("3.0 units in the last place"))
    let single = compareGradients(
      derived: [Tensor([1, 1 + Float.ulpOfOne])], handDerived: [Tensor([1, 1] as [Float])])
    #expect(single.unitsInLastPlace == 1)
  }

  @Test("Differences relative to each element, by name")
  func relativeByName() {
    let derived = ["w": Tensor([1.0, 100.0]), "b": Tensor(2.0)]
    let hand = ["w": Tensor([1.0, 100.5]), "b": Tensor(2.0)]
    let loose = compareGradients(
      derived: derived, handDerived: hand, tolerance: .relative(0.01, absolute: 0))
    #expect(loose.agrees && loose.worst?.operand == "w" && loose.worst?.index == [1])
    #expect(
      !compareGradients(
        derived: derived, handDerived: hand, tolerance: .relative(0, absolute: 0.4)
      ).agrees)
  }

  @Test("The deltas of the series' network, derived by hand")
  func deltasByHand() {
    let l0 = Tensor([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    let y = Tensor([[0.0], [1], [1], [0]])
    var random = NumPyRandomState(seed: 1)
    let synapses0 = 2 * Tensor(random.doubles(12), [3, 4]) - 1
    let synapses1 = 2 * Tensor(random.doubles(4), [4, 1]) - 1
    let l1 = sigmoid(l0.dot(synapses0))
    let l2 = sigmoid(l1.dot(synapses1))
    let l2Delta = (y - l2) * l2 * (1 - l2)
    let l1Delta = l2Delta.dot(synapses1.transposed) * l1 * (1 - l1)
    let derived = gradient(at: ["synapses0": synapses0, "synapses1": synapses1]) { p in
      let l2 = sigmoid(sigmoid(l0.dot(p["synapses0"]!)).dot(p["synapses1"]!))
      return 0.5 * (y - l2).squared().sum()
    }
    let report = compareGradients(
      derived: derived,
      handDerived: [
        "synapses0": -l0.transposed.dot(l1Delta), "synapses1": -l1.transposed.dot(l2Delta),
      ])
    #expect(report.agrees, "\(report)")
  }

  @Test("A check inside a gradient leaves no trace")
  func insideAGradient() {
    let slope = gradient(at: x) { x in
      #expect(checkGradients(of: { ($0 * $0).sum() }, at: x).agrees)
      return x.sum()
    }
    #expect(slope.allClose(Tensor.ones([2, 2], .float64), relative: 0, absolute: 0))
  }

  @Test("Functions that throw pass their error on")
  func throwingFunctions() {
    struct Refusal: Error {}
    #expect(throws: Refusal.self) {
      try checkGradients(of: { (_: Tensor) in throw Refusal() }, at: Tensor(1.0))
    }
  }
}
