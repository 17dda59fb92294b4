// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "backtape",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Backtape", targets: ["Backtape"]),
    .executable(name: "series", targets: ["series"]),
  ],
  targets: [
    // A folder under Sources is a layer: it may depend on rows above it only.
    .target(name: "BacktapeKernels", path: "Sources/Kernels"),
    .target(name: "BacktapeTensors", dependencies: ["BacktapeKernels"], path: "Sources/Tensors"),
    .target(name: "BacktapeAutodiff", dependencies: ["BacktapeTensors"], path: "Sources/Autodiff"),
    .target(
      name: "BacktapeGraphs",
      dependencies: ["BacktapeKernels", "BacktapeTensors", "BacktapeAutodiff"],
      path: "Sources/Graphs"),
    .target(
      name: "BacktapeModels",
      dependencies: ["BacktapeTensors", "BacktapeAutodiff", "BacktapeGraphs"],
      path: "Sources/Models"),
    .target(
      name: "Backtape",
      dependencies: [
        "BacktapeTensors", "BacktapeAutodiff", "BacktapeGraphs", "BacktapeModels",
      ],
      path: "Sources/Backtape"),

    .executableTarget(name: "series", dependencies: ["Backtape"], path: "Examples/Series"),
    .executableTarget(
      name: "benchmarks", dependencies: ["Backtape", "benchmark-startup"], path: "Tests/Benchmarks",
      exclude: ["Anchors", "Peers", "Startup", "install-peers"]),
    .executableTarget(
      name: "benchmark-startup", dependencies: ["Backtape"], path: "Tests/Benchmarks/Startup"),

    .testTarget(name: "KernelsTests", dependencies: ["BacktapeKernels"]),
    .testTarget(name: "TensorsTests", dependencies: ["Backtape"]),
    .testTarget(name: "AutodiffTests", dependencies: ["Backtape"]),
    .testTarget(name: "GraphsTests", dependencies: ["Backtape"]),
    .testTarget(name: "ModelsTests", dependencies: ["Backtape"]),
    .testTarget(name: "ExamplesTests", dependencies: ["Backtape"]),
  ]
)
