import BacktapeTensors

extension Model {
  /// A table of the layers: path, type, shape of the output, number of parameters; then totals.
  ///
  /// A layer that is called twice has one line. Layers made of others only are left out, their
  /// parts are there.
  /// - Throws: ``ModelError`` if a layer does not fit its input.
  public func summary() throws(ModelError) -> String {
    let blueprint = try blueprintBuilt()
    let paths = blueprint.layers.map(\.row.path)
    var table = [["Layer", "Type", "Output", "Parameters"]]
    for (row, output) in blueprint.layers {
      let own = store.order.filter { owner(of: $0, among: paths) == row.path }
      if own.isEmpty && paths.contains(where: { $0.hasPrefix(row.path + "/") }) { continue }
      table.append([row.path, row.type, output, grouped(count(own))])
    }
    let direct = store.order.filter { owner(of: $0, among: paths) == nil }
    if !direct.isEmpty { table.append(["(model)", "", "", grouped(count(direct))]) }

    let widths = (0..<4).map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { cells in
      zip(cells, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 3 ? blanks + cell.0 : cell.0 + blanks
      }.joined(separator: "  ")
    }
    let rule = String(repeating: "-", count: widths.reduce(6, +))
    let trained = store.order.filter {
      !blueprint.frozen.contains($0) && !isFrozen($0)
    }
    let all = count(store.order)
    let totals = """
      Parameters: \(grouped(all)) (\(grouped(all * dtype.size)) bytes of \(dtype)), \
      trained: \(grouped(count(trained))), not trained: \(grouped(all - count(trained)))
      """
    return ([lines[0], rule] + lines.dropFirst() + [rule, totals]).joined(separator: "\n")
  }

  /// The innermost layer a parameter's path lies in.
  private func owner(of parameter: String, among layers: [String]) -> String? {
    layers.filter { parameter.hasPrefix($0 + "/") }.max { $0.count < $1.count }
  }

  private func count(_ paths: [String]) -> Int {
    paths.reduce(0) { $0 + (store.entries[$1]?.shape.count ?? 0) }
  }

  /// A number with a comma between thousands.
  private func grouped(_ number: Int) -> String {
    var result = ""
    for (i, digit) in "\(number)".reversed().enumerated() {
      if i > 0 && i % 3 == 0 { result = "," + result }
      result = String(digit) + result
    }
    return result
  }
}
