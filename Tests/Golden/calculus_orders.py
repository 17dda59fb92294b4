"""Writes calculus_orders.json: derivatives along lines, of orders 1 to 5, for GoldenOrderTests.

A case is a function f of a vector, a point x, a direction v and weights w: the derivatives are
those of sum(w * f(x + t v)) by t at 0, by JAX with x64.

Run: python3 Tests/Golden/calculus_orders.py [OUTPUT_DIRECTORY]   (jax 0.10.2, numpy 2.4.6)
"""

import json
import pathlib
import sys

import jax
import jax.numpy as jnp
import jax.scipy.linalg as linalg
import jax.scipy.special as special
import numpy as np

jax.config.update("jax_enable_x64", True)
SEED = 20311
ORDERS = 5
nn, la = jax.nn, jnp.linalg
random = np.random.default_rng(SEED)


def anywhere(count):
    return random.uniform(-1.5, 1.5, count)


def inside(count):
    return random.uniform(0.2, 0.8, count)


def definite(n):
    a = random.normal(size=(n, n))
    return (a @ a.T + n * np.eye(n)).ravel()


def halves(f):
    return lambda x: f(x[:x.size // 2], x[x.size // 2:])


def matrix(rows, columns, f):
    return lambda x: f(x.reshape(rows, columns))


def symmetric(n, f):
    return matrix(n, n, lambda x: f((x + x.T) / 2))


def normalized(x):
    return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)


def cosine(a, b):
    return a @ b / (la.norm(a) * la.norm(b))


EVERYWHERE = {
    "exp": jnp.exp, "exp2": jnp.exp2, "expm1": jnp.expm1, "sin": jnp.sin, "cos": jnp.cos,
    "tan": jnp.tan, "sinh": jnp.sinh, "cosh": jnp.cosh, "tanh": jnp.tanh, "atan": jnp.arctan,
    "asinh": jnp.arcsinh, "erf": special.erf, "erfc": special.erfc, "sigmoid": nn.sigmoid,
    "silu": nn.silu, "gelu": lambda x: nn.gelu(x, approximate=False),
    "gelu by tanh": lambda x: nn.gelu(x, approximate=True), "mish": nn.mish,
    "softplus": nn.softplus, "logSigmoid": nn.log_sigmoid, "elu": nn.elu, "selu": nn.selu,
    "celu": nn.celu, "softsign": nn.soft_sign, "square": jnp.square,
    "reciprocal": jnp.reciprocal, "abs": jnp.abs,
}
INSIDE = {
    "log": jnp.log, "log2": jnp.log2, "log10": jnp.log10, "log1p": jnp.log1p, "sqrt": jnp.sqrt,
    "rsqrt": jax.lax.rsqrt, "asin": jnp.arcsin, "acos": jnp.arccos, "atanh": jnp.arctanh,
    "erfinv": special.erfinv, "power of 2.5": lambda x: x**2.5, "power of 3": lambda x: x**3,
    "acosh": lambda x: jnp.arccosh(x + 1.2), "lgamma": special.gammaln,
    "digamma": special.digamma,
}
PAIRS = {
    "atan2": jnp.arctan2, "hypot": jnp.hypot, "logaddexp": jnp.logaddexp, "xlogy": special.xlogy,
    "pow": jnp.power, "divide": jnp.divide, "multiply": jnp.multiply, "remainder": jnp.remainder,
    "cosineSimilarity": cosine,
}
ROWS = {
    "softmax": nn.softmax, "logSoftmax": nn.log_softmax,
    "logSumExp": lambda x: nn.logsumexp(x, -1), "norm": lambda x: la.norm(x, axis=-1),
    "norm of order 3": lambda x: jnp.sum(jnp.abs(x)**3, -1)**(1 / 3),
    "std": lambda x: jnp.std(x, axis=-1, ddof=1), "variance": lambda x: jnp.var(x, axis=-1),
    "cumsum": lambda x: jnp.cumsum(x, -1)**3,
    "logcumsumexp": lambda x: jax.lax.cumlogsumexp(x, axis=1), "layerNorm": normalized,
    "crossEntropy": lambda x: -nn.log_softmax(x)[jnp.arange(2), jnp.array([0, 2])].mean(),
    "max": lambda x: x.max(1)**3,
}
OTHERS = {
    "product with zeros": (lambda x: jnp.prod(x), np.array([1.0, 0, 2, 3, 0])),
    "cumprod with zeros": (jnp.cumprod, np.array([1.0, 0, 2, -3, 0.5])),
    "huber": (lambda x: jnp.where(jnp.abs(x) < 1, x * x / 2, jnp.abs(x) - 0.5).mean(),
              2 * anywhere(6)),
    "det": (matrix(3, 3, la.det), anywhere(9)),
    "det of four rows": (matrix(4, 4, la.det), anywhere(16)),
    "inverse": (matrix(3, 3, la.inv), definite(3)),
    "logabsdet": (matrix(3, 3, lambda x: la.slogdet(x)[1]), definite(3)),
    "cholesky": (symmetric(3, la.cholesky), definite(3)),
    "eigenvalues": (symmetric(3, lambda x: la.eigh(x)[0]), anywhere(9)),
    "singular values": (matrix(3, 2, lambda x: la.svd(x, compute_uv=False)), anywhere(6)),
    "qr": (matrix(3, 2, lambda x: jnp.abs(la.qr(x)[1])), anywhere(6)),
    "solve": (matrix(3, 3, lambda x: la.solve(x, x[:, :1]**2)), definite(3)),
    "matrixExp": (matrix(3, 3, linalg.expm), anywhere(9) / 2),
    "matrixPower": (matrix(2, 2, lambda x: la.matrix_power(x, 4)), anywhere(4)),
    "conv1d": (lambda x: jnp.convolve(x[:5], x[5:], "valid")**2, anywhere(8)),
    "sort": (lambda x: jnp.sort(x)**3, anywhere(5)),
    "median": (lambda x: jnp.sort(x)[2]**3, anywhere(5)),
    "take": (lambda x: x[jnp.array([0, 2, 2])]**3, anywhere(4)),
    "indexAdd": (lambda x: jnp.zeros(3).at[jnp.array([0, 2, 2, 1])].add(x)**3, anywhere(4)),
}
FUNCTIONS = (
    {name: (f, anywhere(4)) for name, f in EVERYWHERE.items()}
    | {name: (f, inside(4)) for name, f in INSIDE.items()}
    | {name: (halves(f), inside(6)) for name, f in PAIRS.items()}
    | {name: (matrix(2, 3, f), anywhere(6)) for name, f in ROWS.items()} | OTHERS)


def case(name, function, point):
    direction = random.uniform(-1, 1, point.shape)
    weights = random.uniform(-1, 1, function(jnp.array(point)).shape)
    derivative = lambda t: jnp.sum(weights * function(jnp.array(point) + t * direction))
    derivatives = []
    for _ in range(ORDERS):
        derivative = jax.grad(derivative)
        derivatives.append(float(derivative(0.0)))
    assert np.isfinite(derivatives).all(), name
    return {"name": name, "point": point.tolist(), "direction": direction.tolist(),
            "weights": weights.ravel().tolist(), "derivatives": derivatives}


def main():
    cases = [case(name, *rest) for name, rest in FUNCTIONS.items()]
    header = {"generator": "Tests/Golden/calculus_orders.py", "jax": jax.__version__,
              "numpy": np.__version__, "seed": SEED, "cases": len(cases)}
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    lines = ",\n".join(json.dumps(case) for case in cases)
    (folder / "calculus_orders.json").write_text(
        f'{{"header": {json.dumps(header)},\n"cases": [\n{lines}\n]}}\n')


main()
