"""Tensors as tensors.json has them."""

import math

import numpy as np

nan, inf = math.nan, math.inf
DTYPES = ["bool", "uint8", "int32", "int64", "float32", "float64"]
FLOATS = ["float32", "float64"]


def encoded(array):
    array = np.asarray(array)
    values = array.ravel().tolist()
    if array.dtype == np.float32:  # the shortest decimal, not that of the float64 beside it
        values = [float(str(x)) for x in array.ravel()]
    return {"dtype": array.dtype.name, "shape": list(array.shape),
            "values": [str(x) if isinstance(x, float) and not math.isfinite(x) else x
                       for x in values]}


def case(name, expected, *operands, **attributes):
    return {"name": name, "operands": [encoded(x) for x in operands],
            "expected": encoded(expected), **attributes}
