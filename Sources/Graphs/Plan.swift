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
  }

  // MARK: making one

  /// What the compiler leaves out, for tests that compare results with and without.
  package struct Options: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// Operations that change nothing stay.
    package static let keepsIdentities = Options(rawValue: 1)
    /// What is computed twice is computed twice.
    package static let keepsDuplicates = Options(rawValue: 2)
    /// Sums are added up as the tape has them.
    package static let keepsSums = Options(rawValue: 8)
    /// Every line is an instruction of its own.
    package static let isUnfused = Options(rawValue: 4)
    /// Threads meet after every instruction.
    package static let isUnchained = Options(rawValue: 16)
    /// Whatever can be is joined into chains, however little it does.
    package static let chainsAll = Options(rawValue: 32)
  }

  let lowering: Lowering
  let works: [Work]
  let joined: [Phase]
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
  ///   - access: to the variables, where several plans have them and run in several tasks.
  package init(
    _ tape: Tape, bindings: [Int32: Plan.Binding], outputs: [Tensor],
    updates: [(variable: Variable, value: Tensor)], options: Options = [],
    access: VariableAccess = VariableAccess()
  ) throws(GraphError) {
    self.access = access
    let sources = Sources()
    var program = try Program(
      tracing: tape, bindings: bindings, outputs: outputs, updates: updates, sources)
    if !options.contains(.keepsSums) {
      program = program.multiplyingOverOne().unrollingSmallReductions().assemblingSums()
        .convolvingFolds()
        .mergingSumsOfProducts()
    }
    if !options.contains(.keepsIdentities) { program = program.simplified(sources) }
    if !options.contains(.isUnfused), let sliced = program.operatingOnSlices() {
      program = options.contains(.keepsIdentities) ? sliced : sliced.simplified(sources)
    }
    if !options.contains(.keepsDuplicates) { program = program.mergingCommonSubexpressions() }
    program = program.removingDeadLines().updatingByProducts().removingDeadLines()
    let locations = Locations(program, constants: sources.constants)
    let grouping = Grouping(program, locations, isEnabled: !options.contains(.isUnfused))
    lowering = Lowering(program, locations, grouping)
    works = Schedule.ordered(lowering)
    memory = PlanMemory(sources)
    joined = Chains.phases(
      works, lowering,
      options.contains(.isUnchained)
        ? .none : options.contains(.chainsAll) ? .possible : .worthwhile)
    let emission = Emission(lowering, works, joined, memory)
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
