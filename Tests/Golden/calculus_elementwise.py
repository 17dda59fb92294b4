"""Writes calculus_elementwise.json: elementwise functions and activations, with derivatives.

Run: python3 Tests/Golden/calculus_elementwise.py [OUTPUT_DIRECTORY]
"""

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from calculus.cases import Suite

INF, NAN = np.inf, np.nan

UNARY = (
    "exp2 log2 log10 erfc erfinv lgamma digamma sinh cosh asin acos atan asinh acosh atanh trunc "
    "reciprocal square"
).split()
PAIRS = "remainder fmod hypot logaddexp xlogy pow".split()

OPERATIONS = {name: (lambda f: lambda s, x: f(x))(getattr(torch, name)) for name in UNARY}
OPERATIONS |= {name: (lambda f: lambda s, a, b: f(a, b))(getattr(torch, name)) for name in PAIRS}
OPERATIONS |= {
    "polygamma": lambda s, x: torch.polygamma(s["order"], x),
    "clip": lambda s, x: torch.clamp(x, s.get("min"), s.get("max")),
    "clipTo": lambda s, x, low, high: torch.clamp(x, low, high),
    "maskedFill": lambda s, x: x.masked_fill(torch.tensor(s["mask"]), s["value"]),
    "relu6": lambda s, x: F.relu6(x),
    "elu": lambda s, x: F.elu(x, s["alpha"]),
    "celu": lambda s, x: F.celu(x, s["alpha"]),
    "selu": lambda s, x: F.selu(x),
    "gelu": lambda s, x: F.gelu(x),
    "mish": lambda s, x: F.mish(x),
    "softplus": lambda s, x: F.softplus(x, s["beta"], s["threshold"]),
    "softsign": lambda s, x: F.softsign(x),
    # PyTorch's own have no second derivative; value and first are these.
    "hardSigmoid": lambda s, x: F.relu6(x + 3) / 6,
    "hardSwish": lambda s, x: x * F.relu6(x + 3) / 6,
    "hardTanh": lambda s, x: F.hardtanh(x, s.get("min", -1.0), s.get("max", 1.0)),
    "logSigmoid": lambda s, x: F.logsigmoid(x),
    "prelu": lambda s, x, slope: torch.where(x > 0, x, slope * x),
    "leakyRelu": lambda s, x: F.leaky_relu(x, s["slope"]),
}

JAX = {
    "exp2": jnp.exp2, "log2": jnp.log2, "log10": jnp.log10, "erfc": jax.scipy.special.erfc,
    "erfinv": jax.scipy.special.erfinv, "lgamma": jax.lax.lgamma,
    "digamma": jax.lax.digamma, "sinh": jnp.sinh, "cosh": jnp.cosh, "asin": jnp.arcsin,
    "acos": jnp.arccos, "atan": jnp.arctan, "asinh": jnp.arcsinh, "acosh": jnp.arccosh,
    "atanh": jnp.arctanh, "trunc": jnp.trunc, "reciprocal": jnp.reciprocal, "square": jnp.square,
    "hypot": jnp.hypot, "logaddexp": jnp.logaddexp, "xlogy": jax.scipy.special.xlogy,
    "remainder": jnp.remainder, "fmod": jnp.fmod, "pow": jnp.power,
}
JAX = {name: (lambda f: lambda s, *xs: f(*xs))(f) for name, f in JAX.items()}
JAX |= {
    "polygamma": lambda s, x: jax.scipy.special.polygamma(s["order"], x),
    "clipTo": lambda s, x, low, high: jnp.clip(x, low, high),
    "maskedFill": lambda s, x: jnp.where(jnp.asarray(s["mask"]), s["value"], x),
    "elu": lambda s, x: jax.nn.elu(x, s["alpha"]),
    "celu": lambda s, x: jax.nn.celu(x, s["alpha"]),
    "selu": lambda s, x: jax.nn.selu(x),
    "gelu": lambda s, x: jax.nn.gelu(x, approximate=False),
    "mish": lambda s, x: jax.nn.mish(x),
    "softsign": lambda s, x: jax.nn.soft_sign(x),
    "hardSigmoid": lambda s, x: jax.nn.hard_sigmoid(x),
    "hardSwish": lambda s, x: jax.nn.hard_swish(x),
    "logSigmoid": lambda s, x: jax.nn.log_sigmoid(x),
}

suite = Suite("calculus_elementwise", 20300, OPERATIONS, JAX)
add, normal = suite.add, suite.normal

# Where every function is defined and smooth, then its own range and edges.
RANGES = {
    "exp2": (-3, 3), "log2": (0.1, 5), "log10": (0.1, 5), "erfc": (-2, 4), "erfinv": (-0.95, 0.95),
    "lgamma": (0.2, 6), "digamma": (0.2, 6), "sinh": (-3, 3), "cosh": (-3, 3), "asin": (-0.9, 0.9),
    "acos": (-0.9, 0.9), "atan": (-4, 4), "asinh": (-4, 4), "acosh": (1.2, 5),
    "atanh": (-0.9, 0.9), "trunc": (0.2, 0.8), "reciprocal": (0.3, 3), "square": (-2, 2),
    "gelu": (-3, 3), "selu": (0.2, 2), "mish": (-3, 3), "softsign": (0.2, 3),
    "logSigmoid": (-4, 4), "hardSigmoid": (-2.5, 2.5), "hardSwish": (-2.5, 2.5), "relu6": (1, 5),
}
# PyTorch's trigamma has 8 digits.
COARSE = {"lgamma": 1e-7, "digamma": 1e-7}
for name, (low, high) in RANGES.items():
    coarse = COARSE.get(name)
    add(name, name, [suite.random.uniform(low, high, (2, 3))], smooth=True, coarse=coarse)
    add(f"{name} of nothing", name, [np.zeros((0, 2))])
    add(f"{name} of a number", name, [np.array((low + high) / 2 + 0.1)], coarse=coarse)

EDGES = {
    "exp2": [0, -0.0, 1, 10, -10, 1000, -1000, INF, -INF, NAN],
    "log2": [1, 2, 0.5, 1024, 3, 1e-300, 1e300, INF],
    "log10": [1, 10, 1000, 1e-3, 3, 1e-300, 1e22, INF],
    "erfc": [0, -0.0, 0.5, -0.5, 3, 5, 10, -10, 26, INF, -INF, NAN],
    "erfinv": [0, 0.5, -0.5, 1e-8, 0.9999, -0.999999, 1 - 1e-12],
    "lgamma": [1, 2, 0.5, 3, 10.5, 100, 1e10, 1e-5],
    "digamma": [1, 2, 0.5, 3, 10.5, 100, 1e5, 1e-3],
    "sinh": [0, -0.0, 1e-8, 1, -1, 20, -20, 300, -300],
    "cosh": [0, -0.0, 1e-8, 1, -1, 20, -20, 300, -300],
    "asin": [0, -0.0, 0.5, 1e-8, 0.999999, -0.999999],
    "acos": [0, -0.0, 0.5, 1e-8, 0.999999, -0.999999],
    "atan": [0, -0.0, 1, -1, 1e-8, 1e5, -1e10, INF, -INF, NAN],
    "asinh": [0, 1, -1, 1e-8, 1e4, -1e5, 3e9, -3e9, 1e12],
    "acosh": [1.0001, 1.5, 2, 100, 1e5, 3e9, 1e12],
    "atanh": [0, -0.0, 0.5, 1e-8, -0.99, 0.995],
    "trunc": [0, -0.0, 1, -1, 1.5, -1.5, 0.999, -0.999, 1e20, INF, -INF, NAN],
    "reciprocal": [1, -1, 2, 1e-100, INF, -INF],
    "square": [0, -0.0, 1, -2, 1e100, NAN],
    "gelu": [0, -0.0, 1, -1, 10, -10, 40, -40],
    "mish": [0, -0.0, 1, -1, 20, -20, 100, -40],
    "softsign": [1, -1, 1e10, -1e10],
    "logSigmoid": [0, 1, -1, 40, -40, 1000, -1000],
}
for name, points in EDGES.items():
    # JAX's trunc has no derivative of -0, its erfinv and lgamma are short of digits at the ends.
    add(f"{name} at the edges", name, [points], torch_only=name in ("mish", "erfinv"),
        coarse=COARSE.get(name))
for name, points in {
    "lgamma": [-0.5, -1.5, -2.3, -7.7, -20.1], "digamma": [-0.5, -1.5, -2.3, -7.7, -20.1],
    "asin": [1, -1], "acos": [1, -1], "acosh": [1], "atanh": [1, -1], "erfinv": [1, -1],
}.items():
    at_poles = name not in ("lgamma", "digamma")
    add(f"{name} {'at its ends' if at_poles else 'of negative numbers'}", name, [points],
        torch_only=True, order=1 if at_poles else 2)
add("softsign at 0", "softsign", [[0.0, -0.0]], torch_only=True)
for order in range(5):
    add(f"polygamma {order}", "polygamma", [suite.random.uniform(0.3, 8, 5)], {"order": order},
        smooth=True, coarse=1e-7)
    add(f"polygamma {order} of large and small numbers", "polygamma", [[1e-3, 0.1, 20, 1e3, 1e6]],
        {"order": order}, coarse=1e-7)

positive = np.abs(normal(2, 3)) + 0.3
add("remainder", "remainder", [normal(2, 3) * 3, positive])
add("remainder of negative divisors", "remainder", [normal(5) * 3, -np.abs(normal(5)) - 0.5])
add("fmod", "fmod", [normal(2, 3) * 3, positive], torch_only=True)
add("fmod of all signs", "fmod", [[5.5, -5.5, 5.5, -5.5, 0.0, 7.0, 1e18],
                                  [3.0, 3, -3, -3, 2, INF, 7]], torch_only=True)
add("hypot", "hypot", [normal(2, 3), normal(2, 3)], smooth=True)
add("hypot, broadcast", "hypot", [normal(2, 1), normal(3)], smooth=True)
add("hypot of large, small and unequal numbers", "hypot",
    [[3, 1e150, -5e-160, 1e10, 0, 2], [4, 1e150, 12e-160, 1e-10, 3, 0]], torch_only=True)
add("logaddexp", "logaddexp", [normal(2, 3), normal(2, 3)], smooth=True)
add("logaddexp, broadcast", "logaddexp", [normal(2, 1), normal(3)], smooth=True)
add("logaddexp of large and equal numbers", "logaddexp",
    [[1000, -1000, 0, 1, -50, 800], [1000.5, -1000, 0, 1, 50, 700]])
add("logaddexp with -infinity", "logaddexp", [[-INF, 2.0], [0.5, -INF]], torch_only=True,
    order=1)
add("xlogy", "xlogy", [normal(2, 3), positive], smooth=True)
add("xlogy of 0", "xlogy", [[0, 0, 2, 1], [2, 0.5, 1, 1e-300]])
add("polygamma, xlogy of nothing", "xlogy", [np.zeros((2, 0)), np.zeros((2, 0))])

add("clip below", "clip", [[-2, -1, -0.5, 0, 3]], {"min": -1.0})
add("clip above", "clip", [[-2, -1, 0.5, 1, 3]], {"max": 1.0})
add("clip at bounds", "clip", [[-2, -1, -0.5, 1, 3]], {"min": -1.0, "max": 1.0})
add("clip by tensors", "clipTo", [normal(2, 3), [-0.5, -0.25, 0.0], [[0.5], [0.75]]], smooth=True)
add("maskedFill", "maskedFill", [normal(2, 3)], {"mask": [True, False, True], "value": -1e9})

edges = [-1000, -40, -3, -1, -1e-8, -0.0, 0, 1e-8, 1, 3, 6, 40, 1000]
for name in ("relu6", "selu", "hardSigmoid", "hardSwish", "hardTanh", "softsign"):
    add(f"{name} at kinks and far out", name, [edges], torch_only=True, order=1)
for alpha in (1.0, 0.5, 2.0):
    for name in ("elu", "celu"):
        add(f"{name}, alpha {alpha}", name, [normal(6)], {"alpha": alpha})
        add(f"{name}, alpha {alpha}, at 0 and far out", name, [edges], {"alpha": alpha},
            torch_only=True, order=1)
add("hardTanh in other bounds", "hardTanh", [edges], {"min": -3.0, "max": 6.0})
add("leakyRelu at 0 and far out", "leakyRelu", [edges], {"slope": 0.3})
add("prelu", "prelu", [normal(2, 3), [0.1, 0.25, -0.5]], smooth=True)
for beta, threshold in ((1.0, 20.0), (0.5, 20.0), (3.0, 5.0)):
    add(f"softplus, beta {beta}, threshold {threshold}", "softplus",
        [[-900, -20, -1, 0, 0.5, 1, 1.6, 1.7, 19, 21, 41, 900]],
        {"beta": beta, "threshold": threshold})

# So far that no cotangent or direction brings a derivative back below the largest number.
for name in ("sinh", "cosh"):
    add(f"{name} beyond the largest number", name, [[720, -720, 1e5, -1e300, INF, -INF]], order=1)
add("hypot with infinities", "hypot", [[INF, -INF, NAN, 3, NAN], [NAN, 2, -INF, INF, 1]],
    torch_only=True, order=0)
add("clip of NaN", "clip", [[NAN, -2, 0.5, INF]], {"min": -1.0, "max": 1.0}, torch_only=True)
add("clip of NaN above a bound", "clip", [[NAN, -2, 0.5]], {"min": -1.0}, torch_only=True)
add("clip of NaN below a bound", "clip", [[NAN, 2, 0.5]], {"max": 1.0}, torch_only=True)
add("clip by NaN", "clipTo", [[0.5, 1, 2, 3], [NAN, 0, NAN, 1], [1, NAN, NAN, 2]],
    torch_only=True, order=0)
add("pow", "pow", [positive, normal(2, 3)], smooth=True)
# PyTorch's second derivatives are NaN here.
add("pow of 0", "pow", [[0, -0.0, 0, 0, 0, 0.5], [2, 3, 1, 0.5, 4.5, 0]], order=1)
add("pow of negative numbers", "pow", [[-2, -1.5, -2], [3, 2, -1]], order=1)

suite.write()
