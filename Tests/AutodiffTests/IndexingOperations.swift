import Backtape

extension IndexingGolden.Settings {
  private var keep: Bool { keepDims ?? false }
  private var at: Tensor { indices!.tensor }
  private var axisPair: (Int, Int) { (axes![0], axes![1]) }

  /// What an operation of the golden file makes of tensors.
  func apply(_ operation: String, _ x: [Tensor]) -> [Tensor] {
    let parts = operation.split(separator: " ")[0]
    switch parts {
    case "variance", "std", "logSumExp", "norm", "median", "quantile", "countNonzero", "argmax":
      return [reduce(operation, x[0])]
    case "cumsum", "cumprod", "cummax", "cummin", "logcumsumexp", "diff":
      return cumulate(operation, x)
    case "sort", "argsort", "topk", "kthValue", "searchsorted", "unique":
      return order(operation, x)
    case "tile", "repeat", "roll", "rot90", "flip", "pad", "tril", "triu", "diagonal", "diag",
      "diagEmbed", "trace", "meshgrid", "unstack", "flatten", "moveAxis":
      return [move(operation, x)]
    default: return [choose(operation, x)]
    }
  }

  private func reduce(_ operation: String, _ x: Tensor) -> Tensor {
    switch operation {
    case "variance": x.variance(axes: axes, correction: correction!, keepDims: keep)
    case "std": x.std(axes: axes, correction: correction!, keepDims: keep)
    case "logSumExp": x.logSumExp(axes: axes, keepDims: keep)
    case "norm": x.norm(order!.value, axes: axes, keepDims: keep)
    case "median": x.median(axis: axis!, keepDims: keep)
    case "median of all": x.median()
    case "countNonzero": x.countNonzero(axes: axes)
    case "argmax": x.argmax(axis: axis!)
    case "quantile" where q!.isOne:
      x.quantile(q!.list[0], axis: axis, keepDims: keep, interpolation: interpolation)
    case "quantile": x.quantile(q!.list, axis: axis, keepDims: keep, interpolation: interpolation)
    default: fatalError(operation)
    }
  }

  private var interpolation: QuantileInterpolation {
    switch mode {
    case "lower": .lower
    case "higher": .higher
    case "nearest": .nearest
    case "midpoint": .midpoint
    default: .linear
    }
  }

  private func cumulate(_ operation: String, _ x: [Tensor]) -> [Tensor] {
    switch operation {
    case "cumsum": return [x[0].cumsum(axis: axis!)]
    case "cumprod": return [x[0].cumprod(axis: axis!)]
    case "cummax":
      let (values, indices) = x[0].cummax(axis: axis!)
      return [values, indices]
    case "cummin":
      let (values, indices) = x[0].cummin(axis: axis!)
      return [values, indices]
    case "logcumsumexp": return [x[0].logcumsumexp(axis: axis!)]
    default:
      return [
        x[0].diff(
          n ?? 1, axis: axis!, prepend: x.count > 1 ? x[1] : nil, append: x.count > 2 ? x[2] : nil)
      ]
    }
  }

  private func order(_ operation: String, _ x: [Tensor]) -> [Tensor] {
    switch operation {
    case "sort": return [x[0].sort(axis: axis!, descending: descending ?? false)]
    case "argsort": return [x[0].argsort(axis: axis!, descending: descending ?? false)]
    case "topk":
      let (values, indices) = x[0].topk(k!, axis: axis!, largest: largest ?? true)
      return [values, indices]
    case "kthValue": return [x[0].kthValue(k!, axis: axis!, keepDims: keep).values]
    case "searchsorted": return [x[0].searchsorted(x[1], right: right ?? false)]
    default:
      let (values, inverse, counts) = x[0].unique()
      return [values, inverse, counts]
    }
  }

  private func choose(_ operation: String, _ x: [Tensor]) -> Tensor {
    switch operation {
    case "gather": return x[0].gather(at, axis: axis!)
    case "takeAlongAxis": return x[0].takeAlongAxis(at, axis: axis!)
    case "indexSelect": return x[0].indexSelect(at, axis: axis!)
    case "gatherND": return x[0].gatherND(at)
    case "scatter": return x[0].scatter(x[1], at: at, axis: axis!)
    case "scatterAdd": return x[0].scatterAdd(x[1], at: at, axis: axis!)
    case "indexAdd": return x[0].indexAdd(x[1], at: at, axis: axis!)
    case "indexCopy": return x[0].indexCopy(x[1], at: at, axis: axis!)
    case "put": return x[0].put(x[1], at: at, accumulate: accumulate ?? false)
    case "segmentSum": return x[0].segmentSum(at, count: count!)
    case "maskedSelect": return x[0].maskedSelect(mask!.tensor.cast(.bool))
    case "maskedScatter": return x[0].maskedScatter(mask!.tensor.cast(.bool), x[1])
    case "nonzero": return x[0].nonzero()
    case "at":
      return index!.count == 1 ? x[0][index![0].index] : x[0][index![0].index, index![1].index]
    case "assign":
      var y = x[0]
      if index!.count == 1 {
        y[index![0].index] = x[1]
      } else {
        y[index![0].index, index![1].index] = x[1]
      }
      return y
    default: fatalError(operation)
    }
  }

  private func move(_ operation: String, _ x: [Tensor]) -> Tensor {
    switch operation {
    case "tile": x[0].tile(counts!)
    case "repeat": x[0].repeat(count!, axis: axis)
    case "repeat each": x[0].repeat(counts!, axis: axis!)
    case "roll": axes.map { x[0].roll(shifts!, axes: $0) } ?? x[0].roll(shifts![0])
    case "rot90": x[0].rot90(k!, axes: axisPair)
    case "flip": x[0].flip(axes: axes)
    case "pad": x[0].pad(widths!.map { (before: $0[0], after: $0[1]) }, mode: padding)
    case "tril": x[0].tril(offset!)
    case "triu": x[0].triu(offset!)
    case "diagonal": x[0].diagonal(offset!, axes: axisPair)
    case "diag": x[0].diag(offset!)
    case "diagEmbed": x[0].diagEmbed(offset!)
    case "trace": axes == nil ? x[0].trace() : x[0].trace(offset!, axes: axisPair)
    case "meshgrid": Tensor.meshgrid(x, indexing: mode == "xy" ? .xy : .ij)[k!]
    case "unstack": x[0].unstack(axis: axis!)[k!]
    case "flatten": x[0].flatten(from: axes![0], to: axes![1])
    case "moveAxis": x[0].moveAxis(axes![0], to: axes![1])
    default: fatalError(operation)
    }
  }

  private var padding: PaddingMode {
    switch mode {
    case "reflect": .reflect
    case "replicate": .replicate
    case "circular": .circular
    default: .constant(value?.value ?? 0)
    }
  }
}
