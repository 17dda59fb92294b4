extension Program {
  /// Without the lines that nothing wanted depends on.
  func removingDeadLines() -> Program {
    let needed = needed()
    return Rewriting.of(self) { rewriting, index, line in
      needed[index] ? rewriting.keep(line) : -1
    }
  }
}
