import Backtape
import Testing

@Suite("Tensors print as NumPy's arrays do")
struct DescriptionTests {
  @Test("of every type and of views")
  func types() {
    #expect("\(Tensor([1.0, 2.5]))" == "[1.  2.5]")
    #expect(Tensor([1.0, 2.5]).debugDescription == "array([1. , 2.5])")
    #expect(Tensor([1 as Float]).debugDescription == "array([1.], dtype=float32)")
    #expect(Tensor([1, -2]).debugDescription == "array([ 1, -2])")
    #expect(Tensor([1 as Int32]).debugDescription == "array([1], dtype=int32)")
    #expect(Tensor([7, 255] as [UInt8]).debugDescription == "array([  7, 255], dtype=uint8)")
    #expect("\(Tensor([true, false]))" == "[ True False]")
    #expect(Tensor([true]).debugDescription == "array([ True])")
    #expect("\(Tensor([[1, 2], [3, 4]]).transposed)" == "[[1 3]\n [2 4]]")
    #expect("\(Tensor([1, 2, 3])[.every(-1)])" == "[3 2 1]")
    #expect("\(Tensor([5]).broadcast(to: [2, 2]))" == "[[5 5]\n [5 5]]")
    #expect("\(Tensor([[1, 2], [3, 4]])[.all, 1])" == "[2 4]")
  }

  @Test("of rank 0 and of nothing")
  func smallest() {
    #expect("\(Tensor(2.5))" == "2.5")
    #expect("\(Tensor(true))" == "True")
    #expect(Tensor(2).debugDescription == "array(2)")
    #expect("\(7.operand)" == "7" && "\(0.5.operand)" == "0.5")
    #expect("\(Tensor.zeros([0]))" == "[]")
    #expect(
      Tensor.zeros([0, 3], .float64).debugDescription == "array([], shape=(0, 3), dtype=float64)")
  }

  @Test("summarised when large, with options")
  func large() {
    #expect("\(Tensor.arange(2000))" == "[   0    1    2 ... 1997 1998 1999]")
    #expect(Tensor([1.0 / 3]).description(PrintOptions(precision: 3)) == "[0.333]")
  }

  @Test("of a recorded tensor its value, of an abstract one that it has none")
  func recorded() {
    let tape = Tape()
    let x = tape.variable(Tensor([1.0, 2.0]))
    #expect("\(x * 2)" == "[2. 4.]")
    let graph = Graph()
    let y = graph.placeholder("y", [2])
    #expect("\(y)" == "Tensor(shape: [2], dtype: float32, not yet computed)")
    #expect(y.debugDescription == y.description)
  }
}
