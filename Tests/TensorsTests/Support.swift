import Foundation
import Testing

/// The content of `Tests/Golden/NAME.json`.
func loadGolden<Content: Decodable>(_ name: String) throws -> Content {
  let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/\(name).json")
  return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
}

/// Expects that a process ended, and wrote all of these before.
func expectMessage(
  _ result: ExitTest.Result?, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
) {
  let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  for words in words {
    #expect(text.contains(words), "in \(text)", sourceLocation: sourceLocation)
  }
}
