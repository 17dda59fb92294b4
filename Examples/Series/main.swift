import Backtape
var rng = NumPyRandomState(seed: 1)
let w0 = 2 * rng.randomSample([3, 4]) - 1, w1 = 2 * rng.randomSample([4, 1]) - 1
let x = Tensor([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]]), y = Tensor([[0.0], [0], [1], [1]])
do {
  var a = w0, b = w1, l2 = y
  for _ in 0..<50 {
    let l1 = sigmoid(x.dot(a)); l2 = sigmoid(l1.dot(b))
    let d2 = (y - l2) * l2 * (1 - l2), d1 = d2.dot(b.transposed) * l1 * (1 - l1)
    b += l1.transposed.dot(d2); a += x.transposed.dot(d1)
  }
  print(l2)
}
do {
  var a = w0, b = w1, l2 = y
  for _ in 0..<50 {
    let tape = Tape(); let p = tape.variable(a, name: "synapses0"), q = tape.variable(b, name: "synapses1")
    let out = sigmoid(sigmoid(x.dot(p)).dot(q)); l2 = out.detached
    let g = tape.gradient(of: 0.5 * (y - out).squared().sum(), withRespectTo: [p, q])
    a -= g[0]; b -= g[1]
  }
  print(l2)
}
do {
  let g = Graph(), X = g.placeholder("x", [4, 3], .float64), Y = g.placeholder("y", [4, 1], .float64)
  let a = g.variable("synapses_0", w0), b = g.variable("synapses_1", w1)
  let l2 = sigmoid(sigmoid(X.dot(a)).dot(b)), loss = 0.5 * (Y - l2).squared().sum()
  let d = g.gradients(of: loss, withRespectTo: [a, b])
  let train = try Function(inputs: [X, Y], outputs: [l2], updates: [Update(a, to: a - d[0]), Update(b, to: b - d[1])])
  var out: [Tensor] = []
  for _ in 0..<50 { out = try train(x, y) }
  print(out[0])
  print(g)
  do { try train(y, x) } catch { print(error) }
}
print(gradient(at: Tensor(2.0)) { x in gradient(at: x) { y in x * y * y } })
print(gradient(at: Tensor(3.0)) { x in x * gradient(at: Tensor(2.0)) { y in x * y } })
print(jvp(at: Tensor([1.0,2.0]), along: Tensor([1.0,1.0])) { tanh($0 * $0) })
let ff = compiled { (x: Tensor) in gradient(at: x) { ($0 * $0 * $0).sum() } }
print(ff(Tensor([1.0,2,3])), gradient(at: Tensor([1.0,2,3])) { ff($0).sum() })
var z: Tensor = [[1,2,3],[4,5,6]]
let zz = z
z[0, 1] = 9; z[.all, -1] = [7, 8]
print(z, zz, z[.every(-1)], z[..., 0], z[.newAxis, 1..., 0..<2])
print(z.debugDescription)
let big = { () -> Tensor in let t = Tape(); let v = t.variable(Tensor([0.5, 0.25])); var y = v
  for i in 0..<1_000_000 { y = i & 1 == 0 ? -y : y * v + v }
  return t.gradient(of: y.sum(), withRespectTo: [v])[0].detached }
print(big())
