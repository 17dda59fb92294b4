import Backtape
import BacktapeAutodiff
import BacktapeTensors
import Foundation
import Testing

/// Which primitives operations are made of: what a tape records of them.
struct CompositionTests {
  /// By golden file and operation.
  typealias Compositions = [String: [String: [String]]]

  /// Written by this test when the environment asks for it, and read by `Docs/operations`.
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Docs/compositions.json")

  @Test("Docs/compositions.json says what tapes record")
  func recorded() throws {
    var found: Compositions = ["alone": [:], "forward only": [:]]
    for family in GoldenFamily.all {
      let golden: GoldenFile<GoldenCase> = try loadGolden(family.file)
      var primitives: [String: Set<String>] = [:]
      for each in golden.cases {
        guard let settings = each.settings.narrowed(to: each.operation) else { continue }
        let function = try #require(family.operations[each.operation])
        primitives[each.operation, default: []].formUnion(
          recorded(at: each.inputs.map(\.tensor)) { [function(settings, $0)] })
      }
      found[family.file] = primitives.mapValues { $0.sorted() }
    }
    let x = Tensor([[2, 1.25, 0.5], [1.25, 3, 0.75], [0.5, 0.75, 4]])
    let (truths, integers) = (Tensor([true, false, true]), Tensor([1, 2, 0]))
    for (name, function) in operationsAlone {
      let slope = gradient(at: x) { x in
        function(x, truths, integers).filter(\.dtype.isFloatingPoint)
          .map { sin($0.cast(.float64)).sum() }.reduce(x.sum() * 0, +)
      }
      let kind = slope.any().item() == 0 ? "forward only" : "alone"
      found[kind]![name] =
        recorded(at: [x, truths, integers]) { function($0[0], $0[1], $0[2]) }.sorted()
    }

    if ProcessInfo.processInfo.environment["BACKTAPE_WRITE_COMPOSITIONS"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try (encoder.encode(found) + Data("\n".utf8)).write(to: Self.file)
    }
    let committed = try JSONDecoder().decode(Compositions.self, from: Data(contentsOf: Self.file))
    for (family, operations) in found {
      for (name, primitives) in operations {
        #expect(
          committed[family]?[name] == primitives, "\(name) of \(family): run Docs/operations")
      }
      #expect(committed[family]?.count == operations.count, "\(family): run Docs/operations")
    }
  }

  private func recorded(
    at inputs: [Tensor], _ function: ([Tensor]) -> [Tensor]
  ) -> Set<String> {
    let tape = Tape()
    let results = function(inputs.map { tape.variable($0) })
    return withExtendedLifetime(results) {
      Set((0..<tape.count).map { tape.record(at: $0).pointee.primitive.name })
        .subtracting(["input", "constant"])
    }
  }
}

/// Operations of which no golden file has derivatives, or whose cases do more than the operation:
/// of a positive definite matrix, truths and integers.
private let operationsAlone: [String: @Sendable (Tensor, Tensor, Tensor) -> [Tensor]] = [
  ".==": { x, _, _ in [x .== 2] }, ".!=": { x, _, _ in [x .!= 2] },
  ".<": { x, _, _ in [x .< 2] }, ".<=": { x, _, _ in [x .<= 2] },
  ".>": { x, _, _ in [x .> 2] }, ".>=": { x, _, _ in [x .>= 2] },
  "!": { _, truths, _ in [!truths] }, ".&": { _, truths, _ in [truths .& truths] },
  ".|": { _, truths, _ in [truths .| truths] }, ".^": { _, truths, _ in [truths .^ truths] },
  "isnan": { x, _, _ in [isnan(x)] }, "isinf": { x, _, _ in [isinf(x)] },
  "isfinite": { x, _, _ in [isfinite(x)] }, "isClose": { x, _, _ in [isClose(x, 1)] },
  "where": { x, truths, _ in [.where(truths, x, x)] }, "cast": { x, _, _ in [x.cast(.float32)] },
  "dot": { x, _, _ in [x.dot(x)] },
  "floorDivide": { x, _, _ in [floorDivide(x, 2)] },
  "all": { _, truths, _ in [truths.all()] }, "any": { _, truths, _ in [truths.any()] },
  "argmax": { x, _, _ in [x.argmax(axis: 0)] }, "argmin": { x, _, _ in [x.argmin(axis: 0)] },
  "countNonzero": { x, _, _ in [x.countNonzero()] }, "nonzero": { x, _, _ in [x.nonzero()] },
  "argsort": { x, _, _ in [x.argsort(axis: 0)] },
  "searchsorted": { x, _, _ in [x[2].searchsorted(x)] },
  "unique": { x, _, _ in
    let (values, inverse, counts) = x.unique()
    return [values, inverse, counts]
  },
  "oneHot": { _, _, integers in [oneHot(integers, 5)] },
  "fold": { x, _, _ in [x.fold(axis: 0, extent: 5)] },
  "transposed": { x, _, _ in [x.transposed] },
  "stopGradient": { x, _, _ in [x.stopGradient()] },
  "dropout": { x, _, _ in [dropout(x, rate: 0.5, key: RandomKey(seed: 1))] },
  "scan": { x, _, _ in
    [scan(x, initial: [x[0]]) { state, x in ([state[0] + x], x) }.outputs]
  },
  "cholesky": { x, _, _ in [x.cholesky()] }, "eigvalsh": { x, _, _ in [x.eigvalsh()] },
  "qr": { x, _, _ in
    let (q, r) = x.qr()
    return [q, r]
  },
  "eigh": { x, _, _ in
    let (values, vectors) = x.eigh()
    return [values, vectors]
  },
  "svd": { x, _, _ in
    let (u, s, vh) = x.svd()
    return [u, s, vh]
  },
]
