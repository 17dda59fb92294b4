import Backtape
import Testing

/// Reductions, order, indexing and shape of tensors of any type against PyTorch and NumPy, whose
/// answers are in `Tests/Golden/calculus_indexing.json`.
struct IndexingValueTests {
  struct Golden: Decodable {
    struct Header: Decodable { let values: Int }
    let header: Header
    let values: [Values]

    static func load() throws -> Golden { try loadGolden("calculus_indexing") }
  }

  struct Values: GoldenNamed {
    let name: String
    let operation: String
    let settings: GoldenSettings
    let inputs: [TypedArray]
    let outputs: [TypedArray]
  }

  struct TypedArray: Decodable, Sendable {
    let dtype: String
    let shape: [Int]
    let data: [GoldenNumber]

    var tensor: Tensor {
      Tensor(data.map(\.value), Shape(shape)).cast(DType.allCases.first { "\($0)" == dtype }!)
    }
  }

  @Test("of any type", arguments: try Golden.load().values)
  func values(golden: Values) throws {
    let function = try #require(indexingFunctions[golden.operation])
    let inputs = golden.inputs.map(\.tensor)
    expect(function(golden.settings, inputs), golden)
    // The same with gaps between elements, and backwards.
    let views = inputs.map { x in Tensor.stack([x, x], axis: -1).flip()[..., 1].flip() }
    expect(function(golden.settings, views), golden)
  }

  private func expect(_ results: [Tensor], _ golden: Values) {
    #expect(results.count == golden.outputs.count)
    for (result, expected) in zip(results, golden.outputs.map(\.tensor)) {
      #expect(result.shape == expected.shape)
      #expect(result.dtype == expected.dtype)
      if result.shape != expected.shape { continue }
      let relative = expected.dtype == .float64 ? 1e-12 : expected.dtype == .float32 ? 1e-6 : 0
      #expect(
        result.allClose(expected, relative: relative, absolute: 0), "\(result), not \(expected)")
    }
  }

  @Test("The golden file holds what it says")
  func goldenFileIsWhole() throws {
    let golden = try Golden.load()
    #expect(golden.values.count == golden.header.values && golden.values.count >= 139)
    #expect(Set(golden.values.map(\.operation)).isSubset(of: indexingFunctions.keys))
  }
}
