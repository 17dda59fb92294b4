import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors

/// One pass through a model's layers with tensors that have no values: it yields the tape that a
/// plan is made of.
///
/// It works on copies of the model's tables, so a trace that fails leaves the model as it was.
final class Trace {
  /// A value of the model as this tape knows it.
  struct Bound {
    let input: Tensor
    /// What the layers read: the input, or what a state has been updated to.
    var current: Tensor
    var isTrainable: Bool
  }
  /// The first thing that could not be done.
  struct Failure {
    let path: String
    let input: Shape?
    let message: String

    /// The message without what its place says already.
    func message(without prefix: String) -> String {
      message.hasPrefix(prefix) ? String(message.dropFirst(prefix.count)) : message
    }
  }

  let tape = Tape()
  let isTraining: Bool
  let dtype: DType
  private let seed: UInt64
  private(set) var store: Store
  private(set) var bound: [String: Bound] = [:]
  /// Paths of states in the order of their updates.
  private(set) var updated: [String] = []
  private(set) var rows: [LayerRow] = []
  /// The layer whose output a record is.
  private var producers: [Int32: String] = [:]
  private(set) var failure: Failure?

  init(_ store: Store, seed: UInt64, dtype: DType, isTraining: Bool) {
    self.store = store
    self.seed = seed
    self.dtype = dtype
    self.isTraining = isTraining
    tape.refusals = []
  }

  // MARK: layers

  /// Runs the whole model.
  func run(_ body: ([Tensor], Scope) -> [Tensor], _ inputs: [Tensor]) -> [Tensor] {
    let scope = Scope(trace: self, path: "", names: Names(), isFrozen: false)
    return within("", input: inputs.first?.shape) { tape.open { body(inputs, scope) } }
  }

  func call(_ layer: any Layer, _ x: Tensor, _ scope: Scope) -> Tensor {
    let row = rows.firstIndex { $0.path == scope.path } ?? rows.count
    if row == rows.count {
      rows.append(LayerRow(path: scope.path, type: layer.typeName, output: .scalar))
    }
    let y = within(scope.path, input: x.shape) { layer(x, scope) }
    rows[row].output = y.shape
    if y.isTracked && producers[y.index] == nil { producers[y.index] = scope.path }
    return y
  }

  /// The layer that made a tensor; the last one called if none did.
  func producer(of output: Tensor) -> String {
    (output.isTracked ? producers[output.index] : nil) ?? rows.last?.path ?? "the model"
  }

  /// Runs a part whose refusals are put down to `path`, unless an inner part has been already.
  func within<R>(_ path: String, input: Shape?, _ body: () -> R) -> R {
    let note = tape.note
    let hadRefused = !(tape.refusals ?? []).isEmpty
    tape.note = path
    let result = body()
    tape.note = note
    if failure == nil, !hadRefused, let first = tape.refusals?.first {
      let prefix = path + ": "
      let message = first.hasPrefix(prefix) ? String(first.dropFirst(prefix.count)) : first
      failure = Failure(path: path, input: input, message: message)
    }
    return result
  }

  // MARK: values

  func value(
    at path: String, _ shape: Shape, _ initializer: Initializer, isState: Bool, isFrozen: Bool
  ) -> Tensor {
    if var known = bound[path] {
      if known.input.shape != shape {
        tape.refuse(
          """
          \(path) has shape \(known.input.shape) at one call and \(shape) at another: a layer is \
          shared between inputs it cannot fit both
          """)
      }
      known.isTrainable = known.isTrainable && !isFrozen
      bound[path] = known
      return known.current
    }
    if let entry = store.entries[path] {
      if entry.shape != shape {
        tape.refuse(
          """
          \(path) was built with shape \(entry.shape), this input asks for \(shape); the shape of \
          a parameter must not depend on the batch
          """)
      }
    } else {
      let key = RandomKey(seed: seed, stream: Streams.initialValues, step: hash(path))
      let value = initializer(shape, dtype, key: key).strong.detached
      if value.shape != shape || value.dtype != dtype {
        tape.refuse(
          """
          the initializer '\(initializer.name)' of \(path) gave \(value.dtype) \(value.shape), \
          not \(dtype) \(shape)
          """)
      } else {
        store.add(path, value, isState: isState)
      }
    }
    let input = tape.placeholder(shape, dtype, name: path)
    bound[path] = Bound(input: input, current: input, isTrainable: !isState && !isFrozen)
    return input
  }

  func update(_ path: String, to value: Tensor) {
    guard let known = bound[path], store.entries[path]?.isState == true else {
      return tape.refuse("\(path) is updated, but no state of that name was asked for before")
    }
    if value.shape != known.input.shape || value.dtype != dtype {
      return tape.refuse(
        """
        the state \(path) is \(dtype) \(known.input.shape), its update is \(value.dtype) \
        \(value.shape)
        """)
    }
    if !isTraining { return }
    if !updated.contains(path) { updated.append(path) }
    bound[path]?.current = value
  }

  /// The parameters to train that this trace uses, in the order the model has them.
  func trainable(except isFrozen: (String) -> Bool) -> [String] {
    store.order.filter { bound[$0]?.isTrainable == true && !isFrozen($0) }
  }
}

/// A line of the summary: a layer and the shape of its first output.
struct LayerRow {
  let path: String
  let type: String
  var output: Shape
}

/// A model's parameters and states by path, in the order they were first asked for.
struct Store {
  struct Entry {
    let variable: Variable
    let shape: Shape
    let dtype: DType
    let isState: Bool
  }
  private(set) var entries: [String: Entry] = [:]
  private(set) var order: [String] = []

  mutating func add(_ path: String, _ value: Tensor, isState: Bool) {
    entries[path] = Entry(
      variable: Variable(value), shape: value.shape, dtype: value.dtype, isState: isState)
    order.append(path)
  }
}

/// The uses a model makes of its seed, one stream each.
enum Streams {
  static let initialValues: UInt32 = 0
  static let order: UInt32 = 1
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo): the same on every machine and in every run.
private func hash(_ text: String) -> UInt64 {
  text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
