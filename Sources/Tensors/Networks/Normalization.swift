// Functions of rows: what makes them comparable.

/// log(sum(exp(x))) along an axis, computed without overflow; see
/// ``Tensor/logSumExp(axes:keepDims:)``.
public func logSumExp(_ x: Tensor, axis: Int = -1, keepDims: Bool = false) -> Tensor {
  x.logSumExp(axis: axis, keepDims: keepDims)
}

/// Rows along the last axis with mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).
///
/// `(x - mean) / sqrt(variance + epsilon) * scale + offset`, the variance that of the row itself
/// (divided by n).
/// - Parameters:
///   - x: `[..., n]`.
///   - scale: `[n]`; left out, 1.
///   - offset: `[n]`; left out, 0.
///   - epsilon: keeps rows of equal elements finite. PyTorch's; Keras has 1e-3.
public func layerNorm(
  _ x: Tensor, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
  guard x.axis(-1, "layerNorm") != nil, x.fitChannels([scale, offset], "layerNorm") else {
    return x
  }
  let centered = Centered(x.floating, over: [x.rank - 1])
  return centered.normalized(epsilon).scaled(scale, offset)
}

/// Rows along the last axis by the root of the mean of their squares, then scaled (Zhang and
/// Sennrich 2019).
///
/// - Parameters:
///   - x: `[..., n]`.
///   - scale: `[n]`; left out, 1.
///   - epsilon: added to the mean of squares. PyTorch's is the type's machine epsilon.
public func rmsNorm(_ x: Tensor, scale: Tensor? = nil, epsilon: Double = 1e-5) -> Tensor {
  guard x.axis(-1, "rmsNorm") != nil, x.fitChannels([scale], "rmsNorm") else { return x }
  let x = x.floating
  return (x * rsqrt(x.squared().mean(axis: -1, keepDims: true) + epsilon)).scaled(scale, nil)
}

/// What a batch's normalization gives.
public struct BatchNormalized: Sendable {
  /// The normalized batch.
  public let output: Tensor
  /// Of every channel, `[c]`: for moving averages.
  public let mean: Tensor
  /// Of every channel, `[c]`, divided by n. PyTorch's moving average takes that divided by n - 1.
  public let variance: Tensor
}

/// Channels with mean 0 and variance 1 over everything else, then scaled and shifted (Ioffe and
/// Szegedy 2015): in training.
///
/// - Parameters:
///   - x: `[batch, ..., c]`.
///   - scale: `[c]`; left out, 1.
///   - offset: `[c]`; left out, 0.
///   - epsilon: added to variances. PyTorch's; Keras has 1e-3.
/// - Returns: the result, and the mean and the variance of every channel.
public func batchNorm(
  _ x: Tensor, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-5
) -> BatchNormalized {
  guard x.axis(-1, "batchNorm") != nil, x.fitChannels([scale, offset], "batchNorm") else {
    return BatchNormalized(output: x, mean: x, variance: x)
  }
  let x = x.floating
  let axes = Array(0..<x.rank - 1)
  let centered = Centered(x, over: axes)
  let channels = Shape([x.shape.last])
  return BatchNormalized(
    output: centered.normalized(epsilon).scaled(scale, offset),
    mean: centered.mean.reshape(channels), variance: centered.variance.reshape(channels))
}

/// ``batchNorm(_:scale:offset:epsilon:)`` by a known mean and variance of every channel: in use.
///
/// - Parameters:
///   - x: `[..., c]`.
///   - mean: `[c]`.
///   - variance: `[c]`.
///   - scale: `[c]`; left out, 1.
///   - offset: `[c]`; left out, 0.
///   - epsilon: added to variances.
public func batchNorm(
  _ x: Tensor, mean: Tensor, variance: Tensor, scale: Tensor? = nil, offset: Tensor? = nil,
  epsilon: Double = 1e-5
) -> Tensor {
  guard x.axis(-1, "batchNorm") != nil,
    x.fitChannels([mean, variance, scale, offset], "batchNorm")
  else { return x }
  return ((x.floating - mean) * rsqrt(variance + epsilon)).scaled(scale, offset)
}

/// Groups of channels with mean 0 and variance 1 in each sample, then scaled and shifted (Wu and He
/// 2018).
///
/// - Parameters:
///   - x: `[batch, ..., c]`.
///   - groups: which divide the channels, neighbours together; with as many as there are channels
///     it is ``instanceNorm(_:scale:offset:epsilon:)``.
///   - scale: `[c]`; left out, 1.
///   - offset: `[c]`; left out, 0.
///   - epsilon: added to variances.
public func groupNorm(
  _ x: Tensor, groups: Int, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
  guard x.rank >= 2, x.rank < Shape.maximumRank, groups >= 1, x.shape.last % groups == 0 else {
    return x.refusing(
      """
      groupNorm: an input of shape \(x.shape) in \(groups) groups; it is [batch, ..., channels] of 2 \
      to \(Shape.maximumRank - 1) axes, and groups divide channels
      """, standIn: x.shape)
  }
  guard x.fitChannels([scale, offset], "groupNorm") else { return x }
  let x = x.floating
  let parts = x.reshape(Shape(x.shape.array.dropLast() + [groups, x.shape.last / groups]))
  let axes = Array(1..<x.rank - 1) + [x.rank]
  return Centered(parts, over: axes).normalized(epsilon).reshape(x.shape).scaled(scale, offset)
}

/// Channels with mean 0 and variance 1 in each sample, then scaled and shifted (Ulyanov et al.
/// 2016).
///
/// - Parameters:
///   - x: `[batch, ..., c]`.
///   - scale: `[c]`; left out, 1.
///   - offset: `[c]`; left out, 0.
///   - epsilon: added to variances.
public func instanceNorm(
  _ x: Tensor, scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
  guard x.rank >= 2, x.fitChannels([scale, offset], "instanceNorm") else {
    return x.refusing(
      "instanceNorm: an input of shape \(x.shape) must be [batch, ..., channels]", standIn: x.shape)
  }
  let x = x.floating
  return Centered(x, over: Array(1..<x.rank - 1)).normalized(epsilon).scaled(scale, offset)
}

/// Values less their mean over some axes, which stay with an extent of 1, and their variance.
private struct Centered {
  let values, mean, variance: Tensor

  init(_ x: Tensor, over axes: [Int]) {
    mean = x.mean(axes: axes, keepDims: true)
    // The sign is changed once for each mean, here and in the derivative.
    values = x + (-mean)
    variance = values.squared().mean(axes: axes, keepDims: true)
  }

  func normalized(_ epsilon: Double) -> Tensor { values * rsqrt(variance + epsilon) }
}

extension Tensor {
  /// Whether vectors have an element for each channel; refuses those that don't.
  fileprivate func fitChannels(_ vectors: [Tensor?], _ name: StaticString) -> Bool {
    for case let vector? in vectors where rank == 0 || vector.shape != [shape.last] {
      _ = Tensor.refuse(
        """
        \(name): a vector of shape \(vector.shape) does not fit the channels of \(shape); it must \
        have the shape [\(rank == 0 ? 0 : shape.last)]
        """, self, vector)
      return false
    }
    return true
  }

  fileprivate func scaled(_ scale: Tensor?, _ offset: Tensor?) -> Tensor {
    var y = self
    if let scale { y = y * scale }
    if let offset { y = y + offset }
    return y
  }
}
