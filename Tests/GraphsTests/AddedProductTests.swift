import Backtape
import BacktapeAutodiff
import BacktapeGraphs
import BacktapeTensors
import Testing

/// A variable that becomes itself and a number of times a product: one instruction, and the bits of
/// the operations one by one.
@Suite("Products added to variables")
struct AddedProductTests {
  typealias Value = @Sendable (_ w: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor

  struct Case: Sendable, CustomStringConvertible {
    let name: String
    let isJoined: Bool
    let value: Value
    var description: String { name }

    init(_ name: String, isJoined: Bool, _ value: @escaping Value) {
      self.name = name
      self.isJoined = isJoined
      self.value = value
    }
  }

  static let cases = [
    Case("less", isJoined: true) { w, a, b in w - a.dot(b) },
    Case("plus", isJoined: true) { w, a, b in w + a.dot(b) },
    Case("added to", isJoined: true) { w, a, b in a.dot(b) + w },
    Case("less a tenth", isJoined: true) { w, a, b in w - 0.1 * a.dot(b) },
    Case("plus three times", isJoined: true) { w, a, b in a.dot(b) * 3 + w },
    Case("plus nothing", isJoined: true) { w, a, b in w + 0 * a.dot(b) },
    Case("less infinity", isJoined: true) { w, a, b in w - Double.infinity * a.dot(b) },
    Case("the other way round", isJoined: false) { w, a, b in a.dot(b) - w },
    Case("to the square", isJoined: false) { w, a, b in w * w - a.dot(b) },
    Case("of a product used twice", isJoined: false) { w, a, b in
      let product = a.dot(b)
      return w - product * product.max()
    },
  ]

  /// Rows, columns and what is summed over.
  static let extents = [
    [3, 4, 4], [1, 5, 7], [5, 1, 7], [17, 19, 64], [40, 33, 256], [64, 64, 3],
  ]

  @Test(
    "Every bit is that of the operations one by one", arguments: cases, [DType.float32, .float64])
  func bits(example: Case, dtype: DType) throws {
    for extents in Self.extents {
      let (w, a, b) = Self.operands(extents, dtype)
      let graph = Graph()
      let variable = graph.variable("w", w)
      let (x, y) = (graph.placeholder("a", a.shape, dtype), graph.placeholder("b", b.shape, dtype))
      let step = try Function(
        inputs: [x, y], outputs: [variable + 1],
        updates: [Update(variable, to: example.value(variable, x, y))])
      var expected = w
      for round in 0..<2 {
        let old = try step(a, b)[0]
        #expect(Bits(old) == Bits(expected + 1), "\(extents), round \(round): the value before")
        expected = example.value(expected, a, b)
        let isSame = Bits(try graph.value(of: variable)).isSame(as: Bits(expected))
        #expect(isSame, "\(extents), round \(round)")
      }
    }
  }

  @Test("A variable that the product is made of is read before it changes")
  func factors() throws {
    let start = Tensor((0..<16).map { 0.1 * Double($0) }, [4, 4])
    let values: [@Sendable (Tensor) -> Tensor] = [
      { $0 - 0.5 * $0.dot($0) }, { $0 - $0.transposed.dot($0) }, { $0.transposed.dot($0 + 1) + $0 },
    ]
    for value in values {
      let graph = Graph()
      let w = graph.variable("w", start)
      try Function(inputs: [], outputs: [], updates: [Update(w, to: value(w))])()
      #expect(Bits(try graph.value(of: w)).isSame(as: Bits(value(start))))
    }
  }

  @Test("Two variables that need each other's old values")
  func pairs() throws {
    let start = Tensor((0..<9).map { 0.1 * Double($0) }, [3, 3])
    let graph = Graph()
    let (v, w) = (graph.variable("v", start), graph.variable("w", start * 2))
    try Function(
      inputs: [], outputs: [], updates: [Update(v, to: v - w.dot(w)), Update(w, to: w - v.dot(v))])()
    #expect(Bits(try graph.value(of: v)).isSame(as: Bits(start - (start * 2).dot(start * 2))))
    #expect(Bits(try graph.value(of: w)).isSame(as: Bits(start * 2 - start.dot(start))))
  }

  static func operands(_ extents: [Int], _ dtype: DType) -> (Tensor, Tensor, Tensor) {
    let (m, n, k) = (extents[0], extents[1], extents[2])
    func draw(_ shape: Shape, _ stream: UInt32) -> Tensor {
      Tensor.randomNormal(shape, key: RandomKey(seed: 5, stream: stream)).cast(dtype)
    }
    return (draw([m, n], 0), draw([m, k], 1), draw([k, n], 2))
  }
}

#if DEBUG
  @testable import BacktapeGraphs

  extension AddedProductTests {
    @Test("What is joined, and what is not", arguments: cases)
    func joined(example: Case) throws {
      let program = try Self.program([3, 4, 5]) { [example.value($0, $1, $2)] }
      #expect(program.names.contains("addedDot") == example.isJoined, "\(program)")
    }

    @Test("Not joined: products of more than a block, and those somebody else wants")
    func apart() throws {
      for extents in [[3, 4, 257], [1, 4, 65], [4, 1, 65]] {
        let program = try Self.program(extents) { [$0 - $1.dot($2)] }
        #expect(program.names == ["dots", "subtract"], "\(program)")
      }
      let wanted = try Self.program([3, 4, 5]) {
        let product = $1.dot($2)
        return [$0 - product, product]
      }
      #expect(wanted.names == ["dots", "subtract"], "\(wanted)")
    }

    @Test("The pass prints what it made")
    func text() throws {
      let program = try Self.program([3, 4, 5]) { [$0 - 0.1 * $1.dot($2)] }
      #expect(
        "\(program)" == """
          %0 = variable[0]  [3, 4] float64
          %1 = fed[0]  [3, 5] float64
          %2 = fed[1]  [5, 4] float64
          %3 = addedDot[0, 1, scale: -0.1](%0, %1, %2)  [3, 4] float64
          updates: %3
          """)
    }

    /// The first value updates the variable, the others are outputs.
    private static func program(
      _ extents: [Int], _ values: (Tensor, Tensor, Tensor) -> [Tensor]
    ) throws -> Program {
      let (m, n, k) = (extents[0], extents[1], extents[2])
      let tape = Tape()
      let w = tape.placeholder([m, n], .float64)
      let (a, b) = (tape.placeholder([m, k], .float64), tape.placeholder([k, n], .float64))
      let results = values(w, a, b)
      let variable = Variable(.zeros([m, n], .float64))
      var bindings = [Int: Plan.Binding].feeding([a, b])
      bindings[Int(w.index)] = .variable(variable)
      return try Program(
        tracing: tape, bindings: bindings, outputs: Array(results.dropFirst()),
        updates: [(variable, results[0])], Sources()
      ).updatingByProducts().removingDeadLines()
    }
  }
#endif
