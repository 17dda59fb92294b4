import BacktapeTensors

/// Inputs, targets and weights with a row for every sample, checked against a model.
struct Dataset {
  /// Inputs, then targets, then weights if there are any: without gaps, off any tape.
  let columns: [Tensor]
  let inputCount: Int
  let isWeighted: Bool
  let count: Int

  private init(_ columns: [Tensor], inputCount: Int, isWeighted: Bool, count: Int) {
    self.columns = columns
    self.inputCount = inputCount
    self.isWeighted = isWeighted
    self.count = count
  }

  /// - Parameter targets: nil for data to predict.
  init(
    inputs: [Tensor], targets: [Tensor]?, weights: Tensor?, for model: Model, _ loss: Loss?
  ) throws(ModelError) {
    let blueprint = try model.blueprintBuilt()
    try Dataset.check(inputs, model.inputShapes.count, "inputs")
    for (index, (x, expected)) in zip(inputs, model.inputShapes).enumerated() {
      if x.rank == 0 || Shape(x.shape.array.dropFirst()) != expected {
        throw .wrongInput(index: index, expected: expected, given: x.shape)
      }
    }
    count = inputs[0].shape[0]
    if count == 0 { throw .empty("the data") }
    for x in inputs where x.shape[0] != count {
      throw .wrongRows(of: "an input", expected: count, given: x.shape[0])
    }
    if let targets {
      try Dataset.check(targets, blueprint.outputs.count, "outputs")
      for (index, y) in targets.enumerated() {
        let output = blueprint.outputs[index].inserting(count, at: 0)
        if y.rank == 0 {
          throw .wrongTarget(layer: blueprint.producers[index], output: output, given: y.shape)
        }
        if y.shape[0] != count {
          throw .wrongRows(of: "a target", expected: count, given: y.shape[0])
        }
        if loss?.targets == .likeOutputs && !y.shape.matches(output) {
          throw .wrongTarget(layer: blueprint.producers[index], output: output, given: y.shape)
        }
        if let loss, loss.targets == .classes, let message = y.refusal(asClassesOf: output) {
          throw .loss(name: loss.name, layer: blueprint.producers[index], message: message)
        }
      }
    }
    if let weights {
      if weights.rank == 0 || weights.count != weights.shape[0] || weights.count != count {
        throw .wrongRows(of: "sampleWeight", expected: count, given: weights.count)
      }
    }
    inputCount = inputs.count
    isWeighted = weights != nil
    columns = (inputs + (targets ?? []) + [weights?.reshape([count])].compactMap(\.self))
      .map(\.withoutGaps)
  }

  private static func check(
    _ tensors: [Tensor], _ expected: Int, _ what: String
  ) throws(ModelError) {
    if tensors.count != expected {
      throw .wrongCount(of: what, expected: expected, given: tensors.count)
    }
    for x in tensors where x.isAbstract { throw .argument(name: what, message: noValue(x)) }
  }

  /// Some rows, in their order.
  func rows(_ range: Range<Int>) -> Dataset {
    Dataset(
      columns.map { $0.slice(axis: 0, range) }, inputCount: inputCount, isWeighted: isWeighted,
      count: range.count)
  }

  /// What a plan is fed: rows in their order, or those that `order` names.
  func batch(_ range: Range<Int>, order: [Int]?) -> [Tensor] {
    guard let order else {
      return range.count == count ? columns : columns.map { $0.slice(axis: 0, range) }
    }
    return columns.map { $0.rows(order[range]) }
  }

  /// The plan that takes `count` rows.
  func signature(_ mode: Step.Mode, count: Int) -> Step.Signature {
    Step.Signature(
      mode: mode, shapes: columns.map { $0.shape.with(count, at: 0) },
      dtypes: columns.map(\.dtype), inputCount: inputCount, isWeighted: isWeighted)
  }
}

extension Tensor {
  /// The value off any tape with its elements one after another.
  fileprivate var withoutGaps: Tensor {
    let x = strong.detached
    return withExtendedLifetime(x) {
      x.descriptor.pointee.isContiguous ? x : Tensor(Node.copy(of: x.descriptor))
    }
  }

  /// Why targets do not name classes of an output; nil if they do.
  fileprivate func refusal(asClassesOf output: Shape) -> String? {
    if !shape.namesClasses(of: output) {
      return """
        targets of shape \(shape) do not name classes of outputs of shape \(output): they have its \
        axes but the last, or an extent of 1 there
        """
    }
    let classes = Double(output.last)
    let wrong = scalars(as: Double.self).first {
      !($0 >= 0 && $0 < classes && $0 == $0.rounded())
    }
    return wrong.map { "the target \($0) is no class; there are \(output.last), from 0" }
  }

  /// Some rows of a tensor without gaps, copied.
  fileprivate func rows(_ order: ArraySlice<Int>) -> Tensor {
    let node = Node.make(shape: shape.with(order.count, at: 0), dtype: dtype)
    let bytes = count / shape[0] * dtype.size
    withExtendedLifetime(self) {
      guard var place = node.descriptor.pointee.address, let first = descriptor.pointee.address
      else { return }
      for row in order {
        place.copyMemory(from: first + row * bytes, byteCount: bytes)
        place += bytes
      }
    }
    return Tensor(node)
  }
}

/// Data that training is checked on after every epoch.
public struct Validation: Sendable {
  enum Source {
    case none
    case split(Double)
    case data(inputs: [Tensor], targets: [Tensor], sampleWeight: Tensor?)
  }
  let source: Source

  /// No validation.
  public static let none = Validation(source: .none)

  /// The last part of the training data, which is then not trained on: of `n` samples those from
  /// `floor(n * (1 - fraction))` on, before shuffling.
  public static func split(_ fraction: Double) -> Validation {
    Validation(source: .split(fraction))
  }

  /// Data of their own.
  public static func data(
    _ x: Tensor, _ y: Tensor, sampleWeight: Tensor? = nil
  ) -> Validation {
    Validation(source: .data(inputs: [x], targets: [y], sampleWeight: sampleWeight))
  }

  /// Data of their own for several inputs and outputs.
  public static func data(
    inputs: [Tensor], targets: [Tensor], sampleWeight: Tensor? = nil
  ) -> Validation {
    Validation(source: .data(inputs: inputs, targets: targets, sampleWeight: sampleWeight))
  }
}

/// Says that a traced tensor was given where a value is needed.
func noValue(_ x: Tensor) -> String {
  "a tensor of shape \(x.shape) has no value until its graph runs; fetch it first"
}
