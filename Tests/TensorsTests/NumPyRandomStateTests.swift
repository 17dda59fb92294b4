import BacktapeTensors
import Foundation
import Testing

/// Compares every draw with `Tests/Golden/numpy_random.json` for equality.
struct NumPyRandomStateTests {
  @Test(arguments: try GoldenStreams.load().streams)
  func drawsEqualNumPy(stream: GoldenStream) throws {
    var random =
      stream.isArray
      ? NumPyRandomState(seed: stream.seed) : NumPyRandomState(seed: stream.seed[0])
    for call in stream.calls {
      if let expected = call.reals {
        let values = try call.real(&random)
        #expect(values == expected || isOfAnotherLogarithm(call, values), "\(call.name)")
      } else {
        #expect(try call.whole(&random) == #require(call.integers), "\(call.name)")
      }
    }
  }

  /// NumPy wrote the file with the GNU C library, whose `log` may differ from others' in the last
  /// bit; what needs no logarithm is equal everywhere.
  private func isOfAnotherLogarithm(_ call: GoldenCall, _ values: [Double]) -> Bool {
    #if canImport(Glibc)
      return false
    #else
      let names = ["randn", "standard_normal", "normal", "exponential"]
      let expected = call.reals ?? []
      return names.contains(call.name) && values.count == expected.count
        && zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-14 * max(abs($0), 1) }
    #endif
  }

  @Test func goldenValuesNameTheirOrigin() throws {
    let golden = try GoldenStreams.load()
    #expect(golden.header.generator == "Tests/Golden/numpy_random.py")
    #expect(golden.streams.count >= 30)
  }

  /// The weights of the network of the series, after `np.random.seed(1)`.
  @Test func givesTheWeightsOfTheSeries() {
    var random = NumPyRandomState(seed: 1)
    let synapses0 = random.doubles(12).map { 2 * $0 - 1 }
    let synapses1 = random.doubles(4).map { 2 * $0 - 1 }
    #expect(synapses0.first == -0.165955990594852)
    #expect(synapses0.last == 0.370439000793519)
    #expect(
      synapses1
        == [-0.5910955005369651, 0.7562348727818908, -0.9452248136041477, 0.34093502035680445])
  }

  @Test func copiesDrawTheSame() {
    var random = NumPyRandomState(seed: 3)
    _ = random.gaussians(1)
    var copy = random
    #expect(copy == random)
    #expect(copy.gaussians(5) == random.gaussians(5))
  }

  @Test func chosenElementsAreThoseOfTheChosenIndices() {
    var random = NumPyRandomState(seed: 1)
    var copy = random
    let names = ["pooh", "piglet", "rabbit", "owl"]
    let indices: [Int] = copy.choice(4, count: 6)
    #expect(random.choice(names, count: 6) == indices.map { names[$0] })
  }
}

extension NumPyRandomStateTests {
  @Test func trapsOnAnEmptyRange() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var random = NumPyRandomState(seed: 1)
      _ = random.integers(low: 3, high: 3, count: 1)
    }
    expectMessage(result, ["randint", "3", "give low < high"])
  }

  @Test func trapsOnANegativeScale() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var random = NumPyRandomState(seed: 1)
      _ = random.normals(mean: 0, standardDeviation: -1.5, count: 1)
    }
    expectMessage(result, ["normal", "-1.5", "not negative"])
  }

  @Test func trapsOnARangeThatIsNotFinite() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var random = NumPyRandomState(seed: 1)
      _ = random.uniforms(low: 0, high: .infinity, count: 1)
    }
    expectMessage(result, ["uniform", "inf", "give bounds"])
  }

  @Test func trapsOnAChoiceOfMoreThanThereAre() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var random = NumPyRandomState(seed: 1)
      let _: [Int] = random.choice(3, count: 4, replace: false)
    }
    expectMessage(result, ["choice", "4 of 3", "at most 3"])
  }

  @Test func trapsOnProbabilitiesThatDoNotSumToOne() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var random = NumPyRandomState(seed: 1)
      let _: [Int] = random.choice(2, count: 1, p: [0.5, 0.75])
    }
    expectMessage(result, ["choice", "1.25", "divide them"])
  }

  @Test func trapsOnAnEmptySeed() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = NumPyRandomState(seed: [])
    }
    expectMessage(result, ["RandomState", "empty"])
  }
}

/// One generator and the calls made on it in order.
struct GoldenStream: Decodable, Sendable, CustomTestStringConvertible {
  let seed: [UInt32]
  let isArray: Bool
  let calls: [GoldenCall]

  var testDescription: String {
    "seed \(isArray ? "array of \(seed.count)" : "\(seed[0])"): \(Set(calls.map(\.name)).sorted())"
  }
}

struct GoldenCall: Decodable, Sendable {
  let name: String
  let count: Int?
  let tail: Int?
  let low: Double?
  let high: Double?
  let lowest: Int?
  let highest: Int?
  let mean: Double?
  let deviation: Double?
  let scale: Double?
  let population: Int?
  let replace: Bool?
  let p: [Double]?
  let values: [Int]?
  let reals: [Double]?
  let integers: [Int]?

  func real(_ random: inout NumPyRandomState) throws -> [Double] {
    let count = try #require(count)
    let values =
      switch name {
      case "random_sample", "rand": random.doubles(count)
      case "randn", "standard_normal": random.gaussians(count)
      case "uniform":
        random.uniforms(low: try #require(low), high: try #require(high), count: count)
      case "normal":
        random.normals(
          mean: try #require(mean), standardDeviation: try #require(deviation), count: count)
      case "exponential": random.exponentials(scale: try #require(scale), count: count)
      default: throw UnknownCall(name: name)
      }
    return values.suffix(tail ?? values.count)
  }

  func whole(_ random: inout NumPyRandomState) throws -> [Int] {
    var result: [Int]
    switch name {
    case "randint":
      let low = try #require(lowest)
      let high = try #require(highest)
      result =
        high == .max
        ? random.integers(in: low...high, count: try #require(count))
        : random.integers(low: low, high: high + 1, count: try #require(count))
    case "permutation":
      result = random.permutation(try #require(count))
    case "shuffle":
      result = try #require(values)
      random.shuffle(&result)
    case "choice":
      result = random.choice(
        try #require(population), count: try #require(count), replace: replace ?? true, p: p)
    default: throw UnknownCall(name: name)
    }
    return result.suffix(tail ?? result.count)
  }

  struct UnknownCall: Error {
    let name: String
  }
}

struct GoldenStreams: Decodable {
  struct Header: Decodable {
    let generator: String
    let numpy: String
  }

  let header: Header
  let streams: [GoldenStream]

  static func load() throws -> GoldenStreams { try loadGolden("numpy_random") }
}
