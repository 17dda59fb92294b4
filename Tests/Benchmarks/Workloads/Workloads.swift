/// Everything that is measured, in order.
let workloads: [any Workload] = [
  W0Machine(), W1Step(), W2Perceptron(), W4Products(), W5Chain(), W6Elementwise(), W9Startup(),
  W10Memory(), SizeSweep(),
]
