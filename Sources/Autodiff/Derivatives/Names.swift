import BacktapeTensors

/// The order of a dictionary's names, in which its tensors become a list.
struct Names {
  let names: [String]

  init(_ dictionary: [String: Tensor]) { names = dictionary.keys.sorted() }

  func list(_ dictionary: [String: Tensor]) -> [Tensor] { names.map { dictionary[$0]! } }

  func dictionary<Value>(_ list: [Value]) -> [String: Value] {
    Dictionary(uniqueKeysWithValues: zip(names, list))
  }

  /// Directions in order, zeros where there is none. Traps if one is of no input.
  func directions(
    _ directions: [String: Tensor], at inputs: [String: Tensor], _ operation: StaticString
  ) -> [Tensor] {
    if let stranger = directions.keys.sorted().first(where: { inputs[$0] == nil }) {
      fatalError(
        """
        \(operation): a direction for '\(stranger)', but the inputs are \
        \(names.joined(separator: ", ")); use their names
        """)
    }
    return names.map { directions[$0] ?? .zeros(inputs[$0]!.shape, inputs[$0]!.strong.dtype) }
  }
}
