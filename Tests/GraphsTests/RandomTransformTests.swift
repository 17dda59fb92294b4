import Backtape
import Testing

/// Random programs with some of their values computed again, and for many examples at once.
@Suite("Random programs: checkpoints and maps over examples change nothing")
struct RandomTransformTests {
  static let cases = Array(0..<16)

  private func compare(_ found: [Tensor], _ expected: [Tensor], _ what: Comment) {
    #expect(found.count == expected.count, what)
    for (i, (a, b)) in zip(found, expected).enumerated() {
      #expect(a.isClose(to: b, 1e-11), "\(what.rawValue), result \(i)")
    }
  }

  private func program(_ seed: Int) -> RandomProgram {
    RandomProgram(seed: 700 + seed, dtype: .float64, steps: 30, seed % 2 == 0 ? .small : .layers)
  }

  /// The program in blocks of some steps, each with all its results behind one checkpoint.
  private func checkpointed(_ program: RandomProgram, _ inputs: [Tensor]) -> [Tensor] {
    var results = inputs
    for start in stride(from: 0, to: program.steps.count, by: 7) {
      let block = program.steps[start..<min(start + 7, program.steps.count)]
      results += checkpoint(inputs) {
        var values = results
        for step in block { values.append(step.apply(step.operands.map { values[$0] })) }
        return Array(values[results.count...])
      }
    }
    let chosen = program.outputs.map { results[$0] }
    let parts = chosen.map { tanh($0).mean() }
    return chosen + [parts.dropFirst().reduce(parts[0], +)]
  }

  @Test("Checkpoints", arguments: cases)
  func checkpoints(seed: Int) {
    let program = program(seed)
    let inputs = program.inputs
    func withSlopes(_ run: @escaping ([Tensor]) -> [Tensor]) -> ([Tensor]) -> [Tensor] {
      { inputs in
        var values: [Tensor] = []
        let slopes = gradient(at: inputs) { x in
          values = run(x)
          return values[values.count - 1]
        }
        return values + slopes
      }
    }
    let expected = program.withSlopes(inputs)
    let blocks: ([Tensor]) -> [Tensor] = { x in checkpointed(program, x) }
    compare(withSlopes(blocks)(inputs), expected, "blocks")
    compare(withSlopes(checkpoint(program.run))(inputs), expected, "whole")
    compare(withSlopes(checkpoint(blocks))(inputs), expected, "blocks in a whole")
    compare(compiled(withSlopes(blocks))(inputs), expected, "compiled")
    guard seed < 8 else { return }
    let directions = inputs.map { $0 * 0.5 + 0.25 }
    let second = hessianVectorProduct(at: inputs, along: directions) { program.run($0).last! }
    compare(
      hessianVectorProduct(at: inputs, along: directions) { blocks($0).last! }, second,
      "second derivative")
    let inPlan = compiled { x in
      hessianVectorProduct(at: x, along: directions) { blocks($0).last! }
    }
    compare(inPlan(inputs), second, "second derivative, compiled")
  }

  @Test("Maps", arguments: cases)
  func maps(seed: Int) {
    let program = program(seed)
    let examples = [
      program.inputs, program.inputs.map { $0 * 0.75 - 0.125 }, program.inputs.map { -$0 },
    ]
    let stacked = program.inputs.indices.map { i in Tensor.stack(examples.map { $0[i] }) }
    let single = examples.map { program.withSlopes($0).map(\.detached) }
    let expected = single[0].indices.map { i in Tensor.stack(single.map { $0[i] }) }
    let mapped = vmap(program.withSlopes)
    compare(mapped(stacked), expected, "mapped")
    compare(compiled(mapped)(stacked), expected, "compiled")
    // One input for all examples, the last.
    var axes: [Int?] = stacked.map { _ in 0 }
    axes[axes.count - 1] = nil
    let shared = program.inputs.last!
    let own = examples.map { program.withSlopes($0.dropLast() + [shared]).map(\.detached) }
    compare(
      vmap(program.withSlopes, inAxes: axes)(stacked.dropLast() + [shared]),
      own[0].indices.map { i in Tensor.stack(own.map { $0[i] }) }, "one shared")
    let twice = vmap({ (p: [Tensor]) in vmap(program.run)(p) })
    compare(
      twice(stacked.map { $0.expandDims(at: 0) }).map { $0.squeeze(axes: [0]) },
      Array(expected[..<(expected.count - program.inputs.count)]), "mapped twice")
  }
}
