import Backtape
import Foundation

/// How much memory training takes at its peak.
struct W10Memory: Workload {
  let name = "W10"
  let title = "peak memory of training 64 layers of 512"
  let details = """
    A perceptron 784, 64 x 512, 10 with ReLU, cross-entropy and Adam, batches of 128: the peak of the
    resident memory over five steps, less what was resident before the model was made, after the same
    with one layer. Weights and what Adam remembers are 194 MiB, activations 16, all gradients 65:
    210 MiB if each gradient is used up as soon as it is there, else 275.
    """
  let program: String? = "memory.py"

  var figures: [Figure] {
    [
      Figure(
        id: "peak", unit: .mebibytes, threads: [2],
        rivals: ["numpy", "torch", "jax", "keras-tensorflow"],
        must: [2: .times(1, of: ["numpy"])], aim: [2: .value(210)], isFresh: true, repetitions: 2)
    ]
  }

  func prepare(_ figure: String, _ size: WorkloadSize) throws -> Work {
    let (batch, steps) = (128, 5)
    let x = Tensor.randomNormal([batch * steps, 784], key: RandomKey(seed: 10))
    let labels = 10 * Tensor.random([batch * steps], key: RandomKey(seed: 10, stream: 1))
    let y = labels.cast(.int64)
    func train(_ depth: Int) throws {
      let model = Model(input: [784]) {
        for _ in 0..<depth {
          Dense(512, activation: .relu, kernelInitializer: .heNormal)
        }
        Dense(10)
      }
      model.compile(
        optimizer: .adam(), loss: .sparseCategoricalCrossEntropy(fromLogits: true))
      let history = try model.fit(x, y, batchSize: batch, verbosity: .silent)
      try expect(
        "whether the loss is a number", history.loss[0] - history.loss[0], near: 0, tolerance: 0)
    }
    return Work(reported: {
      try train(1)
      let before = try Resident.mebibytes(.now)
      try Resident.forgetPeak()
      try train(size == .full ? 64 : 2)
      return try Resident.mebibytes(.peak) - before
    })
  }
}

/// The memory of this process that is in use, from Linux's `/proc`.
private enum Resident {
  enum Field: String {
    case now = "VmRSS:"
    case peak = "VmHWM:"
  }

  static func mebibytes(_ field: Field) throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix(field.rawValue) }
    guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
    else { throw WrongResult(description: "the system does not tell the memory in use") }
    return kibibytes / 1024
  }

  /// The peak starts anew.
  static func forgetPeak() throws {
    let handle = try FileHandle(forWritingTo: URL(filePath: "/proc/self/clear_refs"))
    try handle.write(contentsOf: Data("5".utf8))
    try handle.close()
  }
}
