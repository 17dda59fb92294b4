import Backtape
import Testing

@Suite("Mistakes with functions and losses say what and where")
struct CalculusTrapTests {
  private static let mistakes: [(words: [String], make: @Sendable () -> Void)] = [
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
      ["gaussianNLLLoss: variances of shape [2] do not fit outputs of shape [2, 3]"],
      { _ = gaussianNLLLoss(.zeros([2, 3]), .zeros([2, 3]), .ones([2])) }
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
  ]

  @Test("each", arguments: mistakes.indices)
  func trap(index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [index] in
      CalculusTrapTests.mistakes[index].make()
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    for words in CalculusTrapTests.mistakes[index].words {
      #expect(text.contains(words), "in \(text)")
    }
  }
}
