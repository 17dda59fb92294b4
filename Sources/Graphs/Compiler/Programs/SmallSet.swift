/// A few numbers in order, each once: looking through them all takes less than hashing one.
struct SmallSet: Equatable, ExpressibleByArrayLiteral {
  private(set) var sorted: [Int] = []

  init(arrayLiteral numbers: Int...) { insert(numbers) }

  var count: Int { sorted.count }

  func contains(_ number: Int) -> Bool { sorted.contains(number) }

  mutating func insert(_ number: Int) {
    let place = sorted.firstIndex { $0 >= number } ?? sorted.count
    if place < sorted.count && sorted[place] == number { return }
    sorted.append(number)
    for i in stride(from: sorted.count - 1, to: place, by: -1) { sorted.swapAt(i, i - 1) }
  }

  mutating func insert(_ numbers: some Sequence<Int>) { for number in numbers { insert(number) } }

  mutating func remove(_ number: Int) {
    if let place = sorted.firstIndex(of: number) { sorted.remove(at: place) }
  }

  /// Whether the numbers are products of each other, so that axes can be cut at all of them.
  var divideEachOther: Bool {
    zip(sorted, sorted.dropFirst()).allSatisfy { $0 != 0 && $1 % $0 == 0 }
  }
}
