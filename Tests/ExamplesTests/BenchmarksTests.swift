import Foundation
import Testing

@Suite("The benchmarks' command line") struct BenchmarksTests {
  @Test("A small run of a workload checks its results", arguments: ["W1", "W5", "W8"])
  func smoke(workload: String) throws {
    let run = try Run("benchmarks", ["--smoke", "--only", workload])
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    #expect(run.output == "all workloads work\n")
    #expect(run.errors.contains("] \(workload) "))
  }

  @Test("The workloads are listed by name")
  func list() throws {
    let run = try Run("benchmarks", ["--list"])
    #expect(run.status == 0)
    let names = run.output.split(separator: "\n").compactMap { $0.split(separator: " ").first }
    #expect(names == (0...11).map { "W\($0)" } + ["sweep"])
  }

  @Test(
    "What makes no sense ends with status 2 and says why",
    arguments: [
      ("--fast", "'--fast' is no option"), ("--only", "--only needs a value"),
      ("--only W1,W99", "'W99' is no workload"), ("--only ,", "--only needs names"),
      ("--repetitions 0", "--repetitions takes 1 to 10000, not '0'"),
      ("--threads two", "--threads takes 1 to 2, not 'two'"),
      ("--python /no/such/python", "'/no/such/python' is no program"),
      ("--smoke --write", "--smoke measures nothing"),
    ])
  func wrong(arguments: String, message: String) throws {
    let run = try Run("benchmarks", arguments.split(separator: " ").map(String.init))
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(run.errors.hasPrefix("benchmarks: "))
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.contains("usage: benchmarks"))
  }
}
