import BacktapeKernels
import BacktapeTensors

extension Plan {
  /// Number of instructions.
  package var count: Int { instructionCount }

  /// Runs on the values fed; then variables have their new values.
  package func run(_ values: [Tensor]) -> [Tensor] {
    access.exclusively {
      for position in feeds.indices {
        feeds[position].bind(values[feeds[position].position], in: memory)
      }
      fed = values
      for number in results.indices { results[number].prepare(number, in: memory) }
      bt_run_phases(instructions, phases, Int64(phaseCount))
      return results.map { $0.tensor() }
    }
  }

  /// Runs once more on the values last fed, for the sake of the updates: nothing is handed out.
  ///
  /// Traps if inputs have never been fed.
  public func step() {
    access.exclusively {
      checkFed("step")
      for number in results.indices { results[number].prepare(number, in: memory) }
      bt_run_phases(instructions, phases, Int64(phaseCount))
    }
  }
}

extension Plan {
  /// Traps if there is nothing to run on.
  func checkFed(_ operation: String) {
    if fed.isEmpty && !feeds.isEmpty {
      fatalError(
        "\(operation): the plan has \(feeds.count) inputs that were never fed; call it first")
    }
  }
}

/// Where a plan finds a fed value.
struct Feed {
  let position: Int
  /// Whether an instruction reads it in place; else nothing does.
  private var address: UnsafeMutableRawPointer?
  /// Holds a copy of a value with gaps.
  private var copy: Node?

  init(position: Int) { self.position = position }

  mutating func bind(_ value: Tensor, in memory: PlanMemory) {
    let descriptor = value.descriptor
    var source = descriptor.pointee.address
    if !descriptor.pointee.isContiguous {
      let node = copy ?? .make(like: descriptor, dtype: descriptor.dtype)
      copy = node
      descriptor.copyElements(to: node.descriptor)
      source = node.descriptor.pointee.address
    }
    if source == address { return }
    address = source
    memory.bind(.fed(position), to: source)
  }
}

/// Where a plan leaves an output.
struct Result {
  private let shape: Shape
  private let dtype: DType
  /// Of a large output: handed out, and taken again once nobody holds it any more.
  private var storage: Storage?
  /// Of a small one: copied from when it is handed out.
  private var node: Node?

  private static let smallBytes = 1024

  init(_ line: Line) {
    shape = line.shape
    dtype = line.dtype
  }

  private var bytes: Int { shape.count * dtype.size }

  mutating func prepare(_ number: Int, in memory: PlanMemory) {
    if bytes <= Result.smallBytes {
      if node != nil { return }
      let fresh = Node.make(shape: shape, dtype: dtype)
      node = fresh
      memory.bind(.output(number), to: fresh.descriptor.pointee.address)
    } else if storage == nil || !isKnownUniquelyReferenced(&storage) {
      let fresh = Storage(bytes: bytes)
      storage = fresh
      memory.bind(.output(number), to: fresh.address)
    }
  }

  func tensor() -> Tensor {
    if let node { return Tensor(Node.copy(of: node.descriptor)) }
    return Tensor(.make(shape: shape, dtype: dtype, in: storage!))
  }
}
