import BacktapeKernels
import BacktapeTensors

extension Plan {
  /// Number of instructions.
  package var count: Int { instructionCount }

  /// Runs on the values fed; then variables have their new values.
  ///
  /// - Throws: ``GraphError/wrongIndex(input:index:extent:)``, before anything has changed.
  package func run(_ values: [Tensor]) throws(GraphError) -> [Tensor] {
    try access.exclusively { () throws(GraphError) in
      if takesIndices { try checkIndices(values) }
      exchange.pointee.take(values, in: memory)
      exchange.pointee.prepareResults(in: memory)
      bt_run_phases(instructions, phases, Int64(phaseCount))
      return exchange.pointee.outcome()
    }
  }

  /// Runs once more on the values last fed, for the sake of the updates: nothing is handed out.
  ///
  /// Traps if inputs have never been fed.
  public func step() {
    access.exclusively {
      prepareAgain("step")
      bt_run_phases(instructions, phases, Int64(phaseCount))
    }
  }

  /// Readies a run on what was last fed; traps if nothing was.
  func prepareAgain(_ operation: StaticString) {
    if !exchange.pointee.isFed {
      fatalError(
        """
        \(operation): the plan has \(exchange.pointee.feedCount) inputs that were never fed; \
        call it first
        """)
    }
    if exchange.pointee.resultCount > 0 { exchange.pointee.prepareResults(in: memory) }
  }
}
