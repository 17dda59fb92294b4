import BacktapeKernels
import Foundation
import Testing

extension Kernels {
  @Suite struct Threads {
    @Test func countIsKeptAndBounded() {
      let before = bt_thread_count()
      defer { bt_set_thread_count(before) }
      #expect(before >= 1)
      bt_set_thread_count(3)
      #expect(bt_thread_count() == 3)
      bt_set_thread_count(0)
      #expect(bt_thread_count() == 1)
    }

    /// Elementwise work that is shared out, and a count that changes between regions.
    @Test func changingCounts() {
      let x = (0..<300_000).map { Float($0) / 3e5 }
      let expected = unary(.exp, x)
      for _ in 0..<20 {
        forEachThreadCount { count in
          #expect(unary(.exp, x) == expected, "\(count) threads")
        }
      }
    }

    /// Regions from several threads at once: one has the pool, the others help themselves.
    @Test func concurrentCallers() {
      let before = bt_thread_count()
      defer { bt_set_thread_count(before) }
      bt_set_thread_count(4)
      let n = 200_000
      let a = (0..<n).map { Float($0 % 1000) }
      let expected = (0..<n).reduce(0) { $0 + $1 % 1000 }
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        for _ in 0..<50 {
          var out: [Float] = [0]
          _ = bt_reduce(.reduce_sum, .float32, 1, Int64(n), 1, &out, a, 0, 1, 1)
          #expect(out[0] == Float(expected))
        }
      }
    }

    /// Workers park when idle and are woken again.
    @Test func wakingAfterAPause() {
      forEachThreadCount { count in
        for _ in 0..<5 {
          usleep(2000)
          let x = [Double](repeating: 0.5, count: 200_000)
          #expect(unary(.sqrt, x).allSatisfy { $0 == 0.5.squareRoot() }, "\(count) threads")
        }
      }
    }
  }

  @Suite struct InstructionSets {
    @Test(.enabled(if: testsEverySet)) func namedSetsAreSelected() {
      defer { bt_select_instruction_set(nil) }
      for name in instructionSets {
        #expect(String(cString: bt_select_instruction_set(name)) == name)
        #expect(String(cString: bt_instruction_set()) == name)
      }
      #expect(instructionSets.contains("scalar"))
    }

    @Test(.enabled(if: testsEverySet)) func unknownNamesMeanTheBest() {
      defer { bt_select_instruction_set(nil) }
      #expect(String(cString: bt_select_instruction_set("mmx")) == instructionSets.first)
    }

    @Test func environmentChoosesTheSetAndTheThreads() async {
      await #expect(processExitsWith: .success) {
        setenv("BACKTAPE_INSTRUCTION_SET", "scalar", 1)
        setenv("BACKTAPE_THREADS", "5", 1)
        guard String(cString: bt_instruction_set()) == "scalar" else { exit(1) }
        guard bt_thread_count() == 5 else { exit(2) }
      }
    }
  }
}
