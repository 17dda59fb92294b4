"""Operations of single elements, and which types they have."""

import itertools
import math

import numpy as np
import torch

from values.encoding import DTYPES, FLOATS, case, inf, nan


# Promotion: the result's type alone.

def promotion():
    def operand(kind, dtype):
        if kind == "number":
            return 2.0 if dtype == "float" else 2
        return torch.ones([3] if kind == "axes" else [], dtype=getattr(torch, dtype))

    kinds = [(k, d) for k in ["axes", "rank0"] for d in DTYPES]
    kinds += [("number", "int"), ("number", "float")]
    operations = {"+": torch.add, "/": torch.true_divide, "*": torch.multiply,
                  "maximum": torch.maximum, ".<": torch.lt, "atan2": torch.atan2}
    for (left, right), (name, function) in itertools.product(
            itertools.product(kinds, kinds), operations.items()):
        if left[0] == right[0] == "number":
            continue
        if name == "atan2" and "number" in (left[0], right[0]):
            continue  # takes no numbers
        if name == "maximum":  # takes no numbers, promotes like +
            function = torch.add
        if name == ".<" and left[0] == "number":
            function = lambda a, b: torch.gt(b, a)
        result = function(operand(*left), operand(*right))
        yield {"name": name, "left": list(left), "right": list(right),
               "expected": str(result.dtype).removeprefix("torch.")}


# Elementwise.

def edges(dtype):
    info = np.finfo(dtype)
    return np.array(
        [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.1, -0.7, 3.0, 10.0, -10.0, 20.0,
         -20.0, 87.5, -87.5, 88.8, -103.5, 100.25, 709.5, -745.0, 1e-3, -1e-3, 1e-8, -1e-8, 1e5, -1e5,
         math.pi, math.pi / 2, -math.pi / 2, math.e, 0.99999994, 1.0000001, 8388607.5, 4503599627370495.5,
         info.smallest_subnormal, -info.smallest_subnormal, info.tiny, -info.tiny, info.tiny / 2,
         info.max, info.min, info.eps, 1 + info.eps, 1e30, -1e30, inf, -inf, nan], dtype)


def erf(x):
    return np.vectorize(math.erf, otypes=[np.float64])(x.astype(np.float64)).astype(x.dtype)


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


UNARY = {"negate": np.negative, "abs": np.abs, "sign": np.sign, "floor": np.floor, "ceil": np.ceil,
         "round": np.rint, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p,
         "sin": np.sin, "cos": np.cos, "tan": np.tan, "tanh": np.tanh, "sigmoid": sigmoid,
         "erf": erf, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x),
         "squared": np.square, "relu": lambda x: np.maximum(x, 0)}
EXACT = ["negate", "abs", "floor", "ceil", "round", "sqrt", "squared"]  # rounded once by IEEE
WIDER = {"float32": np.float64, "float64": np.longdouble}


def unary():
    for dtype, (name, function) in itertools.product(FLOATS, UNARY.items()):
        x = edges(dtype)
        wide = x if name in EXACT else x.astype(WIDER[dtype])
        yield case(name, function(wide).astype(dtype), x)
    for dtype in ["uint8", "int32", "int64"]:
        info = np.iinfo(dtype)
        x = np.array([0, 1, 2, 100, info.max, info.min, info.min + 1], dtype)
        for name in ["negate", "abs", "sign", "floor", "ceil", "round", "squared", "relu"]:
            peer = {"negate": torch.neg, "squared": torch.square}.get(name) or getattr(torch, name)
            yield case(name, peer(torch.from_numpy(x)).numpy(), x)
        for name in ["exp", "sqrt", "sin", "log", "sigmoid"]:
            y = np.array([0, 1, 2, 9], dtype)
            yield case(name, UNARY[name](y.astype(np.float64)).astype(np.float32), y)
    truth = np.array([True, False])
    yield case("not", ~truth, truth)
    yield case("exp", np.exp(truth.astype(np.float64)).astype(np.float32), truth)


BINARY = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide,
          "%": np.remainder, "power": np.power, "maximum": np.maximum, "minimum": np.minimum,
          "atan2": np.arctan2, ".==": np.equal, ".!=": np.not_equal, ".<": np.less,
          ".<=": np.less_equal, ".>": np.greater, ".>=": np.greater_equal}


def binary():
    for dtype, (name, function) in itertools.product(FLOATS, BINARY.items()):
        info = np.finfo(dtype)
        values = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.0, -3.0, 5.5, -5.5, 0.1, 1e30,
                           info.max, info.tiny, info.smallest_subnormal, -info.tiny, inf, -inf, nan],
                          dtype)
        x, y = values[:, None], values[None, :]
        if name in ["+", "-", "*", "/", "%"] or name[0] == "." or name[0] == "m":
            expected = function(x, y)
        else:
            expected = function(x.astype(WIDER[dtype]), y.astype(WIDER[dtype])).astype(dtype)
        yield case(name, expected, x, y)
    for dtype in ["uint8", "int32", "int64"]:
        info = np.iinfo(dtype)
        values = np.unique(np.array([0, 1, 2, 3, 7, 100, info.max, info.max - 1, info.min,
                                     info.min + 1] + ([-1, -2, -7] if info.min < 0 else []), dtype))
        for name, function in BINARY.items():
            x, y = values[:, None], values[None, :]
            if name == "atan2":
                continue
            if name in ["%"]:
                y = y[y != 0][None, :]
            if name == "power":
                y = y[(y >= 0) & (y <= 100)][None, :]
            expected = function(x, y)
            if name == "/":
                expected = x.astype(np.float32) / y.astype(np.float32)
            yield case(name, expected, x, y)
    truth = np.array([True, False])
    x, y = truth[:, None], truth[None, :]
    for name, function in {".&": np.logical_and, ".|": np.logical_or, ".^": np.logical_xor,
                           "+": np.add, "*": np.multiply, ".==": np.equal, ".!=": np.not_equal,
                           ".<": np.less, ".<=": np.less_equal, "maximum": np.maximum,
                           "minimum": np.minimum}.items():
        yield case(name, function(x, y), x, y)
    numbers = np.array([0.0, -1.0, nan])
    for name, function in {".&": np.logical_and, ".|": np.logical_or, ".^": np.logical_xor}.items():
        yield case(name, function(numbers[:, None], numbers), numbers[:, None], numbers)
    condition = np.array([True, False, True])
    for dtype in DTYPES:
        a, b = np.array([[1], [0]], dtype), np.array([0, 1, 1], dtype)
        yield case("where", np.where(condition, a, b), condition, a, b)
    a, b = np.array([nan, 1.0, -0.0]), np.array([2.0, inf, nan])
    yield case("where", np.where(condition, a, b), condition, a, b)


def normalising(random):
    inputs = [[0.0, 0.0], [1e4, 0.0, -1e4], [88.0, 89.0, 90.0], [1e30, 1e30], [-1e30, 1.0],
              [inf, 1.0], [-inf, 1.0], [-inf, -inf], [nan, 1.0], [1e-30, -1e-30, 3.0], [5.0]]
    for dtype, values in itertools.product(FLOATS, inputs):
        x = torch.tensor(values, dtype=getattr(torch, dtype))
        yield case("softmax", torch.softmax(x, 0).numpy(), x.numpy(), axis=0)
        yield case("logSoftmax", torch.log_softmax(x, 0).numpy(), x.numpy(), axis=0)
    x = torch.from_numpy(random.randn(2, 3, 4) * 30)
    for axis in [0, 1, 2, -1]:
        yield case("softmax", torch.softmax(x, axis).numpy(), x.numpy(), axis=axis)
        yield case("logSoftmax", torch.log_softmax(x, axis).numpy(), x.numpy(), axis=axis)
    for dtype in FLOATS:
        x = edges(dtype)
        for low, high in [(-1.0, 1.0), (0.0, 0.0), (1.0, -1.0), (-inf, inf)]:
            yield case("clip", torch.from_numpy(x).clamp(low, high).numpy(), x,
                       np.array(low, dtype), np.array(high, dtype))
    x = np.array([-5, 0, 300, 7], "int32")
    yield case("clip", x.clip(0, 255), x, np.array(0, "int32"), np.array(255, "int32"))


def casts():
    inputs = [np.array([True, False])]
    inputs += [np.array([0, 1, 127, 128, 255], "uint8")]
    inputs += [np.array([0, -1, 255, 256, 2**31 - 1, -2**31, 16777217], "int32")]
    inputs += [np.array([0, -1, 2**32, 2**53 + 1, 2**63 - 1, -2**63, -129], "int64")]
    for x, dtype in itertools.product(inputs, DTYPES):
        yield case("cast", x.astype(dtype), x, to=dtype)
    for source in FLOATS:
        for dtype in ["bool", "float32", "float64"]:
            yield case("cast", edges(source).astype(dtype), edges(source), to=dtype)
