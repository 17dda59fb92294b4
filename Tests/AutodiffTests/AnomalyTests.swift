import Backtape
import BacktapeTensors
import Testing

/// The first NaN or infinity is found where it is made.
struct AnomalyTests {
  private func anomaly<R>(_ infinities: Bool = true, _ body: () throws -> R) -> Anomaly? {
    do {
      _ = try detectingAnomalies(infinities: infinities, body)
      return nil
    } catch {
      return error as? Anomaly
    }
  }

  @Test("Forward: operation, shapes, ranges of operands, and the line")
  func forward() throws {
    let line = #line + 2
    let found = anomaly {
      gradient(at: Tensor([[2.0, 0, 5], [1, 3, 4]])) { x in (log(x * 2) * 0).sum() }
    }
    let anomaly = try #require(found)
    #expect(anomaly.operation == "log" && !anomaly.isDerivative)
    #expect(anomaly.value == -.infinity && anomaly.position == [0, 1])
    #expect(anomaly.shape == [2, 3] && anomaly.dtype == .float64)
    #expect(anomaly.operands.map(\.name) == ["%1"])
    #expect(anomaly.operands[0].range == 0...10)
    #expect(
      anomaly.description.hasPrefix(
        """
        log gave -infinity at [0, 1] of a result of shape [2, 3] float64
          %1 of shape [2, 3] float64: 0.0 to 10.0
        recorded by
        """), "\(anomaly)")
    let call = try #require(anomaly.calls.first)
    #expect(call.function.contains("AnomalyTests"), "\(call)")
    if let place = call.line { #expect(place.contains("AnomalyTests.swift:\(line)"), "\(place)") }
  }

  @Test("Infinities may be left to be")
  func infinities() throws {
    #expect(anomaly(false) { gradient(at: Tensor([0.0])) { exp(log($0)).sum() } } != nil)
    #expect(anomaly(false) { gradient(at: Tensor([1000.0])) { exp($0).sum() } } == nil)
    let found = try #require(
      anomaly(false) { gradient(at: Tensor([1000.0])) { (exp($0) - exp($0)).sum() } })
    #expect(found.operation == "subtract" && found.value.isNaN)
    #expect(found.operands.map(\.infinityCount) == [1, 1])
    #expect(found.operands[0].range == nil)
  }

  @Test("Backward: the derivative at fault")
  func backward() throws {
    let found = try #require(
      anomaly { gradient(at: Tensor([4.0, 0])) { x in Tensor.where(x .> 0, sqrt(x), 0).sum() } })
    #expect(found.operation == "sqrt" && found.isDerivative && found.value.isNaN)
    #expect(found.position == [1])
    #expect(found.operands.map(\.name) == ["the cotangent", "%0", "the result"])
    let text = "\(found)"
    #expect(text.hasPrefix("the derivative of sqrt gave NaN at [1] of a result of shape [2]"))
    #expect(text.contains("AnomalyTests.backward()"), "\(text)")
    // Recorded derivatives, too.
    let recorded = try #require(
      anomaly { gradient(at: Tensor([4.0, 0])) { x in gradient(at: x) { sqrt($0).sum() }.sum() } })
    #expect(recorded.operation == "sqrt" && recorded.isDerivative && recorded.value == .infinity)
    let second = try #require(
      anomaly {
        gradient(at: Tensor([4.0, 0])) { x in gradient(at: x) { $0.power(1.5).sum() }.sum() }
      }
    )
    #expect(second.isDerivative && second.operation == "power")
    // In a checkpoint what is done again is looked at.
    let again = try #require(
      anomaly {
        gradient(at: Tensor([4.0, 0])) { x in checkpoint(x) { sqrt($0 * 1) }.sum() }
      })
    #expect(again.operation == "sqrt" && again.isDerivative)
  }

  @Test("What is given is not blamed for infinities, but for NaN")
  func given() throws {
    let mask = Tensor([0.0, -.infinity])
    #expect(anomaly { gradient(at: Tensor([1.0, 2])) { softmax($0 + mask)[0] } } == nil)
    let found = try #require(anomaly { gradient(at: Tensor([1.0, .nan])) { ($0 * 2).sum() } })
    #expect(found.operation == "input" && found.operands.isEmpty && found.position == [1])
    let scaled = try #require(
      anomaly { gradient(at: Tensor([1.0, 2])) { (($0 + mask) * 0).sum() } })
    #expect(scaled.operation == "multiply" && scaled.operands.map(\.name).contains("the number"))
  }

  @Test("Nothing wrong, integers, errors of the body, and afterwards")
  func nothing() throws {
    struct Failure: Error {}
    let value = try detectingAnomalies { gradient(at: Tensor([1.0])) { exp($0).sum() } }
    #expect(value.allClose(exp(Tensor([1.0])), relative: 0, absolute: 0))
    #expect(anomaly { Tape().variable(Tensor([1, 2])) * 3 } == nil)
    #expect(throws: Failure.self) { try detectingAnomalies { throw Failure() } }
    #expect(gradient(at: Tensor([0.0])) { log($0).sum() }[0].item() == Double.infinity)
    // A tape that was made inside is looked at until the end.
    var tape: Tape?
    #expect(anomaly { tape = Tape() } == nil)
    let x = tape!.variable(Tensor([0.0]))
    #expect((1 / x).scalars(as: Double.self) == [.infinity])
  }

  @Test("Inside a derivative, the tape that is open, from there on")
  func nested() throws {
    var found: [Anomaly?] = []
    _ = gradient(at: Tensor([0.0])) { x in
      let unseen = log(x)
      found = [anomaly { x + 1 }, anomaly { 1 / x }, anomaly { unseen + 1 }]
      return x.sum()
    }
    #expect(found.map { $0?.operation } == [nil, "divide", nil])
  }

  @Test("A tape's last operation, when the tape is gone")
  func lastOperation() {
    #expect(anomaly { log(Tape().variable(Tensor([0.0]))).detached }?.operation == "log")
    let kept = anomaly { log(Tape().variable(Tensor([0.0]))) }
    #expect(kept?.operation == "log")
  }

  @Test("Plans are run operation by operation")
  func plans() throws {
    let line = #line + 5
    let graph = Graph()
    let (x, loss) = try detectingAnomalies {
      let x = graph.placeholder("x", [3], .float64)
      let w = graph.variable("w", Tensor([1.0, 2, 3]))
      let scaled = x * w - 2
      let root = sqrt(scaled)
      return (x, (root * root + exp(x)).sum())
    }
    let w = graph.allVariables[0]
    let slope = graph.gradients(of: loss, withRespectTo: [w])[0]
    let update = Update(w, to: w - slope)
    let train = try Function(inputs: [x], outputs: [loss], updates: [update])
    #expect(try train.firstAnomaly(Tensor([3.0, 3, 3])) == nil)
    let found = try #require(try train.firstAnomaly(Tensor([3.0, 0.5, 3])))
    #expect(found.operation == "sqrt" && found.position == [1] && found.value.isNaN)
    #expect(found.operands[0].range == -1...7)
    if let place = found.calls.first?.line {
      #expect(place.contains("AnomalyTests.swift:\(line)"), "\(place)")
    }
    #expect(try graph.value(of: w).allClose(Tensor([1.0, 2, 3]), relative: 0, absolute: 0))
    let session = Session(graph)
    try session.set(w, to: Tensor([1.0, 2, 0.1]))
    #expect(
      try session.firstAnomaly(in: [loss], feeding: [x: Tensor([3.0, 3, 3])])?.position == [2])
    #expect(
      try session.firstAnomaly(in: [], feeding: [x: Tensor([2.0, 3, 30])], updating: [update])?
        .operation == "divide")
    let f = compiled { (x: Tensor) in exp(log(x) * 2) }
    let inPlan = try #require(anomaly { f(Tensor([1.0, -1])) })
    #expect(inPlan.operation == "log" && inPlan.value.isNaN)
    #expect(throws: GraphError.self) { try train.firstAnomaly(Tensor([3.0])) }
  }
}
