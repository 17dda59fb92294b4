import BacktapeTensors
import Testing

struct PhiloxTests {
  /// Vectors of `kat_vectors` in Random123 1.14 for philox4x32 with 10 rounds.
  struct KnownAnswer: Sendable {
    let counter: SIMD4<UInt32>
    let key: SIMD2<UInt32>
    let block: SIMD4<UInt32>
  }

  @Test(arguments: [
    KnownAnswer(
      counter: SIMD4(repeating: 0), key: SIMD2(repeating: 0),
      block: SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
    KnownAnswer(
      counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max),
      block: SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)),
    KnownAnswer(
      counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      key: SIMD2(0xa409_3822, 0x299f_31d0),
      block: SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)),
  ])
  func knownAnswers(_ answer: KnownAnswer) {
    #expect(Philox4x32(key: answer.key).block(answer.counter) == answer.block)
  }

  @Test func uniformsReadTheBlocksInOrder() {
    let key = RandomKey(seed: 0x299f_31d0_a409_3822, stream: 5, step: 0x7_0000_0003)
    let philox = Philox4x32(key: SIMD2(0xa409_3822, 0x299f_31d0))
    let block = philox.block(SIMD4(1, 5, 3, 7))
    let bits = UInt64(block[2]) << 32 | UInt64(block[3])
    #expect(key.uniforms(count: 4)[3] == Double(bits >> 11) / 0x1p53)
    #expect(key.floats(count: 6)[5] == Float(block[1] >> 8) / 0x1p24)
  }

  @Test func aValueDependsOnItsPositionAlone() {
    let key = RandomKey(seed: 11, stream: 2, step: 9)
    #expect(Array(key.uniforms(count: 101).prefix(7)) == key.uniforms(count: 7))
    #expect(Array(key.floats(count: 101).prefix(7)) == key.floats(count: 7))
    #expect(Array(key.normals(count: 101).prefix(7)) == key.normals(count: 7))
    #expect(key.uniforms(count: 0).isEmpty)
  }

  @Test func everyFieldOfTheKeyCounts() {
    let keys = [
      RandomKey(seed: 1), RandomKey(seed: 2), RandomKey(seed: 1 << 32),
      RandomKey(seed: 1, stream: 1), RandomKey(seed: 1, step: 1),
      RandomKey(seed: 1, step: 1 << 32),
    ]
    #expect(Set(keys.map { $0.uniforms(count: 4) }).count == keys.count)
  }

  @Test func uniformsFillTheUnitInterval() {
    let key = RandomKey(seed: 3)
    let doubles = key.uniforms(count: 100_000)
    let floats = key.floats(count: 100_000)
    #expect(doubles.allSatisfy { 0 <= $0 && $0 < 1 })
    #expect(floats.allSatisfy { 0 <= $0 && $0 < 1 })
    // The standard error of the mean is 0.0009.
    #expect(abs(doubles.reduce(0, +) / 100_000 - 0.5) < 0.004)
    #expect(abs(floats.reduce(0) { $0 + Double($1) } / 100_000 - 0.5) < 0.004)
  }

  @Test func normalsHaveTheMomentsOfTheNormalDistribution() {
    let values = RandomKey(seed: 4).normals(count: 200_000)
    func moment(_ power: Int) -> Double {
      let powers = values.map { value in (0..<power).reduce(1.0) { product, _ in product * value } }
      return powers.reduce(0, +) / Double(values.count)
    }
    // Four standard errors each: the moments are 0, 1, 0, 3 with variances 1, 2, 15, 96.
    let scale = 4 / Double(values.count).squareRoot()
    #expect(abs(moment(1)) < scale)
    #expect(abs(moment(2) - 1) < scale * 2.0.squareRoot())
    #expect(abs(moment(3)) < scale * 15.0.squareRoot())
    #expect(abs(moment(4) - 3) < scale * 96.0.squareRoot())
  }

  @Test(arguments: [0, 1, 2, 3, 10, 1000])
  func permutationsHoldEveryIndexOnce(count: Int) {
    #expect(RandomKey(seed: 5).permutation(count: count).sorted() == Array(0..<count))
  }

  @Test func permutationsAreEquallyLikely() {
    var counts: [[Int]: Int] = [:]
    for step in 0..<6000 {
      counts[RandomKey(seed: 6, step: UInt64(step)).permutation(count: 3), default: 0] += 1
    }
    #expect(counts.count == 6)
    // The standard deviation of each count is 29.
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 120 })
  }

  @Test func trapsOnANegativeCount() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = RandomKey(seed: 1).uniforms(count: -2)
    }
    expectMessage(result, ["-2 values"])
  }
}
