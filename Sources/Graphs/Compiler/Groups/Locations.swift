import BacktapeTensors

/// Where every value of a program lies: which lines have memory of their own, which are looks at
/// another's, and which are written straight into the place a later line wants them at.
struct Locations {
  let program: Program
  /// The line that computes a value (or gives it), behind any movement.
  private(set) var roots: [Int]
  /// The line whose buffer a value lies in.
  private(set) var owners: [Int]
  /// Where in that buffer.
  private(set) var layouts: [Layout]
  /// How a value's elements follow from its root's, in the order of rows.
  private(set) var relations: [Relation]
  /// Operands of assemblies that are computed in place, by assembly.
  private(set) var placed: [Int: Set<Int>] = [:]

  /// How the elements of a look at a value follow from the value's, both in row-major order.
  enum Relation: Equatable {
    case same
    /// Every element is repeated so many times in a row.
    case repeated(Int)
    case other
  }

  /// - Parameter isPlacing: whether values are computed where they are wanted.
  init(_ program: Program, constants: [Tensor], isPlacing: Bool = true) {
    self.program = program
    roots = Array(program.lines.indices)
    owners = roots
    layouts = roots.map { Layout(contiguous: program.lines[$0].shape) }
    relations = [Relation](repeating: .same, count: roots.count)
    for index in roots {
      if case .constant(let number) = program.lines[index].source {
        withExtendedLifetime(constants[number]) {
          let strides = constants[number].descriptor.strides
          layouts[index].strides = layouts[index].extents.indices.map { strides[$0] }
        }
      }
    }
    resolve(asLogical: true)
    if isPlacing {
      place()
      resolve(asLogical: false)
    }
  }

  /// Whether a line is a look at another's memory.
  func isLook(_ line: Int) -> Bool { roots[line] != line }

  /// Follows movements from their roots.
  private mutating func resolve(asLogical isLogical: Bool) {
    for index in program.lines.indices where program.lines[index].isView {
      let line = program.lines[index]
      guard case .line(let operand) = line.operands[0] else { continue }
      let before = roots[index]
      roots[index] = index
      owners[index] = index
      let moved = layouts[operand].applying(line.primitive!, result: line.shape)
      layouts[index] = moved ?? Layout(contiguous: line.shape)
      if moved != nil {
        roots[index] = roots[operand]
        owners[index] = owners[operand]
      }
      if isLogical {
        relations[index] = moved == nil ? .same : relation(of: index)
      } else if roots[index] != before {
        // Placement has made a copy a look: its elements are the root's in another order.
        relations[index] = flatRelation(of: index)
      }
    }
  }

  /// The relation by the layouts, where roots have no gaps.
  private func relation(of index: Int) -> Relation {
    let root = program.lines[roots[index]]
    guard layouts[roots[index]].isContiguous else { return .other }
    var layout = layouts[index]
    if layout.isContiguous && layout.count == root.shape.count { return .same }
    var times = 1
    while let step = layout.strides.last, step == 0 || layout.extents.last == 1 {
      times *= layout.extents.removeLast()
      layout.strides.removeLast()
    }
    return layout.isContiguous && layout.count == root.shape.count ? .repeated(times) : .other
  }

  /// The relation by following movements one by one, where the root's own layout has gaps.
  private func flatRelation(of index: Int) -> Relation {
    var chain: [Int] = []
    var line = index
    while line != roots[index] {
      chain.append(line)
      guard case .line(let next) = program.lines[line].operands[0] else { return .other }
      line = next
    }
    var layout = Layout(contiguous: program.lines[line].shape)
    for step in chain.reversed() {
      let moved = program.lines[step]
      guard let next = layout.applying(moved.primitive!, result: moved.shape) else {
        return .other
      }
      layout = next
    }
    return layout.isContiguous && layout.count == program.lines[line].shape.count ? .same : .other
  }

  // MARK: placement

  /// Has values computed where they are wanted: in their place of an assembly, or in the order
  /// that a later reshape asks for.
  private mutating func place() {
    var isPlaced = Set<Int>()
    for index in program.lines.indices.reversed() {
      switch program.lines[index].operation {
      case .assemble(let parts):
        var inPlace = Set<Int>()
        for (i, operand) in program.lines[index].operands.enumerated() {
          guard case .line(let value) = operand else { continue }
          let extent = program.lines[value].shape.array[parts[i].axis]
          let target = layouts[index].part(parts[i], extent: extent)
          if let (root, layout) = source(of: value, at: target), isPlaced.insert(root).inserted {
            layouts[root] = layout
            owners[root] = owners[index]
            inPlace.insert(i)
          }
        }
        placed[index] = inPlace
      case .primitive(.reshape) where roots[index] == index:
        guard case .line(let operand) = program.lines[index].operands[0] else { continue }
        let target = Layout(contiguous: program.lines[operand].shape)
        if let (root, layout) = source(of: operand, at: target), isPlaced.insert(root).inserted {
          layouts[root] = layout
        }
      default: break
      }
    }
  }

  /// The computing line behind a value and the layout that brings the value to `target`, if the
  /// line can write so: with its last axis unbroken.
  private func source(of value: Int, at target: Layout) -> (Int, Layout)? {
    var line = value
    var layout = target
    while program.lines[line].isView, roots[line] != line {
      guard case .line(let operand) = program.lines[line].operands[0],
        let before = layout.undoing(
          program.lines[line].primitive!, operand: program.lines[operand].shape)
      else { return nil }
      layout = before
      line = operand
    }
    guard program.canWriteStrided(line), owners[line] == line else { return nil }
    guard let last = layout.extents.indices.last(where: { layout.extents[$0] != 1 }) else {
      return (line, layout)
    }
    return layout.strides[last] == 1 ? (line, layout) : nil
  }
}

extension Locations: CustomStringConvertible {
  /// One line of text for each line of the program: whose memory it lies in, from which element on,
  /// and with which steps.
  var description: String {
    program.lines.indices.map { line in
      if owners[line] == line && layouts[line].isContiguous { return "%\(line): its own memory" }
      let layout = layouts[line]
      return "%\(line): in %\(owners[line]) from \(layout.offset), steps \(layout.strides)"
    }.joined(separator: "\n")
  }
}

extension Program {
  /// Whether the instruction of a line takes any steps for its result.
  fileprivate func canWriteStrided(_ index: Int) -> Bool {
    let line = lines[index]
    switch line.operation {
    case .dots: return true
    case .assemble: return true
    default: return role(of: index) == .elementwise && line.dtype.isFloatingPoint
    }
  }
}
