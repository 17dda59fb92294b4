import Backtape

extension GoldenFamily {
  /// Elementwise functions and activations.
  static let elementwise = GoldenFamily(
    "calculus_elementwise", least: 160, isElementwise: true, functions)
}

private let functions: [String: GoldenFamily.Function] = [
  "exp2": { exp2($1[0]) }, "log2": { log2($1[0]) }, "log10": { log10($1[0]) },
  "erfc": { erfc($1[0]) }, "erfinv": { erfinv($1[0]) }, "lgamma": { lgamma($1[0]) },
  "digamma": { digamma($1[0]) }, "sinh": { sinh($1[0]) }, "cosh": { cosh($1[0]) },
  "asin": { asin($1[0]) }, "acos": { acos($1[0]) }, "atan": { atan($1[0]) },
  "asinh": { asinh($1[0]) }, "acosh": { acosh($1[0]) }, "atanh": { atanh($1[0]) },
  "trunc": { trunc($1[0]) }, "reciprocal": { reciprocal($1[0]) }, "square": { square($1[0]) },
  "polygamma": { polygamma($0.int("order")!, $1[0]) },
  "remainder": { remainder($1[0], $1[1]) }, "fmod": { fmod($1[0], $1[1]) },
  "hypot": { hypot($1[0], $1[1]) }, "logaddexp": { logaddexp($1[0], $1[1]) },
  "xlogy": { xlogy($1[0], $1[1]) },
  "clip": { s, x in
    switch (s.number("min"), s.number("max")) {
    case (let low?, let high?): x[0].clip(low, high)
    case (let low?, nil): x[0].clip(min: low)
    case (nil, let high?): x[0].clip(max: high)
    case (nil, nil): x[0]
    }
  },
  "clipTo": { $1[0].clip($1[1], $1[2]) },
  "maskedFill": { $1[0].maskedFill($0.tensor("mask"), $0.number("value")!) },
  "relu6": { relu6($1[0]) }, "elu": { elu($1[0], alpha: $0.number("alpha")!) },
  "celu": { celu($1[0], alpha: $0.number("alpha")!) }, "selu": { selu($1[0]) },
  "gelu": { gelu($1[0]) }, "mish": { mish($1[0]) }, "softsign": { softsign($1[0]) },
  "softplus": {
    softplus($1[0], beta: $0.number("beta")!, threshold: $0.number("threshold")!)
  },
  "hardSigmoid": { hardSigmoid($1[0]) }, "hardSwish": { hardSwish($1[0]) },
  "hardTanh": {
    hardTanh($1[0], lowest: $0.number("min") ?? -1, highest: $0.number("max") ?? 1)
  },
  "logSigmoid": { logSigmoid($1[0]) }, "prelu": { prelu($1[0], slope: $1[1]) },
  "leakyRelu": { leakyRelu($1[0], slope: $0.number("slope")!) },
]
