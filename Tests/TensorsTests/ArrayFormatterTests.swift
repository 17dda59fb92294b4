import BacktapeTensors
import Foundation
import Testing

/// Compares text with `Tests/Golden/numpy_printing.json`, character for character.
struct ArrayFormatterTests {
  @Test func equalsNumPy() throws {
    for array in try GoldenArrays.load().cases {
      let formatter = ArrayFormatter(options: array.printOptions)
      #expect(formatter.representation(shape: array.shape, array.elements) == array.repr)
      #expect(formatter.string(shape: array.shape, array.elements) == array.str)
    }
  }

  @Test func goldenValuesNameTheirOrigin() throws {
    let golden = try GoldenArrays.load()
    #expect(golden.header.generator == "Tests/Golden/numpy_printing.py")
    #expect(golden.header.cases == golden.cases.count)
    #expect(golden.cases.count >= 150)
  }

  @Test func anotherNameMovesTheIndent() {
    let text = ArrayFormatter().representation(
      shape: [2, 2], .float64 { Double($0) }, name: "Tensor")
    #expect(text == "Tensor([[0., 1.],\n        [2., 3.]])")
  }

  @Test func aSummaryReadsItsCornersOnly() {
    let text = ArrayFormatter().string(
      shape: [1_000_000, 1_000_000],
      .integer(dtype: "int64") { position in
        let (row, column) = position.quotientAndRemainder(dividingBy: 1_000_000)
        precondition((row < 3 || row >= 999_997) && (column < 3 || column >= 999_997))
        return row == column ? 1 : 0
      })
    #expect(
      text == """
        [[1 0 0 ... 0 0 0]
         [0 1 0 ... 0 0 0]
         [0 0 1 ... 0 0 0]
         ...
         [0 0 0 ... 1 0 0]
         [0 0 0 ... 0 1 0]
         [0 0 0 ... 0 0 1]]
        """)
  }

  @Test func optionsMayBeUnlimited() {
    let options = PrintOptions(precision: .max, threshold: 1, edgeItems: .max, lineWidth: .max)
    let formatter = ArrayFormatter(options: options)
    #expect(formatter.string(shape: [2], .float64 { 0.1 + Double($0) }) == "[0.1 1.1]")
    #expect(formatter.string(shape: [2], .float64 { 1e-300 + Double($0) }) == "[1.e-300 1.e+000]")
  }

  @Test func trapsOnANegativePrecision() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ArrayFormatter(options: PrintOptions(precision: -1))
    }
    expectMessage(result, ["precision -1"])
  }
}

struct GoldenArray: Decodable {
  struct Options: Decodable {
    let precision: Int?
    let threshold: Int?
    let edgeitems: Int?
    let linewidth: Int?
    let suppress: Bool?
  }

  let shape: [Int]
  let repr: String
  let str: String
  let printOptions: PrintOptions
  let elements: ArrayElements

  enum CodingKeys: CodingKey {
    case dtype, shape, options, values, repr, str
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    shape = try container.decode([Int].self, forKey: .shape)
    repr = try container.decode(String.self, forKey: .repr)
    str = try container.decode(String.self, forKey: .str)
    let given = try container.decode(Options.self, forKey: .options)
    var options = PrintOptions()
    options.precision = given.precision ?? options.precision
    options.threshold = given.threshold ?? options.threshold
    options.edgeItems = given.edgeitems ?? options.edgeItems
    options.lineWidth = given.linewidth ?? options.lineWidth
    options.suppressSmall = given.suppress ?? options.suppressSmall
    printOptions = options
    let dtype = try container.decode(String.self, forKey: .dtype)
    switch dtype {
    case "float64":
      let values = try container.decode([Real].self, forKey: .values)
      elements = .float64 { values[$0].value }
    case "float32":
      let values = try container.decode([Real].self, forKey: .values)
      elements = .float32 { Float(values[$0].value) }
    case "bool":
      let values = try container.decode([Bool].self, forKey: .values)
      elements = .bool { values[$0] }
    default:
      let values = try container.decode([Int].self, forKey: .values)
      elements = .integer(dtype: dtype) { values[$0] }
    }
  }

  /// JSON has no NaN and no infinity: they are strings.
  struct Real: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        value = try #require(Double(container.decode(String.self)))
      }
    }
  }
}

struct GoldenArrays: Decodable {
  struct Header: Decodable {
    let generator: String
    let numpy: String
    let cases: Int
  }

  let header: Header
  let cases: [GoldenArray]

  static func load() throws -> GoldenArrays { try loadGolden("numpy_printing") }
}
