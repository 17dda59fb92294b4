import Foundation
import Testing

/// A fenced block of an article, and the comment above it that says where its text comes from.
struct FencedBlock: CustomTestStringConvertible {
  let article: String
  let line: Int
  let language: String
  let source: String?
  let text: [String]

  var testDescription: String { "\(article):\(line)" }

  /// All fenced blocks of the README and of the articles.
  static let all: [FencedBlock] = {
    let catalog = repository.appending(path: "Docs/Backtape.docc")
    let articles = (try? FileManager.default.contentsOfDirectory(atPath: catalog.path)) ?? []
    let paths =
      articles.sorted().filter { $0.hasSuffix(".md") }.map { "Docs/Backtape.docc/\($0)" }
    return (["README.md"] + paths).flatMap(blocks)
  }()

  private static func blocks(of article: String) -> [FencedBlock] {
    let file = repository.appending(path: article)
    let lines = ((try? String(contentsOf: file, encoding: .utf8)) ?? "")
      .components(separatedBy: "\n")
    var blocks: [FencedBlock] = []
    var line = 0
    while line < lines.count {
      defer { line += 1 }
      guard lines[line].hasPrefix("```") else { continue }
      let start = line
      let above = lines[..<start].last { !$0.isEmpty } ?? ""
      let isComment = above.hasPrefix("<!-- ") && above.hasSuffix(" -->")
      line += 1
      while line < lines.count && !lines[line].hasPrefix("```") { line += 1 }
      blocks.append(
        FencedBlock(
          article: article, line: start + 1, language: String(lines[start].dropFirst(3)),
          source: isComment ? String(above.dropFirst(5).dropLast(4)) : nil,
          text: Array(lines[(start + 1)..<min(line, lines.count)])))
    }
    return blocks
  }

  /// Whether some text has these lines one after another, all indented alike; blanks at the end of
  /// a line don't count.
  func occurs(in text: String) -> Bool {
    let all = text.components(separatedBy: "\n").map(trimmed).joined(separator: "\n")
    return [0, 2, 4, 6, 8, 10, 12].contains { (indent: Int) in
      let margin = String(repeating: " ", count: indent)
      let lines = self.text.map { trimmed(margin + $0) }
      return "\n\(all)\n".contains("\n" + lines.joined(separator: "\n") + "\n")
    }
  }

  private func trimmed(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

@Suite("What the articles show is what the sources say and the programs print")
struct ArticlesTests {
  @Test("Every article is there and has code")
  func articles() {
    let names = Set(FencedBlock.all.map(\.article))
    for name in [
      "README.md", "Docs/Backtape.docc/Part1-DeepLearningWithNumPy.md",
      "Docs/Backtape.docc/Part2-WhyAGraph.md", "Docs/Backtape.docc/Part3-WhyKeras.md",
      "Docs/Backtape.docc/HowTheTapeWorks.md", "Docs/Backtape.docc/AddingAPrimitive.md",
      "Docs/Backtape.docc/KinksAndConventions.md", "Docs/Backtape.docc/TheCompiler.md",
      "Docs/Backtape.docc/Transformations.md",
    ] { #expect(names.contains(name), "\(name)") }
  }

  /// Code that is in no file (the steps of a recipe) says so: `<!-- not in the tree -->`.
  @Test("Every block of Swift names the file it stands in")
  func sourcesAreNamed() {
    for block in FencedBlock.all where block.language == "swift" {
      #expect(block.source != nil, "\(block.testDescription)")
    }
  }

  @Test(
    "Code is in the file it names, line by line",
    arguments: FencedBlock.all.filter { $0.source?.contains("/") == true })
  func code(block: FencedBlock) throws {
    let file = repository.appending(path: block.source ?? "")
    let source = try String(contentsOf: file, encoding: .utf8)
    #expect(
      block.occurs(in: source), "\(block.testDescription) is not in \(block.source ?? "")")
  }

  @Test(
    "Output is what the series prints",
    arguments: FencedBlock.all.filter { $0.source?.hasPrefix("series ") == true })
  func output(block: FencedBlock) throws {
    let words = (block.source ?? "").split(separator: " ").map(String.init)
    let run = try Run(words[0], Array(words.dropFirst()))
    #expect(block.occurs(in: run.output), "\(block.testDescription)\n\(run.output)")
  }
}
