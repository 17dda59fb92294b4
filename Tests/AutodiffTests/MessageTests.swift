import Backtape
import BacktapeTensors
import Testing

/// What the traps say: the operation, the shapes, and what to do.
struct MessageTests {
  @Test("A loss that is not one number")
  func nonScalarLoss() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = gradient(at: Tensor([1.0, 2.0])) { $0 * $0 }
    }
    #expect(result.errorText.contains("gradient: the loss has shape [2] and must be one number"))
    #expect(result.errorText.contains("take its sum or mean"))
  }

  @Test("A loss of an integer type")
  func integerLoss() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = gradient(at: Tensor([1.0, 2.0])) { $0.argmax() }
    }
    #expect(result.errorText.contains("gradient: the loss is int64, which has no derivative"))
  }

  @Test("A target that is not on the tape")
  func foreignTarget() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let tape = Tape()
      let x = tape.variable(Tensor([1.0, 2.0]))
      _ = tape.gradient(of: (x * x).sum(), withRespectTo: [x, Tensor([1.0, 2.0, 3.0])])
    }
    #expect(result.errorText.contains("gradient: a target of shape [3] is not on this tape"))
    #expect(result.errorText.contains("make it a variable"))
  }

  @Test("A loss of another tape")
  func foreignLoss() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let tape = Tape()
      let x = tape.variable(Tensor([1.0]))
      let loss = (Tape().variable(Tensor([1.0])) * 2).sum()
      _ = tape.gradient(of: loss, withRespectTo: [x])
    }
    #expect(
      result.errorText.contains("gradient: the loss of shape [] was computed on another tape"))
  }

  @Test("A variable of another tape")
  func foreignVariable() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tape().variable(Tape().variable(Tensor([1.0, 2.0])))
    }
    #expect(result.errorText.contains("variable: the tensor of shape [2] is on another tape"))
    #expect(result.errorText.contains(".detached"))
  }

  @Test("Tensors of two tapes in one operation")
  func twoTapes() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tape().variable(Tensor([1.0])) * Tape().variable(Tensor([2.0]))
    }
    #expect(result.errorText.contains("Tape: tensors of two unrelated tapes"))
    #expect(result.errorText.contains(".detached"))
  }

  @Test("Shapes that do not fit trap on a tape as off it")
  func shapesOnATape() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = gradient(at: Tensor([1.0, 2.0])) { ($0 + Tensor([1.0, 2.0, 3.0])).sum() }
    }
    #expect(result.errorText.contains("+: shapes [2] and [3] do not broadcast"))
  }

  @Test("Writing in place into a recorded tensor")
  func writingInPlace() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var x = Tape().variable(Tensor([1.0, 2.0]))
      x.withUnsafeMutableBytes { $0[0] = 0 }
    }
    #expect(result.errorText.contains("writing in place into a tensor that a tape has recorded"))
  }

  @Test("A cotangent or direction of another shape")
  func otherShapes() async throws {
    let cotangent = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let (_, pullback) = valueWithPullback(at: [Tensor([1.0, 2.0])]) { $0[0] * 2 }
      _ = pullback(Tensor([1.0]))
    }
    #expect(cotangent.errorText.contains("a cotangent of shape [1] for the value of shape [2]"))
    let direction = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = jvp(at: Tensor([1.0, 2.0]), along: Tensor([1.0])) { $0 }
    }
    #expect(direction.errorText.contains("jvp: a direction of shape [1] for an input of shape [2]"))
    let missing = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = hessianVectorProduct(at: [Tensor([1.0])], along: []) { $0[0].sum() }
    }
    #expect(missing.errorText.contains("hessianVectorProduct: 0 directions for 1 inputs"))
  }

  @Test("A gradient check of float32, or of a function that gives no number")
  func gradientCheck() async throws {
    let single = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = checkGradients(of: { $0.sum() }, at: Tensor([1, 2] as [Float]))
    }
    #expect(single.errorText.contains("checkGradients: inputs[0] of shape [2] is float32"))
    #expect(single.errorText.contains("x.cast(.float64)"))
    let vector = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = checkGradients(of: { $0 * 2 }, at: Tensor([1.0, 2.0]))
    }
    #expect(
      vector.errorText.contains("gives float64 of shape [2] and must give one float64 number"))
    let rounded = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = checkGradients(of: { $0.cast(.float32).sum() }, at: Tensor([1.0, 2.0]))
    }
    #expect(rounded.errorText.contains("gives float32 of shape []"))
  }

  @Test("Gradients that cannot be compared")
  func comparison() async throws {
    let shapes = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let delta = Tensor([1.0, 2.0])
      _ = compareGradients(
        derived: ["l1Delta": delta], handDerived: ["l1Delta": delta.reshape([2, 1])])
    }
    #expect(shapes.errorText.contains("compareGradients: l1Delta is float64 of shape [2]"))
    let names = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = compareGradients(derived: ["w": Tensor([1.0])], handDerived: ["v": Tensor([1.0])])
    }
    #expect(names.errorText.contains("derived are w; derived by hand v"))
  }
}

extension ExitTest.Result {
  /// What the process wrote before it ended.
  var errorText: String { String(decoding: standardErrorContent, as: UTF8.self) }
}
