// Tensors from shapes and numbers.

extension Tensor {
  /// A tensor of one value.
  public static func full(_ shape: Shape, _ value: Double, _ dtype: DType = .float32) -> Tensor {
    Tensor(Number(value)).cast(dtype).broadcast(to: shape)
  }

  /// A tensor of one integer, exact where a `Double` is not.
  public static func full(_ shape: Shape, _ value: Int, _ dtype: DType = .float32) -> Tensor {
    Tensor(Number(value)).cast(dtype).broadcast(to: shape)
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape, _ dtype: DType = .float32) -> Tensor {
    full(shape, 0, dtype)
  }

  /// A tensor of ones.
  public static func ones(_ shape: Shape, _ dtype: DType = .float32) -> Tensor {
    full(shape, 1, dtype)
  }

  /// Zeros of another tensor's shape and type.
  public static func zeros(like other: Tensor) -> Tensor {
    zeros(other.shape, other.strongType)
  }

  /// Ones of another tensor's shape and type.
  public static func ones(like other: Tensor) -> Tensor { ones(other.shape, other.strongType) }

  /// The numbers from `start` up to `end`, which is left out, in steps; int64 unless said.
  public static func arange(
    _ start: Int = 0, _ end: Int, step: Int = 1, _ dtype: DType = .int64
  ) -> Tensor {
    if step == 0 { fatalError("arange: the step is 0; it must lead from \(start) to \(end)") }
    let leads = step > 0 ? start < end : end < start
    let distance = step > 0 ? UInt(bitPattern: end &- start) : UInt(bitPattern: start &- end)
    let count = leads ? Int(clamping: (distance - 1) / step.magnitude + 1) : 0
    return listing(count) { start &+ $0 &* step }.cast(dtype)
  }

  /// The numbers from 0 up to `end`, which is left out; int64.
  public static func arange(_ end: Int) -> Tensor { arange(0, end) }

  /// The numbers from `start` up to `end`, which is left out, in steps; float32 unless said.
  ///
  /// Element `i` is `start + i * step`, rounded once; there are ceil((end - start) / step), as in
  /// NumPy.
  public static func arange(
    _ start: Double, _ end: Double, step: Double = 1, _ dtype: DType = .float32
  ) -> Tensor {
    let n = ((end - start) / step).rounded(.up)
    guard n.isFinite, n < 1e18 else {
      fatalError("arange: from \(start) to \(end) in steps of \(step) never ends")
    }
    return listing(Swift.max(0, Int(n))) { start.addingProduct(Double($0), step) }.cast(dtype)
  }

  /// `count` numbers at equal distances from `start` to `end`, both included; float32 unless said.
  public static func linspace(
    _ start: Double, _ end: Double, _ count: Int, _ dtype: DType = .float32
  ) -> Tensor {
    if count < 0 { fatalError("linspace: \(count) numbers cannot be; at least 0") }
    let step = (end - start) / Double(Swift.max(count - 1, 1))
    return listing(count) { i in
      i == count - 1 && count > 1 ? end : start + Double(i) * step
    }.cast(dtype)
  }

  /// A matrix with ones on the diagonal, zeros elsewhere.
  public static func eye(_ rows: Int, _ columns: Int? = nil, _ dtype: DType = .float32) -> Tensor {
    if Swift.min(rows, columns ?? 0) < 0 {
      fatalError("eye: \(rows) rows and \(columns ?? rows) columns cannot be; at least 0")
    }
    let row = Tensor.arange(rows).expandDims(at: 1)
    return (row .== Tensor.arange(columns ?? rows)).cast(dtype)
  }

  /// A vector whose elements are worked out one by one, each straight in its place.
  static func listing<Element: Scalar>(_ count: Int, _ element: (Int) -> Element) -> Tensor {
    let node = Node.make(shape: [count], dtype: Element.dtype)
    if let address = node.descriptor.pointee.address {
      let elements = address.bindMemory(to: Element.self, capacity: count)
      for place in 0..<count { elements[place] = element(place) }
    }
    return Tensor(node)
  }

  /// Independent uniform numbers in [0, 1): a function of the key and the position alone.
  public static func random(_ shape: Shape, key: RandomKey, _ dtype: DType = .float32) -> Tensor {
    dtype == .float32
      ? Tensor(key.floats(count: shape.count), shape)
      : Tensor(key.uniforms(count: shape.count), shape).cast(dtype)
  }

  /// Independent standard normal numbers: a function of the key and the position alone.
  public static func randomNormal(
    _ shape: Shape, key: RandomKey, _ dtype: DType = .float32
  ) -> Tensor {
    Tensor(key.normals(count: shape.count), shape).cast(dtype)
  }
}
