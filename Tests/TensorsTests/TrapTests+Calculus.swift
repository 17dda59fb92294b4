import Backtape

extension TrapTests {
  /// Mistakes with functions and losses.
  static let calculus: [Mistake] = [
    (
      ["hypot: shapes [2] and [3] do not broadcast"],
      { _ = hypot(Tensor.zeros([2]), Tensor.zeros([3])) }
    ),
    (["fmod: shapes [2] and [3] do not"], { _ = fmod(Tensor.zeros([2]), Tensor.zeros([3])) }),
    (["remainder: shapes [2] and [3]"], { _ = remainder(Tensor.zeros([2]), Tensor.zeros([3])) }),
    (["division of an integer by zero"], { _ = fmod(Tensor([1, 2]), Tensor([1, 0])) }),
    (["polygamma: the order -1 of x of shape [2]", "0...170"], { _ = polygamma(-1, .ones([2])) }),
    (["polygamma: the order 171"], { _ = polygamma(171, .ones([2])) }),
    (
      ["mseLoss: outputs of shape [3] and targets of shape [3, 1] must be alike", "reshape"],
      { _ = mseLoss(.zeros([3]), .zeros([3, 1])) }
    ),
    (["bceLoss: outputs of shape [2]"], { _ = bceLoss(.zeros([2]), .zeros([])) }),
    (
      ["bceLoss: weights of shape [2] do not broadcast to values of shape [3]"],
      { _ = bceLoss(.zeros([3]), .zeros([3]), weights: .zeros([2])) }
    ),
    (
      ["bceWithLogitsLoss: weights of shape [4, 3] do not broadcast to values of shape [3]"],
      { _ = bceWithLogitsLoss(.zeros([3]), .zeros([3]), positiveWeight: .zeros([4, 3])) }
    ),
    (
      ["gaussianNLLLoss: variances of shape [3] do not fit outputs of shape [2, 3]"],
      { _ = gaussianNLLLoss(.zeros([2, 3]), .zeros([2, 3]), .ones([3])) }
    ),
    (
      ["crossEntropy: labels of shape [3] do not fit logits of shape [2, 3]"],
      { _ = crossEntropy(.zeros([2, 3]), [0, 1, 2], labelSmoothing: 0.1) }
    ),
    (
      ["crossEntropy: labels of shape [2, 4] do not fit logits of shape [2, 3]"],
      { _ = crossEntropy(.zeros([2, 3]), .zeros([2, 4])) }
    ),
    (
      ["crossEntropy: weights of shape [2] do not fit logits of shape [2, 3]", "3 classes"],
      { _ = crossEntropy(.zeros([2, 3]), [0, 1], weights: .ones([2])) }
    ),
    (
      ["index 7, at position 0", "outside axis 0 of [3]"],
      { _ = crossEntropy(.zeros([2, 3]), [7, -100], ignoreIndex: -100) }
    ),
    (["nllLoss: labels of shape [2, 1]"], { _ = nllLoss(.zeros([2, 3]), [[0], [1]]) }),
    (
      ["cosineSimilarity: axis 2 does not exist in [2, 3]"],
      { _ = cosineSimilarity(.zeros([3]), .zeros([2, 3]), axis: 2) }
    ),
    (
      ["pairwiseDistance: axis -1 does not exist in []"],
      { _ = pairwiseDistance(.zeros([]), .ones([])) }
    ),
    (["prelu: shapes [2, 3] and [2]"], { _ = prelu(.zeros([2, 3]), slope: .ones([2])) }),
    (
      ["inner: the last axes of [2, 3] and [4, 2] do not meet"],
      { _ = Tensor.zeros([2, 3]).inner(.zeros([4, 2])) }
    ),
    (["nllLoss: the indices are float32"], { _ = nllLoss(.zeros([2, 3]), .zeros([2])) }),
    (["nllLoss: axis 1 of [2, 0] is empty"], { _ = nllLoss(.zeros([2, 0]), [0, 0]) }),
    (
      ["cosineEmbeddingLoss: targets of shape [3] do not fit vectors of shape [2, 3]"],
      { _ = cosineEmbeddingLoss(.zeros([2, 3]), .zeros([2, 3]), .ones([3])) }
    ),
    (
      ["tripletMarginLoss: shapes [2, 3], [2, 3] and [3] must be alike"],
      { _ = tripletMarginLoss(.zeros([2, 3]), .zeros([2, 3]), .zeros([3])) }
    ),
    (
      ["marginRankingLoss: targets of shape [2]"],
      { _ = marginRankingLoss(.zeros([3]), .zeros([3]), .ones([2])) }
    ),
    (
      ["cosineSimilarity: shapes [2, 3] and [2, 4] do not broadcast"],
      { _ = cosineSimilarity(.zeros([2, 3]), .zeros([2, 4])) }
    ),
    (
      ["conv2d: the input of shape [1, 4, 4, 4] has 4 channels", "takes 2 in each of 3 groups"],
      { _ = conv2d(.zeros([1, 4, 4, 4]), .zeros([3, 3, 2, 6]), groups: 3) }
    ),
    (
      ["conv1d: the input", "groups divide in and out"],
      { _ = conv1d(.zeros([1, 4, 4]), .zeros([3, 2, 3]), groups: 2) }
    ),
    (["conv1d: the input"], { _ = conv1d(.zeros([1, 4, 4]), .zeros([3, 2, 3]), groups: 0) }),
    (
      ["conv2d: sizes, strides", "one for each of 2 axes"],
      { _ = conv2d(.zeros([1, 4, 4, 4]), .zeros([3, 3, 4, 6]), stride: [1, 1, 1]) }
    ),
    (
      ["conv3d: an input of shape [1, 4, 4, 4]", "5 axes each"],
      { _ = conv3d(.zeros([1, 4, 4, 4]), .zeros([3, 3, 4, 6])) }
    ),
    (
      ["convTranspose2d: an input of shape [1, 4, 4, 3] and a kernel of shape [3, 3, 3, 2]"],
      { _ = convTranspose2d(.zeros([1, 4, 4, 3]), .zeros([3, 3, 3, 2])) }
    ),
    (
      ["convTranspose1d: kernels of [3], [1] apart", "padding equal(4)", "not all is taken away"],
      { _ = convTranspose1d(.zeros([1, 4, 2]), .zeros([3, 2, 2]), padding: .equal(4)) }
    ),
    (
      ["convTranspose1d: kernels", "at least 1"],
      { _ = convTranspose1d(.zeros([1, 4, 2]), .zeros([3, 2, 2]), stride: 0) }
    ),
    (
      ["convTranspose1d: kernels", "no result"],
      { _ = convTranspose1d(.zeros([1, 4, 2]), .zeros([3, 2, 2]), stride: Int.max) }
    ),
    (
      ["maxPool1d: an input of shape [2, 3] must have 3 axes"],
      { _ = maxPool1d(.zeros([2, 3]), size: 2) }
    ),
    (
      ["maxPool2d: padding equal(2)", "less than the size"],
      { _ = maxPool2d(.zeros([1, 4, 4, 1]), size: 2, padding: .equal(2)) }
    ),
    (
      ["adaptiveAvgPool: an input of shape [1, 4, 2] in 0 parts"],
      { _ = adaptiveAvgPool(.zeros([1, 4, 2]), size: 0) }
    ),
    (["adaptiveMaxPool: an input of shape [4]"], { _ = adaptiveMaxPool(.zeros([4]), size: 1) }),
    (
      ["upsample: an input of shape [1, 0, 2] to [4]"],
      { _ = upsample(.zeros([1, 0, 2]), size: [4]) }
    ),
    (["upsample: an input of shape [2, 3]"], { _ = upsample(.zeros([2, 3]), size: 4) }),
    (["upsample: an input"], { _ = upsample(.zeros([1, 4, 2]), scale: Int.max) }),
    (
      ["batchNorm: a vector of shape [2] does not fit the channels of [4, 3]", "[3]"],
      { _ = batchNorm(.zeros([4, 3]), mean: .zeros([3]), variance: .ones([2])) }
    ),
    (
      ["groupNorm: an input of shape [2, 4] in 3 groups"],
      { _ = groupNorm(.zeros([2, 4]), groups: 3) }
    ),
    (
      ["rmsNorm: a vector of shape [2] does not fit the channels of [4, 3]"],
      { _ = rmsNorm(.zeros([4, 3]), scale: .ones([2])) }
    ),
    (["instanceNorm: an input of shape [3] must be"], { _ = instanceNorm(.zeros([3])) }),
    (
      ["dropout: the part 1.5 of shape [2]"],
      { _ = dropout(.zeros([2]), rate: 1.5, key: RandomKey(seed: 1)) }
    ),
    (
      ["dropout: the part 0.5 of shape [2] by numbers of shape [3]"],
      { _ = dropout(.zeros([2]), rate: 0.5, uniforms: .zeros([3])) }
    ),
    (
      ["scaledDotProductAttention: a mask of shape [4] does not broadcast to [2, 3]"],
      {
        let (q, k) = (Tensor.zeros([2, 5]), Tensor.zeros([3, 5]))
        _ = scaledDotProductAttention(q, k, k, mask: .zeros([4], .bool))
      }
    ),
  ]
}
