"""Writes autodiff.json: values and derivatives of expressions, for GoldenDerivativeTests.

A case is an expression in a small prefix language (see `Library.evaluate`), its inputs, a cotangent
of the result and a tangent of each input; and what PyTorch makes of them in float64: the value, the
cotangents of the inputs (vjp), the tangent of the result (jvp) and the product of
the Hessian of `sum(result * cotangent)` with the tangents (hvp).

Every case is computed with JAX in float64 too; arrays must agree to 1e-12 of their largest element.
`torch_only` names the cases where the two follow different conventions. Random expressions on which
they differ (ties, or too badly conditioned to expect anything) are drawn again.

Run: python3 Tests/Golden/autodiff.py [OUTPUT_DIRECTORY]   (some minutes; torch 2.13.0, jax 0.10.2,
numpy 2.4.6)
"""

import json
import math

import jax
import jax.numpy as jnp
import numpy as np
import torch

from calculus.cases import Suite

SEED = 20260
AGREEMENT = 1e-12
RANDOM_CASES = 150


class Library:
    """What the interpreter needs of a library, in PyTorch's spelling where they differ."""

    unary = {
        "negate": lambda x: -x,
        "squared": lambda x: x * x,
    }
    binary = {
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
        "power": lambda a, b: a**b,
        "remainder": lambda a, b: a % b,
        "less": lambda a, b: a < b,
        "equal": lambda a, b: a == b,
    }

    def evaluate(self, e, inputs, bound=()):
        """The value of an expression.

        ["x", i] is an input, ["v", i] what the i-th enclosing "let" (from outside) bound, a bare
        number a number; else the first element names an operation, the others are operands and
        attributes.
        """
        if isinstance(e, (int, float)):
            return e
        name, *rest = e

        def of(k):
            return self.evaluate(rest[k], inputs, bound)

        def all_of(es):
            return [self.evaluate(each, inputs, bound) for each in es]

        if name == "x":
            return inputs[rest[0]]
        if name == "v":
            return bound[rest[0]]
        if name == "let":
            return self.evaluate(rest[1], inputs, (*bound, of(0)))
        if name in self.unary:
            return self.unary[name](of(0))
        if name in self.binary:
            return self.binary[name](of(0), of(1))
        if name in ("sum", "mean", "product", "max", "min", "amax", "amin", "variance"):
            return self.reduce(name, of(0), *rest[1:])
        if name in ("softmax", "logSoftmax", "logSumExp"):
            return self.normalise(name, of(0), rest[1])
        if name == "where":
            return self.where(*all_of(rest))
        if name == "clip":
            return self.clip(of(0), rest[1], rest[2])
        if name == "dot":
            return self.dot(of(0), of(1))
        if name == "matmul":
            return of(0) @ of(1)
        if name == "reshape":
            return of(0).reshape(rest[1])
        if name == "broadcast":
            return self.broadcast(of(0), rest[1])
        if name == "permute":
            return self.permute(of(0), rest[1])
        if name == "swapAxes":
            return self.swap(of(0), rest[1], rest[2])
        if name == "expandDims":
            a = of(0)
            axis = rest[1] if rest[1] >= 0 else rest[1] + a.ndim + 1
            return a.reshape(a.shape[:axis] + (1,) + a.shape[axis:])
        if name == "squeeze":
            a = of(0)
            return a.reshape([n for axis, n in enumerate(a.shape) if axis not in rest[1]])
        if name == "flip":
            return self.flip(of(0), rest[1])
        if name == "slice":
            axis, start, end, step = rest[1:]
            a = of(0)
            index = [slice(None)] * a.ndim
            index[axis] = slice(start, end, step)
            return self.take(a, positions(a.shape, tuple(index)))
        if name == "at":
            a = of(0)
            return self.take(a, positions(a.shape, subscript(rest[1])))
        if name == "assign":
            a = of(0)
            return self.put(a, positions(a.shape, subscript(rest[1])), of(2))
        if name == "pad":
            return self.pad(of(0), *rest[1:])
        if name == "concatenate":
            return self.concatenate(all_of(rest[1:]), rest[0])
        if name == "stack":
            return self.stack(all_of(rest[1:]), rest[0])
        if name == "split":
            a = of(0)
            parts, axis, which = rest[1:]
            size = a.shape[axis] // parts
            index = [slice(None)] * a.ndim
            index[axis] = slice(which * size, (which + 1) * size)
            return self.take(a, positions(a.shape, tuple(index)))
        raise ValueError(name)


def subscript(parts):
    """Numbers are positions, [a, b] ranges, {"every": n} steps, "new" and "..." themselves."""

    def part(p):
        if isinstance(p, int):
            return p
        if isinstance(p, list):
            return slice(*p)
        if isinstance(p, dict):
            return slice(None, None, p["every"])
        return None if p == "new" else Ellipsis

    return tuple(part(p) for p in parts)


def positions(shape, index):
    """The flat positions a subscript selects."""
    return np.arange(math.prod(shape)).reshape(shape)[index].copy()


class Torch(Library):
    unary = Library.unary | {
        name: getattr(torch, name)
        for name in (
            "abs exp expm1 log log1p sin cos tan tanh sigmoid erf sqrt rsqrt sign floor ceil "
            "round relu"
        ).split()
    } | {"stopGradient": lambda x: x.detach()}

    @staticmethod
    def both(f):
        def g(a, b):
            a = a if isinstance(a, torch.Tensor) else torch.tensor(float(a))
            b = b if isinstance(b, torch.Tensor) else torch.tensor(float(b))
            return f(a, b)

        return g

    def __init__(self):
        self.binary = Library.binary | {
            name: self.both(getattr(torch, name)) for name in ("maximum", "minimum", "atan2", "remainder")
        }

    def reduce(self, name, a, axes, keep, correction=0):
        axes = tuple(range(a.ndim)) if axes is None else tuple(axes)
        if name == "variance":
            return a.var(axes, correction=correction, keepdim=keep)
        if name in ("max", "min"):
            return getattr(a, name)(axes[0], keepdim=keep).values
        if name == "product":
            for axis in sorted((axis % a.ndim for axis in axes), reverse=True):
                a = a.prod(axis, keepdim=keep)
            return a
        if not axes:
            return a
        return getattr(a, name)(axes, keepdim=keep)

    def normalise(self, name, a, axis):
        if name == "logSumExp":
            return torch.logsumexp(a, axis)
        return (torch.softmax if name == "softmax" else torch.log_softmax)(a, axis)

    def where(self, c, a, b):
        return torch.where(c, a, b)

    def clip(self, a, low, high):
        return torch.clamp(a, low, high)

    def dot(self, a, b):
        if a.ndim == 0 or b.ndim == 0:
            return a * b
        return torch.tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))

    def broadcast(self, a, shape):
        return a.broadcast_to(shape)

    def permute(self, a, axes):
        return a.permute(axes)

    def swap(self, a, i, j):
        return a.swapaxes(i, j)

    def flip(self, a, axes):
        return a.flip(axes)

    def take(self, a, where):
        return a.flatten()[torch.from_numpy(where.ravel())].reshape(where.shape)

    def put(self, a, where, value):
        value = value if isinstance(value, torch.Tensor) else torch.tensor(float(value))
        flat = value.broadcast_to(where.shape).flatten()
        return a.flatten().index_copy(0, torch.from_numpy(where.ravel()), flat).reshape(a.shape)

    def pad(self, a, axis, before, after):
        axis %= a.ndim
        sizes = [0] * (2 * (a.ndim - 1 - axis)) + [before, after]
        return torch.nn.functional.pad(a, sizes)

    def concatenate(self, list, axis):
        return torch.cat(list, axis)

    def stack(self, list, axis):
        return torch.stack(list, axis)


class Jax(Library):
    unary = Library.unary | {
        name: getattr(jnp, name)
        for name in "abs exp expm1 log log1p sin cos tan tanh sqrt sign floor ceil round".split()
    } | {
        "sigmoid": jax.nn.sigmoid,
        "erf": jax.scipy.special.erf,
        "rsqrt": jax.lax.rsqrt,
        "relu": jax.nn.relu,
        "stopGradient": jax.lax.stop_gradient,
    }
    binary = Library.binary | {
        "maximum": jnp.maximum, "minimum": jnp.minimum, "atan2": jnp.arctan2,
    }

    def reduce(self, name, a, axes, keep, correction=0):
        axes = None if axes is None else tuple(axes)
        if name == "variance":
            return jnp.var(a, axes, ddof=correction, keepdims=keep)
        spelled = {"product": "prod", "amax": "max", "amin": "min"}.get(name, name)
        return getattr(jnp, spelled)(a, axes, keepdims=keep)

    def normalise(self, name, a, axis):
        if name == "logSumExp":
            return jax.nn.logsumexp(a, axis)
        return (jax.nn.softmax if name == "softmax" else jax.nn.log_softmax)(a, axis)

    def where(self, c, a, b):
        return jnp.where(c, a, b)

    def clip(self, a, low, high):
        return jnp.clip(a, low, high)

    def dot(self, a, b):
        return jnp.dot(a, b)

    def broadcast(self, a, shape):
        return jnp.broadcast_to(a, shape)

    def permute(self, a, axes):
        return jnp.transpose(a, axes)

    def swap(self, a, i, j):
        return jnp.swapaxes(a, i, j)

    def flip(self, a, axes):
        return jnp.flip(a, axes)

    def take(self, a, where):
        return a.ravel()[where]

    def put(self, a, where, value):
        flat = jnp.broadcast_to(value, where.shape).ravel()
        return a.ravel().at[where.ravel()].set(flat).reshape(a.shape)

    def pad(self, a, axis, before, after):
        widths = [(0, 0)] * a.ndim
        widths[axis] = (before, after)
        return jnp.pad(a, widths)

    def concatenate(self, list, axis):
        return jnp.concatenate(list, axis)

    def stack(self, list, axis):
        return jnp.stack(list, axis)


TORCH, JAX = Torch(), Jax()


X, Y, Z = ["x", 0], ["x", 1], ["x", 2]


def fixed_cases():
    """(name, expression, shapes or arrays of inputs, interval, why PyTorch alone)"""
    cases = []

    def add(name, expression, *shapes, low=-2.0, high=2.0, alone=None):
        cases.append((name, expression, shapes, low, high, alone))

    # Elementwise primitives, away from their kinks.
    for name in "negate exp expm1 sin cos tanh sigmoid erf squared sign floor ceil round".split():
        add(name, [name, X], [2, 3])
    add("abs", ["abs", X], [7])
    add("relu", ["relu", X], [7])
    add("tan", ["tan", X], [2, 3], low=-1.2, high=1.2)
    for name in ("log", "sqrt", "rsqrt"):
        add(name, [name, X], [2, 3], low=0.2, high=3)
    add("log1p", ["log1p", X], [2, 3], low=-0.8, high=3)
    for name in "exp expm1 log1p sqrt rsqrt sigmoid tanh erf sin".split():
        add(f"{name} of rank 0", [name, X], [], low=0.3, high=1.5)
    add("sigmoid far out", ["sigmoid", X], np.array([-40.0, -20, 20, 35]))
    add("tanh far out", ["tanh", X], np.array([-12.0, -5, 5, 12]))
    add("expm1 near 0", ["expm1", X], np.array([-1e-8, 1e-12, 1e-4]))
    add("log1p near 0", ["log1p", X], np.array([-1e-8, 1e-12, 1e-4]))
    add("erf far out", ["erf", X], np.array([-5.0, -3, 3, 5]))
    add("softplus", ["log1p", ["exp", X]], [5])

    # Two operands, of all ways to broadcast.
    ways = [([2, 3], [2, 3]), ([2, 3], [3]), ([2, 1], [3]), ([], [4]), ([3, 1, 2], [2, 1]),
            ([1], [3]), ([2, 3], [])]
    for name in "add subtract multiply divide power maximum minimum atan2 remainder".split():
        for a, b in ways if name in ("multiply", "divide") else ways[:4]:
            low, high = (0.3, 2.5) if name in ("divide", "power", "remainder") else (-2, 2)
            add(f"{name} {a} {b}", [name, X, Y], a, b, low=low, high=high)
    add("remainder of negatives", ["remainder", X, Y],
        np.array([-5.3, 5.3, -0.4, 7.1]), np.array([2.1, -2.2, 3.0, -0.9]))
    add("atan2 in every quadrant", ["atan2", X, Y],
        np.array([1.0, 1, -1, -1, 3]), np.array([2.0, -2, 2, -2, -0.1]))

    # Numbers beside a tensor, on both sides.
    for name in "add subtract multiply divide power maximum minimum atan2 remainder".split():
        add(f"{name} with a number on the right", [name, X, 0.7], [5], low=0.2, high=2)
        add(f"{name} with a number on the left", [name, 0.7, X], [5], low=0.2, high=2)
    for exponent in (0, 1, 2, 3, -1, -2, 0.5, 2.3, 1.0, 2.0):
        add(f"power of {exponent}", ["power", X, exponent], [4], low=0.3, high=2)
    add("whole powers of negatives", ["power", X, 3], [4], low=-2, high=-0.3)
    add("2 to the power x", ["power", 2, X], [4])
    add("0.1 to the power x", ["power", 0.1, X], [4])
    add("polynomial", ["add", ["multiply", 3, ["power", X, 3]], ["subtract", 1, ["divide", X, 7]]],
        [3])
    add("x to the power x", ["power", X, X], [4], low=0.3, high=2)
    add("x times itself", ["multiply", X, X], [2, 2])
    add("x minus itself", ["subtract", X, X], [2, 2])
    add("x over itself", ["divide", X, X], [2, 2], low=0.5, high=2)

    # Reductions.
    for axes in (None, [0], [1], [-1], [0, 2], [0, 1, 2], []):
        for keep in (False, True):
            add(f"sum over {axes} keep {keep}", ["sum", X, axes, keep], [2, 3, 2])
            if axes != []:
                add(f"mean over {axes} keep {keep}", ["mean", X, axes, keep], [2, 3, 2])
    add("sum of rank 0", ["sum", X, None, False], [])
    for name in ("variance", "product", "amax", "amin"):
        for axes, keep in ((None, False), ([1], True), ([0, 2], False)):
            add(f"{name} over {axes} keep {keep}", [name, X, axes, keep], [2, 3, 2])
    add("sample variance", ["variance", X, [0], False, 1], [4, 2])
    for name in ("max", "min"):
        for axis, keep in ((0, False), (1, True), (-1, False)):
            add(f"{name} over axis {axis}", [name, X, [axis], keep], [2, 3, 2])
    add("product with one zero", ["product", X, None, False], np.array([2.0, 0, 3, 4]))
    add("product with two zeros", ["product", X, None, False], np.array([2.0, 0, 3, 0, 5]))
    add("product of rows with zeros", ["product", X, [1], False],
        np.array([[2.0, 0, 3], [0, 0, 5], [1, 2, 3]]))
    add("product of seven", ["product", X, None, False], [7])
    add("product of one", ["product", X, [1], False], [3, 1])
    add("standard deviation", ["sqrt", ["variance", X, [1], False]], [3, 4])
    add("two-norm", ["sqrt", ["sum", ["squared", X], None, False]], [5])

    # Movement.
    add("reshape", ["multiply", ["reshape", X, [3, 2]], Y], [2, 3], [3, 2])
    add("reshape of a transpose", ["exp", ["reshape", ["permute", X, [1, 0]], [6]]], [2, 3])
    for axes in ([1, 0, 2], [2, 0, 1], [0, 2, 1], [2, 1, 0]):
        add(f"permute {axes}", ["sin", ["permute", X, axes]], [2, 3, 2])
    add("swapAxes", ["squared", ["swapAxes", X, 0, -1]], [2, 3, 2])
    for a, b in (([3], [2, 3]), ([2, 1], [2, 3]), ([], [2, 2]), ([1, 3, 1], [2, 3, 2]), ([1], [1, 1])):
        add(f"broadcast {a} to {b}", ["squared", ["broadcast", X, b]], a)
    add("expandDims", ["exp", ["expandDims", X, 1]], [2, 3])
    add("squeeze", ["exp", ["squeeze", X, [0, 2]]], [1, 3, 1])
    for axes in ([0], [1], [0, 1]):
        add(f"flip {axes}", ["squared", ["flip", X, axes]], [2, 3])
    for axis, start, end, step in ((0, 1, 4, 1), (0, 0, 5, 2), (1, 1, 3, 1), (0, 1, 5, 3), (0, 2, 2, 1)):
        add(f"slice axis {axis} {start}..<{end} by {step}",
            ["exp", ["slice", X, axis, start, end, step]], [5, 3])
    subscripts = [[0], [-1, 2], [[1, None], [0, 2]], [{"every": 2}], [{"every": -1}],
                  [{"every": -2}, 1], ["...", 0], ["new", [None, None], 1], [[1, 3], "...", "new"]]
    for index in subscripts:
        add(f"subscript {json.dumps(index)}", ["squared", ["at", X, index]], [4, 3])
        add(f"assignment to {json.dumps(index)}",
            ["squared", ["assign", X, index, ["exp", Y]]], [4, 3], [])
    add("assignment of a row", ["multiply", ["assign", X, [1], Y], X], [3, 2], [2])
    add("assignment to reversed rows", ["squared", ["assign", X, [{"every": -1}], ["sin", Y]]],
        [3, 2], [3, 2])
    add("assignment of a number", ["squared", ["assign", X, [1, [1, None]], 5]], [3, 3])
    add("assignment from itself",
        ["exp", ["assign", X, [0], ["multiply", ["at", X, [1]], ["at", X, [2]]]]], [3, 2])
    add("pad", ["exp", ["pad", X, 0, 1, 2]], [3])
    add("pad a matrix", ["multiply", ["pad", X, 1, 2, 0], Y], [2, 2], [2, 4])
    add("concatenate", ["multiply", ["concatenate", 0, X, Y, X], Z], [2, 2], [1, 2], [5, 2])
    add("concatenate columns", ["sin", ["concatenate", 1, X, Y]], [2, 1], [2, 3])
    add("stack", ["squared", ["stack", 1, X, Y, X]], [2, 2], [2, 2])
    add("split", ["multiply", ["split", X, 3, 1, 0], ["split", X, 3, 1, 2]], [2, 6])

    # Contractions.
    for a, b in (([3], [3]), ([2, 3], [3]), ([3], [3, 2]), ([2, 3], [3, 2]), ([2, 2, 3], [3]),
                 ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]), ([2, 2, 3], [2, 3, 2]), ([], [2, 3]),
                 ([2, 3], []), ([1, 1], [1, 1])):
        add(f"dot {a} {b}", ["dot", X, Y], a, b)
    for a, b in (([3], [3]), ([2, 3], [3]), ([3], [3, 2]), ([2, 3], [3, 2]), ([2, 2, 3], [2, 3, 2]),
                 ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]), ([2, 1, 2, 3], [3, 3, 2]),
                 ([1, 2, 3], [4, 3, 1]), ([2, 2, 3], [3]), ([3], [2, 3, 2])):
        add(f"matmul {a} {b}", ["matmul", X, Y], a, b)
    add("a matrix times itself", ["matmul", X, X], [3, 3])
    add("a matrix times its transpose", ["matmul", X, ["permute", X, [1, 0]]], [2, 3])
    add("quadratic form", ["dot", ["dot", X, Y], X], [3], [3, 3])
    add("chain of products", ["matmul", ["tanh", ["matmul", X, Y]], Z], [2, 3], [3, 4], [4, 2])

    # Composed operations and losses.
    for axis in (-1, 0, 1):
        for name in ("softmax", "logSoftmax"):
            add(f"{name} along {axis}", [name, X, axis], [3, 4])
    add("softmax of large numbers", ["softmax", X, -1], np.array([[1000.0, 1001, 999], [0, -900, 2]]))
    add("clip", ["clip", X, -0.5, 0.8], [9])
    add("where", ["where", ["less", X, Y], ["squared", X], ["exp", Y]], [3, 3], [3])
    add("where, safe inside", ["where", ["less", 0, X],
        ["sqrt", ["where", ["less", 0, X], X, 1]], 0], [6])
    add("stopGradient", ["multiply", ["stopGradient", ["exp", X]], X], [4])
    add("stopGradient within stopGradient",
        ["multiply", ["add", X, ["stopGradient", ["multiply", X, ["stopGradient", X]]]], X], [4])
    add("mean squared error", ["mean", ["squared", ["subtract", X, Y]], None, False], [3, 2], [3, 2])
    add("half squared error", ["multiply", 0.5, ["sum", ["squared", ["subtract", Y, X]], None, False]],
        [4, 1], [4, 1])
    add("binary cross-entropy",
        ["negate", ["mean", ["add", ["multiply", Y, ["log", X]],
                             ["multiply", ["subtract", 1, Y], ["log", ["subtract", 1, X]]]],
                    None, False]],
        [5], [5], low=0.1, high=0.9)
    add("cross-entropy", ["negate", ["mean", ["sum", ["multiply", Y, ["logSoftmax", X, -1]], [-1],
                                              False], None, False]], [3, 4], [3, 4])
    add("the network of the series",
        ["sum", ["squared", ["subtract", ["sigmoid", ["dot", ["sigmoid", ["dot", X, Y]], Z]],
                             ["x", 3]]], None, False], [4, 3], [3, 4], [4, 1], [4, 1])
    add("layer normalisation", ["divide", ["subtract", X, ["mean", X, [-1], True]],
                                ["sqrt", ["add", ["variance", X, [-1], True], 1e-3]]], [3, 4])
    add("attention", ["matmul", ["softmax", ["divide", ["matmul", X, ["permute", Y, [0, 2, 1]]],
                                             math.sqrt(3)], -1], Z], [2, 2, 3], [2, 3, 3], [2, 3, 2])
    add("a shared subexpression", ["let", ["exp", X], ["multiply", ["v", 0], ["add", ["v", 0],
                                                                            ["sin", ["v", 0]]]]], [3])
    add("no rows", ["exp", X], np.zeros((0, 3)))
    add("sum of no rows", ["sum", ["multiply", X, Y], [0], False], np.zeros((0, 3)), [3])
    add("matmul over nothing", ["matmul", X, Y], np.zeros((2, 0)), np.zeros((0, 3)))
    add("an input that takes no part", ["exp", X], [3], [2])
    add("constant", ["multiply", 0, ["stopGradient", X]], [3])
    add("far larger and smaller", ["log", ["sum", ["exp", X], None, False]], np.array([700.0, -700, 1]))
    return cases


MOVEMENT = set("reshape broadcast permute swapAxes expandDims squeeze flip slice at assign pad concatenate "
               "stack split".split())


def operation(name, expression):
    """What a case is about: the outermost operation, or what moves its first operand."""
    if name.startswith("random"):
        return "random"
    inner = expression[1] if isinstance(expression[1], list) else expression
    return inner[0] if inner[0] in MOVEMENT else expression[0]


def evaluated(library):
    """The function of every operation: what it is, the expression says."""
    names = {operation(name, expression) for name, expression, *_ in fixed_cases()} | {"random"}
    return dict.fromkeys(names, lambda s, *inputs: library.evaluate(s["expression"], inputs))


SUITE = Suite("autodiff", SEED, evaluated(TORCH), evaluated(JAX), within=AGREEMENT)


def solve(name, expression, inputs, rng, torch_only=None):
    """A case with cotangent and tangents, and what the libraries disagree in."""
    inputs = [np.asarray(x, dtype=np.float64) for x in inputs]
    shape = tuple(TORCH.evaluate(expression, [torch.tensor(x) for x in inputs]).shape)
    cotangent = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
    tangents = [rng.normal(size=x.shape) for x in inputs]
    return SUITE.solve(
        name, operation(name, expression), inputs, {"expression": expression}, torch_only=bool(torch_only),
        tangents=tangents, cotangent=cotangent)


class Random:
    """Expressions drawn top down: a node of a wanted shape, its children of shapes that give it."""

    pool = [[], [2], [3], [2, 3], [3, 1], [1, 3], [2, 1, 3], [4], [2, 2, 2], [2, 2]]

    def __init__(self, rng):
        self.rng = rng
        self.shapes = [self.choice(self.pool) for _ in range(rng.integers(1, 5))]
        self.bound = []

    def choice(self, list):
        return list[self.rng.integers(len(list))]

    def number(self):
        return round(float(self.rng.uniform(0.2, 2)), 2)

    def leaf(self, shape):
        candidates = [(["x", i], s) for i, s in enumerate(self.shapes)]
        candidates += [(["v", i], s) for i, s in enumerate(self.bound)]
        fitting = [c for c in candidates if fits(c[1], shape)]
        e, s = self.choice(fitting) if fitting else self.choice(candidates)
        if s == shape:
            return e
        return ["broadcast", e if fits(s, shape) else ["mean", e, None, False], shape]

    def smaller(self, shape):
        """A shape that broadcasts to this one."""
        cut = shape[self.rng.integers(len(shape) + 1):]
        return [1 if self.rng.random() < 0.3 else n for n in cut]

    def draw(self, shape, depth):
        if depth == 0:
            return self.leaf(shape)
        kinds = ["unary", "unary", "safe", "binary", "binary", "scaled", "reduce", "move", "product",
                 "let", "where", "leaf"]
        kind = self.choice(kinds)
        return self.leaf(shape) if kind == "leaf" else getattr(self, kind)(shape, depth - 1)

    def unary(self, shape, depth):
        name = self.choice("sin cos tanh sigmoid erf squared negate abs relu tanh sigmoid".split())
        if shape and self.rng.random() < 0.15:
            axis = int(self.rng.integers(len(shape)))
            return [self.choice(["softmax", "logSoftmax"]), self.draw(shape, depth), axis]
        return [name, self.draw(shape, depth)]

    def safe(self, shape, depth):
        """A function held inside its domain."""
        e = self.draw(shape, depth)
        positive = ["add", ["squared", e], self.number()]
        return self.choice([
            ["exp", ["tanh", e]], ["log", positive], ["sqrt", positive], ["rsqrt", positive],
            ["log1p", ["squared", e]], ["expm1", ["sin", e]], ["tan", ["tanh", e]],
            ["clip", e, -self.number(), self.number()], ["power", positive, self.number()],
            ["power", e, self.choice([2, 3])], ["divide", 1, positive]])

    def binary(self, shape, depth):
        a, b = self.draw(shape, depth), self.draw(self.smaller(shape), depth)
        if self.rng.random() < 0.5:
            a, b = b, a
        positive = ["add", ["squared", b], self.number()]
        return self.choice([
            ["add", a, b], ["subtract", a, b], ["multiply", a, b], ["multiply", a, b],
            ["divide", a, positive], ["maximum", a, b], ["minimum", a, b], ["atan2", a, positive],
            ["power", positive, ["sin", a]]])

    def scaled(self, shape, depth):
        e = self.draw(shape, depth)
        name = self.choice(["add", "subtract", "multiply"])
        return [name, self.number(), e] if self.rng.random() < 0.5 else [name, e, self.number()]

    def reduce(self, shape, depth):
        if len(shape) > 2:
            return self.unary(shape, depth)
        axis = int(self.rng.integers(len(shape) + 1))
        inner = self.draw(shape[:axis] + [int(self.rng.integers(2, 4))] + shape[axis:], depth)
        name = self.choice(["sum", "mean", "max", "min", "amax", "product", "variance"])
        return [name, inner, [axis], False]

    def move(self, shape, depth):
        if not shape:
            return ["at", self.draw([3], depth), [self.choice([0, 1, -1])]]
        axis = int(self.rng.integers(len(shape)))
        n = shape[axis]
        longer = lambda m: shape[:axis] + [m] + shape[axis + 1:]
        kind = self.rng.integers(8)
        if kind == 0:
            order = [int(i) for i in self.rng.permutation(len(shape))]
            source = [0] * len(shape)
            for i, o in enumerate(order):
                source[o] = shape[i]
            return ["permute", self.draw(source, depth), order]
        if kind == 1:
            return ["reshape", self.draw([math.prod(shape)], depth), shape]
        if kind == 2:
            return ["flip", self.draw(shape, depth), [axis]]
        if kind == 3:
            return ["slice", self.draw(longer(2 * n), depth), axis, 1, 2 * n, 2]
        if kind == 4 and n > 1:
            return ["concatenate", axis, self.draw(longer(1), depth), self.draw(longer(n - 1), depth)]
        if kind == 5 and n > 1:
            return ["pad", self.draw(longer(n - 1), depth), axis, 1, 0]
        if kind == 6:
            index = [{"every": -1}] if shape[0] > 1 else [0]
            part = shape if shape[0] > 1 else shape[1:]
            return ["assign", self.draw(shape, depth), index, self.draw(self.smaller(part), depth)]
        if len(shape) < 3:
            return ["at", self.draw([2] + shape, depth), [self.choice([0, -1])]]
        return self.leaf(shape)

    def product(self, shape, depth):
        k = int(self.rng.integers(1, 4))
        if len(shape) == 0:
            return ["dot", self.draw([k], depth), self.draw([k], depth)]
        if len(shape) == 1:
            return ["dot", self.draw([shape[0], k], depth), self.draw([k], depth)]
        *batch, m, n = shape
        right = batch + [k, n] if self.rng.random() < 0.5 else [k, n]
        return ["matmul", self.draw(batch + [m, k], depth), self.draw(right, depth)]

    def let(self, shape, depth):
        inner = self.choice(self.pool)
        value = self.draw(inner, depth)
        self.bound.append(inner)
        body = self.draw(shape, depth)
        self.bound.pop()
        return ["let", value, body]

    def where(self, shape, depth):
        a, b = self.draw(shape, depth), self.draw(self.smaller(shape), depth)
        condition = ["less", self.leaf(shape), self.number()]
        return ["where", condition, a, b]



def fits(shape, larger):
    lead = len(larger) - len(shape)
    return lead >= 0 and all(n in (1, larger[lead + i]) for i, n in enumerate(shape))


def size(e):
    return 1 + sum(size(part) for part in e if isinstance(part, list)) if isinstance(e, list) else 0


def is_useful(case):
    """Whether a random case is not too large, and has something to derive."""
    values, *slopes = [case["value"]["data"], *(x["data"] for x in case["vjp"])]
    largest = [abs(v) for x in [values, *slopes, *(h["data"] for h in case["hvp"])] for v in x
               if not isinstance(v, str)]
    named = any(isinstance(v, str) for x in [values, *slopes] for v in x)
    return not named and max(largest) < 1e4 and any(any(x) for x in slopes)


def random_cases():
    accepted, drawn = [], 0
    while len(accepted) < RANDOM_CASES:
        rng = np.random.default_rng([SEED, drawn])
        drawn += 1
        source = Random(rng)
        shape = source.choice(Random.pool)
        expression = source.draw(shape, int(rng.integers(3, 7)))
        if not 6 <= size(expression) <= 120:
            continue
        inputs = [rng.uniform(-1.5, 1.5, s) for s in source.shapes]
        case, differ = solve(f"random {len(accepted)}", expression, inputs, rng)
        if not differ and is_useful(case):
            accepted.append(case)
        if drawn % 25 == 0:
            jax.clear_caches()
    return accepted, drawn


def main():
    for number, (name, expression, shapes, low, high, alone) in enumerate(fixed_cases()):
        rng = np.random.default_rng([SEED, 1, number])
        inputs = [s if isinstance(s, np.ndarray) else rng.uniform(low, high, s) for s in shapes]
        case, differ = solve(name, expression, inputs, rng, alone)
        assert not differ, differ
        SUITE.cases.append(case)
    fixed = len(SUITE.cases)
    drawn_cases, drawn = random_cases()
    SUITE.cases += drawn_cases
    SUITE.write({"fixed": fixed, "random": len(drawn_cases), "drawn": drawn})


if __name__ == "__main__":
    main()
