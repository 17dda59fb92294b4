import Backtape

// W9: a whole program. 50 iterations of the network of 3, 4 and 1, then its predictions.

let x: Tensor = [[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]
let y: Tensor = [[0], [0], [1], [1]]
var random = NumPyRandomState(seed: 1)
let synapses0 = 2 * random.randomSample([3, 4]) - 1
let synapses1 = 2 * random.randomSample([4, 1]) - 1

let graph = Graph()
let w0 = graph.variable("synapses0", synapses0)
let w1 = graph.variable("synapses1", synapses1)
let inputs = graph.placeholder("x", [4, 3], .float64)
let labels = graph.placeholder("y", [4, 1], .float64)
let l2 = sigmoid(sigmoid(inputs.dot(w0)).dot(w1))
let loss = 0.5 * (labels - l2).squared().sum()
let slopes = graph.gradients(of: loss, withRespectTo: [w0, w1])
let train = try Function(
  inputs: [inputs, labels], outputs: [l2],
  updates: [Update(w0, to: w0 - slopes[0]), Update(w1, to: w1 - slopes[1])])

let (data, targets) = (x.cast(.float64), y.cast(.float64))
var predictions = targets
for _ in 0..<50 { predictions = try train(data, targets)[0] }
print(predictions)
