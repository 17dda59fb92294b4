import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Programs of unusual proportions: compiling takes time and stack by their length, no more.
@Suite("Long, wide and many-axed programs")
struct PathologyTests {
  /// A plan of a function of placeholders like some values.
  static func plan(
    like values: [Tensor], options: Plan.Options = [], _ function: ([Tensor]) -> [Tensor]
  ) throws -> Plan {
    let tape = Tape()
    let fed = values.map { tape.placeholder($0.shape, $0.dtype) }
    let outputs = function(fed)
    let bindings = fed.enumerated().map { ($1.index, Plan.Binding.fed($0)) }
    return try Plan(
      tape, bindings: Dictionary(uniqueKeysWithValues: bindings), outputs: outputs, updates: [],
      options: options)
  }

  @Test("chains of elementwise operations", arguments: [10_000, 100_000])
  func chain(length: Int) throws {
    let x = Tensor.arange(6).cast(.float64) * 0.25
    func chain(_ x: Tensor) -> Tensor {
      var y = x
      for i in 0..<length { y = i % 2 == 0 ? sin(y) : y + 0.5 }
      return y
    }
    let plan = try PathologyTests.plan(like: [x]) { [chain($0[0])] }
    #expect(Bits(plan.run([x])[0]) == Bits(chain(x)))
  }

  @Test("a chain before pooling")
  func chainBeforePooling() throws {
    let x = Tensor.arange(2 * 4 * 16).reshape([2, 4, 16]).cast(.float64) * 0.01
    func pooled(_ x: Tensor) -> Tensor {
      var y = x
      for _ in 0..<5000 { y = sin(y) + 0.5 }
      return y.max(axis: 1)
    }
    let plan = try PathologyTests.plan(like: [x]) { [pooled($0[0])] }
    #expect(Bits(plan.run([x])[0]) == Bits(pooled(x)))
  }

  @Test("the derivative of a long chain")
  func longDerivative() throws {
    let x = Tensor([0.25, -0.5, 1])
    func slope(_ x: Tensor, _ tape: Tape) -> Tensor {
      var y = x
      for _ in 0..<10_000 { y = y * 0.999 + sin(y) * 0.0001 }
      return tape.gradient(of: y.sum(), withRespectTo: [x], recording: true)[0]
    }
    let tape = Tape()
    let expected = slope(tape.variable(x), tape).detached
    let fed = Tape()
    let input = fed.placeholder(x.shape, x.dtype)
    let plan = try Plan(
      fed, bindings: [input.index: .fed(0)], outputs: [slope(input, fed)], updates: [])
    #expect(plan.run([x])[0].isClose(to: expected, 1e-9))
  }

  @Test("thousands of outputs, and a value that thousands use")
  func wide() throws {
    let x = Tensor.arange(300).reshape([3, 100]).cast(.float64)
    func fan(_ x: Tensor) -> [Tensor] {
      let parts = (0..<4000).map { x * Double($0) + sin(x) }
      return parts + (0..<1000).map { x.slice(axis: 1, $0 % 99..<$0 % 99 + 1) }
    }
    let found = try PathologyTests.plan(like: [x]) { fan($0[0]) }.run([x])
    for (a, b) in zip(found, fan(x)) { #expect(Bits(a) == Bits(b)) }
  }

  @Test("a sum of thousands, and the derivative of thousands of slices")
  func manyParts() throws {
    let x = Tensor.arange(4000).cast(.float64) * 0.001
    func sum(_ x: Tensor, _ tape: Tape) -> [Tensor] {
      var total = Tensor(0.0)
      for i in 0..<4000 {
        let part = x.slice(axis: 0, i..<i + 1)
        total = total + part * part
      }
      return [total] + tape.gradient(of: total.sum(), withRespectTo: [x], recording: true)
    }
    let tape = Tape()
    let expected = sum(tape.variable(x), tape).map(\.detached)
    let fed = Tape()
    let input = fed.placeholder(x.shape, x.dtype)
    let plan = try Plan(
      fed, bindings: [input.index: .fed(0)], outputs: sum(input, fed), updates: [])
    for (a, b) in zip(plan.run([x]), expected) { #expect(a.isClose(to: b)) }
  }

  /// Shapes whose axes begin at many different places: more together than a tensor can have.
  @Test("rank 8, and reshapes between axes of different lengths", arguments: [0, 1, 2, 3])
  func manyAxes(kind: Int) throws {
    let x = (Tensor.arange(4096).cast(.float64) * 0.001).reshape([2, 2, 2, 2, 2, 2, 2, 32])
    func run(_ x: Tensor) -> [Tensor] {
      let late = x.reshape([32, 2, 2, 2, 2, 2, 2, 2])
      switch kind {
      case 0: return [(sin(x).reshape(late.shape) + cos(late)) * 2]
      case 1:
        let turned = x.permute([0, 2, 1, 4, 3, 6, 5, 7])
        return [sin(turned) * cos(x) + turned, sin(turned).sum(axes: [7])]
      case 2:
        let row = x.slice(axis: 7, 0..<1).broadcast(to: x.shape)
        let column = x.slice(axis: 0, 0..<1).slice(axis: 2, 0..<1).slice(axis: 4, 0..<1)
        return [x * row + column.slice(axis: 6, 0..<1), (x * column).sum(axes: [0, 2, 4, 6])]
      default:
        let part = sin(x).permute([7, 6, 5, 4, 3, 2, 1, 0])
        return [.concatenate([part, part * 2], axis: 3), part.max(axes: [1, 3, 5, 7])]
      }
    }
    for options in [[], Plan.Options.isUnfused] {
      let plan = try PathologyTests.plan(like: [x], options: options) { run($0[0]) }
      for (a, b) in zip(plan.run([x]), run(x)) { #expect(a.isClose(to: b)) }
    }
  }
}
