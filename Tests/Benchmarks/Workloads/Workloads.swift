/// Everything that is measured, in order.
let workloads: [any Workload] = [
  W0Machine(), W1Step(), W2Perceptron(), W3Convolution(), W4Products(), W5Chain(),
  W6Elementwise(), W7Recurrence(), W8Transformer(), W9Startup(), W10Memory(), W11FirstStep(),
  SizeSweep(),
]
