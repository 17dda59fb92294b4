import Backtape
import BacktapeTensors
import Testing

/// Which paths through a computation carry a derivative, and of what type and shape it arrives.
struct PathTests {
  let x = Tensor([0.5, -1.5, 2.0])

  private func expectZeros(_ slope: Tensor, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(slope.shape == x.shape, sourceLocation: sourceLocation)
    #expect(
      slope.scalars(as: Double.self).allSatisfy { $0 == 0 }, "\(slope)",
      sourceLocation: sourceLocation)
  }

  @Test("A shared subexpression counts once for every use")
  func sharedSubexpression() {
    let slope = gradient(at: x) { x in
      let e = exp(x)
      return (e * e + e).sum()
    }
    #expect(slope.allClose(2 * exp(2 * x) + exp(x), relative: 1e-14))
  }

  @Test("A diamond of 60 doublings is linear work")
  func diamonds() {
    let slope = gradient(at: Tensor(1.0)) { x in
      (0..<60).reduce(x) { y, _ in y + y }
    }
    #expect(slope.item() == 0x1p60)
  }

  @Test("A concatenation of many is linear work")
  func manyParts() {
    let slope = gradient(at: Tensor(2.0)) { x in
      (Tensor.stack([Tensor](repeating: x, count: 10_000)) * .arange(10_000)).sum()
    }
    #expect(slope.item() == 49_995_000)
  }

  @Test("The same tensor as both operands receives both parts")
  func sameTensorTwice() {
    #expect(gradient(at: x) { ($0 * $0).sum() }.allClose(2 * x, relative: 0, absolute: 0))
    expectZeros(gradient(at: x) { ($0 - $0).sum() })
    expectZeros(gradient(at: x) { ($0 / $0).sum() })
    #expect(gradient(at: x) { $0.dot($0) }.allClose(2 * x, relative: 0, absolute: 0))
    let m = Tensor([[1.0, 2], [3, 4]])
    #expect(
      gradient(at: m) { $0.dot($0).sum() }.allClose(Tensor([[7.0, 11], [9, 13]]), relative: 0))
    #expect(
      gradient(at: x) { (Tensor.concatenate([$0, $0]) * Tensor.arange(6)).sum() }
        .allClose(Tensor([3.0, 5, 7]), relative: 0))
    #expect(
      gradient(at: x) { Tensor.where($0 .> 0, $0, $0).sum() }.allClose(
        Tensor([1.0, 1, 1]), relative: 0, absolute: 0))
  }

  @Test("What an operation broadcasts, its derivative sums")
  func broadcastsAreSummed() {
    let row = Tensor([1.0, 2, 3])
    let column = Tensor([[10.0], [20]])
    let (dRow, dColumn) = gradient(at: row, column) { ($0 * $1).sum() }
    #expect(dRow.allClose(Tensor([30.0, 30, 30]), relative: 0))
    #expect(dColumn.allClose(Tensor([[6.0], [6]]), relative: 0))
    let one = gradient(at: Tensor(2.0)) { ($0 * Tensor.ones([2, 3], .float64)).sum() }
    #expect(one.shape == [] && one.item() == 6)
    let sameRank = gradient(at: Tensor([[3.0]])) { ($0 + Tensor.ones([4, 5], .float64)).sum() }
    #expect(sameRank.shape == [1, 1] && sameRank.item() == 20)
  }

  @Test("Integers and bools carry no derivative")
  func integersAndBools() {
    expectZeros(gradient(at: x) { $0.cast(.int64).cast(.float64).sum() })
    expectZeros(gradient(at: x) { ($0 .> 0).cast(.float64).sum() })
    expectZeros(gradient(at: x) { $0.argmax(axis: 0).cast(.float64) })
    expectZeros(gradient(at: x) { $0.argmin(axis: 0).cast(.float64) })
    expectZeros(gradient(at: x) { $0.cast(.bool).cast(.float64).sum() })
    expectZeros(gradient(at: x) { (!($0 .== 2)).cast(.float64).sum() })
    expectZeros(gradient(at: x) { (($0 .!= 2) .| ($0 .<= 1) .^ ($0 .< 2)).cast(.float64).sum() })
    let mixed = gradient(at: x) { ($0 * ($0 .> 0)).sum() }
    #expect(mixed.allClose(Tensor([1.0, 0, 1]), relative: 0))
    let whole = gradient(at: [Tensor([1, 2, 3]), x]) { ($0[0] * $0[1]).sum() }
    #expect(whole[0].dtype == .int64)
    expectZeros(whole[0])
    #expect(whole[1].allClose(Tensor([1.0, 2, 3]), relative: 0))
  }

  @Test("Functions in steps have no slope")
  func functionsInSteps() {
    expectZeros(gradient(at: x) { floor($0).sum() })
    expectZeros(gradient(at: x) { ceil($0).sum() })
    expectZeros(gradient(at: x) { round($0).sum() })
    expectZeros(gradient(at: x) { sign($0).sum() })
    expectZeros(gradient(at: x) { $0.power(0).sum() })
  }

  @Test("Zeros where the result does not depend on an input")
  func unusedInputs() {
    let slopes = gradient(at: [x, Tensor([[1.0, 2]])]) { $0[0].sum() }
    #expect(slopes[1].shape == [1, 2] && slopes[1].dtype == .float64)
    #expect(slopes[1].scalars(as: Double.self) == [0, 0])
    expectZeros(gradient(at: x) { _ in Tensor(3.0) })
    expectZeros(gradient(at: x) { _ in Tensor(3.5) })
    expectZeros(jvp(at: x, along: x) { _ in Tensor([1.0, 2, 3]) })
    expectZeros(gradient(at: x) { x in gradient(at: x) { $0.sum() }.sum() })
  }

  @Test("stopGradient stops what flows through it alone")
  func stopGradient() {
    #expect(gradient(at: x) { ($0 * $0.stopGradient()).sum() }.allClose(x, relative: 0))
    expectZeros(gradient(at: x) { exp($0).stopGradient().sum() })
    let nested = gradient(at: x) { x in (x + (x * x.stopGradient()).stopGradient()).sum() }
    #expect(nested.allClose(Tensor([1.0, 1, 1]), relative: 0))
    let second = gradient(at: x) { x in
      (gradient(at: x) { ($0 * $0 * $0).sum() }.stopGradient() * x).sum()
    }
    #expect(second.allClose(3 * x * x, relative: 1e-15))
    let detached = gradient(at: x) { ($0 * $0.detached).sum() }
    #expect(detached.allClose(x, relative: 0))
  }

  @Test("A float32 gradient stays float32")
  func typesAreKept() {
    let x = Tensor([0.5, -1.5, 2.0] as [Float])
    let functions: [(Tensor) -> Tensor] = [
      { (2 * $0 + 0.5).sum() }, { $0.mean() }, { softmax($0)[0] }, { $0.power(2.5)[0] },
      { $0.variance() }, { ($0 .> 0).cast(.float32).dot($0) }, { $0.max() }, { $0.max(axis: 0) },
      { erf($0).sum() }, { rsqrt(abs($0)).sum() }, { atan2($0, 2.0).sum() }, { $0.product() },
    ]
    for function in functions {
      let (value, slope) = valueWithGradient(at: x, of: function)
      #expect(value.dtype == .float32)
      #expect(slope.dtype == .float32)
      #expect(jvp(at: x, along: x, of: function).dtype == .float32)
    }
  }

  @Test("Each operand of a mixed operation gets its own type back")
  func mixedTypes() {
    let single = Tensor([1, 2, 3] as [Float])
    let (a, b) = gradient(at: single, x) { ($0 * $1).sum() }
    #expect(a.dtype == .float32 && b.dtype == .float64)
    #expect(a.allClose(x.cast(.float32), relative: 0) && b.allClose(single.cast(.float64)))
    let rounded = gradient(at: x) { ($0.cast(.float32) * $0).sum() }
    #expect(rounded.dtype == .float64 && rounded.allClose(2 * x, relative: 1e-7))
    let curvature = hessianVectorProduct(at: x, along: x) { ($0.cast(.float32) * $0 * $0).sum() }
    #expect(curvature.dtype == .float64 && curvature.allClose(6 * x * x, relative: 1e-6))
    let (scalar, tensor) = gradient(at: Tensor.full([], 2, .float64), single) { ($0 * $1).sum() }
    #expect(scalar.dtype == .float64 && scalar.item() == 6)
    #expect(tensor.dtype == .float32)
    let (index, _) = gradient(at: Tensor([1, 2, 3]), x) { ($0 * $1).sum() }
    #expect(index.dtype == .int64)
  }

  @Test("Inputs that are views with gaps")
  func nonContiguousInputs() {
    let base = Tensor.arange(0.0, 12.0, .float64).reshape([3, 4])
    let views = [
      base.transposed, base.flip(), base[.every(2), 1...], base[.all, .every(-2)],
      Tensor([1.0, 2]).broadcast(to: [3, 2]),
    ]
    for view in views {
      let slope = gradient(at: view) { ($0 * $0 * $0).sum() }
      #expect(slope.allClose(3 * view * view, relative: 1e-15))
      let rows = gradient(at: view) { sin($0.transposed.reshape([-1])).sum() }
      #expect(rows.allClose(cos(view), relative: 1e-14))
    }
  }

  @Test("Empty tensors have empty gradients")
  func emptyTensors() {
    let none = Tensor.zeros([0, 3], .float64)
    let (value, slope) = valueWithGradient(at: none) { (exp($0) * 2).sum() }
    #expect(value.item() == 0 && slope.shape == [0, 3])
    let (a, b) = gradient(at: Tensor.ones([2, 0], .float64), none) { $0.matmul($1).sum() }
    #expect(a.shape == [2, 0] && b.shape == [0, 3])
    let weight = Tensor.ones([3, 2], .float64)
    let untouched = gradient(at: weight) { none.dot($0).sum() }
    #expect(untouched.scalars(as: Double.self) == [Double](repeating: 0, count: 6))
    let joined = gradient(at: none) { Tensor.concatenate([$0, weight.transposed]).sum() }
    #expect(joined.shape == [0, 3])
    #expect(gradient(at: none) { $0.product() }.shape == [0, 3])
  }

  @Test("Rank 0 in, rank 0 out")
  func rankZero() {
    let (value, slope) = valueWithGradient(at: Tensor(3.0)) { $0 * $0 + sin($0) }
    #expect(value.shape == [] && slope.shape == [])
    #expect(slope.allClose(6 + cos(Tensor(3.0)), relative: 1e-15))
    #expect(gradient(at: Tensor([[4.0]])) { sqrt($0) }.item() == 0.25)
    #expect(gradient(at: Tensor(3)) { ($0 * $0).cast(.float32) }.dtype == .int64)
    #expect(gradient(at: Tensor(3.0)) { $0 * $0 }.item() == 6)
  }
}
