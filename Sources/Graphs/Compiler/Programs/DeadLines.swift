extension Program {
  /// Without the lines that nothing wanted depends on.
  func removingDeadLines() -> Program {
    let needed = needed()
    func isDead(_ index: Int) -> Bool { !needed[index] }
    return Rewriting.of(self, where: isDead) { _, _, _ in -1 }
  }
}
