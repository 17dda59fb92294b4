import Backtape
import Testing

/// A mistake in an expression, and what its message must say.
struct Refusal: Sendable {
  let words: [String]
  /// Makes the mistake; `v` is what the operands go through, to a tape or not.
  let provoke: @Sendable (_ v: (Tensor) -> Tensor) -> Tensor

  init(_ words: String..., provoke: @escaping @Sendable ((Tensor) -> Tensor) -> Tensor) {
    self.words = words
    self.provoke = provoke
  }

  /// Mistakes about shapes: they trap, or a recorder that collects them hears of them.
  static let ofShapes: [Refusal] = [
    Refusal("+: shapes [2, 3] and [4] do not broadcast", "expandDims") { v in
      v(.ones([2, 3])) + v(.ones([4]))
    },
    Refusal(".>: shapes [3] and [2] do not broadcast") { v in v(.ones([2])) .> v(.ones([3])) },
    Refusal("power: shapes") { v in v(.ones([2])).power(v(.ones([3]))) },
    Refusal("where: shapes [2], [3] and [3] do not broadcast") { v in
      .where(Tensor([true, false]), v(.ones([3])), Tensor.ones([3]))
    },
    Refusal("matmul: shapes [2, 3] and [2, 3] do not fit: 3 columns", "fits transposed") { v in
      v(.ones([2, 3])).matmul(v(.ones([2, 3])))
    },
    Refusal("matmul", "[] and [2, 3]", "multiply with *") { v in
      v(.ones([])).matmul(v(.ones([2, 3])))
    },
    Refusal("matmul: the axes before the last two of [2, 1, 3] and [3, 3, 1]") { v in
      v(.ones([2, 1, 3])).matmul(v(.ones([3, 3, 1])))
    },
    Refusal("dot: shapes [4] and [3, 2] do not fit: 4 columns on the left, 3 rows") { v in
      v(.ones([4])).dot(v(.ones([3, 2])))
    },
    Refusal("dot: shapes", "give 9 axes", "at most 8", "matmul") { v in
      let x = v(.ones([1, 1, 1, 1, 1, 1]))
      return x.dot(v(.ones([1, 1, 1, 1, 1])))
    },
    Refusal("sum: axis 2 does not exist in [2, 3], which has rank 2") { v in
      v(.ones([2, 3])).sum(axis: 2)
    },
    Refusal("sum: axis -2 is named twice in [0, -2]") { v in
      v(.ones([2, 3])).sum(axes: [0, -2])
    },
    Refusal("mean: axis 1 does not exist in [3]") { v in v(.ones([3])).mean(axis: 1) },
    Refusal("variance: axis 1 does not exist in [3]") { v in v(.ones([3])).variance(axes: [1]) },
    Refusal("any: axis 1 does not exist in [3]") { v in v(.ones([3])).any(axes: [1]) },
    Refusal("all: axis 1 does not exist in [3]") { v in v(.ones([3])).all(axes: [1]) },
    Refusal("product: axis -3 does not exist in [2, 3]") { v in
      v(.ones([2, 3])).product(axis: -3)
    },
    Refusal("max: axis 0 of [0, 3] is empty") { v in v(.ones([0, 3])).max() },
    Refusal("min: axis 1 does not exist in [3]") { v in v(.ones([3])).min(axis: 1) },
    Refusal("argmax: axis -1 of [3, 0] is empty") { v in v(.ones([3, 0])).argmax(axis: -1) },
    Refusal("argmin: axis 0 does not exist in []") { v in v(.ones([])).argmin(axis: 0) },
    Refusal("reshape: [2, 3] has 6 elements, [4] has 4") { v in v(.ones([2, 3])).reshape([4]) },
    Refusal("reshape: 6 elements of [2, 3] do not divide into [4, -1]") { v in
      v(.ones([2, 3])).reshape([4, -1])
    },
    Refusal("reshape: [2, 3]", "[-1, -1]", "one extent") { v in
      v(.ones([2, 3])).reshape([-1, -1])
    },
    Refusal("broadcast: shape [2, 3] does not repeat to [3, 3]") { v in
      v(.ones([2, 3])).broadcast(to: [3, 3])
    },
    Refusal("broadcast: shape [2, 3] does not repeat to [3]") { v in
      v(.ones([2, 3])).broadcast(to: [3])
    },
    Refusal("permute: [0, 0] does not name each axis of [2, 3] once") { v in
      v(.ones([2, 3])).permute([0, 0])
    },
    Refusal("swapAxes: axis 2 does not exist") { v in v(.ones([2, 3])).swapAxes(0, 2) },
    Refusal("moveAxis: axis -3 does not exist") { v in v(.ones([2, 3])).moveAxis(0, to: -3) },
    Refusal("expandDims: no place 4 for an axis in [2, 3]") { v in
      v(.ones([2, 3])).expandDims(at: 4)
    },
    Refusal("expandDims", "at most 8") { v in
      v(.ones([1, 1, 1, 1, 1, 1, 1, 1])).expandDims(at: 0)
    },
    Refusal("squeeze: axis 1 of [1, 3] has extent 3, not 1") { v in
      v(.ones([1, 3])).squeeze(axes: [1])
    },
    Refusal("flip: axis 1 does not exist in [3]") { v in v(.ones([3])).flip(axes: [1]) },
    Refusal("slice: 1..<5 in steps of 1 is not inside axis 0 of [3]") { v in
      v(.ones([3])).slice(axis: 0, 1..<5)
    },
    Refusal("slice: 0..<2 in steps of 0") { v in v(.ones([3])).slice(axis: 0, 0..<2, step: 0) },
    Refusal("pad: -4 before and 0 after axis 0 of [3] leave out more than there is") { v in
      v(.ones([3])).pad(axis: 0, before: -4, after: 0)
    },
    Refusal("pad: -2 before and -2 after") { v in
      v(.ones([3])).pad(axis: 0, before: -2, after: -2)
    },
    Refusal("pad: \(Int.min) before") { v in
      v(.ones([3])).pad(axis: 0, before: .min, after: .max, mode: .reflect)
    },
    Refusal("windows: windows of \(Int.min) elements") { v in
      v(.ones([3])).windows(axis: 0, size: .min)
    },
    Refusal("stack: no place 2 for an axis in [3]") { v in
      .stack([v(.ones([3])), v(.ones([3]))], axis: 2)
    },
    Refusal("concatenate: shape [2, 2] at position 1 does not continue [2, 3] along axis 0") { v in
      .concatenate([v(.ones([2, 3])), v(.ones([2, 2]))])
    },
    Refusal("concatenate: axis 1 does not exist in [2]") { v in
      .concatenate([.ones([2]), v(.ones([2]))], axis: 1)
    },
    Refusal("stack: shapes [2] and [3] differ") { v in .stack([.ones([2]), v(.ones([3]))]) },
    Refusal("split: axis 0 of [5] does not divide into 2 equal parts", "sizes") { v in
      v(.ones([5])).split(2)[1]
    },
    Refusal("split: sizes [1, 2] do not add up to axis 0 of [5]") { v in
      v(.ones([5])).split(sizes: [1, 2])[1]
    },
    Refusal("subscript: 3 indices for shape [2, 3], which has rank 2") { v in
      v(.ones([2, 3]))[0, 0, 0]
    },
    Refusal("subscript: 2 indices for shape [2, 3]", "one ellipsis") { v in
      v(.ones([2, 3]))[..., .ellipsis]
    },
    Refusal("subscript: 3 is outside axis 1 of [2, 3], which has positions 0..<3") { v in
      v(.ones([2, 3]))[0, 3]
    },
    Refusal("subscript: -3 is outside axis 0 of [2, 3]") { v in v(.ones([2, 3]))[-3] },
    Refusal("subscript: 1..<4 is outside axis 1 of [2, 3]") { v in v(.ones([2, 3]))[0, 1..<4] },
    Refusal("subscript: .every(0) is outside axis 0") { v in v(.ones([2, 3]))[.every(0)] },
    Refusal("subscript: 3 positions from 0 in steps of 2 is outside axis 0 of [3]") { v in
      v(.ones([3]))[stride(from: 0, to: 5, by: 2)]
    },
    Refusal("subscript: 9 axes from shape [2]", "at most 8; leave out") { v in
      v(.ones([2]))[
        .newAxis, .newAxis, .newAxis, .newAxis, .newAxis, .newAxis, .newAxis, .newAxis, .all]
    },
    Refusal("subscript: 5 is outside axis 0 of [2, 3]") { v in
      var x = v(.ones([2, 3]))
      x[5] = 1
      return x
    },
    Refusal("subscript: a value of shape [2] does not fill a part of shape [3]") { v in
      var x = Tensor.ones([2, 3])
      x[0] = v(.ones([2]))
      return x
    },
    Refusal("softmax: axis 1 does not exist in [3]") { v in
      softmax(v(.ones([3])), axis: 1)
    },
  ]
}

@Suite("Refusals name the operation, the shapes and a remedy")
struct RefusalTests {
  @Test("and trap", arguments: Refusal.ofShapes.indices)
  func traps(index: Int) async {
    let refusal = Refusal.ofShapes[index]
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index] in
      _ = Refusal.ofShapes[index].provoke { $0 }
    }
    expectMessage(result, refusal.words)
  }

  @Test("of places too", arguments: [0, 28, 53])
  func placesTrap(index: Int) async {
    let refusal = Refusal.ofPlaces[index]
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index] in
      _ = Refusal.ofPlaces[index].provoke { $0 }
    }
    expectMessage(result, refusal.words)
  }

  @Test(
    "or are collected, and the trace goes on",
    arguments: (Refusal.ofShapes + Refusal.ofPlaces).indices)
  func collected(index: Int) throws {
    let refusal = (Refusal.ofShapes + Refusal.ofPlaces)[index]
    let tape = Tape()
    tape.refusals = []
    _ = refusal.provoke { tape.variable($0) }
    let text = try #require(tape.refusals?.first)
    for words in refusal.words { #expect(text.contains(words), "in \(text)") }
  }
}
