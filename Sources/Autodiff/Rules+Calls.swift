import BacktapeTensors

// The rule of calls: what is called is a stretch of the tape, so its derivative is one, too.

extension Application {
  /// The cotangents of all operands of a call.
  func pulledBack(through number: Int32) -> [Tensor?] {
    let callee = tape.callees[Int(number)]
    if let pullback = callee.pullback { return ruled(callee, pullback) }
    if recording { return tape.checkpointOfOptionals { recomputed(callee, on: tape) } }
    return recomputed(callee, on: Tape()).map { $0.map { $0.isTracked ? $0.detached : $0 } }
  }

  /// What a user's pullback gives for the cotangent.
  private func ruled(_ callee: Callee, _ pullback: Callee.Pullback) -> [Tensor?] {
    var replay = Replay(
      tape, from: callee.records.lowerBound, onlyDependents: true,
      knowing: [pullback.cotangent: g], .primitives(of: tape, tracked: recording))
    return replay(optional: pullback.results)
  }

  /// A checkpoint's values computed again on a tape, and what the cotangent becomes on the way back.
  private func recomputed(_ callee: Callee, on tape: Tape) -> [Tensor?] {
    let variables = operands.map { tape.variable($0) }
    var replay = Replay(
      self.tape, from: callee.records.lowerBound, onlyDependents: false,
      knowing: Dictionary(uniqueKeysWithValues: zip(callee.inputs, variables)),
      .primitives(of: self.tape, tracked: recording))
    let result = replay([callee.output])[0]
    let chosen = wanted.indices.filter { wanted[$0] }
    let pulled = tape.pull(
      result, seed: g, to: chosen.map { variables[$0] }, recording: recording)
    var cotangents = [Tensor?](repeating: nil, count: variables.count)
    for (i, cotangent) in zip(chosen, pulled) { cotangents[i] = cotangent }
    return cotangents
  }
}

extension Replay {
  /// The values of records, and nil for none.
  mutating func callAsFunction(optional results: [Int32?]) -> [Value?] {
    results.map { result in result.map { self([$0])[0] } }
  }
}

extension Tape {
  /// A checkpoint of some results that may be missing.
  fileprivate func checkpointOfOptionals(_ body: () -> [Tensor?]) -> [Tensor?] {
    var isThere: [Bool] = []
    var results = checkpoint {
      let results = body()
      isThere = results.map { $0 != nil }
      return results.compactMap { $0 }
    }[...]
    return isThere.map { $0 ? results.removeFirst() : nil }
  }

  /// A call done again, recorded where the operands are.
  func callAgain<Value>(
    _ callee: Callee, _ operands: [Value], _ source: Replay<Value>.Source
  ) -> Tensor {
    var replay = Replay(
      self, from: callee.records.lowerBound, onlyDependents: false, knowing: [:], source)
    let tensors = operands.map(source.tensor)
    guard let pullback = callee.pullback else {
      for (input, operand) in zip(callee.inputs, operands) { replay.know(operand, of: input) }
      return BacktapeAutodiff.checkpoint(tensors) {
        [source.tensor(replay([callee.output])[0])]
      }[0]
    }
    return customGradient(at: tensors) { inputs in
      for (input, x) in zip(callee.inputs, inputs) { replay.know(source.value(x), of: input) }
      return (
        source.tensor(replay([callee.output])[0]),
        { g in
          replay.know(source.value(g), of: pullback.cotangent)
          return replay(optional: pullback.results).map { $0.map(source.tensor) }
        }
      )
    }
  }
}
