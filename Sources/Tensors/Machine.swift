import BacktapeKernels

/// What computations run on.
public enum Machine {
  /// The instruction set of the kernels: "avx512", "avx2", "sse2", "neon" or "scalar".
  ///
  /// Chosen once, the best the processor has; the environment variable
  /// `BACKTAPE_INSTRUCTION_SET` names a lower one.
  public static var instructionSet: String { String(cString: bt_instruction_set()) }

  /// The number of threads that large operations use, the calling one included; at least 1.
  ///
  /// At first the number of processors, or what the environment variable `BACKTAPE_THREADS` says.
  /// Results have the same bits for any number.
  public static var threadCount: Int {
    get { Int(bt_thread_count()) }
    set { bt_set_thread_count(Int32(clamping: newValue)) }
  }
}
