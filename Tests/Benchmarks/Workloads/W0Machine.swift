/// What the machine can do at most. Anchors alone take part.
struct W0Machine: Workload {
  let name = "W0"
  let title = "the machine"
  let details = "Programs in C that do nothing but use one part of the machine."

  static let titles = [
    "f32": "fused multiply-adds, float32", "f64": "fused multiply-adds, float64",
    "copy": "copying 40 MB, read and written", "read": "reading 40 MB",
    "empty region": "an empty piece of work of two threads",
  ]

  var anchors: [Anchor] {
    [
      Anchor(name: "peak", source: "peak.c", builds: [["-fopenmp"]]),
      W6Elementwise.fused,
      Anchor(name: "region", source: "region.c", builds: [["-pthread"]]),
    ]
  }

  var figures: [Figure] {
    [
      Figure(id: "f32", unit: .gigaflops(operations: 1), rivals: ["peak"]),
      Figure(id: "f64", unit: .gigaflops(operations: 1), rivals: ["peak"]),
      Figure(id: "copy", unit: .gigabytesPerSecond, rivals: [W6Elementwise.fused.name]),
      Figure(id: "read", unit: .gigabytesPerSecond, rivals: [W6Elementwise.fused.name]),
      Figure(id: "empty region", unit: .nanoseconds, threads: [2], rivals: ["region"]),
    ]
  }

  var ours: Contestant? { nil }

  func prepare(_ figure: String, _ size: WorkloadSize) -> Work { Work {} }
}
