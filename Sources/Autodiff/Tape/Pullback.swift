import BacktapeTensors

extension Tape {
  /// The walk backwards: the cotangents that `targets` receive when `result` has the cotangent
  /// `seed`. Nil for a target the result does not depend on.
  ///
  /// Only records between the first target and the result that depend on a target are visited; a
  /// cotangent is dropped as soon as it has been handed on, so a chain of a million operations
  /// holds one at a time.
  package func pull(_ result: Tensor, seed: Tensor, to targets: [Tensor], recording: Bool)
    -> [Tensor?]
  {
    for target in targets where !target.isTracked || target.owner !== self {
      fatalError(
        """
        gradient: a target of shape \(target.shape) is not on this tape; make it a variable of \
        the tape before computing with it
        """)
    }
    guard result.isTracked, result.owner === self else { return targets.map { _ in nil } }
    let last = Int(result.index)
    guard let first = targets.lazy.map({ Int($0.index) }).min(), first <= last else {
      return targets.map { _ in nil }
    }
    var cotangents = Cotangents(first: first, last: last)
    for target in targets where Int(target.index) <= last && target.dtype.isFloatingPoint {
      cotangents.markTarget(target.index)
    }
    for index in first...last where !cotangents.isTarget(index) {
      let record = record(at: index)
      let operands = record.operands
      for i in 0..<record.operandCount where cotangents.isActive(operands[i]) {
        if case .stopGradient = record.pointee.primitive { break }
        if !record.descriptor.dtype.isFloatingPoint { break }
        cotangents.activate(index)
        break
      }
    }
    guard cotangents.isActive(Int32(last)) else { return targets.map { _ in nil } }
    cotangents.add(seed, to: last, like: record(at: last).descriptor)
    let watch = watch.flatMap { $0.isLooking ? $0 : nil }
    let formulas = recording || watch != nil ? nil : Formulas.ofRules
    for index in stride(from: last, through: first, by: -1) {
      if cotangents.hasSlices { cotangents.join(index, like: record(at: index).descriptor) }
      if cotangents.isEmpty(index) { continue }
      let record = record(at: index)
      let model = record.descriptor
      let isDone = formulas.map { hand(on: index, record, $0, &cotangents) } ?? false
      if !isDone, let g = cotangents.tensor(index, like: model) {
        var line = Application(tape: self, index: index, record: record, g: g, recording: recording)
        switch line.primitive {
        case .call, .concatenate:
          line.wanted = (0..<record.operandCount).map { cotangents.isActive(record.operands[$0]) }
        default: break
        }
        for i in 0..<record.operandCount {
          let place = record.operands[i]
          if cotangents.isActive(place), case .slice(let start, 1, let axis) = line.primitive {
            cotangents.lay(SlicedCotangent(g: g, axis: Int(axis), start: start), to: place)
          } else if cotangents.isActive(place),
            let cotangent = watch?.cotangent(of: i, &line) ?? line.cotangent(of: i)
          {
            cotangents.add(
              cotangent, to: Int(place), like: self.record(at: Int(place)).descriptor)
          }
        }
      }
      cotangents.leave(index, bytes: model.count &* model.dtype.size)
    }
    return targets.map { target in
      Int(target.index) > last
        ? nil
        : cotangents.tensor(Int(target.index), like: record(at: Int(target.index)).descriptor)
    }
  }

  /// Hands the cotangent of a small elementwise record on by formulas; false if that takes rules.
  @inline(__always)
  private func hand(
    on index: Int, _ record: RecordPointer, _ formulas: Formulas,
    _ cotangents: inout Cotangents
  ) -> Bool {
    let model = record.descriptor
    let count = model.count
    let code = Int(record.pointee.code)
    guard code != Record.notElementwise, count > 0, count <= Formulas.largestElements,
      model.pointee.address != nil
    else { return false }
    return withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer?.self, capacity: Formulas.operandLimit + 2
    ) { inputs in
      let inputs = inputs.baseAddress.unsafelyUnwrapped
      let operands = record.operands
      let operandCount = record.operandCount
      let dtype = model.dtype
      let hasNumber = record.pointee.number != nil
      var read: UInt32 = 0
      for i in 0..<operandCount where cotangents.isActive(operands[i]) {
        if self.record(at: Int(operands[i])).descriptor.dtype != dtype { return false }
        switch formulas[code, i] {
        case .rule: return false
        case .none: continue
        case .formula(let formula, let anyNumber):
          if hasNumber && !anyNumber { return false }
          read |= formula.inputMask
        }
      }
      for i in 0..<operandCount where read & 2 &<< UInt32(i) != 0 {
        if operands[i] == Record.number {
          inputs[1 &+ i] = cotangents.filler(i)
          record.pointee.number.unsafelyUnwrapped.fill(
            cotangents.filler(i), count: count, dtype: dtype)
          continue
        }
        let operand = self.record(at: Int(operands[i])).descriptor
        if operand.pointee.address == nil || operand.count != count { return false }
        if operand.pointee.isContiguous {
          inputs[1 &+ i] = operand.pointee.address
        } else {
          inputs[1 &+ i] = cotangents.filler(i)
          operand.copyElements(toDense: cotangents.filler(i))
        }
      }
      inputs[1 &+ operandCount] = model.pointee.address
      var whole: Tensor?
      if let cell = cotangents.cell(index) {
        inputs[0] = cell
      } else {
        guard let tensor = cotangents.tensor(index, like: model), !tensor.isTracked,
          !tensor.isAbstract
        else { return false }
        let dense = tensor.dense
        inputs[0] = dense.descriptor.pointee.address
        whole = dense
      }
      for i in 0..<operandCount where cotangents.isActive(operands[i]) {
        let place = Int(operands[i])
        guard case .formula(let formula, _) = formulas[code, i] else { continue }
        if cotangents.isEmpty(place) {
          let cell = cotangents.makeCell(place, bytes: count &* dtype.size)
          formula.run(
            count: count, dtype: dtype, inputs: inputs, spare: cotangents.spare(), into: cell)
          continue
        }
        var value = inputs[0].unsafelyUnwrapped
        if let input = formula.copiedInput {
          value = inputs[input].unsafelyUnwrapped
        } else {
          let spare = cotangents.spare()
          value = spare + (Formula.maximumSteps &- 1) &* count &* 8
          formula.run(count: count, dtype: dtype, inputs: inputs, spare: spare, into: value)
        }
        if let cell = cotangents.cell(place) {
          accumulate(count: count, dtype: dtype, value, into: cell)
        } else {
          let operand = self.record(at: place).descriptor
          cotangents.add(Tensor(copying: value, like: operand), to: place, like: operand)
        }
      }
      extendLifetime(whole)
      return true
    }
  }
}
