extension Plan {
  /// A step of the compiler that a plan can do without: it makes the plan faster or smaller, and
  /// keeps what it computes. In the order they are taken.
  package enum Pass: CaseIterable, Sendable {
    // From program to program.
    case productsOverOne, interleaving, smallReductions, assemblies, convolutions, sumsOfProducts
    case simplification, slices, commonSubexpressions, addedProducts, recomputation
    // Where and how values are computed.
    case placement, grouping, sharedMatrices, chains, loops

    package static let all = Set(allCases)
  }
}

extension Plan.Pass {
  /// What those from program to program do, in order.
  static let rewriting: [(pass: Plan.Pass, rewrite: @Sendable (Program, Sources) -> Program)] = [
    (.productsOverOne, { program, _ in program.multiplyingOverOne() }),
    (.interleaving, { $0.interleavingPositions($1) }),
    (.smallReductions, { program, _ in program.unrollingSmallReductions() }),
    (.assemblies, { program, _ in program.assemblingSums() }),
    (.convolutions, { program, _ in program.convolvingFolds() }),
    (.sumsOfProducts, { program, _ in program.mergingSumsOfProducts() }),
    (.simplification, { program, sources in program.simplified(sources) }),
    (.slices, { $0.operatingOnSlices()?.simplified($1) ?? $0 }),
    (.commonSubexpressions, { program, _ in program.mergingCommonSubexpressions() }),
    (.addedProducts, { program, _ in program.updatingByProducts() }),
    (.recomputation, { program, _ in program.recomputingCheapValues() }),
  ]
}

extension Program {
  /// What passes make of it, one after the other; then lines go that nothing needs any more.
  func rewritten(by passes: Set<Plan.Pass>, _ sources: Sources) -> Program {
    var program = self
    for step in Plan.Pass.rewriting where passes.contains(step.pass) {
      program = step.rewrite(program, sources)
    }
    return program.removingDeadLines()
  }
}
