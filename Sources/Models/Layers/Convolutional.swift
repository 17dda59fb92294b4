import BacktapeTensors

/// Kernels slid over images: `[batch, height, width, in] -> [batch, rows, columns, filters]`.
///
/// Parameters `kernel` `[size, size, in, filters]` and `bias` `[filters]`; see
/// ``conv2d(_:_:stride:padding:dilation:groups:)``.
public struct Conv2D: Layer {
  /// Extent of the output's last axis.
  public let filters: Int
  /// Of a window, along both axes.
  public let kernelSize: Int
  /// How far windows are apart.
  public let stride: Int
  /// Zeros around the images.
  public let padding: Padding
  /// How far the elements of a window are apart.
  public let dilation: Int
  /// Applied to the result.
  public let activation: Activation
  /// Whether a bias is added.
  public let useBias: Bool
  /// What the kernel starts as.
  public let kernelInitializer: Initializer
  /// What the bias starts as.
  public let biasInitializer: Initializer

  /// A layer of `filters` kernels.
  public init(
    _ filters: Int, _ kernelSize: Int, stride: Int = 1, padding: Padding = .valid,
    dilation: Int = 1, activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
  }

  /// `[batch, height, width, in] -> [batch, rows, columns, filters]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    if filters < 1 || kernelSize < 1 {
      scope.refuse("Conv2D: \(filters) filters of size \(kernelSize); both must be at least 1")
      return x
    }
    if x.rank != 4 {
      scope.refuse(
        """
        Conv2D: an input of shape \(x.shape) is no batch of images; declare \
        `input: [height, width, channels]`
        """)
      return x
    }
    let kernel = scope.parameter(
      "kernel", [kernelSize, kernelSize, x.shape.last, filters], kernelInitializer)
    let y = conv2d(x, kernel, stride: stride, padding: padding, dilation: dilation)
    return activation(useBias ? y + scope.parameter("bias", [filters], biasInitializer) : y)
  }
}

/// The largest element of every window: `[batch, height, width, c] -> [batch, rows, columns, c]`;
/// see ``maxPool2d(_:size:stride:padding:dilation:)``.
public struct MaxPooling2D: Layer {
  /// Of a window, along both axes.
  public let size: Int
  /// How far windows are apart; nil: side by side.
  public let stride: Int?
  /// What surrounds the images, and never wins.
  public let padding: Padding

  /// Windows of 2 x 2 side by side unless said.
  public init(_ size: Int = 2, stride: Int? = nil, padding: Padding = .valid) {
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// `[batch, height, width, c] -> [batch, rows, columns, c]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    maxPool2d(x, size: size, stride: stride, padding: padding)
  }
}

/// The mean of every window: `[batch, height, width, c] -> [batch, rows, columns, c]`; see
/// ``avgPool2d(_:size:stride:padding:countsPadding:)``.
public struct AveragePooling2D: Layer {
  /// Of a window, along both axes.
  public let size: Int
  /// How far windows are apart; nil: side by side.
  public let stride: Int?
  /// What surrounds the images, and is not counted.
  public let padding: Padding

  /// Windows of 2 x 2 side by side unless said.
  public init(_ size: Int = 2, stride: Int? = nil, padding: Padding = .valid) {
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// `[batch, height, width, c] -> [batch, rows, columns, c]`.
  public func callAsFunction(_ x: Tensor, _ scope: Scope) -> Tensor {
    avgPool2d(x, size: size, stride: stride, padding: padding)
  }
}
