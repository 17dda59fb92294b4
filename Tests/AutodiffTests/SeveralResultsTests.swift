import Backtape
import Testing

/// Derivatives of functions that give several tensors.
struct SeveralResultsTests {
  private static let a = Tensor([[0.3, -0.7, 1.1], [0.9, 0.2, -0.4]])
  private static let b = Tensor([0.5, -1.5])

  @Test("Functions that give several tensors have the derivatives of each")
  func severalResults() {
    let f: ([Tensor]) -> [Tensor] = { p in [p[0] * p[1].sum(), sin(p[1]), p[0].sum()] }
    let points = [Self.a, Self.b]
    let (values, pullback) = valueWithPullback(at: points, of: f)
    #expect(values.map(\.shape) == [[2, 3], [2], []])
    #expect(zip(values, f(points)).allSatisfy { areClose($0, $1) })
    let cotangents = [Self.a + 1, Self.b * 2, Tensor(0.5)].map { $0.cast(.float64) }
    let (pulled, mapped) = (pullback(cotangents), vjp(at: points, along: cotangents, of: f))
    let sums = gradient(at: points) { p in
      zip(f(p), cotangents).map { ($0 * $1).sum() }.reduce(Tensor.zeros([], .float64), +)
    }
    for (found, expected) in zip(pulled + mapped, sums + sums) {
      #expect(areClose(found, expected))
    }

    let directions = [Self.b.expandDims(at: 1) * Self.a, Tensor([2.0, -1])]
    let along = jvp(at: points, along: directions, of: f)
    let whole = jacobian(at: points, of: f)
    for result in values.indices {
      let one: ([Tensor]) -> Tensor = { f($0)[result] }
      #expect(areClose(along[result], jvp(at: points, along: directions, of: one)))
      for (found, expected) in zip(whole[result], jacobian(at: points, of: one)) {
        #expect(areClose(found, expected))
      }
    }
    // Inside another derivative, and compiled.
    let norm: ([Tensor]) -> Tensor = { p in
      jacobian(at: p, of: f).joined().map { $0.squared().sum() }
        .reduce(Tensor.zeros([], .float64), +)
    }
    // 3 |b|² + ... : only the first result's derivatives by both and the second's vary.
    let slopes = gradient(at: points, of: norm)
    let sum = Self.b.sum()
    #expect(areClose(slopes[0], 4 * Self.a))
    #expect(areClose(slopes[1], 12 * sum - 2 * sin(Self.b) * cos(Self.b)))
    let planned = compiled { (p: [Tensor]) in jvp(at: p, along: directions, of: f) }(points)
    for (found, expected) in zip(planned, along) { #expect(areClose(found, expected)) }
  }

  @Test("Results of other types keep them; nothing is refused by name")
  func mixedResults() async {
    let x = Tensor([1.5, -2])
    let f: ([Tensor]) -> [Tensor] = { [$0[0].squared(), $0[0].cast(.float32), ($0[0] .> 0)] }
    let (values, pullback) = valueWithPullback(at: [x], of: f)
    #expect(values.map(\.dtype) == [.float64, .float32, .bool])
    #expect(values[2].scalars(as: Bool.self) == [true, false])
    let ones = values.map { Tensor.ones($0.shape, $0.dtype) }
    #expect(areClose(pullback(ones)[0], 2 * x + 1))
  }

  @Test("Values are what the function gives, digit by digit")
  func exactValues() {
    let large = Tensor([1 << 53 + 1, .max])
    let f: ([Tensor]) -> [Tensor] = { [$0[0] * 2, large, $0[0].cast(.float32)] }
    let x = Tensor([0.1, 0.2])
    for values in [
      valueWithPullback(at: [x], of: f).values,
      valueWithDerivative(at: [x], along: [x], of: f).values,
    ] {
      #expect(values[1].dtype == .int64)
      #expect(values[1].scalars(as: Int.self) == large.scalars(as: Int.self))
      #expect(values[2].scalars(as: Float.self) == [0.1, 0.2])
    }
    // Inside another derivative they have their own.
    let slope = gradient(at: x) { x in valueWithPullback(at: [x], of: f).values[0].sum() }
    #expect(slope.scalars(as: Double.self) == [2, 2])
  }

  @Test("What does not fit is refused by name")
  func refused() async throws {
    let cotangents = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = vjp(at: [Tensor([1.0])], along: [Tensor]()) { $0 }
    }
    let nothing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = jacobian(at: [Tensor([1.0])]) { _ in [Tensor]() }
    }
    let axes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = jacobian(at: [Tensor([1.0])]) { [$0[0], $0[0].reshape([1, 1, 1, 1, 1, 1, 1, 1])] }
    }
    for (result, words) in [
      (axes, "by an input of shape [1] have 9 axes, a tensor has at most 8; flatten one"),
      (cotangents, "valueWithPullback: cotangents of shapes [] for results of shapes [[1]]"),
      (nothing, "jacobian: the function gives no tensors; return at least one"),
    ] {
      let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
      #expect(text.contains(words), "\(text)")
    }
  }
}
