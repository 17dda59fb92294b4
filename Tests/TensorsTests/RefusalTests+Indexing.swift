import Backtape

extension Refusal {
  /// Mistakes about places, orders and paddings.
  static let ofPlaces: [Refusal] = [
    Refusal("cumsum: axis 1 does not exist in [3]") { v in v(.ones([3])).cumsum(axis: 1) },
    Refusal("cumprod: axis 1 does not exist in [3]") { v in v(.ones([3])).cumprod(axis: 1) },
    Refusal("cummax: axis 0 does not exist in []") { v in v(.ones([])).cummax(axis: 0).values },
    Refusal("cummin: axis -2 does not exist in [3]") { v in v(.ones([3])).cummin(axis: -2).values },
    Refusal("logcumsumexp: axis 1 does not exist") { v in v(.ones([3])).logcumsumexp(axis: 1) },
    Refusal("diff: differences of order -1") { v in v(.ones([3])).diff(-1) },
    Refusal("norm: axis 1 does not exist in [3]") { v in v(.ones([3])).norm(3, axis: 1) },
    Refusal("norm: axis 0 of [0] is empty, and nothing has no norm of order inf") { v in
      v(.zeros([0])).norm(.infinity)
    },
    Refusal("norm: axis 1 of [2, 0] is empty", "order -inf") { v in
      v(.zeros([2, 0])).norm(-.infinity, axis: -1)
    },
    Refusal("diff: [1] does not continue [2, 3] along axis 1") { v in
      v(.ones([2, 3])).diff(prepend: .ones([1]))
    },
    Refusal("diff: [3, 1] does not continue [2, 3] along axis 1") { v in
      v(.ones([2, 3])).diff(append: .ones([3, 1]))
    },
    Refusal("logSumExp: axis 2 does not exist") { v in v(.ones([3])).logSumExp(axis: 2) },
    Refusal("std: axis 1 does not exist in [3]") { v in v(.ones([3])).std(axis: 1) },
    Refusal("countNonzero: axis 1 does not exist") { v in v(.ones([3])).countNonzero(axis: 1) },
    Refusal("median: axis 1 of [2, 0] is empty") { v in v(.ones([2, 0])).median(axis: 1) },
    Refusal("median: [0] is empty") { v in v(.ones([0])).median() },
    Refusal("quantile: 1.5 is no part of all; it must be in 0...1") { v in
      v(.ones([3])).quantile(1.5)
    },
    Refusal("quantile: nan is no part of all") { v in v(.ones([3])).quantile([0.5, .nan]) },
    Refusal("quantile: axis 0 of [0] is empty") { v in v(.ones([0])).quantile(0.5) },
    Refusal("argsort: axis 1 does not exist in [3]") { v in v(.ones([3])).argsort(axis: 1) },
    Refusal("sort: axis -1 does not exist in []") { v in v(.ones([])).sort() },
    Refusal("topk: element 4 of the 3 along axis 0 of [3]") { v in v(.ones([3])).topk(4).values },
    Refusal("topk: element -1 of the 3") { v in v(.ones([3])).topk(-1).indices },
    Refusal("kthValue: element 0 of the 3 along axis 0 of [3]") { v in
      v(.ones([3])).kthValue(0).values
    },
    Refusal("searchsorted: values of shape [3] in [2, 2]") { v in
      v(.ones([2, 2])).searchsorted(Tensor.ones([3]))
    },
    Refusal("unique: a size of -1") { v in v(.ones([3])).unique(size: -1).values },
    Refusal("unique: a size of \(Int.max)", "nor more than memory can hold") { v in
      v(.ones([3])).unique(size: .max).values
    },
    Refusal("unique: [0] is empty and cannot fill 2 places") { v in
      v(.ones([0])).unique(size: 2).counts
    },
    Refusal("nonzero: a size of -2") { v in v(.ones([3])).nonzero(size: -2) },
    Refusal("maskedSelect: shapes [3] and [2] do not broadcast") { v in
      v(.ones([3])).maskedSelect([true, false])
    },
    Refusal("maskedScatter: a mask of shape [2, 3] does not broadcast to [3]") { v in
      v(.ones([3])).maskedScatter(.ones([2, 3], .bool), .ones([6]))
    },
    Refusal("maskedScatter: 1 values for 2 places of a mask of [3]") { v in
      v(.ones([3])).maskedScatter([true, false, true], .ones([1]))
    },
    Refusal("scatter: index 3, at position 1 of indices of shape [2], is outside axis 0 of [3]") {
      v in v(.ones([3])).scatter(0, at: [0, 3], axis: 0)
    },
    Refusal("scatter: values of shape [1, 3] at indices of shape [2] along axis 0 of [3]") { v in
      v(.ones([3])).scatter(Tensor.ones([1, 3]), at: [0, 1], axis: 0)
    },
    Refusal("scatterAdd: values of shape [] at indices of shape [2, 1] along axis 1 of [1, 3]") {
      v in v(.ones([1, 3])).scatterAdd(1, at: [[0], [1]], axis: 1)
    },
    Refusal("scatterAdd: the indices are float32 and must be integers; cast them to int64") { v in
      v(.ones([3])).scatterAdd(1, at: .ones([2]), axis: 0)
    },
    Refusal("gather: index -1, at position 0", "add the extent") { v in
      v(.ones([3])).gather([-1], axis: 0)
    },
    Refusal("takeAlongAxis: indices of int64 [3] do not fit shape [2, 3]") { v in
      v(.ones([2, 3])).takeAlongAxis([0, 1, 2], axis: 1)
    },
    Refusal("gatherND: indices of shape [3] into [2, 2]") { v in
      v(.ones([2, 2])).gatherND([0, 1, 0])
    },
    Refusal("gatherND: index 2, at position 0 of indices of shape [], is outside axis 1 of [3, 2]")
    {
      v in v(.ones([3, 2])).gatherND([1, 2])
    },
    Refusal("indexSelect: index 2, at position 1", "outside axis 1 of [3, 2]") { v in
      v(.ones([3, 2])).indexSelect([0, 2], axis: 1)
    },
    Refusal("indexSelect: indices of shape [1, 1]; a vector is needed, see take") { v in
      v(.ones([3, 2])).indexSelect([[0]], axis: 1)
    },
    Refusal("indexAdd: values of shape [3] at indices of shape [2] along axis 0 of [3]") { v in
      v(.ones([3])).indexAdd(Tensor.ones([3]), at: [0, 1])
    },
    Refusal("indexCopy: index 5, at position 0") { v in v(.ones([3])).indexCopy(1, at: [5]) },
    Refusal("put: values of shape [2] do not broadcast to indices of [3]") { v in
      v(.ones([3])).put(Tensor.ones([2]), at: [0, 1, 2])
    },
    Refusal("put: index 6, at position 0 of indices of shape [1], is outside axis 0 of [6]") {
      v in v(.ones([2, 3])).put(1, at: [6])
    },
    Refusal("segmentSum: index 2, at position 2", "outside axis 0 of [2]") { v in
      v(.ones([3])).segmentSum([0, 1, 2], count: 2)
    },
    Refusal("segmentSum: -1 sums of rows of shape [3]") { v in
      v(.ones([3])).segmentSum([0, 1, 2], count: -1)
    },
    Refusal("tile: -1 times axis 0 of [3]") { v in v(.ones([3])).tile([-1]) },
    Refusal("tile: [1, 1, 1, 1, 1, 1, 1, 1, 1] has 9 axes") { v in
      v(.ones([3])).tile([1, 1, 1, 1, 1, 1, 1, 1, 1])
    },
    Refusal("repeat: \(Int.max) times axis 1 of [1, 2]", "64 bits") { v in
      v(.ones([1, 2])).repeat(.max, axis: 1)
    },
    Refusal("repeat: counts [1] for axis 0 of [3]") { v in v(.ones([3])).repeat([1], axis: 0) },
    Refusal("repeat: counts [\(Int.max), 1] for axis 0 of [2]", "64 bits") { v in
      v(.ones([2])).repeat([.max, 1], axis: 0)
    },
    Refusal("roll: 1 shifts for 2 axes of [2, 3]") { v in
      v(.ones([2, 3])).roll([1], axes: [0, 1])
    },
    Refusal("rot90: axis -2 is named twice in [0, -2]") { v in
      v(.ones([2, 3])).rot90(axes: (0, -2))
    },
    Refusal("pad: 1 widths for the 2 axes of [2, 3]") { v in v(.ones([2, 3])).pad([(1, 1)]) },
    Refusal("pad: 1 before and 1 after axis 0 of [0] leave nothing", "pad with a number") { v in
      v(.ones([0])).pad([(1, 1)], mode: .reflect)
    },
    Refusal("pad: -5 before and 3 after axis 0 of [5] leave nothing", "pad with a number") { v in
      v(.ones([5])).pad([(-5, 3)], mode: .circular)
    },
    Refusal("nansum: axis 1 does not exist in [3]") { v in v(.ones([3])).nansum(axis: 1) },
    Refusal("nanmean: axis -1 is named twice") { v in v(.ones([3])).nanmean(axes: [0, -1]) },
    Refusal("subscript: 2 positions from 0 in steps of 0 is outside axis 0 of [2]") { v in
      v(.ones([2]))[IndexSelection.positions(first: 0, step: 0, count: 2)]
    },
    Refusal("subscript: index 3, at position 1 of indices of shape [2], is outside axis 0 of [3]") {
      v in v(.ones([3]))[Tensor([0, 3])]
    },
    Refusal("subscript: index -1, at position 0", "outside axis 1 of [2, 3]", "add the extent") {
      v in v(.ones([2, 3]))[Tensor([0]), Tensor([-1])]
    },
    Refusal("subscript: the indices are float32 and must be integers; cast them to int64") { v in
      v(.ones([3]))[Tensor.ones([2])]
    },
    Refusal("subscript: conditions of shape [2] for axes of [3] from axis 0 on") { v in
      v(.ones([3]))[Tensor([true, false])]
    },
    Refusal("subscript: conditions of shape [] for axes of [3] from axis 0 on") { v in
      v(.ones([3]))[Tensor(true)]
    },
    Refusal("subscript: 2 indices for shape [3], which has rank 1") { v in
      v(.ones([3]))[0, Tensor([1])]
    },
    Refusal("subscript: positions of shapes [[2], [3]] do not broadcast") { v in
      v(.ones([4, 4]))[Tensor([0, 1]), Tensor([0, 1, 2])]
    },
    Refusal("subscript: positions of shape [1, 1, 1, 1, 1, 1, 1, 1] along axes [0] of [3, 3]", "9")
    {
      v in v(.ones([3, 3]))[Tensor.zeros([1, 1, 1, 1, 1, 1, 1, 1], .int64)]
    },
    Refusal("subscript: a value of shape [3] does not fill a part of shape [2]", "the part's or 1")
    { v in
      var x = v(.ones([3]))
      x[Tensor([0, 2])] = .ones([3])
      return x
    },
    Refusal("subscript: 2 indices for shape [3], which has rank 1", "one ellipsis") { v in
      var x = Tensor.ones([3])
      x[Tensor([0]), 0] = v(.ones([1]))
      return x
    },
    Refusal("subscript: index 3, at position 0", "outside axis 0 of [3]") { v in
      var x = v(.ones([3]))
      x[Tensor([3])] = 1
      return x
    },
    Refusal("tril: shape [3] is no matrix") { v in v(.ones([3])).tril() },
    Refusal("diagonal: axis 1 is named twice") { v in v(.ones([2, 3])).diagonal(axes: (1, 1)) },
    Refusal("diag: shape [1, 2, 3] is no vector and no matrix") { v in v(.ones([1, 2, 3])).diag() },
    Refusal("diagEmbed: shape [2] at offset \(Int.min)") { v in v(.ones([2])).diagEmbed(.min) },
    Refusal("trace: axis 1 does not exist in [3]") { v in v(.ones([3])).trace() },
    Refusal("meshgrid: shapes [[2], [1, 2]] as axes of a grid") { v in
      Tensor.meshgrid([v(.ones([2])), v(.ones([1, 2]))])[0]
    },
    Refusal("unstack: axis 1 does not exist in [3]") { v in v(.ones([3])).unstack(axis: 1)[0] },
    Refusal("flatten: axis 2 of [2, 3, 4] comes behind axis 1") { v in
      v(.ones([2, 3, 4])).flatten(from: 2, to: 1)
    },
  ]
}
