import BacktapeTensors

/// What comes into a plan and goes out of it, run by run.
///
/// A plan keeps it behind a pointer: in a class, every access to it would be checked for others at
/// run time.
struct Exchange {
  private var feeds: [Feed]
  private var results: [Result]
  /// What was last fed: instructions read it where it is.
  private var fed: [Tensor] = []
  /// Whether there is something to run on.
  private(set) var isFed: Bool

  var feedCount: Int { feeds.count }
  var resultCount: Int { results.count }

  init(_ program: Program) {
    feeds = program.lines.compactMap { line in
      if case .fed(let position) = line.source { Feed(position: position) } else { nil }
    }
    results = program.outputs.map { Result(program.lines[$0]) }
    isFed = feeds.isEmpty
  }

  mutating func take(_ values: [Tensor], in memory: PlanMemory) {
    for i in feeds.indices { feeds[i].bind(values[feeds[i].position], in: memory) }
    fed = values
    isFed = true
  }

  mutating func prepareResults(in memory: PlanMemory) {
    for number in results.indices { results[number].prepare(number, in: memory) }
  }

  func outcome() -> [Tensor] { results.map { $0.tensor() } }
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
    memory.bind(fed: position, to: source)
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
      memory.bind(output: number, to: fresh.descriptor.pointee.address)
    } else if storage == nil || !isKnownUniquelyReferenced(&storage) {
      let fresh = Storage(bytes: bytes)
      storage = fresh
      memory.bind(output: number, to: fresh.address)
    }
  }

  func tensor() -> Tensor {
    if let node { return Tensor(Node.copy(of: node.descriptor)) }
    return Tensor(.make(shape: shape, dtype: dtype, in: storage!))
  }
}
