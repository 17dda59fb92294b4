import Backtape

extension GoldenFamily {
  /// Convolutions, poolings, resampling, normalizations and attention.
  static let networks = GoldenFamily("calculus_networks", least: 80, functions)
}

extension GoldenSettings {
  /// One amount for each axis.
  fileprivate func amounts(_ key: String, _ axes: Int, _ otherwise: Int = 1) -> [Int] {
    ints(key) ?? Array(repeating: int(key) ?? otherwise, count: axes)
  }

  fileprivate func padding(_ axes: Int) -> Padding {
    if let amount = int("padding") { return .equal(amount) }
    if text("padding") == "same" { return .same }
    guard let amounts = self["padding"]?.list else { return .valid }
    if let both = amounts.first?.ints {
      return .explicit(before: both, after: amounts[1].ints!)
    }
    return .explicit(before: ints("padding")!, after: ints("padding")!)
  }

  fileprivate var epsilon: Double { number("epsilon")! }
}

private let functions: [String: GoldenFamily.Function] = [
  "conv": { s, x in
    let axes = x[0].rank - 2
    let stride = s.amounts("stride", axes)
    let padding = s.padding(axes)
    let dilation = s.amounts("dilation", axes)
    let groups = s.int("groups") ?? 1
    let (x, kernel) = (x[0], x[1])
    return switch axes {
    case 1:
      conv1d(x, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
    case 2:
      conv2d(x, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
    default:
      conv3d(x, kernel, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }
  },
  "convTranspose": { s, x in
    let axes = x[0].rank - 2
    let stride = s.amounts("stride", axes)
    let padding = s.padding(axes)
    let more = s.amounts("output_padding", axes, 0)
    let dilation = s.amounts("dilation", axes)
    let groups = s.int("groups") ?? 1
    let (x, kernel) = (x[0], x[1])
    return switch axes {
    case 1:
      convTranspose1d(
        x, kernel, stride: stride, padding: padding, outputPadding: more, dilation: dilation,
        groups: groups)
    case 2:
      convTranspose2d(
        x, kernel, stride: stride, padding: padding, outputPadding: more, dilation: dilation,
        groups: groups)
    default:
      convTranspose3d(
        x, kernel, stride: stride, padding: padding, outputPadding: more, dilation: dilation,
        groups: groups)
    }
  },
  "maxPool": { s, x in
    let axes = x[0].rank - 2
    let size = s.amounts("size", axes)
    let stride = s.has("stride") ? s.amounts("stride", axes) : nil
    let padding = s.padding(axes)
    let dilation = s.amounts("dilation", axes)
    return switch axes {
    case 1: maxPool1d(x[0], size: size, stride: stride, padding: padding, dilation: dilation)
    case 2: maxPool2d(x[0], size: size, stride: stride, padding: padding, dilation: dilation)
    default: maxPool3d(x[0], size: size, stride: stride, padding: padding, dilation: dilation)
    }
  },
  "avgPool": { s, x in
    let axes = x[0].rank - 2
    let size = s.amounts("size", axes)
    let stride = s.has("stride") ? s.amounts("stride", axes) : nil
    let padding = s.padding(axes)
    let counts = s.isTrue("counts")
    return switch axes {
    case 1: avgPool1d(x[0], size: size, stride: stride, padding: padding, countsPadding: counts)
    case 2: avgPool2d(x[0], size: size, stride: stride, padding: padding, countsPadding: counts)
    default: avgPool3d(x[0], size: size, stride: stride, padding: padding, countsPadding: counts)
    }
  },
  "adaptiveAvgPool": { adaptiveAvgPool($1[0], size: $0.amounts("size", $1[0].rank - 2)) },
  "adaptiveMaxPool": { adaptiveMaxPool($1[0], size: $0.amounts("size", $1[0].rank - 2)) },
  "upsample": { s, x in
    let axes = x[0].rank - 2
    let interpolation: Interpolation =
      s.text("mode") == "nearest" ? .nearest : .linear(alignCorners: s.isTrue("align"))
    return s.has("size")
      ? upsample(x[0], size: s.amounts("size", axes), interpolation)
      : upsample(x[0], scale: s.amounts("scale", axes), interpolation)
  },
  "batchNorm": {
    batchNorm($1[0], scale: $1[1], offset: $1[2], epsilon: $0.epsilon).output
  },
  "batchNormInUse": {
    batchNorm(
      $1[0], mean: $1[1], variance: $1[2], scale: $1[3], offset: $1[4], epsilon: $0.epsilon)
  },
  "groupNorm": {
    groupNorm(
      $1[0], groups: $0.int("groups")!, scale: $1[1], offset: $1[2], epsilon: $0.epsilon)
  },
  "instanceNorm": { instanceNorm($1[0], epsilon: $0.epsilon) },
  "rmsNorm": { rmsNorm($1[0], scale: $1[1], epsilon: $0.epsilon) },
  "attention": {
    scaledDotProductAttention(
      $1[0], $1[1], $1[2], mask: $0.has("mask") ? $0.tensor("mask") : nil,
      isCausal: $0.isTrue("causal"), scale: $0.number("scale"))
  },
  "attentionWithBias": { scaledDotProductAttention($1[0], $1[1], $1[2], mask: $1[3]) },
]
