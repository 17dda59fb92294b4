import Backtape
import BacktapeTensors
import Dispatch
import Testing

/// A tape belongs to one task; every task may have its own.
struct TapeConcurrencyTests {
  @Test("Tasks with gradients of their own run side by side")
  func separateTasks() async {
    await withTaskGroup(of: Bool.self) { group in
      for number in 1...16 {
        group.addTask {
          let x = Tensor.full([50], Double(number), .float64)
          return (0..<40).allSatisfy { _ in
            let slope = gradient(at: x) { x in
              gradient(at: x) { ($0 * $0 * $0).sum() }.sum()
            }
            return slope.scalars(as: Double.self).allSatisfy { $0 == 6 * Double(number) }
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  @Test("A task started inside a gradient has its own tape")
  func taskInsideAGradient() async {
    var task: Task<Bool, Never>?
    let slope = gradient(at: Tensor([2.0])) { x in
      task = Task {
        let inner = gradient(at: Tensor([3.0])) { ($0 * $0).sum() }
        return inner.item() == 6 && !inner.isTracked
      }
      return (x * x).sum()
    }
    #expect(slope.item() == 4)
    #expect(await task!.value)
  }

  @Test("Threads read a published tape while another records on it")
  func readersBesideAWriter() {
    let tape = Tape()
    let x = tape.variable(Tensor.full([8], 2, .float64))
    let loss = (x * x).sum()
    DispatchQueue.concurrentPerform(iterations: 4) { worker in
      for _ in 0..<500 {
        if worker == 0 {
          _ = loss + 1
        } else {
          let slope = tape.gradient(of: loss, withRespectTo: [x])[0]
          if slope[3].item() != 4 { fatalError("worker \(worker) read \(slope)") }
        }
      }
    }
    #expect(tape.gradient(of: loss, withRespectTo: [x])[0][0].item() == 4)
  }

  @Test("Two threads recording on one tape trap")
  func recordingOnOneTape() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let tape = Tape()
      let x = tape.variable(Tensor.ones([100_000]))
      DispatchQueue.concurrentPerform(iterations: 2) { _ in
        for _ in 0..<200 { _ = exp(x) }
      }
    }
    #expect(result.errorText.contains("Tape: two threads record on one tape at once"))
    #expect(result.errorText.contains("give each thread a tape of its own"))
  }
}
