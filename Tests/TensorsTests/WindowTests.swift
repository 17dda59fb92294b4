import Backtape
import BacktapeTensors
import Testing

struct WindowTests {
  @Test("Windows hold the positions they say, without a copy")
  func windowsHoldTheirPositions() {
    let x = Tensor.arange(2 * 7 * 3).reshape([2, 7, 3])
    for (size, step, dilation) in [
      (1, 1, 1), (3, 1, 1), (2, 2, 1), (2, 3, 2), (3, 2, 3), (7, 1, 1),
    ] {
      let w = x.windows(axis: 1, size: size, step: step, dilation: dilation)
      let count = (7 - (size - 1) * dilation - 1) / step + 1
      #expect(w.shape == [2, count, size, 3])
      for i in 0..<count {
        for j in 0..<size {
          #expect(
            w[.all, i, j].allClose(x[.all, i * step + j * dilation], relative: 0, absolute: 0))
        }
      }
    }
    #expect(x.windows(axis: -1, size: 3).shape == [2, 7, 1, 3])
    #expect(x.windows(axis: 1, size: 1, step: .max).shape == [2, 1, 1, 3])
    #expect(x[0..<0].windows(axis: 1, size: 3).shape == [0, 5, 3, 3])
  }

  @Test("A view of windows can be reshaped, flipped, reduced and assigned to")
  func windowsAreTensors() {
    var w = Tensor.arange(5).windows(axis: 0, size: 3)
    #expect(w.reshape([9]).scalars(as: Int.self) == [0, 1, 2, 1, 2, 3, 2, 3, 4])
    #expect(w.sum(axis: 1).scalars(as: Int.self) == [3, 6, 9])
    #expect(w.flip().reshape([9]).scalars(as: Int.self) == [4, 3, 2, 3, 2, 1, 2, 1, 0])
    #expect(w.dot(w.transposed).scalars(as: Int.self) == [5, 8, 11, 8, 14, 20, 11, 20, 29])
    w[0, 1] = 7
    #expect(w.reshape([9]).scalars(as: Int.self) == [0, 7, 2, 1, 2, 3, 2, 3, 4])
  }

  @Test("A fold adds what windows saw: of ones, how often each position was seen")
  func foldCounts() {
    func counts(_ extent: Int, _ size: Int, _ step: Int, _ dilation: Int) -> [Int] {
      let windows = (extent - (size - 1) * dilation - 1) / step + 1
      var seen = [Int](repeating: 0, count: extent)
      for i in 0..<windows { for j in 0..<size { seen[i * step + j * dilation] += 1 } }
      return seen
    }
    for extent in [1, 2, 7, 12] {
      for (size, step, dilation) in [
        (1, 1, 1), (3, 1, 1), (2, 2, 1), (3, 2, 1), (2, 1, 3), (5, 4, 1),
      ]
      where (size - 1) * dilation < extent {
        let ones = Tensor.ones([2, extent, 2], .float64)
        let w = ones.windows(axis: 1, size: size, step: step, dilation: dilation)
        let folded = w.fold(axis: 1, extent: extent, step: step, dilation: dilation)
        #expect(folded.shape == ones.shape)
        #expect(
          folded[1, .all, 0].scalars(as: Int.self) == counts(extent, size, step, dilation))
      }
    }
    #expect(Tensor.zeros([0, 3, 2]).fold(axis: 1, extent: 4).shape == [0, 4])
    #expect(Tensor.zeros([0, 3]).fold(axis: 0, extent: 2).scalars(as: Int.self) == [0, 0])
  }
}

struct IndexingTests {
  @Test("Rows by number, along every axis")
  func take() {
    let x = Tensor.arange(2 * 3 * 4).reshape([2, 3, 4])
    for axis in 0..<3 {
      let indices = Tensor([[1, 0], [1, 1], [1, 1]])
      let taken = x.take(indices, axis: axis)
      #expect(
        taken.shape.array == x.shape.array[..<axis] + [3, 2] + x.shape.array[(axis + 1)...])
      for i in 0..<3 {
        for j in 0..<2 {
          let k = Int(indices[i, j].item())
          let expected = x.slice(axis: axis, k..<k + 1)
          let part = taken.slice(axis: axis, i..<i + 1).slice(axis: axis + 1, j..<j + 1)
          #expect(part.reshape(expected.shape).allClose(expected, relative: 0, absolute: 0))
        }
      }
    }
    #expect(x.take(Tensor(2), axis: 1).scalars(as: Int.self) == [8, 9, 10, 11, 20, 21, 22, 23])
    #expect(x.take(Tensor.zeros([0], .int64)).shape == [0, 3, 4])
    #expect(x[0..<0].take([1], axis: 1).shape == [0, 1, 4])
    #expect(x.transposed.take([3], axis: 1)[0, 0].scalars(as: Int.self) == [3, 7, 11])
    let narrow = x.take(Tensor([1, 0]).cast(.int32)) .== x.take(Tensor([1, 0]).cast(.uint8))
    #expect(narrow.all().item() == 1)
  }

  @Test("Elements of rows by number")
  func takeAlongAxis() {
    let x = Tensor.arange(6).reshape([2, 3])
    #expect(x.takeAlongAxis([[2], [0]], axis: 1).scalars(as: Int.self) == [2, 3])
    #expect(x.takeAlongAxis([[1, 0, 1]], axis: 0).scalars(as: Int.self) == [3, 1, 5])
    let order = x.argmax(axis: 1, keepDims: true)
    #expect(x.takeAlongAxis(order, axis: -1).scalars(as: Int.self) == [2, 5])
  }

  @Test("Adding rows has the same bits for any number of threads")
  func scatterIsDeterministic() {
    let key = RandomKey(seed: 5)
    let indices = (Tensor.random([4000], key: key) * 97).cast(.int64)
    let weights = Tensor.randomNormal([4000, 33], key: key)
    let table = Tensor.zeros([97, 33])
    let sums = gradient(at: table) { ($0.take(indices) * weights).sum() }
    var expected = [Float](repeating: 0, count: 97 * 33)
    let rows = indices.scalars(as: Int.self)
    let elements = weights.scalars(as: Float.self)
    for (i, row) in rows.enumerated() {
      for j in 0..<33 { expected[row * 33 + j] += elements[i * 33 + j] }
    }
    #expect(sums.scalars(as: Float.self) == expected)
  }
}
