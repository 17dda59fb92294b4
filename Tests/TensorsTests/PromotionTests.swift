import Backtape
import Testing

@Suite("Promotion is PyTorch's")
struct PromotionTests {
  private enum Operand {
    case tensor(Tensor), integer(Int), real(Double)

    init(_ words: [String]) throws {
      switch (words[0], words[1]) {
      case ("number", "int"): self = .integer(2)
      case ("number", _): self = .real(2)
      case (let kind, let name):
        self = .tensor(.ones(kind == "axes" ? [3] : [], try #require(dtype(named: name))))
      }
    }
  }

  private func apply(_ name: String, _ left: Operand, _ right: Operand) -> Tensor? {
    switch (name, left, right) {
    case ("+", .tensor(let a), .tensor(let b)): a + b
    case ("+", .tensor(let a), .integer(let b)): a + b
    case ("+", .tensor(let a), .real(let b)): a + b
    case ("+", .integer(let a), .tensor(let b)): a + b
    case ("+", .real(let a), .tensor(let b)): a + b
    case ("*", .tensor(let a), .tensor(let b)): a * b
    case ("*", .tensor(let a), .integer(let b)): a * b
    case ("*", .tensor(let a), .real(let b)): a * b
    case ("*", .integer(let a), .tensor(let b)): a * b
    case ("*", .real(let a), .tensor(let b)): a * b
    case ("/", .tensor(let a), .tensor(let b)): a / b
    case ("/", .tensor(let a), .integer(let b)): a / b
    case ("/", .tensor(let a), .real(let b)): a / b
    case ("/", .integer(let a), .tensor(let b)): a / b
    case ("/", .real(let a), .tensor(let b)): a / b
    case (".<", .tensor(let a), .tensor(let b)): a .< b
    case (".<", .tensor(let a), .integer(let b)): a .< b
    case (".<", .tensor(let a), .real(let b)): a .< b
    case (".<", .integer(let a), .tensor(let b)): a .< b
    case (".<", .real(let a), .tensor(let b)): a .< b
    case ("maximum", .tensor(let a), .tensor(let b)): maximum(a, b)
    case ("maximum", .tensor(let a), .integer): maximum(a, 2)
    case ("maximum", .tensor(let a), .real): maximum(a, 2.0)
    case ("maximum", .integer, .tensor(let b)): maximum(2, b)
    case ("maximum", .real, .tensor(let b)): maximum(2.0, b)
    case ("atan2", .tensor(let a), .tensor(let b)): atan2(a, b)
    default: nil
    }
  }

  @Test("for every pair of types, ranks and numbers, in both orders")
  func goldens() throws {
    for golden in try TensorGolden.cases(\.promotion) {
      let (left, right) = try (#require(golden.left), #require(golden.right))
      let result = try apply(golden.name, Operand(left), Operand(right))
      #expect(
        result?.dtype.description == golden.expectedType, "\(left) \(golden.name) \(right)")
    }
  }

  @Test("a number keeps all its digits and adapts to the tensor")
  func numbers() {
    let wide = Tensor([1.0])
    #expect((0.1 * wide).scalars(as: Double.self) == [0.1])
    #expect((wide * (0.1 as Float)).scalars(as: Double.self) == [Double(0.1 as Float)])
    #expect((Tensor([1]) + 9_007_199_254_740_993).scalars(as: Int.self) == [9_007_199_254_740_994])
    #expect((Tensor([1 as Float]) * 2.5).dtype == .float32)
    #expect((Tensor([1]) * 2.5).dtype == .float32)
    #expect((Tensor([true]) + 1).dtype == .int64)
    let literal = 0.1.operand
    #expect((literal * wide).scalars(as: Double.self) == [0.1])
    #expect((literal + 1).dtype == .float32)
    #expect(literal.cast(.float64).item() == 0.1)
  }

  @Test("assignment operators take tensors, literals and variables of every number type")
  func assignmentOperators() {
    var x = Tensor([8.0, 16.0])
    let n = 2
    let half: Float = 0.5
    let quarter = 0.25
    x += 1
    x -= n
    x *= half
    x /= quarter
    #expect(x.scalars(as: Double.self) == [14, 30])
    x += x
    x -= 1.5
    x *= Tensor([2.0, 0.0])
    x /= 2
    #expect(x.scalars(as: Double.self) == [26.5, 0])
  }

  @Test("squares of bools are int64, their signs are bools")
  func bools() {
    let x = Tensor([true, false])
    #expect(x.squared().dtype == .int64)
    #expect(square(x).scalars(as: Int.self) == [1, 0])
    #expect(sign(x).dtype == .bool)
  }
}
