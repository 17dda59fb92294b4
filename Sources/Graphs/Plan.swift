import BacktapeAutodiff
import BacktapeKernels
import BacktapeTensors

/// A stretch of tape made ready to run again and again: a list of instructions over memory that is
/// laid out once.
///
/// Only records that an output or an update needs are in it. Inputs are either fed at every run or
/// bound to a variable's memory.
///
/// May be run from several tasks: plans that share variables run one after the other.
public final class Plan: @unchecked Sendable {
  /// What an input of the tape stands for.
  package enum Binding {
    /// The value comes with every run, at this position.
    case fed(Int)
    /// The value stays in a variable's memory.
    case variable(Variable)

    fileprivate func source(_ sources: Sources) -> Line.Source {
      switch self {
      case .fed(let position): .fed(position)
      case .variable(let variable): .variable(sources.number(of: variable))
      }
    }
  }

  let lowering: Lowering
  let indexChecks: [IndexCheck]
  let works: [Work]
  let joined: [Phase]
  let loops: Loops
  let memory: PlanMemory
  let instructions: UnsafeMutablePointer<bt_instruction>
  let instructionCount: Int
  let phases: UnsafeMutablePointer<bt_phase>
  let phaseCount: Int
  let exchange: UnsafeMutablePointer<Exchange>
  /// One at a time runs of those that share variables.
  let access: VariableAccess

  /// - Parameters:
  ///   - tape: where the computation is recorded.
  ///   - bindings: of inputs, by record.
  ///   - outputs: tensors to hand out after a run.
  ///   - updates: variables and the tensors whose values they have after a run.
  ///   - passes: what the compiler does; all of it but in tests that compare.
  ///   - joinsAll: whether chains take all that they can, however little it does; for tests.
  ///   - access: to the variables, where several plans have them and run in several tasks.
  package init(
    _ tape: Tape, bindings: [Int: Plan.Binding], outputs: [Tensor],
    updates: [(variable: Variable, value: Tensor)], passes: Set<Pass> = Pass.all,
    joinsAll: Bool = false,
    access: VariableAccess = VariableAccess()
  ) throws(GraphError) {
    self.access = access
    let sources = Sources()
    let program = try Program(
      tracing: tape, bindings: bindings, outputs: outputs, updates: updates, sources
    ).rewritten(by: passes, sources)
    indexChecks = program.indexChecks { source in
      let record = bindings.first { $0.value.source(sources) == source }
      return record.map { tape.label(Int32($0.key)) } ?? ""
    }
    let locations = Locations(
      program, constants: sources.constants, isPlacing: passes.contains(.placement))
    let grouping = Grouping(program, locations, isEnabled: passes.contains(.grouping))
    lowering = Lowering(
      program, locations, grouping, sharesMatrices: passes.contains(.sharedMatrices))
    works = Schedule.ordered(lowering)
    memory = PlanMemory(sources)
    joined = Chains.phases(
      works, lowering, joinsAll ? .possible : passes.contains(.chains) ? .worthwhile : .none)
    let lifetimes = lowering.lifetimes(works)
    loops = passes.contains(.loops) ? LoopSearch(works, joined, lowering, lifetimes).found : Loops()
    let emission = Emission(
      lowering, works, joined, loops,
      Lifetimes(lifetimes, lowering.bytes, joined, loops.stacks), memory)
    instructions = memory.allocate(emission.instructions)
    instructionCount = emission.instructions.count
    phases = memory.allocate(emission.phases)
    phaseCount = emission.phases.count
    exchange = .allocate(capacity: 1)
    exchange.initialize(to: Exchange(program))
  }

  deinit {
    exchange.deinitialize(count: 1)
    exchange.deallocate()
  }
}

extension [Int: Plan.Binding] {
  /// Of inputs that are fed, in their order.
  package static func feeding(_ inputs: [Tensor]) -> Self {
    Self(uniqueKeysWithValues: inputs.enumerated().map { (Int($1.index), .fed($0)) })
  }
}
