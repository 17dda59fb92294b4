"""Writes calculus_conventions.json: derivatives at points that have none or several, for
GoldenConventionTests.

A case is a point and the gradient of the sum of the result, in float64: PyTorch's, but for the
determinant of a singular matrix. There PyTorch gives 0; the determinant is a polynomial and has a
derivative, the adjugate's transpose, which JAX gives. NaN and infinities are strings.

Run: python3 Tests/Golden/calculus_conventions.py [OUTPUT_DIRECTORY]   (torch 2.13.0, jax 0.10.2)
"""

import json
import math
import pathlib
import sys

import jax
import jax.numpy as jnp
import torch

jax.config.update("jax_enable_x64", True)
INFINITY = math.inf
NN = torch.nn.functional


# Name, inputs, function of PyTorch's tensors.
POINTS = [
    ("abs at 0", [[0, -0.0]], torch.abs),
    ("relu at 0", [[0, -0.0]], torch.relu),
    ("leaky_relu(0.2) at 0", [[0]], lambda x: NN.leaky_relu(x, 0.2)),
    ("relu6 at 0 and 6", [[0, 6]], NN.relu6),
    ("elu at 0", [[0]], NN.elu),
    ("hard_tanh at -1 and 1", [[-1, 1]], NN.hardtanh),
    ("clip(x,-1,1) at -1 and 1", [[-1, 1]], lambda x: x.clip(-1, 1)),
    ("maximum(a,b), a=b", [[2], [2]], torch.maximum),
    ("minimum(a,b), a=b", [[2], [2]], torch.minimum),
    ("max of [1,3,3]", [[1, 3, 3]], lambda x: x.max()),
    ("max over an axis of [1,3,3]", [[1, 3, 3]], lambda x: x.max(0).values),
    ("sqrt at 0", [[0]], torch.sqrt),
    ("2-norm at 0", [[0, 0]], torch.linalg.norm),
    ("x^0 at 0", [[0]], lambda x: x**0),
    ("x^1.0 at 0", [[0]], lambda x: x**1.0),
    ("a^b at 0^0, 0^1, 0^2", [[0, 0, 0], [0, 1, 2]], torch.pow),
    ("a^b at (-2)^3", [[-2], [3]], torch.pow),
    ("where(x>0, sqrt(x), 0) at 0", [[0]], lambda x: torch.where(x > 0, torch.sqrt(x), 0)),
    ("prod of [2,0,3]", [[2, 0, 3]], torch.prod),
    ("prod of [2,0,0]", [[2, 0, 0]], torch.prod),
    ("cumprod of [2,0,3]", [[2, 0, 3]], lambda x: x.cumprod(0)),
    ("std of [2,2,2], n in the denominator", [[2, 2, 2]], lambda x: x.std(correction=0)),
    ("logsumexp of [-inf,0]", [[-INFINITY, 0]], lambda x: x.logsumexp(0)),
    ("logsumexp of [-inf,-inf]", [[-INFINITY, -INFINITY]], lambda x: x.logsumexp(0)),
    ("softmax second element of [-inf,0]", [[-INFINITY, 0]], lambda x: x.softmax(0)[1]),
    ("floor at 1.5", [[1.5]], torch.floor),
    ("log at 0", [[0]], torch.log),
    ("arccos at 1", [[1]], torch.arccos),
    ("atan2 at (0,0)", [[0], [0]], torch.atan2),
    ("det of [[1,2],[2,4]]", [[1, 2, 2, 4]], None),
    ("sigmoid at 1000 and -1000", [[1000, -1000]], torch.sigmoid),
    ("huber(delta 1) residual 1 and -1", [[1, -1]],
     lambda x: NN.huber_loss(x, torch.zeros_like(x), reduction="none")),
    ("max_pool of four equal values", [[1, 1, 1, 1]],
     lambda x: NN.max_pool2d(x.reshape(1, 1, 2, 2), 2)),
    ("sort of [2,1,2], weights 1,2,3", [[2, 1, 2]],
     lambda x: x.sort().values * torch.tensor([1.0, 2, 3])),
    ("median of [1,2,3,4]", [[4, 1, 3, 2]], lambda x: x.median()),
]


def gradient(inputs, function):
    if function is None:
        slope = jax.grad(lambda x: jnp.linalg.det(x.reshape(2, 2)))(jnp.array(inputs[0], float))
        return [slope.tolist()]
    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    return [g.tolist() for g in torch.autograd.grad(function(*xs).sum(), xs)]


def encoded(values):
    def one(x):
        return float(x) if math.isfinite(x) else (
            "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity")
    return [[one(x) for x in row] for row in values]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    lines = ",\n".join(
        json.dumps({"name": name, "inputs": encoded(inputs),
                    "gradient": encoded(gradient(inputs, function))}, allow_nan=False)
        for name, inputs, function in POINTS)
    header = {
        "generator": "Tests/Golden/calculus_conventions.py", "torch": torch.__version__,
        "jax": jax.__version__, "cases": len(POINTS)}
    text = f'{{"header": {json.dumps(header)},\n"cases": [\n{lines}\n]}}\n'
    (folder / "calculus_conventions.json").write_text(text)


if __name__ == "__main__":
    main()
