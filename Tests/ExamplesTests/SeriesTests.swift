import Foundation
import Testing

@Suite("The series, run as a reader runs it") struct SeriesTests {
  /// The post's table, as its text prints it.
  static let published = ["0.16773399", "0.1427798", "0.84060332", "0.82558171"]

  @Test("Every style predicts the published table and all gradients agree")
  func everything() throws {
    let run = try Run("series", [])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.errors == "")
    #expect(run.output.hasSuffix("All agree.\n"))
    for part in ["Part 1", "Part 2", "Part 3"] { #expect(run.output.contains("\n\(part): ")) }
    let table = try #require(rows(of: run.output, under: "Keras").last)
    #expect(table.count == 4)
    for (row, digits) in zip(table, Self.published) {
      // actual, published, NumPy, tape, Theano, TensorFlow, Keras
      #expect(row.count == 7)
      #expect(row.dropFirst().allSatisfy { rounded($0, like: digits) == digits }, "\(row)")
    }
  }

  @Test(
    "One part prints its heading and no other",
    arguments: [("part1", "Part 1: "), ("part2", "Part 2: "), ("part3", "Part 3: ")])
  func onePart(argument: String, heading: String) throws {
    let run = try Run("series", [argument, "--iterations", "3"])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("\n\(heading)"))
    #expect(run.output.components(separatedBy: "\nPart ").count == 2)
    #expect(run.output.contains("3 iterations."))
  }

  @Test("Part 2 compares the gradients of each iteration with the deltas")
  func gradients() throws {
    let run = try Run("series", ["part2"])
    let table = try #require(rows(of: run.output, under: "ulp").first)
    #expect(table.count == 50)
    #expect(table.map { $0[0] } == (1...50).map(String.init))
    // Of the post's program, by NumPy: the losses of the first and the last iteration.
    #expect(table.first?[1] == "0.4394351225")
    #expect(table.last?[1] == "0.0521749008")
    #expect(table.allSatisfy { Double($0[6]).map { $0 <= 4 } == true })
  }

  @Test(
    "Other settings leave the styles agreeing with each other",
    arguments: [
      ["--float32"], ["--seed", "7"], ["--learning-rate", "0.5"],
      ["--seed", "7", "--iterations", "1"], ["--learning-rate", "0"],
      ["--float32", "--iterations", "20", "--seed", "4294967295"],
    ])
  func settings(arguments: [String]) throws {
    let run = try Run("series", ["part1", "part2"] + arguments)
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output.hasSuffix("All agree.\n"))
  }

  @Test("In float32 the digits are those NumPy has there")
  func singlePrecision() throws {
    let run = try Run("series", ["part1", "--float32"])
    let table = try #require(rows(of: run.output, under: "NumPy").first)
    // By NumPy in float32, to its last digit but one.
    let expected = [0.16773397, 0.1427798, 0.84060335, 0.8255817]
    for (row, value) in zip(table, expected) {
      #expect(abs((Double(row[2]) ?? .nan) - value) < 2e-7, "\(row)")
    }
  }

  @Test(
    "What is not understood gets the usage line on standard error and status 2",
    arguments: [
      ["--no-such-option"], ["part4"], ["--iterations"], ["--iterations", "0"],
      ["--iterations", "many"], ["--iterations", "-1"], ["--seed", "-1"], ["--seed", "4294967296"],
      ["--learning-rate", "fast"], ["--learning-rate", "nan"], ["--learning-rate", "inf"],
      ["part1", "--seed"], [""],
    ])
  func wrongOptions(arguments: [String]) throws {
    let run = try Run("series", arguments)
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.contains("usage: series [part1|part2|part3]"))
    #expect(run.errors.hasPrefix("series: "))
  }

  @Test("A value that an option does not take gets what it takes")
  func wrongValues() throws {
    let number = "series: --iterations takes a whole number from 1 to 10000000"
    #expect(try Run("series", ["--iterations", "0"]).errors.hasPrefix(number + ", not '0'\n"))
    #expect(try Run("series", ["--iterations"]).errors.hasPrefix(number + "\n"))
  }

  /// The cells of the tables whose header has a column of a name.
  private func rows(of output: String, under column: String) -> [[[String]]] {
    let lines = output.components(separatedBy: "\n")
    return lines.indices.filter { line in
      lines[line].hasPrefix("  ") && cells(lines[line]).contains(column)
        && line + 1 < lines.count && lines[line + 1].hasPrefix("  ---")
    }.map { header in
      lines[(header + 2)...].prefix { $0.hasPrefix("  ") }.map(cells)
    }
  }

  /// Columns are two or more spaces apart.
  private func cells(_ line: String) -> [String] {
    line.components(separatedBy: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  private func rounded(_ text: String, like digits: String) -> String {
    String(format: "%.\(digits.count - 2)f", Double(text) ?? .nan)
  }
}
