import Backtape
import Testing

@Suite("Subscripts with tensors")
struct LookupTests {
  private let x = Tensor([[0, 1, 2], [3, 4, 5]])

  @Test("assign to this tensor alone, in its type")
  func values() {
    var y = x
    y[Tensor([1])] = Tensor([7.9, -1.5, .infinity])
    #expect(y.scalars(as: Int.self) == [0, 1, 2, 7, -1, .max])
    y[y .> 1] = 9
    #expect(y.scalars(as: Int.self) == [0, 1, 9, 9, -1, 9])
    y[y .< 1] = Tensor([10, 20])
    #expect(y.scalars(as: Int.self) == [10, 1, 9, 9, 20, 9])
    #expect(x.scalars(as: Int.self) == [0, 1, 2, 3, 4, 5])
    #expect(y.dtype == .int64)
  }

  @Test("leave the last of several values for one place")
  func duplicates() {
    var y = x[0]
    y[Tensor([2, 0, 2])] = Tensor([5, 6, 7])
    #expect(y.scalars(as: Int.self) == [6, 1, 7])
  }

  @Test("stand where their axes were, or in front if others are between them")
  func places() {
    let wide = Tensor.zeros([2, 3, 4, 5])
    let (row, grid) = (Tensor([0, 1]), Tensor.zeros([3, 2], .int64))
    #expect(wide[.all, row].shape == [2, 2, 4, 5])
    #expect(wide[.all, row, grid].shape == [2, 3, 2, 5])
    #expect(wide[row, .all, grid].shape == [3, 2, 3, 5])
    #expect(wide[1, .all, row].shape == [3, 2, 5])
    #expect(wide[..., row].shape == [2, 3, 4, 2])
    #expect(wide[.newAxis, row, .every(-1), Tensor(0)].shape == [2, 1, 3, 5])
    #expect(wide[Tensor.ones([2, 3], .bool)].shape == [6, 4, 5])
    #expect(wide[.all, Tensor.zeros([3, 4], .bool)].shape == [2, 0, 5])
    #expect(Tensor.zeros([0, 2])[Tensor.zeros([0], .bool)].shape == [0, 2])
  }

  @Test("of narrow integers and of views")
  func types() {
    for dtype in [DType.uint8, .int32] {
      #expect(x[Tensor([1, 0]).cast(dtype), 2].scalars(as: Int.self) == [5, 2])
    }
    #expect(x.transposed[Tensor([2, 0]).flip()].scalars(as: Int.self) == [0, 3, 2, 5])
  }

  @Test("in graphs: positions are looked up, and numbers are put where conditions hold")
  func graphs() throws {
    let graph = Graph()
    let (y, at) = (graph.placeholder("y", [2, 3], .int64), graph.placeholder("at", [2], .int32))
    var z = y
    z[y .> 2] = -1
    z[0, at] = 8
    let feeds = Feeds([(y, x), (at, Tensor([0, 2]).cast(.int32))])
    let found = try Session(graph).run([y[.all, at], z], feeding: feeds)
    #expect(found[0].scalars(as: Int.self) == [0, 2, 3, 5])
    #expect(found[1].scalars(as: Int.self) == [8, 1, 8, -1, -1, -1])
  }

  @Test("refuse conditions that a graph does not know yet")
  func unknown() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let y = Graph().placeholder("y", [2, 3], .float32)
      _ = y[y .> 0]
    }
    expectMessage(
      result, ["subscript: how many elements conditions of shape [2, 3] choose", "maskedSelect"])
  }
}
