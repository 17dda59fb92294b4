import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors

/// Layers with their parameters, trained by ``fit(_:_:batchSize:epochs:validation:shuffle:sampleWeight:initialEpoch:verbosity:callbacks:)``.
///
/// ```swift
/// let model = Model(input: [3]) {
///   Dense(4, activation: .sigmoid)
///   Dense(1, activation: .sigmoid)
/// }
/// model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
/// try model.fit(x, y, epochs: 50)
/// print(try model.predict(x))
/// ```
/// The layers are traced once for every shape of batch; forward pass, gradient and optimizer step
/// are one plan that `fit` runs again and again. Everything random follows from the seed: the same
/// program gives the same bits.
///
/// A model belongs to the task that uses it.
public final class Model {
  /// The type of parameters and of what layers compute.
  public let dtype: DType
  /// What initial values and the order of samples follow from.
  public let seed: UInt64
  /// Set by a callback to end training after the current batch.
  public var stopTraining = false
  /// The number of training steps done since `compile`.
  public internal(set) var iteration = 0
  /// Where progress is written; standard output unless replaced.
  public var progressOutput: (String) -> Void = Terminal.write

  let inputShapes: [Shape]
  let body: ([Tensor], Scope) -> [Tensor]
  var store = Store()
  var slots: [String: Variable] = [:]
  var frozenPaths: Set<String> = []
  var compilation: Compilation?
  var blueprint: Blueprint?
  /// Trainings and evaluations under way: a callback may start one inside another.
  var activeRuns = 0
  /// Grows whenever plans are forgotten.
  private(set) var stepsVersion = 0
  private var steps: [Step.Signature: Step] = [:]
  private var order: [Step.Signature] = []

  /// Plans kept; the oldest goes first.
  private static let capacity = 16

  /// What `compile` sets.
  struct Compilation {
    let optimizer: any Optimizer
    let loss: Loss
    let metrics: [Metric]
    var learningRate: Double
  }

  /// A model of layers one after another.
  ///
  /// - Parameters:
  ///   - input: the shape of one sample, without the batch.
  ///   - dtype: floating point; data of other types are converted.
  ///   - seed: what initial values and the order of samples follow from.
  ///   - layers: with `if`, `if`/`else` and `for`.
  public convenience init(
    input: Shape, dtype: DType = .float32, seed: UInt64 = 0,
    @LayerBuilder _ layers: () -> [any Layer]
  ) {
    self.init(input: input, dtype: dtype, seed: seed, layer: Sequential(layers()))
  }

  /// A model of one layer, which may be made of others.
  public convenience init(
    input: Shape, dtype: DType = .float32, seed: UInt64 = 0, layer: any Layer
  ) {
    // The layers of a sequence are at the top: `dense/kernel`.
    self.init(inputs: [input], dtype: dtype, seed: seed) { inputs, scope in
      layer is Sequential ? [layer(inputs[0], scope)] : [scope(layer, inputs[0])]
    }
  }

  /// A model of any shape: a function of several inputs to several outputs.
  ///
  /// ```swift
  /// let model = Model(inputs: [[3], [2]]) { inputs, scope in
  ///   let encoder = scope.layer(Dense(5, activation: .tanh), name: "encoder")
  ///   let hidden = Tensor.concatenate([encoder(inputs[0]), scope(Dense(5), inputs[1])], axis: -1)
  ///   return [scope(Dense(1), hidden)]
  /// }
  /// ```
  public init(
    inputs: [Shape], dtype: DType = .float32, seed: UInt64 = 0,
    _ body: @escaping (_ inputs: [Tensor], _ scope: Scope) -> [Tensor]
  ) {
    inputShapes = inputs
    self.dtype = dtype
    self.seed = seed
    self.body = body
  }

  /// Says how to train. Training starts anew: what an optimizer remembered is gone, parameters
  /// stay.
  ///
  /// - Parameters:
  ///   - optimizer: `.sgd(learningRate: 0.1)`.
  ///   - loss: of each output; several are added up.
  ///   - metrics: shown beside the loss.
  ///
  /// Traps if a callback calls it while the model trains.
  public func compile(optimizer: some Optimizer, loss: Loss, metrics: [Metric] = []) {
    if activeRuns > 0 {
      fatalError("compile: the model is in use; compile it when fit or evaluate has returned")
    }
    compilation = Compilation(
      optimizer: optimizer, loss: loss, metrics: metrics, learningRate: optimizer.learningRate)
    slots = [:]
    iteration = 0
    forgetSteps()
  }

  /// The rate training goes on with; setting it compiles nothing anew.
  ///
  /// Traps before `compile`.
  public var learningRate: Double {
    get {
      guard let compilation else { fatalError("learningRate: \(ModelError.notCompiled)") }
      return compilation.learningRate
    }
    set {
      if compilation == nil { fatalError("learningRate: \(ModelError.notCompiled)") }
      compilation?.learningRate = newValue
    }
  }

  // MARK: plans

  /// The plan for a batch, made when it is first needed.
  func step(_ signature: Step.Signature) throws(ModelError) -> Step {
    let known = steps[signature]
    if let known, known.source != nil || !Tape.looksForAnomalies { return known }
    let step = try makeStep(signature)
    if known == nil {
      if order.count == Model.capacity { steps[order.removeFirst()] = nil }
      order.append(signature)
    }
    steps[signature] = step
    return step
  }

  func forgetSteps() {
    steps = [:]
    order = []
    stepsVersion += 1
  }

  /// Number of plans kept.
  package var stepCount: Int { steps.count }

  /// What training, evaluation and prediction run, a plan for each shape of batch met so far; the
  /// oldest first.
  ///
  /// ```swift
  /// try model.fit(x, y)
  /// print(model.plans[0].profile())
  /// ```
  public var plans: [Plan] { order.map { steps[$0]!.plan } }
}
