import Backtape

extension GoldenFamily {
  /// Recurrent networks.
  static let recurrent = GoldenFamily("calculus_recurrent", least: 15, functions)
}

private let functions: [String: GoldenFamily.Function] = [
  "lstm": {
    let y = lstm(
      $1[0], kernel: $1[1], recurrentKernel: $1[2], bias: $1[3], initial: ($1[4], $1[5]))
    return .concatenate(
      [y.outputs, y.hidden.expandDims(at: 1), y.cell.expandDims(at: 1)], axis: 1)
  },
  "gru": {
    gru(
      $1[0], kernel: $1[1], recurrentKernel: $1[2], bias: $1[3], recurrentBias: $1[4],
      gates: $0.text("gates") == "resetUpdateNew" ? .resetUpdateNew : .updateResetNew,
      resetAfter: $0.isTrue("resetAfter"), initial: $1[5]
    ).outputs
  },
]
