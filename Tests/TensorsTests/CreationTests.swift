import Backtape
import Testing

@Suite("Creation, joining and splitting")
struct CreationTests {
  @Test("arange, linspace, eye and full against NumPy and PyTorch")
  func goldens() throws {
    for golden in try TensorGolden.cases(\.creation) {
      let a = golden.arguments ?? []
      let integers = a.map { Int($0) }
      let result: Tensor
      switch golden.name {
      case "arange": result = .arange(integers[0], integers[1], step: integers[2])
      case "arangeReal": result = .arange(a[0], a[1], step: a[2], .float64)
      case "linspace": result = .linspace(a[0], a[1], integers[2], .float64)
      case "eye": result = .eye(integers[0], integers[1])
      default: result = .full(Shape(integers), 2.5)
      }
      #expect(mismatch(result, golden.expected, .ulps(1)) == nil, "\(golden.name)\(a)")
    }
  }

  @Test("types: float32 unless said, arange of integers int64")
  func types() {
    #expect(Tensor.zeros([2]).dtype == .float32)
    #expect(Tensor.ones([2], .bool).scalars(as: Bool.self) == [true, true])
    #expect(
      Tensor.full([1], 9_007_199_254_740_993, .int64).item(as: Int.self) == 9_007_199_254_740_993)
    #expect(Tensor.full([], 7).dtype == .float32)
    #expect(Tensor.arange(3).dtype == .int64)
    #expect(Tensor.arange(0.0, 1.0, step: 0.25).dtype == .float32)
    #expect(Tensor.arange(3).scalars(as: Int.self) == [0, 1, 2])
    #expect(Tensor.zeros(like: Tensor([[1, 2]])).dtype == .int64)
    #expect(Tensor.ones(like: Tensor([[1.0, 2.0]])).shape == [1, 2])
    #expect(Tensor.eye(2, nil, .int32).scalars(as: Int.self) == [1, 0, 0, 1])
  }

  @Test("random numbers depend on the key alone")
  func random() {
    let key = RandomKey(seed: 7)
    let x = Tensor.random([100, 10], key: key)
    #expect(mismatch(x, .random([100, 10], key: key)) == nil)
    #expect(x.scalars(as: Double.self).allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(Tensor.random([0, 3], key: key, .float64).shape == [0, 3])
    #expect(Tensor.randomNormal([4], key: key, .float64).dtype == .float64)
  }

  @Test("concatenate, stack and split, and tensors of rank 8, against NumPy")
  func joining() throws {
    for golden in try TensorGolden.cases(\.joining) {
      let x = golden.operands
      let a = (golden.arguments ?? []).map { Int($0) }
      let result: Tensor
      switch golden.name {
      case "concatenate": result = .concatenate(x, axis: try #require(golden.axis))
      case "stack": result = .stack(x, axis: try #require(golden.axis))
      case "split": result = x[0].split(a[0], axis: try #require(golden.axis))[a[1]]
      case "splitSizes":
        result = x[0].split(sizes: a, axis: try #require(golden.axis))[golden.position ?? 0]
      case "rank8 +":
        result = x[0] + x[0].permute([7, 6, 5, 4, 3, 2, 1, 0]).reshape(x[0].shape)
      case "rank8 sum": result = x[0].sum(axes: [0, 3, 7])
      case "rank8 transposed": result = x[0].transposed
      case "rank8 permute": result = x[0].permute([7, 0, 6, 1, 5, 2, 4, 3])
      case "rank8 matmul": result = x[0].matmul(x[0].transposed)
      case "rank8 product": result = x[0].product(axis: 7)
      case "rank8 argmax": result = x[0].argmax(axis: 0)
      case "rank8 flip": result = x[0].flip()
      default: result = .concatenate([x[0], x[0]], axis: 3)
      }
      #expect(mismatch(result, golden.expected, .ulps(0)) == nil, "\(golden.testDescription)")
    }
    let ranked = Tensor.ones([1, 1, 1, 1, 1, 1, 1, 2])
    #expect(ranked.product(axes: []).shape == ranked.shape)
  }

  @Test("literals of any nesting")
  func literals() {
    let vector: Tensor = [1, 2.5, 3]
    let matrix: Tensor = [[1, 2], [3, 4]]
    let mixed: Tensor = [[1, 2.5], [3, 4]]
    let cube: Tensor = [[[1], [2]], [[3], [4]], [[5], [6]]]
    let deep: Tensor = [[[[[[[[1, 2]]]]]]]]
    let truth: Tensor = [[true, false], [false, true]]
    let empty: Tensor = []
    let emptyRows: Tensor = [[], []]
    let negative: Tensor = [-1, -2.5]
    #expect(vector.dtype == .float32 && vector.scalars(as: Double.self) == [1, 2.5, 3])
    #expect(matrix.dtype == .int64 && matrix.shape == [2, 2])
    #expect(mixed.dtype == .float32 && mixed.scalars(as: Double.self) == [1, 2.5, 3, 4])
    #expect(cube.shape == [3, 2, 1])
    #expect(deep.shape == [1, 1, 1, 1, 1, 1, 1, 2])
    #expect(truth.dtype == .bool && truth.scalars(as: Bool.self) == [true, false, false, true])
    #expect(empty.shape == [0] && emptyRows.shape == [2, 0])
    let boolsAndNumbers: Tensor = [true, 2]
    #expect(boolsAndNumbers.dtype == .int64)
    let noRows: Tensor = [[[]]]
    #expect(noRows.shape == [1, 1, 0])
    let large: Tensor = [9_007_199_254_740_993]
    #expect(large.item(as: Int.self) == 9_007_199_254_740_993)
    #expect(negative.scalars(as: Double.self) == [-1, -2.5])
  }
}
