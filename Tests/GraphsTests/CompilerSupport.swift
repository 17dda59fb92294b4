// The passes are tested where their module can be imported with what is internal to it: in debug
// builds. What they make of whole computations is tested in every build, by results.
#if DEBUG
  import Backtape
  import BacktapeAutodiff
  import BacktapeTensors

  @testable import BacktapeGraphs

  /// A computation as the passes get it.
  struct TracedProgram {
    var program: Program
    let sources = Sources()

    /// - Parameter body: of inputs of the given shapes.
    init(_ shapes: Shape..., dtype: DType = .float32, body: ([Tensor]) -> [Tensor]) throws {
      try self.init(shapes, dtype: dtype, body: body)
    }

    init(_ shapes: [Shape], dtype: DType = .float32, body: ([Tensor]) -> [Tensor]) throws {
      let tape = Tape()
      let inputs = shapes.map { tape.placeholder($0, dtype) }
      program = try Program(
        tracing: tape, bindings: .feeding(inputs), outputs: body(inputs), updates: [], sources)
    }

    var locations: Locations { Locations(program, constants: sources.constants) }
    var grouping: Grouping { Grouping(program, locations) }
    var simplified: Program { program.simplified(sources).removingDeadLines() }
  }

  extension Program {
    /// Names of the operations in order, without sources.
    var names: [String] {
      lines.filter { $0.source == nil }.map { String("\($0.operation)".prefix { $0 != "[" }) }
    }

    func first(_ name: String) -> Int? {
      lines.indices.first { "\(lines[$0].operation)".hasPrefix(name) }
    }
  }

  extension Grouping {
    /// Names of the operations of every group with more than one, in the order of the program.
    var fused: [[String]] {
      groups.compactMap(\.self).filter { $0.members.count > 1 }
        .sorted { $0.members[0] < $1.members[0] }
        .map { group in group.members.map { "\(program.lines[$0].operation)" } }
    }
  }
#endif
