"""Writes tensors.json: what NumPy and PyTorch make of the operations of Sources/Tensors.

Run: python3 Tests/Golden/tensors.py [DIRECTORY] (numpy 2.4.6, torch 2.13.0)

A tensor is {"dtype", "shape", "values"}; NaN and infinities are strings. Functions that leave the
rationals are evaluated in the next wider type (float64 for float32, the 80-bit long double for
float64), so that an error bound in units of the last place means something.
"""

import itertools
import json
import pathlib
import sys
import warnings

import numpy as np
import torch

from values.elementwise import binary, casts, normalising, promotion, unary
from values.encoding import FLOATS, case, encoded, inf, nan

SEED = 20170115


# Reductions.

REDUCTIONS = {"sum": np.sum, "product": np.prod, "mean": np.mean, "max": np.max, "min": np.min,
              "any": np.any, "all": np.all, "variance": np.var}


def subsets(rank):
    return itertools.chain.from_iterable(
        itertools.combinations(range(rank), n) for n in range(rank + 1))


def reduction_inputs(random):
    yield random.randn(2, 3, 4)
    yield random.randn(2, 3, 4).astype(np.float32)
    yield random.randint(-3, 4, (3, 1, 2, 2))
    yield random.randint(0, 4, (2, 3), ).astype(np.uint8)
    yield random.randint(0, 2, (2, 2, 3)).astype(bool)
    x = random.randn(3, 4).astype(np.float32)
    x[0, 1] = nan
    x[1] = [inf, 1, -inf, 2]
    x[2] = [inf, 1, 2, inf]
    yield x
    yield np.array(2.5)
    yield np.zeros((2, 0, 3))
    yield np.zeros((0,), np.float32)


def reductions(random):
    for x in reduction_inputs(random):
        for axes in subsets(x.ndim):
            for (name, function), keep in itertools.product(REDUCTIONS.items(), [False, True]):
                empty = any(x.shape[axis] == 0 for axis in axes)
                if name in ["max", "min"] and empty:
                    continue
                wide = x if x.dtype.kind != "f" or name in ["any", "all", "max", "min"] \
                    else x.astype(np.longdouble)
                expected = function(wide, axis=axes, keepdims=keep)
                if x.dtype.kind == "f" and name not in ["any", "all"]:
                    expected = expected.astype(x.dtype)
                elif name in ["mean", "variance"]:
                    expected = expected.astype(np.float32)
                elif name in ["sum", "product"]:
                    expected = expected.astype(np.int64)
                yield case(name, expected, x, axes=list(axes), keepDims=keep)
        for axis in range(x.ndim):
            if x.shape[axis] == 0:
                continue
            for name, keep in itertools.product(["argmax", "argmin"], [False, True]):
                expected = getattr(np, name)(x, axis=axis, keepdims=keep)
                yield case(name, expected, x, axes=[axis], keepDims=keep)
        if x.size:
            yield case("argmax", np.argmax(x), x)
            yield case("argmin", np.argmin(x), x)
    x = np.array([3.0, 7.0, 7.0, 1.0, 1.0, nan, 9.0, nan])
    yield case("argmax", np.argmax(x), x)
    yield case("argmin", np.argmin(x), x)
    yield case("argmax", np.argmax(x[:5]), x[:5])
    yield case("argmin", np.argmin(x[:5]), x[:5])
    x = random.randn(5, 3)
    yield case("variance", np.var(x, axis=0, ddof=1), x, axes=[0], keepDims=False, correction=1)


# Contraction.

def contraction(random):
    def shape(rank, contracted, leading):
        if rank == 0:
            return []
        if leading or rank == 1:
            return [2, 3, 2][: rank - 1] + [contracted]
        return [2, 1, 3][: rank - 2] + [contracted, 5]

    for m, n in itertools.product(range(5), range(5)):
        for dtype in FLOATS + ["int64"] if m + n < 6 else ["float64"]:
            a = random.randint(-4, 5, shape(m, 4, True)).astype(dtype)
            b = random.randint(-4, 5, shape(n, 4, False)).astype(dtype)
            yield case("dot", np.dot(a, b), a, b)
    for m, n in itertools.product(range(1, 5), range(1, 5)):
        for batches in [([2, 3], [2, 3]), ([2, 1], [1, 3]), ([1, 1], [2, 3]), ([2, 3], [1, 1])]:
            left = [4] if m == 1 else batches[0][4 - m:] + [3, 4]
            right = [4] if n == 1 else batches[1][4 - n:] + [4, 5]
            a = random.randint(-4, 5, left).astype("float64")
            b = random.randint(-4, 5, right).astype("float64")
            yield case("matmul", np.matmul(a, b), a, b)
    for left, right in [([0, 3], [3, 2]), ([2, 0], [0, 3]), ([0], [0]), ([2, 3], [3, 0]),
                        ([0, 2, 3], [3, 4]), ([1, 1], [1, 1]), ([1, 5], [5, 1])]:
        a, b = np.ones(left), np.ones(right)
        yield case("matmul", np.matmul(a, b), a, b)
        yield case("dot", np.dot(a, b), a, b)
    a, b = np.array([[nan, 1.0], [inf, 0.0]]), np.array([[0.0, 1.0], [2.0, inf]])
    yield case("matmul", np.matmul(a, b), a, b)


# Creation and joining.

def creation():
    for a, b, step in [(0, 5, 1), (5, 0, -1), (2, 11, 3), (5, 5, 1), (3, 0, 1), (-4, 4, 3)]:
        yield case("arange", np.arange(a, b, step), arguments=[a, b, step])
    for a, b, step in [(0, 1, 0.1), (1, 2, 0.1), (0.5, -0.5, -0.25), (0, 1, 0.3),
                       (1e6, 1e6 + 1, 0.2), (-1.5, 2, 0.7)]:
        yield case("arangeReal", torch.arange(a, b, step, dtype=torch.float64).numpy(),
                   arguments=[a, b, step])
    for a, b, n in [(0, 1, 11), (1, 2, 7), (-3, 3, 4), (5, 5, 3), (0, 1, 1), (0, 1, 0), (2, -1, 2),
                    (0.1, 0.9, 13)]:
        yield case("linspace", np.linspace(a, b, n), arguments=[a, b, n])
    for a, b in [(3, 3), (2, 4), (4, 2), (0, 3), (1, 1), (0, 0)]:
        yield case("eye", np.eye(a, b, dtype=np.float32), arguments=[a, b])
    for shape in [[], [0], [2, 3], [1, 0, 2]]:
        yield case("full", np.full(shape, 2.5, np.float32), arguments=shape)


def joining(random):
    def arrays(*shapes, dtype="float64"):
        return [random.randint(-9, 10, s).astype(dtype) for s in shapes]

    for axis in [0, 1, 2, -1]:
        parts = arrays(*[[k if a == axis % 3 else 2 for a in range(3)] for k in [1, 3, 0, 2]])
        yield case("concatenate", np.concatenate(parts, axis), *parts, axis=axis)
    for axis in [0, 1, 2, -1, -3]:
        parts = arrays([2, 3], [2, 3], [2, 3])
        yield case("stack", np.stack(parts, axis), *parts, axis=axis)
    parts = arrays([], [], [], dtype="int32")
    yield case("stack", np.stack(parts), *parts, axis=0)
    mixed = [np.array([1, 2], "int32"), np.array([0.5], "float32"), np.array([True])]
    yield case("concatenate", torch.cat([torch.from_numpy(x) for x in mixed]).numpy(), *mixed, axis=0)
    x = arrays([4, 6])[0]
    for parts, axis in [(1, 0), (2, 0), (4, 0), (3, 1), (6, -1)]:
        for position, part in enumerate(np.split(x, parts, axis)):
            yield case("split", part, x, axis=axis, arguments=[parts, position])
    for position, part in enumerate(np.split(x, [1, 1, 4], 1)):
        yield case("splitSizes", part, x, axis=1, arguments=[1, 0, 3, 2], position=position)
    ranked = random.randint(-9, 10, (2, 1, 2, 1, 2, 1, 2, 3)).astype("float64")
    yield case("rank8 +", ranked + ranked.T.reshape(ranked.shape), ranked)
    yield case("rank8 sum", ranked.sum((0, 3, 7)), ranked)
    yield case("rank8 transposed", ranked.swapaxes(-1, -2), ranked)
    yield case("rank8 permute", ranked.transpose(7, 0, 6, 1, 5, 2, 4, 3), ranked)
    yield case("rank8 matmul", ranked @ ranked.swapaxes(-1, -2), ranked)
    yield case("rank8 product", ranked.prod(7), ranked)
    yield case("rank8 argmax", ranked.argmax(0), ranked)
    yield case("rank8 flip", np.flip(ranked), ranked)
    yield case("rank8 concatenate", np.concatenate([ranked, ranked], 3), ranked)


# Views and subscripts: the expression is evaluated here, and written in Swift in the test.

VIEWS = """
x.reshape(4, 6)
x.reshape(-1)
x.reshape(2, 1, 12)
x.reshape(24, 1)
x.T
x.transpose(2, 0, 1)
x.transpose(2, 0, 1).reshape(8, 3)
x.transpose(2, 0, 1).reshape(4, 6)
x.transpose(1, 0, 2).reshape(3, 2, 2, 2)
x.swapaxes(0, 2)
x.swapaxes(-1, -2)
np.moveaxis(x, 0, -1)
np.moveaxis(x, -1, 0)
np.moveaxis(x, 1, 1)
np.flip(x)
np.flip(x, 1)
np.flip(x, (0, -1))
np.flip(x, 2).reshape(6, 4)
np.flip(np.flip(x, 2), 2)
x[:, ::2].reshape(2, 8)
x[:, ::2].reshape(4, 4)
x[:, :, 1:3].reshape(2, 6)
x[:, :, 1:3].reshape(6, 2)
x[::-1, 1:, ::3].transpose(2, 1, 0)
np.expand_dims(x, 0)
np.expand_dims(x, -1)
np.expand_dims(x, 2)
np.expand_dims(x, -2)
np.squeeze(x[:, :1])
np.squeeze(x[:1, :, :1])
np.squeeze(x[:1, :, :1], 0)
np.squeeze(x[:1, :, :1], (0, -1))
np.broadcast_to(x, (2, 2, 3, 4))
np.broadcast_to(x[:, :1], (2, 3, 4))
np.broadcast_to(x[:, :1], (2, 3, 4)).reshape(6, 4)
np.broadcast_to(x[0, 0], (5, 4)).T
np.broadcast_to(x[0, 0, 0], (2, 2)).reshape(4)
np.pad(x, ((0, 0), (1, 2), (0, 0)))
x[:0].reshape(0, 7)
x[:, :0].transpose(1, 2, 0)
""".strip().splitlines()

SUBSCRIPTS = """
x[0]
x[-1]
x[1, 2]
x[1, 2, 3]
x[-2, -3, -4]
x[0:1]
x[0:0]
x[:, 1:]
x[1:, 0:2]
x[:, :2]
x[:, :-1]
x[:, -2:]
x[:, -2:-1]
x[:, 0:2, 1:4]
x[..., 0]
x[..., -1, 1:3]
x[0, ..., 0]
x[..., None]
x[None]
x[:, None, 1]
x[None, :, :, None, 0]
x[::-1]
x[:, ::2]
x[:, ::-2]
x[..., ::-1]
x[::-1, ::-1, ::-1]
x[..., ::3]
x[..., 1:4:2]
x[..., 3:0:-2]
x[..., 3::-1]
x[..., 2:2]
x[1, ::2, ::-3]
x[...]
x[:, :, :]
x[..., 4:4, None]
""".strip().splitlines()


def views():
    x = np.arange(24.0).reshape(2, 3, 4)
    for text in VIEWS:
        yield case(text, eval(text, {"x": x, "np": np}))


def subscripts():
    x = np.arange(24.0).reshape(2, 3, 4)
    for text in SUBSCRIPTS:
        part = eval(text, {"x": x})
        changed = x.copy()
        index = eval(text.replace("x[", "np.s_[", 1), {"np": np})
        values = -1.0 - np.arange(part.size).reshape(part.shape)
        changed[index] = values
        yield case(text, part, changed=encoded(changed))


def main():
    warnings.simplefilter("ignore")
    random = np.random.RandomState(SEED)
    groups = {"promotion": promotion(), "unary": unary(), "binary": binary(),
              "reductions": reductions(random), "contraction": contraction(random),
              "creation": creation(), "joining": joining(random),
              "normalising": normalising(random), "casts": casts(), "views": views(),
              "subscripts": subscripts()}
    header = {"generator": "Tests/Golden/tensors.py", "numpy": np.__version__,
              "torch": torch.__version__.split("+")[0], "seed": SEED,
              "relative": 1e-6}  # float32 softmax depends on the machine's vectors
    text = '{"header": ' + json.dumps(header)
    with np.errstate(all="ignore"):
        for name, cases in groups.items():
            lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
            text += f',\n"{name}": [\n{lines}\n]'
    directory = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    (pathlib.Path(directory) / "tensors.json").write_text(text + "}\n")


if __name__ == "__main__":
    main()
