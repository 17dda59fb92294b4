extension NumPyRandomState {
  /// Draws elements of `values` as `np.random.RandomState.choice` does.
  ///
  /// ```swift
  /// var random = NumPyRandomState(seed: 1)
  /// random.choice(["pooh", "piglet", "rabbit"], count: 2, replace: false)
  /// ```
  ///
  /// - Parameters:
  ///   - values: The population.
  ///   - count: How many to draw; without replacement at most `values.count`.
  ///   - replace: Whether an element may be drawn more than once.
  ///   - p: The probability of each element, non-negative with sum 1; uniform when nil.
  /// - Returns: `count` elements, in the order drawn.
  public mutating func choice<Element>(
    _ values: [Element], count: Int, replace: Bool = true, p: [Double]? = nil
  ) -> [Element] {
    choice(values.count, count: count, replace: replace, p: p).map { values[$0] }
  }

  /// `choice(population, count, replace, p)`: indices in 0..<population.
  package mutating func choice(
    _ population: Int, count: Int, replace: Bool = true, p: [Double]? = nil
  ) -> [Int] {
    if count < 0 || population < 0 {
      fatalError("choice: \(count) of \(population); give two numbers that are not negative")
    }
    if population == 0 && count > 0 {
      fatalError("choice: \(count) of none; give a population that is not empty")
    }
    if !replace && count > population {
      fatalError(
        "choice: \(count) of \(population) without replacement; "
          + "ask for at most \(population), or draw with replacement")
    }
    guard let p else {
      if count == 0 && replace { return [] }
      return replace
        ? integers(low: 0, high: population, count: count)
        : Array(permutation(population).prefix(count))
    }
    checkProbabilities(p, population: population)
    if replace {
      let cumulative = normalisedCumulativeSum(p)
      return doubles(count).map { searchSortedRight(cumulative, $0) }
    }
    return choiceWithoutReplacement(count, p)
  }

  /// NumPy's rounds: draw what is missing, keep the first of equal ones, give what was found
  /// probability 0, repeat.
  private mutating func choiceWithoutReplacement(_ count: Int, _ p: [Double]) -> [Int] {
    let possible = p.count { $0 > 0 }
    if possible < count {
      fatalError(
        "choice: \(count) without replacement, but only \(possible) of \(p.count) probabilities "
          + "are above zero; ask for at most \(possible)")
    }
    var p = p
    var found: [Int] = []
    while found.count < count {
      let draws = doubles(count - found.count)
      for index in found { p[index] = 0 }
      let cumulative = normalisedCumulativeSum(p)
      var isNew = [Bool](repeating: true, count: p.count)
      for draw in draws {
        let index = searchSortedRight(cumulative, draw)
        if isNew[index] { found.append(index) }
        isNew[index] = false
      }
    }
    return found
  }

  private func checkProbabilities(_ p: [Double], population: Int) {
    if p.count != population {
      fatalError(
        "choice: \(p.count) probabilities for \(population) values; give one for each value")
    }
    if let index = p.firstIndex(where: { !($0 >= 0) }) {
      fatalError("choice: probability \(index) is \(p[index]); give values that are not negative")
    }
    // Kahan's sum and the tolerance, the square root of epsilon, are NumPy's.
    var sum = 0.0
    var compensation = 0.0
    for value in p {
      let y = value - compensation
      let t = sum + y
      compensation = (t - sum) - y
      sum = t
    }
    if !(abs(sum - 1) <= Double.ulpOfOne.squareRoot()) {
      fatalError("choice: the probabilities sum to \(sum); divide them by their sum")
    }
  }
}

private func normalisedCumulativeSum(_ p: [Double]) -> [Double] {
  var sum = 0.0
  let sums = p.map { value in
    sum += value
    return sum
  }
  return sums.map { $0 / sum }
}

/// The number of elements <= value: `searchsorted(value, side='right')`.
private func searchSortedRight(_ sorted: [Double], _ value: Double) -> Int {
  var low = 0
  var high = sorted.count
  while low < high {
    let middle = (low + high) / 2
    if value < sorted[middle] {
      high = middle
    } else {
      low = middle + 1
    }
  }
  return low
}
