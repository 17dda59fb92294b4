import BacktapeKernels
import BacktapeTensors

// A matrix that many small products are made with, such as the weights of a recurrent layer, is
// laid out once the way the kernels go through it: panels of neighbouring columns, row after row.

extension Program {
  /// How many products of two matrices have each value as their second.
  func productsByMatrix() -> [Int: Int] {
    var products: [Int: Int] = [:]
    for line in lines {
      guard case .dots(batch: 0, contracted: 1) = line.operation, line.operands.count == 2,
        case .line(let matrix) = line.operands[1], lines[matrix].shape.rank == 2
      else { continue }
      products[matrix, default: 0] += 1
    }
    return products
  }
}

extension Lowering {
  /// Products that make up for a copy.
  private static let fewestProducts = 4
  /// Less stays in the nearest cache as it is.
  private static let fewestBytes = 16 << 10

  /// The scratch that holds the second matrix of a product in panels, if it pays.
  mutating func panels(of line: Line) -> Int? {
    guard line.operands.count == 2, case .line(let matrix) = line.operands[1],
      products[matrix, default: 0] >= Lowering.fewestProducts
    else { return nil }
    if let known = panels[matrix] { return known }
    let value = program.lines[matrix]
    let (k, n) = (value.shape[0], value.shape[1])
    let width = bt_contraction.panelWidth(elementBytes: value.dtype.size)
    guard n % width == 0, n * k * value.dtype.size >= Lowering.fewestBytes else { return nil }
    let copy = scratch(bytes: k * n * value.dtype.size)
    let layout = locations.layouts[matrix]
    var from = Layout(offset: layout.offset, extents: [n / width, k, width], strides: [])
    from.strides = [width * layout.strides[1], layout.strides[0], layout.strides[1]]
    let work = CopyWork(
      source: buffers[locations.owners[matrix]]!, from: from, target: .own(copy),
      to: Layout(contiguous: [n / width, k, width]), dtype: value.dtype)
    add(.copy(work), reads: reads([matrix]), writes: [copy], order: -1)
    panels[matrix] = copy
    return copy
  }
}

extension bt_contraction {
  /// Columns of a panel: two cache lines.
  static func panelWidth(elementBytes size: Int) -> Int { 128 / size }

  /// Takes b in panels.
  mutating func takePanels() {
    let width = Int64(bt_contraction.panelWidth(elementBytes: dtype == .float64 ? 8 : 4))
    let column = columnAxes[0]
    var run = contractedAxes[0]
    run.b = width
    contracted_rank = set(\.contracted, [run])
    column_rank = set(
      \.columns,
      [
        bt_contraction_axis(
          extent: column.extent / width, a: 0, b: width * run.extent, c: width * column.c),
        bt_contraction_axis(extent: width, a: 0, b: 1, c: column.c),
      ])
  }
}
