import Backtape
import BacktapeTensors
import Testing

/// Points without a unique derivative: PyTorch 2.13's choice, in float64.
struct ConventionTests {
  struct Point: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let inputs: [[Double]]
    let expected: [[Double]]
    let function: @Sendable ([Tensor]) -> Tensor

    init(
      _ name: String, _ inputs: [[Double]], gives expected: [[Double]],
      _ function: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
      testDescription = name
      self.inputs = inputs
      self.expected = expected
      self.function = function
    }
  }

  static let infinity = Double.infinity
  static let points = [
    Point("abs at 0", [[0, -0.0]], gives: [[0, 0]]) { abs($0[0]) },
    Point("relu at 0", [[0, -0.0]], gives: [[0, 0]]) { relu($0[0]) },
    Point("clip at its bounds", [[-1, 1]], gives: [[1, 1]]) { $0[0].clip(-1, 1) },
    Point("clip by minimum and maximum shares", [[-1, 1]], gives: [[0.5, 0.5]]) {
      minimum(maximum($0[0], -1), 1)
    },
    Point("maximum of equals", [[2], [2]], gives: [[0.5], [0.5]]) { maximum($0[0], $0[1]) },
    Point("minimum of equals", [[2], [2]], gives: [[0.5], [0.5]]) { minimum($0[0], $0[1]) },
    Point("maximum with itself", [[2]], gives: [[1]]) { maximum($0[0], $0[0]) },
    Point("max of all shares", [[1, 3, 3]], gives: [[0, 0.5, 0.5]]) { $0[0].max() },
    Point("max over an axis goes to the first", [[1, 3, 3]], gives: [[0, 1, 0]]) {
      $0[0].max(axis: 0)
    },
    Point("min of all shares", [[3, 1, 1]], gives: [[0, 0.5, 0.5]]) { $0[0].min() },
    Point("min over an axis goes to the first", [[3, 1, 1]], gives: [[0, 1, 0]]) {
      $0[0].min(axis: 0)
    },
    Point("max of a NaN goes to the NaN", [[1, .nan, 3]], gives: [[0, 1, 0]]) { $0[0].max() },
    Point("max over an axis of a NaN", [[1, .nan, .nan]], gives: [[0, 1, 0]]) {
      $0[0].max(axis: 0)
    },
    Point("max of infinities", [[-infinity, -infinity]], gives: [[0.5, 0.5]]) { $0[0].max() },
    Point("sqrt at 0", [[0]], gives: [[infinity]]) { sqrt($0[0]) },
    Point("x^0 at 0", [[0]], gives: [[0]]) { $0[0].power(0) },
    Point("x^0.0 at NaN", [[.nan]], gives: [[0]]) { $0[0].power(0.0) },
    Point("x^1.0 at 0", [[0]], gives: [[1]]) { $0[0].power(1.0) },
    Point("x^2 and x^3 at 0", [[0]], gives: [[0]]) { $0[0].power(2) + $0[0].power(3) },
    Point("x^-1 at 0", [[0]], gives: [[-infinity]]) { $0[0].power(-1) },
    Point("a^b at 0^0, 0^1, 0^2", [[0, 0, 0], [0, 1, 2]], gives: [[0, 1, 0], [0, 0, 0]]) {
      $0[0].power($0[1])
    },
    Point("a^b at (-2)^3", [[-2], [3]], gives: [[12], [.nan]]) { $0[0].power($0[1]) },
    Point("(-2)^3 with a number", [[-2]], gives: [[12]]) { $0[0].power(3) },
    Point("where(x > 0, sqrt(x), 0) at 0", [[0]], gives: [[.nan]]) {
      .where($0[0] .> 0, sqrt($0[0]), 0)
    },
    Point("product of [2, 0, 3]", [[2, 0, 3]], gives: [[0, 6, 0]]) { $0[0].product() },
    Point("product of [2, 0, 0]", [[2, 0, 0]], gives: [[0, 0, 0]]) { $0[0].product() },
    Point("logsumexp of [-inf, 0]", [[-infinity, 0]], gives: [[0, 1]]) { $0[0].logSumExp() },
    Point("logsumexp of [-inf, -inf]", [[-infinity, -infinity]], gives: [[.nan, .nan]]) {
      $0[0].logSumExp()
    },
    Point("second of softmax of [-inf, 0]", [[-infinity, 0]], gives: [[0, 0]]) {
      softmax($0[0])[1]
    },
    Point("floor at 1.5", [[1.5]], gives: [[0]]) { floor($0[0]) },
    Point("round, ceil and sign at 0", [[0]], gives: [[0]]) {
      round($0[0]) + ceil($0[0]) + sign($0[0])
    },
    Point("log at 0", [[0]], gives: [[infinity]]) { log($0[0]) },
    Point("atan2 at (0, 0)", [[0], [0]], gives: [[0], [0]]) { atan2($0[0], $0[1]) },
    Point("sigmoid far out", [[1000, -1000]], gives: [[0, 0]]) { sigmoid($0[0]) },
    Point("tanh far out", [[1000, -1000]], gives: [[0, 0]]) { tanh($0[0]) },
    Point("remainder at a multiple", [[6], [3]], gives: [[1], [-2]]) { $0[0] % $0[1] },
    Point("2-norm at 0", [[0, 0]], gives: [[0, 0]]) { $0[0].norm() },
    Point("3-norm at 0", [[0, 0]], gives: [[0, 0]]) { $0[0].norm(3) },
    Point("norm of order 0", [[2, 0, -4]], gives: [[0, 0, 0]]) { $0[0].norm(0) },
    Point("norm of order -1 with a 0", [[0, 3, -4]], gives: [[0, 0, 0]]) { $0[0].norm(-1) },
    Point("norm of order 1/2 with a 0", [[0, 4, -4]], gives: [[0, 2, -2]]) { $0[0].norm(0.5) },
    Point("largest magnitude shares", [[4, 3, -4]], gives: [[0.5, 0, -0.5]]) {
      $0[0].norm(.infinity)
    },
    Point("deviation of equals", [[2, 2, 2]], gives: [[0, 0, 0]]) { $0[0].std() },
    Point("deviation of one, corrected", [[2]], gives: [[.nan]]) { $0[0].std(correction: 1) },
    Point("cumprod of [2, 0, 3]", [[2, 0, 3]], gives: [[1, 8, 0]]) { $0[0].cumprod(axis: 0) },
    Point("cummax goes to the last", [[1, 3, 3]], gives: [[1, 1, 1]]) {
      $0[0].cummax(axis: 0).values
    },
    Point("sort of [2, 1, 2]", [[2, 1, 2]], gives: [[2, 1, 3]]) {
      $0[0].sort() * Tensor([1.0, 2, 3])
    },
    Point("median of [4, 1, 3, 2]", [[4, 1, 3, 2]], gives: [[0, 0, 0, 1]]) { $0[0].median() },
    Point("median of all shares", [[3, 1, 3, 5, 1]], gives: [[0.5, 0, 0.5, 0, 0]]) {
      $0[0].median()
    },
    Point("median of all with NaN", [[3, .nan, 5, .nan]], gives: [[0, 0.5, 0, 0.5]]) {
      $0[0].median()
    },
    Point("median over an axis", [[3, 1, 3, 5, 1]], gives: [[1, 0, 0, 0, 0]]) {
      $0[0].median(axis: 0)
    },
    Point("median over an axis of a NaN", [[3, .nan, 5, .nan]], gives: [[0, 1, 0, 0]]) {
      $0[0].median(axis: 0)
    },
    Point("quantile of a NaN", [[3, .nan, 5, .nan]], gives: [[0, 0, 0, 1]]) {
      $0[0].quantile(0.5)
    },
    Point("topk of [2, 1, 2]", [[2, 1, 2]], gives: [[1, 0, 10]]) {
      $0[0].topk(2).values * Tensor([1.0, 10])
    },
    Point("prelu at 0", [[0], [0.3]], gives: [[0.3], [0]]) { prelu($0[0], slope: $0[1]) },
    Point("hardSigmoid at its bounds", [[-3, 3]], gives: [[0, 0]]) { hardSigmoid($0[0]) },
    Point("hardSwish at its bounds", [[-3, 3]], gives: [[0, 1]]) { hardSwish($0[0]) },
    Point("clip of NaN", [[.nan]], gives: [[0]]) { $0[0].clip(-1, 1) },
    Point("nansum and nanmean", [[.nan, 1]], gives: [[0, 2]]) { $0[0].nansum() + $0[0].nanmean() },
    Point("hypot at the origin", [[0], [0]], gives: [[.nan], [.nan]]) { hypot($0[0], $0[1]) },
    Point(
      "logaddexp of equals", [[1, infinity, -infinity], [1, infinity, -infinity]],
      gives: [[0.5, .nan, .nan], [0.5, .nan, .nan]]
    ) { logaddexp($0[0], $0[1]) },
    Point("0^-1", [[0], [-1]], gives: [[-infinity], [-infinity]]) { $0[0].power($0[1]) },
    Point("a distance of 0", [[1, 2], [1, 2]], gives: [[0, 0], [0, 0]]) {
      pairwiseDistance($0[0], $0[1], epsilon: 0)
    },
    Point("the l1 loss of equals", [[1], [1]], gives: [[0], [0]]) { l1Loss($0[0], $0[1]) },
    Point("the bend of the Huber loss", [[1, -1], [0, 0]], gives: [[1, -1], [-1, 1]]) {
      huberLoss($0[0], $0[1], reduction: .sum)
    },
  ]

  /// What `KinksAndConventions.md` says is not PyTorch's.
  static let others = [
    Point("abs and norms of NaN", [[.nan, 1]], gives: [[.nan, 3]]) {
      abs($0[0]).sum() + $0[0].norm(1) + abs($0[0]).norm(1)
    },
    Point("the largest magnitude of NaN", [[.nan, 1]], gives: [[.nan, 0]]) {
      $0[0].norm(.infinity)
    },
    Point("no weight of what is no logarithm", [[0, 0], [0, -1]], gives: [[0, 0], [0, 0]]) {
      xlogy($0[0], $0[1])
    },
    Point("scatter to one place twice", [[5, 6], [1, 2]], gives: [[1, 0], [0, 1]]) {
      $0[0].scatter($0[1], at: [1, 1], axis: 0)
    },
    Point("indexCopy to one place twice", [[5, 6], [1, 2]], gives: [[1, 0], [0, 1]]) {
      $0[0].indexCopy($0[1], at: [1, 1], axis: 0)
    },
    Point(
      "targets of certain probabilities", [[0, 1, 0, 1]], gives: [[100, -100, 100, -100]]
    ) { bceLoss(Tensor([0.0, 1, 0, 1]), $0[0], reduction: .sum) },
    Point("a target of 0 of a divergence", [[-1.5], [0]], gives: [[0], [1.5]]) {
      klDivLoss($0[0], $0[1], reduction: .sum)
    },
  ]

  @Test(
    "Points without a unique derivative follow PyTorch or the article", arguments: points + others)
  func convention(point: Point) {
    let slopes = gradient(at: point.inputs.map { Tensor($0) }) { x in point.function(x).sum() }
    #expect(slopes.count == point.expected.count)
    for (slope, expected) in zip(slopes, point.expected) {
      #expect(slope.allClose(Tensor(expected), relative: 1e-15, absolute: 0), "\(slope)")
    }
  }
}
