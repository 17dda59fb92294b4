import BacktapeTensors

extension Program {
  /// What adds a multiple of a product to a variable, to be the variable's new value, is one line
  /// with the product: the variable is updated as the product is made.
  ///
  /// Keeps every bit: only products that are added up in one go are taken.
  func updatingByProducts() -> Program {
    let uses = useCounts()
    var variables: [Int: Int] = [:]
    for update in updates { variables[update.line] = update.variable }
    func isOwnUpdate(_ index: Int) -> Bool { uses[index] == 1 && variables[index] != nil }
    return Rewriting.of(self, where: isOwnUpdate) { rewriting, index, line in
      guard let variable = variables[index],
        let (base, term, sign) = sum(lines[index]), lines[base].source == .variable(variable),
        let (product, scale) = multiple(of: term, uses)
      else { return rewriting.keep(line) }
      let (batch, contracted) = lines[product].product!
      let operands = [base] + lines[product].factors
      return rewriting.append(
        Line(
          operation: .addedDot(batch: batch, contracted: contracted, scale: sign * scale),
          operands: operands.map { .line(rewriting.place(of: $0)) }, shape: line.shape,
          dtype: line.dtype))
    }
  }

  /// Two values of one shape added or subtracted: what to, what, and with which sign.
  private func sum(_ line: Line) -> (base: Int, term: Int, sign: Double)? {
    guard line.operands.count == 2, case .line(let a) = line.operands[0],
      case .line(let b) = line.operands[1], lines[a].shape == lines[b].shape
    else { return nil }
    switch line.primitive {
    case .subtract: return (a, b, -1)
    case .add: return lines[a].source == nil ? (b, a, 1) : (a, b, 1)
    default: return nil
    }
  }

  /// A product used nowhere else, and how many times it is taken.
  private func multiple(of line: Int, _ uses: [Int]) -> (product: Int, scale: Double)? {
    guard uses[line] == 1 else { return nil }
    if isOneBlock(line) { return (line, 1) }
    guard lines[line].primitive == .multiply else { return nil }
    switch (lines[line].operands[0], lines[line].operands[1]) {
    case (.line(let product), .number(let number)), (.number(let number), .line(let product)):
      return uses[product] == 1 && isOneBlock(product) ? (product, number.double) : nil
    default: return nil
    }
  }

  // How many products the kernels add up before they touch the result: for one row, and for many.
  private static let rowBlock = 64
  private static let block = 256

  /// Whether a line is a product whose elements are single sums, which kernels do not add to the
  /// result piece by piece.
  private func isOneBlock(_ line: Int) -> Bool {
    guard case .dots(let batch, let contracted) = lines[line].operation,
      lines[line].operands.count == 2
    else { return false }
    let factors = lines[line].factors.map { lines[$0].shape.array }
    let depth = factors[0].suffix(contracted).reduce(1, *)
    let rows = factors[0].dropFirst(batch).dropLast(contracted).reduce(1, *)
    let columns = factors[1].dropFirst(batch + contracted).reduce(1, *)
    return depth <= (rows == 1 || columns == 1 ? Program.rowBlock : Program.block)
  }
}
