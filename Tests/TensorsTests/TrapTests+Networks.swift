import Backtape

private let most = Int.max

extension TrapTests {
  /// Mistakes with windows, indices and layers.
  static let networks: [Mistake] = [
    (
      ["windows of 5 elements, 1 apart", "axis 1 of [2, 4]"],
      { _ = Tensor.zeros([2, 4]).windows(axis: 1, size: 5) }
    ),
    (
      ["windows of 3 elements, 2 apart"],
      { _ = Tensor.zeros([4]).windows(axis: 0, size: 3, dilation: 2) }
    ),
    (
      ["windows of 2 elements"], { _ = Tensor.zeros([4]).windows(axis: 0, size: 2, dilation: .max) }
    ),
    (
      ["fold: 3 windows at axis 0 of [3, 2]", "do not fit an extent of 5"],
      { _ = Tensor.zeros([3, 2]).fold(axis: 0, extent: 5, step: 2) }
    ),
    (
      ["fold: 3 windows at axis 0 of [3]", "an axis behind"],
      { _ = Tensor.zeros([3]).fold(axis: 0, extent: 5) }
    ),
    (
      ["take: index 5, at position 2", "outside axis 0 of [5, 2]"],
      { _ = Tensor.zeros([5, 2]).take([0, 4, 5]) }
    ),
    (
      ["take: index -1, at position 1", "add the extent"],
      { _ = Tensor.zeros([5, 2]).take([0, -1]) }
    ),
    (["take: index 0", "outside axis 0 of [0, 2]"], { _ = Tensor.zeros([0, 2]).take([0]) }),
    (
      ["the indices are float64 and must be integers"],
      { _ = Tensor.zeros([5, 2]).take(Tensor([0.5])) }
    ),
    (
      ["takeAlongAxis: index 3, at position 1"],
      { _ = Tensor.zeros([2, 3]).takeAlongAxis([[0], [3]], axis: 1) }
    ),
    (
      ["conv2d", "[1, 4, 4, 3] has 3 channels", "[3, 3, 2, 8] takes 2"],
      { _ = conv2d(.zeros([1, 4, 4, 3]), .zeros([3, 3, 2, 8])) }
    ),
    (
      ["conv2d: windows of [3, 5]", "do not fit an input of shape [1, 4, 4, 2]"],
      { _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([3, 5, 2, 8])) }
    ),
    (
      ["conv2d: an input of shape [4, 4, 2]", "must have 4 axes each"],
      { _ = conv2d(.zeros([4, 4, 2]), .zeros([3, 3, 2, 8])) }
    ),
    (
      ["conv2d: windows", "padding explicit(before: [1], after: [1])"],
      {
        let padding = Padding.explicit(before: [1], after: [1])
        _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([3, 3, 2, 8]), padding: padding)
      }
    ),
    (
      ["conv2d: windows", "[0, 0] apart"],
      { _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([3, 3, 2, 8]), stride: 0) }
    ),
    (
      ["conv2d: windows", "explicit padding is 0 or more for each of 2 axes"],
      {
        let padding = Padding.explicit(before: [1, 1, 1], after: [1, 1, 1])
        _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([3, 3, 2, 8]), padding: padding)
      }
    ),
    (
      ["conv2d: windows", "padding explicit(before: [\(Int.max), 0]"],
      {
        let padding = Padding.explicit(before: [.max, 0], after: [1, 0])
        _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([3, 3, 2, 8]), padding: padding)
      }
    ),
    (
      ["conv2d: windows", "dilated by [\(Int.max), \(Int.max)]"],
      { _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([3, 3, 2, 8]), padding: .same, dilation: most) }
    ),
    (
      ["conv2d: windows of [2, 2]", "dilated by [\(Int.max), \(Int.max)]"],
      { _ = conv2d(.zeros([1, 4, 4, 2]), .zeros([2, 2, 2, 8]), padding: .same, dilation: most) }
    ),
    (
      ["convTranspose2d: kernels", "padding explicit(before: [\(Int.max), 0]"],
      {
        let padding = Padding.explicit(before: [.max, 0], after: [.max, 0])
        _ = convTranspose2d(.zeros([1, 4, 4, 2]), .zeros([3, 3, 8, 2]), padding: padding)
      }
    ),
    (
      ["convTranspose2d: kernels", "[\(Int.max), \(Int.max)] apart"],
      {
        _ = convTranspose2d(
          .zeros([1, 1, 1, 2]), .zeros([1, 1, 8, 2]), stride: most, padding: .same,
          outputPadding: 1)
      }
    ),
    (
      ["maxPool2d: padding explicit(before: [2, 0]", "[1, 3, 3, 1]", "less than the size"],
      {
        let padding = Padding.explicit(before: [2, 0], after: [0, 0])
        _ = maxPool2d(.zeros([1, 3, 3, 1]), size: 2, padding: padding)
      }
    ),
    (
      ["avgPool2d: padding explicit", "after: [0, 3]", "less than the size"],
      {
        let padding = Padding.explicit(before: [0, 0], after: [0, 3])
        _ = avgPool2d(.zeros([1, 3, 3, 1]), size: 3, padding: padding)
      }
    ),
    (["maxPool2d: windows of [0, 0]"], { _ = maxPool2d(.zeros([1, 4, 4, 1]), size: 0) }),
    (["maxPool2d", "[4, 4] must have 4 axes"], { _ = maxPool2d(.zeros([4, 4]), size: 2) }),
    (
      ["avgPool2d: windows of [5, 5]", "[1, 4, 4, 1]"],
      { _ = avgPool2d(.zeros([1, 4, 4, 1]), size: 5) }
    ),
    (
      ["layerNorm", "[3] does not fit the channels of [2, 4]"],
      { _ = layerNorm(.zeros([2, 4]), scale: .ones([3])) }
    ),
    (
      ["take: index 3, at position 1", "outside axis 0 of [3]", "crossEntropy"],
      { _ = crossEntropy(.zeros([2, 3]), [0, 3]) }
    ),
    (
      ["crossEntropy: labels of shape [2, 1] do not fit logits of shape [2, 3]"],
      { _ = crossEntropy(.zeros([2, 3]), [[0], [2]]) }
    ),
    (
      ["crossEntropy: the indices are float32", "cast them to int64"],
      { _ = crossEntropy(.zeros([2, 3]), .zeros([2])) }
    ),
    (
      ["crossEntropy: axis 1 of [2, 0] is empty", "at least one"],
      { _ = crossEntropy(.zeros([2, 0]), [0, 0]) }
    ),
    (["embedding: the indices are float32"], { _ = embedding(.zeros([2]), .zeros([4, 3])) }),
    (["embedding: axis 0 does not exist in []"], { _ = embedding([0], .zeros([])) }),
    (["oneHot: the indices are float32"], { _ = oneHot(.zeros([2]), 4) }),
    (["take: index 4", "oneHot"], { _ = oneHot([0, 4], 4) }),
    (["oneHot: indices of shape [2] as -1 places", "at least 1"], { _ = oneHot([0, 1], -1) }),
    (
      ["oneHot: indices of shape [1, 1, 1, 1, 1, 1, 1, 1] as 2 places", "at most 8 axes"],
      { _ = oneHot(.zeros([1, 1, 1, 1, 1, 1, 1, 1], .int64), 2) }
    ),
    (["logSoftmax: axis 2 does not exist in [0, 2]"], { _ = logSoftmax(.zeros([0, 2]), axis: 2) }),
    (
      ["scaledDotProductAttention: queries [2, 3], keys [4, 2] and values [4, 3] do not fit"],
      { _ = scaledDotProductAttention(.zeros([2, 3]), .zeros([4, 2]), .zeros([4, 3])) }
    ),
    (
      ["scaledDotProductAttention: queries [2, 4, 5, 8], keys [2, 3, 5, 8]", "heads"],
      {
        let keys = Tensor.zeros([2, 3, 5, 8])
        _ = scaledDotProductAttention(.zeros([2, 4, 5, 8]), keys, keys)
      }
    ),
    (
      ["scaledDotProductAttention", "values [3, 5, 2]", "heads"],
      {
        let queries = Tensor.zeros([4, 5, 8])
        _ = scaledDotProductAttention(queries, queries, .zeros([3, 5, 2]))
      }
    ),
    (
      ["scaledDotProductAttention: a mask of shape [4] does not broadcast to [5, 0]"],
      {
        let keys = Tensor.zeros([0, 8])
        _ = scaledDotProductAttention(.zeros([5, 8]), keys, keys, mask: .zeros([4]))
      }
    ),
    (
      ["lstm: a series of shape [2, 5, 3]", "a kernel [3, 7]", "4 units"],
      { _ = lstm(.zeros([2, 5, 3]), kernel: .zeros([3, 7]), recurrentKernel: .zeros([2, 8])) }
    ),
    (
      ["lstm: a series of shape [2, 0, 3]", "time of at least 1"],
      { _ = lstm(.zeros([2, 0, 3]), kernel: .zeros([3, 8]), recurrentKernel: .zeros([2, 8])) }
    ),
    (
      ["scan: the output of step 1 has shape [2]", "the first has [1]"],
      {
        var step = 0
        _ = scan(.zeros([3, 2]), initial: []) { state, _ in
          step += 1
          return (state, .zeros([step]))
        }
      }
    ),
    (
      ["scan: a tensor of shape [0, 2] has no steps", "at least one"],
      { _ = scan(.zeros([0, 2]), initial: []) { ($0, $1) } }
    ),
    (
      ["scan: a state of [\"float32 []\"] became [\"float32 [2]\"]"],
      { _ = scan(.zeros([3, 2]), initial: [.zeros([])]) { ([$0[0] + $1], $1) } }
    ),
    (
      ["takeAlongAxis: indices of int64 [3, 1] do not fit shape [2, 3]"],
      { _ = Tensor.zeros([2, 3]).takeAlongAxis([[0], [1], [2]], axis: 1) }
    ),
  ]
}
