import Backtape
import Testing

#if os(Linux)
  import Foundation

  /// In processes of their own: tests beside them allocate too.
  @Suite("Running again and again keeps the memory it has")
  struct MemoryTests {
    /// Bytes the process holds in memory.
    static func resident() -> Int {
      let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
      return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
    }

    /// Exits with failure if the second half of many rounds adds 1 MiB: a leak of 2.5 KiB a round.
    static func repeats(_ body: () throws -> Void) {
      for _ in 0..<400 { try? body() }
      let before = resident()
      for _ in 0..<400 { try? body() }
      let growth = resident() - before
      if before == 0 || growth > 1 << 20 { fatalError("grew by \(growth) bytes from \(before)") }
    }

    @Test("sessions, functions and errors")
    func runs() async {
      await #expect(processExitsWith: .success) {
        let graph = Graph()
        let x = graph.placeholder("x", [8, 16], .float64)
        let w = graph.variable("w", Tensor.ones([16, 16], .float64))
        let loss = tanh(x.dot(w)).squared().mean()
        let gradient = graph.gradients(of: loss, withRespectTo: [w])[0]
        let update = Update(w, to: w - 0.01 * gradient)
        let session = Session(graph)
        let train = try Function(inputs: [x], outputs: [loss, w], updates: [update])
        let data = Tensor.ones([8, 16], .float64)
        MemoryTests.repeats {
          try session.run([loss, w.transposed], feeding: [x: data], updating: [update])
          try train(data)
          #expect(throws: GraphError.self) { try session.run(loss, updating: [update]) }
        }
      }
    }

    @Test("plans, sessions, graphs and traces that are made and dropped")
    func made() async {
      await #expect(processExitsWith: .success) {
        var n = 0
        let f = compiled { (x: Tensor) in gradient(at: x) { ($0 * $0).sum() } }
        MemoryTests.repeats {
          let graph = Graph()
          let w = graph.variable("w", Tensor.ones([32, 32]))
          let step = [Update(w, to: (w * 2).transposed)]
          try Session(graph).run(w, updating: step)
          try Function(inputs: [], outputs: [w], updates: step)()
          n += 1
          _ = f(Tensor.ones([n % 200 + 1]))
          _ = gradient(at: Tensor.ones([n % 200 + 1])) { f($0).sum() }
        }
      }
    }
  }
#endif
