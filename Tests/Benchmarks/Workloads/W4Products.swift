import Backtape

/// Products of two matrices.
struct W4Products: Workload {
  let name = "W4"
  let title = "products of matrices"
  let details = """
    `a.dot(b)`, run at once into a new tensor, beside OpenBLAS (NumPy) and MKL (PyTorch), which write
    into one that is there. A figure names type, rows x contracted extent x columns, and whether each
    operand lies as it is read (n) or transposed (t). Three runs of 20 turns; a figure is lost if it
    is below 0.97 of the faster of the two in two of them.
    """
  let program: String? = "products.py"

  /// Squares, the products that train a layer of 784 to 512 by batches of 128, and ragged ones.
  static let shapes =
    [64, 128, 256, 512, 1024, 2048].map { "\($0)x\($0)x\($0) nn" }
    + ["128x784x512 nn", "784x128x512 tn", "128x512x784 nt"]
    + [4, 7, 16, 31, 50, 67, 100, 333, 500, 1000].map { "\($0)x\($0)x\($0) nn" }
    + ["1x784x512 nn", "3x1000x5 nn", "1000x3x1000 nn", "17x500x129 nt", "129x31x500 tn"]

  var figures: [Figure] {
    ["f32", "f64"].flatMap { kind in
      W4Products.shapes.map { shape in
        let (m, k, n) = Self.extents(shape)
        let operations = 2 * Double(m) * Double(k) * Double(n)
        let level = Figure.Target.level(of: ["numpy", "torch"])
        let aim = Figure.Target.times(1.05, of: ["numpy", "torch"])
        return Figure(
          id: "\(kind) \(shape)", unit: .gigaflops(operations: operations),
          rivals: ["numpy", "torch"], flops: operations, isDouble: kind == "f64",
          must: [2: level, 1: level], aim: [2: aim, 1: aim], runs: 3, repetitions: 20,
          seconds: 0.01)
      }
    }
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let parts = figure.split(separator: " ")
    let dtype: DType = parts[0] == "f32" ? .float32 : .float64
    var (m, k, n) = Self.extents(parts[1...].joined(separator: " "))
    if size == .smoke { (m, k, n) = (min(m, 67), min(k, 67), min(n, 67)) }
    func operand(_ rows: Int, _ columns: Int, isTransposed: Bool, stream: UInt32) -> Tensor {
      let key = RandomKey(seed: 4, stream: stream)
      return isTransposed
        ? .random([columns, rows], key: key, dtype).transposed
        : .random([rows, columns], key: key, dtype)
    }
    let a = operand(m, k, isTransposed: parts[2].first == "t", stream: 0)
    let b = operand(k, n, isTransposed: parts[2].last == "t", stream: 1)
    let check = {
      let got = a.dot(b)[m - 1, n - 1].item()
      let row = a[m - 1].scalars(as: Double.self)
      let column = b[.all, n - 1].scalars(as: Double.self)
      let expected = zip(row, column).reduce(0) { $0 + $1.0 * $1.1 }
      try expect(
        "the last element", got, near: expected, tolerance: dtype == .float32 ? 1e-5 : 1e-13)
    }
    return Work(check: check) { _ = a.dot(b) }
  }

  private static func extents(_ shape: String) -> (Int, Int, Int) {
    let extents = shape.prefix { $0 != " " }.split(separator: "x").compactMap { Int($0) }
    return (extents[0], extents[1], extents[2])
  }
}
