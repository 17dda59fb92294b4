import BacktapeKernels
import BacktapeTensors

/// What a work does and how it is shared out, but for where: two alike do the same in other places.
struct Pattern: Equatable {
  private var numbers: [Int] = []
  private var primitive: Primitive?

  /// - Parameters:
  ///   - axis: along which it is cut in a chain.
  ///   - chunks: of the chain.
  init(_ work: Work, _ lowering: Lowering, axis: Int?, chunks: Int?) {
    numbers.reserveCapacity(256)
    add(axis ?? -1, chunks ?? -1)
    switch work.action {
    case .tile(let tiles): add(tiles)
    case .product(let product): add(product)
    case .copy(let copy):
      add(2, Int(copy.dtype.rawValue), copy.source == nil ? 0 : 1)
      add(list: copy.to.extents)
      numbers += copy.to.strides
      if copy.source != nil { numbers += copy.from.strides }
    case .primitive(let line, _): add(line, lowering)
    case .sum(let chunks, _, let line):
      let line = lowering.program.lines[line]
      add(4, chunks, line.shape.count)
      add(Int(line.dtype.rawValue))
    }
  }

  /// Of all numbers, in a way that takes less than the standard one.
  var hash: Int { numbers.reduce(0) { $0 &* 31 &+ $1 } }

  private mutating func add(_ first: Int, _ second: Int? = nil, _ third: Int? = nil) {
    numbers.append(first)
    if let second { numbers.append(second) }
    if let third { numbers.append(third) }
  }

  private mutating func add(list: [Int]) {
    numbers.append(list.count)
    numbers += list
  }

  private mutating func add(_ value: Double) {
    numbers.append(Int(truncatingIfNeeded: value.bitPattern))
  }

  private mutating func add(_ tiles: TileProgram) {
    add(0, Int(tiles.dtype.rawValue), tiles.unit)
    add(list: tiles.extents)
    numbers.append(tiles.steps.count)
    for step in tiles.steps {
      numbers.append(Int(step.operation) << 32 | Int(step.x) << 16 | Int(step.y))
    }
    for pass in tiles.passes { add(pass.first, pass.count, pass.isRow ? 1 : 0) }
    for operand in tiles.operands {
      numbers.append(Int(operand.dtype.rawValue))
      switch operand.place {
      case .stream(let access):
        numbers.append(0)
        numbers += access.strides
      case .rowElement(let access):
        numbers.append(1)
        numbers += access.strides
      case .periodic(let access, let period):
        add(2, period)
        numbers += access.strides
      case .number(let number):
        numbers.append(3)
        add(number)
      case .tile: numbers.append(4)
      case .row: numbers.append(5)
      case .slot: numbers.append(6)
      case .columnSums(_, let period): add(7, period)
      case .totals: numbers.append(8)
      }
    }
  }

  private mutating func add(_ product: ProductWork) {
    let contraction = product.contraction
    add(1, product.parts == nil ? 0 : 1, product.panels == nil ? 0 : 1)
    add(Int(contraction.dtype.rawValue), contraction.accumulate ? 1 : 0)
    add(Int(contraction.cut.rawValue), Int(contraction.c_part))
    add(contraction.scale)
    for axes in [
      contraction.batchAxes, contraction.rowAxes, contraction.columnAxes,
      contraction.contractedAxes,
    ] {
      numbers.append(axes.count)
      for axis in axes {
        add(Int(axis.extent), Int(axis.a))
        add(Int(axis.b), Int(axis.c))
      }
    }
    // The terms of a sum lie anywhere: it is like no other.
    if product.terms.count > 1 { numbers.append(product.line) }
  }

  private mutating func add(_ index: Int, _ lowering: Lowering) {
    let line = lowering.program.lines[index]
    primitive = line.primitive
    add(3, Int(line.dtype.rawValue))
    add(list: line.shape.array)
    for operand in line.operands {
      switch operand {
      case .line(let operand):
        numbers.append(Int(lowering.program.lines[operand].dtype.rawValue))
        add(list: lowering.locations.layouts[operand].extents)
        numbers += lowering.locations.layouts[operand].strides
      // Numbers are few, and those of a type are not told apart: it is like no other.
      case .number: add(-1, index)
      }
    }
  }
}
