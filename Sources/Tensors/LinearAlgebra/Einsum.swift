// Sums of products written as an equation over axes.

/// The sum of products that an equation over the axes' letters says, PyTorch's and NumPy's `einsum`.
///
/// ```swift
/// einsum("ij,jk->ik", a, b)       // a product of matrices
/// einsum("...ij,...jk", a, b)     // of many, the axes before broadcast
/// einsum("ii->i", a)              // the diagonal
/// einsum("i,ij,j->", x, a, y)     // a number
/// ```
/// Every operand has a term of letters, one for each axis; `...` stands for any further axes, which
/// broadcast from the right. Axes with equal letters have equal extents, or 1; a letter twice in one
/// term takes the diagonal. After `->` comes the result's term; letters that it lacks are summed
/// over. Without `->` the result has the axes of `...`, then the letters that occur once, in
/// alphabetical order, capitals first. Spaces count for nothing.
///
/// Products are made two by two, in the order that takes the fewest multiplications.
public func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
  einsum(equation, operands)
}

/// The sum of products of a list of tensors that an equation over the axes' letters says.
public func einsum(_ equation: String, _ operands: [Tensor]) -> Tensor {
  guard let first = operands.first(where: \.isTracked) ?? operands.first else {
    fatalError("einsum: \"\(equation)\" was given no operands; at least one is needed")
  }
  switch EinsumEquation.parse(equation, operands) {
  case .success(let equation): return Tensor.contract("einsum", equation.terms, equation.output)
  case .failure(let refusal):
    return first.refusing("einsum: \"\(equation)\" \(refusal.text)", standIn: first.shape)
  }
}

private struct EinsumRefusal: Error {
  let text: String
}

/// An equation with its operands. Capitals have the labels 0 to 25, small letters 26 to 51; the axes
/// that an ellipsis stands for have 52 and more, counted from the last.
private struct EinsumEquation {
  var terms: [Labelled] = []
  var output: [Int] = []

  private static let ellipsisLabel = 52

  static func parse(
    _ equation: String, _ operands: [Tensor]
  ) -> Result<EinsumEquation, EinsumRefusal> {
    do {
      return .success(try EinsumEquation(equation, operands))
    } catch {
      return .failure(error)
    }
  }

  private init(_ equation: String, _ operands: [Tensor]) throws(EinsumRefusal) {
    let text = Array(equation.utf8.filter { $0 != UInt8(ascii: " ") })
    let sides = EinsumEquation.sides(text)
    guard let sides else { throw EinsumRefusal(text: "has more than one arrow") }
    let written = sides.left.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    if written.count != operands.count {
      throw EinsumRefusal(
        text: "has terms for \(written.count) operands, and was given \(operands.count)")
    }
    var axesOfEllipsis = 0
    for (position, term) in written.enumerated() {
      let tensor = operands[position]
      let labels = try EinsumEquation.labels(term) { letters throws(EinsumRefusal) in
        let axes = tensor.rank - letters
        if axes < 0 { throw EinsumEquation.misfit(letters, position, tensor.shape) }
        return axes
      }
      if labels.count != tensor.rank {
        throw EinsumEquation.misfit(labels.count, position, tensor.shape)
      }
      axesOfEllipsis = max(
        axesOfEllipsis, labels.count(where: { $0 >= EinsumEquation.ellipsisLabel }))
      terms.append(Labelled(tensor, labels))
    }
    try fitExtents()
    if let right = sides.right {
      output = try EinsumEquation.labels(right[...]) { _ in axesOfEllipsis }
      let known = terms.reduce(0) { $0 | $1.set }
      for (position, label) in output.enumerated() {
        if output[..<position].contains(label) {
          throw EinsumRefusal(text: "names \(EinsumEquation.name(label)) twice in the result")
        }
        if known & 1 << UInt64(label) == 0 {
          throw EinsumRefusal(
            text: "has \(EinsumEquation.name(label)) in the result, which no operand has")
        }
      }
      return
    }
    let all = terms.flatMap(\.labels)
    output =
      (0..<axesOfEllipsis).reversed().map { EinsumEquation.ellipsisLabel + $0 }
      + (0..<EinsumEquation.ellipsisLabel).filter { label in
        all.count(where: { $0 == label }) == 1
      }
  }

  /// What stands before and after the arrow; nil if there are two.
  private static func sides(_ text: [UInt8]) -> (left: [UInt8], right: [UInt8]?)? {
    let arrow = text.indices.dropLast().filter {
      text[$0] == UInt8(ascii: "-") && text[$0 + 1] == UInt8(ascii: ">")
    }
    if arrow.count > 1 { return nil }
    guard let arrow = arrow.first else { return (text, nil) }
    return (Array(text[..<arrow]), Array(text[(arrow + 2)...]))
  }

  /// The labels of a term; `axes` says how many an ellipsis stands for beside so many letters.
  private static func labels(
    _ term: ArraySlice<UInt8>, _ axes: (Int) throws(EinsumRefusal) -> Int
  ) throws(EinsumRefusal) -> [Int] {
    var labels: [Int] = []
    var ellipsis: Int?
    var rest = term
    while let letter = rest.popFirst() {
      switch letter {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): labels.append(Int(letter) - 65)
      case UInt8(ascii: "a")...UInt8(ascii: "z"): labels.append(Int(letter) - 97 + 26)
      case UInt8(ascii: ".") where rest.prefix(2).elementsEqual([letter, letter]):
        if ellipsis != nil { throw EinsumRefusal(text: "has two ellipses in one term") }
        ellipsis = labels.count
        rest = rest.dropFirst(2)
      default:
        throw EinsumRefusal(
          text: """
            has \(String(decoding: [letter], as: UTF8.self)) where a letter, ..., a comma or -> may \
            stand
            """)
      }
    }
    if let ellipsis {
      let count = try axes(labels.count)
      labels.insert(
        contentsOf: (0..<count).reversed().map { ellipsisLabel + $0 }, at: ellipsis)
    }
    return labels
  }

  /// Axes of extent 1 that meet longer ones disappear: they broadcast.
  private mutating func fitExtents() throws(EinsumRefusal) {
    var extents = [Int?](repeating: nil, count: EinsumEquation.ellipsisLabel + Shape.maximumRank)
    for (position, term) in terms.enumerated() {
      for (axis, label) in term.labels.enumerated() {
        let extent = term.tensor.shape[axis]
        let known = extents[label] ?? extent
        let isTwice = term.labels[..<axis].contains(label)
        if known != extent && (known != 1 && extent != 1 || isTwice) {
          throw EinsumRefusal(
            text: """
              has \(EinsumEquation.name(label)) of extent \(extent) in operand \(position) of shape \
              \(term.tensor.shape), and of extent \(known) before
              """)
        }
        extents[label] = known == 1 ? extent : known
      }
    }
    for (position, term) in terms.enumerated() {
      let narrow = term.labels.indices.filter {
        term.tensor.shape[$0] == 1 && extents[term.labels[$0]] != 1
      }
      if narrow.isEmpty { continue }
      terms[position] = Labelled(
        term.tensor.squeeze(axes: narrow),
        term.labels.indices.filter { !narrow.contains($0) }.map { term.labels[$0] })
    }
  }

  private static func name(_ label: Int) -> String {
    if label >= ellipsisLabel { return "an axis of ..." }
    return String(UnicodeScalar(UInt8(label < 26 ? label + 65 : label - 26 + 97)))
  }

  private static func misfit(_ axes: Int, _ position: Int, _ shape: Shape) -> EinsumRefusal {
    EinsumRefusal(
      text: "names \(axes) axes of operand \(position), whose shape \(shape) has \(shape.rank)")
  }
}
