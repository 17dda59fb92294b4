/// The phase of the machine: how long two threads take to begin and end an empty piece of work.
enum Phase {
  private static let anchor = Anchor(name: "region", source: "region.c", builds: [["-pthread"]])

  /// Seconds, the least of a few; nil if it cannot be measured.
  static var now: Double? {
    guard let contestant = try? anchor.contestants().first,
      let participant = try? Participant(contestant, threads: 2)
    else { return nil }
    defer { participant.stop() }
    guard (try? participant.prepare("empty region")) != nil else { return nil }
    return (0..<3).compactMap { _ in try? participant.run(seconds: 0.02) }.min()
  }
}
