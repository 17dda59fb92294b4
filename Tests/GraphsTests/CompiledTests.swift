import Backtape
import Testing

/// A function that counts how often it is traced.
private final class Traced {
  private(set) var count = 0
  private let body: ([Tensor]) -> [Tensor]

  init(_ body: @escaping ([Tensor]) -> [Tensor]) { self.body = body }

  func callAsFunction(_ x: [Tensor]) -> [Tensor] {
    count += 1
    return body(x)
  }
}

@Suite("compiled: one trace for each signature")
struct CompiledTests {
  @Test("keyed on shapes and on types")
  func signatures() {
    let traced = Traced { [$0[0] + $0[0]] }
    let f = compiled(traced.callAsFunction)
    let shapes: [Shape] = [[2, 3], [3, 2], [6], [1, 6], [], [1], [0], [0, 3], [3, 0]]
    for round in 0..<2 {
      for shape in shapes {
        for (i, dtype) in [DType.float32, .float64, .int32, .int64].enumerated() {
          let x = Tensor.full(shape, Double(i + round), dtype)
          let y = f([x])[0]
          #expect(y.shape == shape && y.dtype == dtype)
          #expect(Bits(y) == Bits(x + x))
        }
      }
    }
    #expect(traced.count == shapes.count * 4)
  }

  @Test("keyed on every argument")
  func everyArgument() {
    let traced = Traced { [$0.count > 1 ? $0[0] * $0[1] : $0[0]] }
    let f = compiled(traced.callAsFunction)
    let a = Tensor([1.0, 2])
    let b = Tensor([3.0])
    #expect(f([a, b])[0].scalars() == [3.0, 6])
    #expect(f([b, a])[0].scalars() == [3.0, 6])
    #expect(f([a])[0].scalars() == [1.0, 2])
    #expect(f([a, b])[0].scalars() == [3.0, 6])
    #expect(traced.count == 3)
  }

  @Test("views and their copies are one signature, and give one result")
  func views() {
    let traced = Traced { [sigmoid($0[0]).dot($0[0].transposed)] }
    let f = compiled(traced.callAsFunction)
    let x = Tensor((0..<12).map { Double($0) / 7 }, [3, 4])
    let y = Tensor(x.transposed.scalars(as: Double.self), [4, 3])
    #expect(Bits(f([x.transposed])[0]) == Bits(f([y])[0]))
    #expect(traced.count == 1)
  }

  @Test("keeps 64 traces; the oldest goes first")
  func boundedCache() {
    let traced = Traced { [$0[0] * 2] }
    let f = compiled(traced.callAsFunction)
    for n in 1...65 { #expect(f([Tensor.ones([n])])[0].count == n) }
    #expect(traced.count == 65)
    _ = f([Tensor.ones([65])])
    _ = f([Tensor.ones([2])])
    #expect(traced.count == 65)
    #expect(f([Tensor.ones([1])])[0].item() == 2)
    #expect(traced.count == 66)
  }

  @Test("an evicted trace's derivatives still hold")
  func evictedTrace() {
    let f = compiled { (x: Tensor) in x * x }
    let tape = Tape()
    let x = tape.variable(Tensor([3.0]))
    let y = f(x).sum()
    for n in 2...70 { _ = f(Tensor.ones([n], .float64)) }
    #expect(tape.gradient(of: y, withRespectTo: [x])[0].item() == 6)
  }

  @Test("several outputs; outputs that are inputs; the same output twice")
  func outputs() {
    let f = compiled { (x: [Tensor]) -> [Tensor] in
      let y = x[0] + x[1]
      return [x[1], y, x[0], y, x[0].transposed]
    }
    let a = Tensor([[1.0, 2], [3, 4]])
    let b = Tensor([[10.0, 20], [30, 40]])
    var values = f([a, b])
    values[1][0, 0] = Tensor(-1.0)
    #expect(values[0].scalars() == [10.0, 20, 30, 40])
    #expect(values[2].scalars() == [1.0, 2, 3, 4])
    #expect(values[3].scalars() == [11.0, 22, 33, 44])
    #expect(values[4].scalars() == [1.0, 3, 2, 4])
    let again = f([b, a])
    #expect(values[0].scalars() == [10.0, 20, 30, 40])
    #expect(again[0].scalars() == [1.0, 2, 3, 4])
  }

  @Test("no arguments, no results, constant results")
  func degenerate() {
    let constant = Tensor([1.0, 2])
    #expect(compiled { (_: [Tensor]) in [constant, constant.transposed] }([])[0].count == 2)
    #expect(compiled { (_: [Tensor]) in [] }([constant]).isEmpty)
    let identity = compiled { (x: Tensor) in x }
    #expect(identity(constant).scalars() == [1.0, 2])
    #expect(gradient(at: constant) { identity($0).sum() }.scalars() == [1.0, 1])
    #expect(
      gradient(at: constant) { x in identity(constant).sum() + (x * 0).sum() }.scalars() == [
        0.0, 0,
      ])
  }

  @Test("captured tensors are constants, of the values at the trace")
  func constants() {
    var c = Tensor([1.0, 2])
    let f = compiled { [c] (x: Tensor) in x * c }
    #expect(f(Tensor([3.0, 4])).scalars() == [3.0, 8])
    c[0] = Tensor(100.0)
    #expect(f(Tensor([3.0, 4])).scalars() == [3.0, 8])
    #expect(c.scalars() == [100.0, 2])
  }

  @Test("numbers in the closure keep their exact value in either type")
  func numbers() {
    let f = compiled { (x: Tensor) in 1 - x * 0.1 + 3 / x }
    for dtype in [DType.float32, .float64] {
      let x = Tensor([0.3, -7.0]).cast(dtype)
      #expect(Bits(f(x)) == Bits(1 - x * 0.1 + 3 / x))
    }
    let n = compiled { (x: Tensor) in x + 9_007_199_254_740_993 }
    #expect(n(Tensor([0])).scalars() == [9_007_199_254_740_993])
  }

  @Test("a closure that indexes, joins, compares and assigns")
  func movement() {
    func body(_ x: Tensor) -> Tensor {
      var y = Tensor.concatenate([x[1...], x[.every(-1)]], axis: 0)
      y[0] = x[0] * 10
      y[.all, -1] = Tensor([7.0])
      return Tensor.where(y .> 2, y, -y).pad(axis: 1, before: 1, after: 0)
    }
    let x = Tensor((0..<6).map(Double.init), [3, 2])
    #expect(Bits(compiled(body)(x)) == Bits(body(x)))
    let g = gradient(at: x) { body($0).squared().sum() }
    #expect(Bits(gradient(at: x) { x in compiled(body)(x).squared().sum() }) == Bits(g))
    #expect(Bits(compiled { gradient(at: $0) { body($0).squared().sum() } }(x)) == Bits(g))
  }
}
