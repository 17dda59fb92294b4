import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// Programs of unusual proportions: compiling takes time and stack by their length, no more.
@Suite("Long, wide and many-axed programs")
struct PathologyTests {
  @Test("chains of elementwise operations", arguments: [1000, 30_000])
  func chain(length: Int) throws {
    let x = Tensor.arange(6).cast(.float64) * 0.25
    func chain(_ x: Tensor) -> Tensor {
      var y = x
      for i in 0..<length { y = i % 2 == 0 ? sin(y) : y + 0.5 }
      return y
    }
    let plan = try Plan.traced(like: [x]) { [chain($0[0])] }
    #expect(try Bits(plan.run([x])[0]) == Bits(chain(x)))
  }

  @Test("a chain before pooling")
  func chainBeforePooling() throws {
    let x = Tensor.arange(2 * 4 * 16).reshape([2, 4, 16]).cast(.float64) * 0.01
    func pooled(_ x: Tensor) -> Tensor {
      var y = x
      for _ in 0..<1000 { y = sin(y) + 0.5 }
      return y.max(axis: 1)
    }
    let plan = try Plan.traced(like: [x]) { [pooled($0[0])] }
    #expect(try Bits(plan.run([x])[0]) == Bits(pooled(x)))
  }

  @Test("the derivative of a long chain")
  func longDerivative() throws {
    let x = Tensor([0.25, -0.5, 1])
    func slope(_ x: Tensor) -> Tensor {
      gradient(at: x) { x in
        var y = x
        for _ in 0..<2000 { y = y * 0.999 + sin(y) * 0.0001 }
        return y.sum()
      }
    }
    let plan = try Plan.traced(like: [x]) { [slope($0[0])] }
    #expect(try plan.run([x])[0].isClose(to: slope(x), 1e-9))
  }

  @Test("thousands of outputs, and a value that thousands use")
  func wide() throws {
    let x = Tensor.arange(300).reshape([3, 100]).cast(.float64)
    func fan(_ x: Tensor) -> [Tensor] {
      let parts = (0..<1500).map { x * Double($0) + sin(x) }
      return parts + (0..<1000).map { x.slice(axis: 1, $0 % 99..<$0 % 99 + 1) }
    }
    let found = try Plan.traced(like: [x]) { fan($0[0]) }.run([x])
    for (a, b) in zip(found, fan(x)) { #expect(Bits(a) == Bits(b)) }
  }

  @Test("a sum of thousands, and the derivative of thousands of slices")
  func manyParts() throws {
    let x = Tensor.arange(1500).cast(.float64) * 0.001
    func sum(_ x: Tensor) -> [Tensor] {
      let (total, slope) = valueWithGradient(at: x) { x in
        (0..<1500).reduce(Tensor(0.0)) { $0 + x.slice(axis: 0, $1..<$1 + 1).squared() }.sum()
      }
      return [total, slope]
    }
    let plan = try Plan.traced(like: [x]) { sum($0[0]) }
    for (a, b) in zip(try plan.run([x]), sum(x)) { #expect(a.isClose(to: b)) }
  }

  /// Each term is an instruction of its own, since what is fed may lie anywhere.
  @Test("a sum of thousands of products of fed matrices, joined in as many parts")
  func manyProducts() throws {
    let fed = (0..<3000).map { Tensor([[Double($0), 1], [0, 1]]) }
    func run(_ x: [Tensor]) -> [Tensor] {
      let products = stride(from: 0, to: 3000, by: 2).map { x[$0].dot(x[$0 + 1]) }
      return [products.dropFirst().reduce(products[0], +), .concatenate(x)]
    }
    let plan = try Plan.traced(like: fed, run)
    // The sum over i < 1500 of [[2i (2i + 1), 2i + 1], [0, 1]]: exact in any order.
    #expect(try plan.run(fed)[0].scalars(as: Double.self) == [4_497_749_500, 2_250_000, 0, 1500])
    #expect(try Bits(plan.run(fed)[1]) == Bits(.concatenate(fed)))
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
    for passes in PassTests.choices {
      let plan = try Plan.traced(like: [x], by: passes) { run($0[0]) }
      for (a, b) in zip(try plan.run([x]), run(x)) { #expect(a.isClose(to: b)) }
    }
  }

  /// Pairs of axes turned against each other: eight axes that none of three operands lets merge,
  /// where a tile program has six around its columns.
  @Test("groups of more axes than a tile program has run line by line")
  func tooManyAxes() throws {
    let shape: Shape = [2, 3, 2, 3, 2, 3, 2, 3]
    let x = (Tensor.arange(shape.count).cast(.float64) * 0.01).reshape(shape)
    func run(_ x: Tensor) -> [Tensor] {
      let (even, odd) = (x.permute([2, 3, 0, 1, 6, 7, 4, 5]), x.permute([4, 1, 6, 3, 0, 5, 2, 7]))
      let y = sin(x) * cos(even) - tanh(odd) / 3
      return [
        y, Tensor.where(y .> 0, y, odd), y.sum(axes: [7]), y.max(axes: [6, 7]), y.sum(axes: [0]),
        .concatenate([y * 2, even], axis: 3),
      ]
    }
    let plan = try Plan.traced(like: [x]) { run($0[0]) }
    #expect("\(plan)".contains("primitive"), "\(plan)")
    for passes in PassTests.choices {
      let plan = try Plan.traced(like: [x], by: passes) { run($0[0]) }
      for (a, b) in zip(try plan.run([x]), run(x)) { #expect(a.isClose(to: b)) }
    }
  }

  @Test("an update among operands that lie too differently for one program")
  func updateInPieces() throws {
    let shape = Shape([Int](repeating: 2, count: 8))
    let start = (Tensor.arange(256).cast(.float64) * 0.01).reshape(shape)
    func run(_ w: Tensor, _ x: Tensor) -> (new: Tensor, both: Tensor) {
      let even = x.permute([1, 0, 3, 2, 5, 4, 6, 7])
      let odd = x.permute([0, 2, 1, 4, 3, 6, 5, 7])
      let turned = x.permute([7, 6, 5, 4, 3, 2, 1, 0])
      let new = w - even * odd * turned
      return (new, new * w + sin(w))
    }
    let graph = Graph()
    let w = graph.variable("w", start)
    let x = graph.placeholder("x", shape, .float64)
    let (new, both) = run(w, x)
    let step = try Function(inputs: [x], outputs: [both], updates: [Update(w, to: new)])
    var value = start
    for _ in 0..<3 {
      let expected = run(value, start + 1)
      #expect(Bits(try step(start + 1)[0]) == Bits(expected.both))
      #expect(Bits(try graph.value(of: w)) == Bits(expected.new))
      value = expected.new
    }
  }
}
