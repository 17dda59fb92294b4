import BacktapeTensors

/// Rows of a table by number: `[batch, ...] -> [batch, ..., width]`, with the parameter
/// `embeddings` `[count, width]`.
///
/// Inputs are whole numbers in 0..<count, of any type; for others `fit`, `evaluate` and `predict`
/// throw before any parameter has changed.
public struct Embedding: Layer {
  /// How many rows there are.
  public let count: Int
  /// Extent of the output's last axis.
  public let width: Int
  /// What the table starts as.
  public let initializer: Initializer

  /// A table of `count` rows.
  public init(_ count: Int, _ width: Int, initializer: Initializer = .uniform()) {
    self.count = count
    self.width = width
    self.initializer = initializer
  }

  /// `[batch, ...] -> [batch, ..., width]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    if count < 1 || width < 1 {
      scope.refuse("Embedding: \(count) rows of width \(width); both must be at least 1")
      return x
    }
    let table = scope.parameter("embeddings", [count, width], initializer)
    return embedding(x.indices, table)
  }
}

/// Rows along the last axis with mean 0 and variance 1, then scaled and shifted:
/// `[batch, ..., n] -> [batch, ..., n]`, with parameters `gamma` and `beta` `[n]`.
public struct LayerNormalization: Layer {
  /// Keeps rows of equal elements finite.
  public let epsilon: Double

  /// With Keras's epsilon unless said.
  public init(epsilon: Double = 1e-3) { self.epsilon = epsilon }

  /// `[batch, ..., n] -> [batch, ..., n]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    if x.rank < 2 {
      scope.refuse(
        """
        LayerNormalization: an input of shape \(x.shape) has no axis of features after the batch; \
        declare `input: [features]`
        """)
      return x
    }
    return layerNorm(
      x, scale: scope.parameter("gamma", [x.shape.last], .ones),
      offset: scope.parameter("beta", [x.shape.last], .zeros), epsilon: epsilon)
  }
}

/// A long short-term memory: `[batch, time, in] -> [batch, units]`, or `[batch, time, units]` with
/// `returnSequences`.
///
/// Parameters, as in Keras with gates in the order input, forget, cell, output: `kernel`
/// `[in, 4 units]`, `recurrent_kernel` `[units, 4 units]`, orthogonal at first, and `bias`
/// `[4 units]`, at first 1 for the forget gate.
public struct LSTM: Layer {
  /// Extent of the output's last axis.
  public let units: Int
  /// Whether every time's output is returned, not only the last.
  public let returnSequences: Bool
  /// What the kernel starts as.
  public let kernelInitializer: Initializer
  /// What the recurrent kernel starts as.
  public let recurrentInitializer: Initializer

  /// A memory of `units` cells.
  public init(
    _ units: Int, returnSequences: Bool = false, kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal
  ) {
    self.units = units
    self.returnSequences = returnSequences
    self.kernelInitializer = kernelInitializer
    self.recurrentInitializer = recurrentInitializer
  }

  /// `[batch, time, in] -> [batch, units]` or `[batch, time, units]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    guard let width = scope.width(of: 4, units, "LSTM", x) else { return x }
    let result = lstm(
      x, kernel: scope.parameter("kernel", [x.shape.last, width], kernelInitializer),
      recurrentKernel: scope.parameter("recurrent_kernel", [units, width], recurrentInitializer),
      bias: scope.parameter("bias", [width], forgetBias))
    return returnSequences ? result.outputs : result.hidden
  }

  /// 1 for the second of four gates (Jozefowicz et al. 2015).
  private var forgetBias: Initializer {
    let units = units
    return Initializer("forgetBias") { _, dtype, _ in
      .concatenate(
        [.zeros([units], dtype), .ones([units], dtype), .zeros([2 * units], dtype)])
    }
  }
}

/// Gated recurrent units: `[batch, time, in] -> [batch, units]`, or `[batch, time, units]` with
/// `returnSequences`.
///
/// Parameters, as in Keras with gates in the order update, reset, new: `kernel` `[in, 3 units]`,
/// `recurrent_kernel` `[units, 3 units]`, orthogonal at first, and `bias` `[2, 3 units]`, of the
/// inputs and of the state; with `resetAfter: false` it is `[3 units]`.
public struct GRU: Layer {
  /// Extent of the output's last axis.
  public let units: Int
  /// Whether every time's output is returned, not only the last.
  public let returnSequences: Bool
  /// Whether the reset gate acts after the product with the recurrent kernel.
  public let resetAfter: Bool
  /// What the kernel starts as.
  public let kernelInitializer: Initializer
  /// What the recurrent kernel starts as.
  public let recurrentInitializer: Initializer

  /// A state of `units` numbers.
  public init(
    _ units: Int, returnSequences: Bool = false, resetAfter: Bool = true,
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal
  ) {
    self.units = units
    self.returnSequences = returnSequences
    self.resetAfter = resetAfter
    self.kernelInitializer = kernelInitializer
    self.recurrentInitializer = recurrentInitializer
  }

  /// `[batch, time, in] -> [batch, units]` or `[batch, time, units]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    guard let width = scope.width(of: 3, units, "GRU", x) else { return x }
    let kernel = scope.parameter("kernel", [x.shape.last, width], kernelInitializer)
    let recurrent = scope.parameter("recurrent_kernel", [units, width], recurrentInitializer)
    let bias = scope.parameter("bias", resetAfter ? [2, width] : [width], .zeros)
    let result = gru(
      x, kernel: kernel, recurrentKernel: recurrent, bias: resetAfter ? bias[0] : bias,
      recurrentBias: resetAfter ? bias[1] : nil, resetAfter: resetAfter)
    return returnSequences ? result.outputs : result.hidden
  }
}

extension Scope {
  /// The columns of kernels with so many gates; nil after refusing units or an input that is no
  /// batch of series.
  fileprivate func width(
    of gates: Int, _ units: Int, _ layer: StaticString, _ x: Tensor
  ) -> Int? {
    let (width, overflow) = units.multipliedReportingOverflow(by: gates)
    if units < 1 || overflow {
      refuse(
        "\(layer): \(units) units; there must be at least 1, and \(gates) times them in 64 bits")
      return nil
    }
    if x.rank != 3 || x.shape[1] == 0 {
      refuse(
        "\(layer): an input of shape \(x.shape) is no batch of series; declare `input: [time, in]`")
      return nil
    }
    return width
  }
}
