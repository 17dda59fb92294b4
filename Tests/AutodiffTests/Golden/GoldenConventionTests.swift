import Backtape
import Testing

/// The points of `Tests/Golden/calculus_conventions.json`, which have no derivative or several: what
/// PyTorch answers there. `KinksAndConventions.md` says why.
struct GoldenConventionTests {
  struct Point: GoldenNamed {
    let name: String
    let inputs: [[GoldenNumber]]
    let gradient: [[GoldenNumber]]
  }

  private static let golden = Result {
    try loadGolden("calculus_conventions") as GoldenFile<Point>
  }

  private static let functions: [String: @Sendable ([Tensor]) -> Tensor] = [
    "abs at 0": { abs($0[0]) },
    "relu at 0": { relu($0[0]) },
    "leaky_relu(0.2) at 0": { leakyRelu($0[0], slope: 0.2) },
    "relu6 at 0 and 6": { relu6($0[0]) },
    "elu at 0": { elu($0[0]) },
    "hard_tanh at -1 and 1": { hardTanh($0[0]) },
    "clip(x,-1,1) at -1 and 1": { $0[0].clip(-1, 1) },
    "maximum(a,b), a=b": { maximum($0[0], $0[1]) },
    "minimum(a,b), a=b": { minimum($0[0], $0[1]) },
    "max of [1,3,3]": { $0[0].max() },
    "max over an axis of [1,3,3]": { $0[0].max(axis: 0) },
    "sqrt at 0": { sqrt($0[0]) },
    "2-norm at 0": { $0[0].norm() },
    "x^0 at 0": { $0[0].power(0) },
    "x^1.0 at 0": { $0[0].power(1.0) },
    "a^b at 0^0, 0^1, 0^2": { $0[0].power($0[1]) },
    "a^b at (-2)^3": { $0[0].power($0[1]) },
    "where(x>0, sqrt(x), 0) at 0": { .where($0[0] .> 0, sqrt($0[0]), 0) },
    "prod of [2,0,3]": { $0[0].product() },
    "prod of [2,0,0]": { $0[0].product() },
    "cumprod of [2,0,3]": { $0[0].cumprod(axis: 0) },
    "std of [2,2,2], n in the denominator": { $0[0].std() },
    "logsumexp of [-inf,0]": { logSumExp($0[0]) },
    "logsumexp of [-inf,-inf]": { logSumExp($0[0]) },
    "softmax second element of [-inf,0]": { softmax($0[0])[1] },
    "floor at 1.5": { floor($0[0]) },
    "log at 0": { log($0[0]) },
    "arccos at 1": { acos($0[0]) },
    "atan2 at (0,0)": { atan2($0[0], $0[1]) },
    "det of [[1,2],[2,4]]": { $0[0].reshape([2, 2]).det() },
    "sigmoid at 1000 and -1000": { sigmoid($0[0]) },
    "huber(delta 1) residual 1 and -1": { x in
      huberLoss(x[0], Tensor.zeros([2], .float64), reduction: .none)
    },
    "max_pool of four equal values": { maxPool2d($0[0].reshape([1, 2, 2, 1]), size: 2) },
    "sort of [2,1,2], weights 1,2,3": { $0[0].sort() * Tensor([1.0, 2, 3]) },
    "median of [1,2,3,4]": { $0[0].median() },
  ]

  @Test("Derivatives where there is none or several", arguments: try golden.get().cases)
  func points(point: Point) throws {
    let function = try #require(Self.functions[point.name])
    let inputs = point.inputs.map { Tensor($0.map(\.value)) }
    let inPlan = compiled { (p: [Tensor]) in gradient(at: p) { x in function(x).sum() } }
    let slopes = gradient(at: inputs) { x in function(x).sum() }
    #expect(point.gradient.count == inputs.count)
    for (i, expected) in point.gradient.enumerated() {
      let expected = Tensor(expected.map(\.value))
      #expect(slopes[i].allClose(expected, relative: 1e-15, absolute: 0), "\(slopes[i])")
      let planned = inPlan(inputs)[i]
      #expect(planned.allClose(expected, relative: 1e-15, absolute: 0), "\(planned)")
    }
  }

  @Test("The golden file names its origin and holds all 35 points")
  func goldenFileIsWhole() throws {
    let golden = try Self.golden.get()
    golden.expectWhole("calculus_conventions", least: 35)
    #expect(Set(golden.cases.map(\.name)) == Set(Self.functions.keys))
  }
}
