"""Cases of reductions, cumulations, order, indexing and shape: operation, settings, inputs."""

import math

import numpy as np

from calculus.indexing import NAN, suite

normal, random = suite.normal, suite.random


def whole(*at):
    """Integers as settings hold them."""
    at = np.array(at[0] if len(at) == 1 else at)
    return {"shape": list(at.shape), "data": [int(i) for i in at.ravel()]}


def truths(*at):
    """Conditions as settings hold them."""
    held = whole(*at)
    return {"shape": held["shape"], "data": [bool(i) for i in held["data"]]}


def distinct(*shape):
    """Numbers well apart, in any order."""
    n = math.prod(shape)
    return (random.permutation(n) / 2 - n / 5 + 0.125).reshape(shape)


def reductions():
    for op in ("variance", "std"):
        yield op, {"correction": 0}, [normal(3, 4)]
        yield op, {"correction": 1, "axes": [0]}, [normal(3, 4)]
        yield op, {"correction": 2, "axes": [-1, 0], "keepDims": True}, [normal(3, 2, 4)]
    yield "std, flat", {"correction": 0, "axes": [1]}, [np.array([[2.0, 2, 2], [1, 2, 4]])]
    yield "logSumExp", {}, [normal(2, 3)]
    yield "logSumExp", {"axes": [-1]}, [normal(2, 3) * 10]
    yield "logSumExp", {"axes": [0, 2], "keepDims": True}, [normal(2, 3, 2)]
    yield "logSumExp", {"axes": [1]}, [np.array([[1000.0, 999, -1e5], [-1e4, -1e4, -1e4 - 3]])]
    for order in (0, 1, 2, 3, "inf", "-inf", 0.5, 1.5, 2.5, 4, -1, -2):
        yield "norm", {"order": order, "axes": [1]}, [normal(2, 4)]
    for order in (3, 1.5, 4, 2):
        yield "norm, smooth", {"order": order}, [normal(2, 3) + 3]
    yield "norm", {"order": 2, "axes": [0, -1], "keepDims": True}, [normal(2, 3, 2)]
    yield "norm", {"order": 2, "axes": [1]}, [np.array([[3, -4.0], [0, 2]])]
    yield "norm", {"order": 1, "axes": [1]}, [np.array([[0.0, 0], [3, -4], [0, 2]])]
    yield "norm", {"order": 3, "axes": [1]}, [np.array([[3, -4.0], [0, 2]])]
    for order in ("inf", "-inf"):
        yield "norm", {"order": order, "axes": [1]}, [np.array([[4.0, 3, -4], [2, -2, 2.0]])]
    for shape, axis in (((5,), 0), ((4,), 0), ((3, 4), 1), ((4, 3), -2), ((2, 1), 1)):
        yield "median", {"axis": axis}, [distinct(*shape)]
    yield "median", {"axis": 0, "keepDims": True}, [distinct(3, 2)]
    yield "median of all", {}, [distinct(3, 4)]
    yield "median of all", {}, [np.array([[3.0, 1, 3], [5, 1, 3]])]
    for q in (0.0, 0.3, 0.5, 0.87, 1.0):
        yield "quantile", {"q": q, "axis": 1}, [distinct(2, 5)]
    for mode in ("lower", "higher", "nearest", "midpoint"):
        yield "quantile", {"q": 0.4, "axis": 0, "mode": mode}, [distinct(5, 2)]
        yield "quantile, torch", {"q": [0.0, 0.375, 0.6], "mode": mode}, [distinct(5)]
    yield "quantile", {"q": 0.7}, [distinct(3, 4)]
    yield "quantile", {"q": [0.1, 0.5, 0.9], "axis": -1, "keepDims": True}, [distinct(2, 6)]
    yield "quantile", {"q": [0.25, 1.0], "axis": 0}, [distinct(4, 3)]
    yield "quantile", {"q": 0.5, "keepDims": True}, [distinct(2, 3)]


def cumulations():
    for op in ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"):
        yield op, {"axis": 0}, [distinct(5) + 0.1]
        yield op, {"axis": 1}, [normal(2, 7)]
        yield op, {"axis": -2}, [normal(2, 4, 3)]
        yield op, {"axis": -1}, [normal(3, 1)]
    for zeros in ([2.0, 0, 3], [0.0, 2, 3, 4], [2.0, 0, 3, 0, 4], [1.5, 2, 0.0], [0.0, 0]):
        yield "cumprod", {"axis": 0}, [np.array(zeros)]
    yield "cumprod, torch", {"axis": 1}, [np.array([[0.5, 2, -1, 3], [0, 2, 0, 1]])]
    yield "cummax, ties", {"axis": 0}, [np.array([1.0, 3, 3, 2, 3, 4, 4])]
    yield "cummin, ties", {"axis": 1}, [np.array([[4.0, 3, 3, 5, 3], [1, 1, 1, 1, 0]])]
    yield "logcumsumexp, far apart", {"axis": 0}, [np.array([0.0, 0, 1000, 999, -1000, 1000])]
    yield "logcumsumexp", {"axis": 0}, [np.array([1.0, 1, 1, 1])]
    yield "diff", {"axis": -1}, [normal(2, 4)]
    yield "diff", {"axis": 0, "n": 2}, [normal(4, 2)]
    yield "diff", {"axis": 1, "n": 3}, [normal(2, 5)]
    yield "diff", {"axis": 1}, [normal(2, 3), normal(2, 1), normal(2, 2)]


def order():
    for descending in (False, True):
        yield "sort", {"axis": -1, "descending": descending}, [normal(2, 5)]
        yield "sort", {"axis": 0, "descending": descending}, [normal(60, 2)[:, :1]]
        yield "sort", {"axis": 1, "descending": descending}, [normal(2, 3, 2)]
        yield "sort, ties", {"axis": 0, "descending": descending}, [
            np.array([2.0, 1, 2, 0, 1, -0.0])]
    yield "topk", {"k": 3, "axis": -1}, [distinct(2, 6)]
    yield "topk", {"k": 2, "axis": 0, "largest": False}, [distinct(5, 2)]
    yield "topk", {"k": 4, "axis": 1}, [distinct(2, 4)]
    yield "kthValue", {"k": 1, "axis": 0}, [distinct(5)]
    yield "kthValue", {"k": 3, "axis": 1, "keepDims": True}, [distinct(2, 4)]
    yield "kthValue", {"k": 2, "axis": 0}, [distinct(4, 2)]


def indexing():
    yield "gather", {"axis": 1, "indices": whole([[0, 2, 2, 1], [1, 1, 0, 2]])}, [normal(2, 3)]
    yield "gather", {"axis": 0, "indices": whole([[2, 0], [3, 3]])}, [normal(4, 3)]
    yield "gather", {"axis": -1, "indices": whole([[[1], [0]]])}, [normal(2, 3, 2)]
    yield "takeAlongAxis", {"axis": 1, "indices": whole([[0, 2, 2]])}, [normal(3, 4)]
    yield "takeAlongAxis", {"axis": 0, "indices": whole([[2, 0, 1], [2, 2, 1]])}, [normal(3, 1)]
    yield "indexSelect", {"axis": 0, "indices": whole([2, 0, 2])}, [normal(3, 2)]
    yield "indexSelect", {"axis": 2, "indices": whole([1])}, [normal(2, 2, 3)]
    yield "gatherND", {"indices": whole([[0, 2], [1, 1], [0, 2]])}, [normal(2, 3)]
    yield "gatherND", {"indices": whole([[1], [0], [1]])}, [normal(2, 3)]
    yield "gatherND", {"indices": whole([[[2, 0]], [[1, 1]]])}, [normal(3, 2, 4)]
    yield "gatherND", {"indices": whole([1, 0, 1])}, [normal(2, 2, 3)]

    at = whole([[0, 2], [1, 0]])
    yield "scatter", {"axis": 1, "indices": at}, [normal(2, 3), normal(2, 2)]
    yield "scatter", {"axis": 0, "indices": at}, [normal(3, 2), normal(2, 2)]
    yield "scatter", {"axis": -1, "indices": whole([[3, 1]])}, [normal(2, 4), normal(1, 2)]
    yield "scatter", {"axis": 0, "indices": whole([[1], [0]])}, [normal(3, 3), normal(2, 1)]
    same = whole([[0, 2, 0], [1, 1, 1]])
    yield "scatterAdd", {"axis": 1, "indices": at}, [normal(2, 3), normal(2, 2)]
    yield "scatterAdd", {"axis": 1, "indices": same}, [normal(2, 3), normal(2, 3)]
    yield "scatterAdd", {"axis": 0, "indices": same}, [normal(3, 4), normal(2, 3)]
    yield "scatterAdd", {"axis": 0, "indices": whole([[2, 1]])}, [normal(3, 2), normal(1, 2)]
    yield "indexAdd", {"axis": 0, "indices": whole([0, 2, 0])}, [normal(3, 2), normal(3, 2)]
    yield "indexAdd", {"axis": 1, "indices": whole([3, 1])}, [normal(2, 4, 2), normal(2, 2, 2)]
    yield "indexCopy", {"axis": 0, "indices": whole([2, 0])}, [normal(3, 2), normal(2, 2)]
    yield "indexCopy", {"axis": 1, "indices": whole([3, 1])}, [normal(2, 4, 2), normal(2, 2, 2)]
    yield "put", {"indices": whole([5, 0, 3])}, [normal(2, 3), normal(3)]
    yield "put", {"indices": whole([[4, 0], [4, 1]]), "accumulate": True}, [
        normal(2, 3), normal(2, 2)]
    yield "segmentSum", {"indices": whole([0, 2, 0, 2, 1]), "count": 4}, [normal(5, 2)]
    yield "segmentSum", {"indices": whole([1, 1, 0]), "count": 2}, [normal(3)]
    chosen = whole([[1, 0, 1], [0, 1, 0]])
    yield "maskedSelect", {"mask": chosen}, [normal(2, 3)]
    yield "maskedSelect", {"mask": whole([0, 1, 1])}, [normal(2, 3)]
    yield "maskedSelect", {"mask": chosen}, [normal(3)]
    yield "maskedScatter", {"mask": chosen}, [normal(2, 3), normal(3)]
    yield "maskedScatter", {"mask": whole([0, 1, 1])}, [normal(2, 3), normal(5)]
    yield "assign", {"index": [[1, None]]}, [normal(3, 2), normal(2, 2)]
    yield "assign", {"index": [[1, None], 1]}, [normal(3, 2), normal(2)]
    yield "assign", {"index": [[None, None, 2], [0, 2]]}, [normal(4, 3), normal(2)]
    yield "assign", {"index": [-1]}, [normal(3, 2), normal(1)]


def lookups():
    every = [None, None]
    rows, grid, column = whole([2, 0, 2]), whole([[0, 1], [1, 1]]), whole([2, 0])
    yield "at", {"index": [rows]}, [normal(3, 2)]
    yield "at", {"index": [1, rows]}, [normal(2, 3)]
    yield "at", {"index": [every, rows]}, [normal(2, 3)]
    yield "at", {"index": [grid, column]}, [normal(2, 3)]
    yield "at", {"index": [[0, 1], grid, column]}, [normal(2, 2, 3)]
    yield "at", {"index": [column, every, whole([1, 0])]}, [normal(3, 2, 2)]
    yield "at", {"index": [truths([[1, 0, 1], [0, 1, 0]])]}, [normal(2, 3, 2)]
    yield "at", {"index": [every, truths([1, 0, 1])]}, [normal(2, 3)]
    yield "at", {"index": [truths([1, 1, 0]), whole([1, 0])]}, [normal(3, 2)]
    yield "at", {"index": [truths([0, 0, 0])]}, [normal(3, 2)]
    apart = whole([2, 0])
    yield "assign", {"index": [apart]}, [normal(3, 2), normal(2, 2)]
    yield "assign", {"index": [apart]}, [normal(3, 2), normal()]
    yield "assign", {"index": [[1, None], apart]}, [normal(3, 3), normal(2, 1)]
    yield "assign", {"index": [1, apart]}, [normal(2, 3), normal(2)]
    yield "assign", {"index": [whole([[0], [1]]), apart]}, [normal(2, 3), normal(2)]
    yield "assign", {"index": [apart, every, whole([1, 0])]}, [normal(3, 2, 2), normal(2, 2)]
    yield "assign", {"index": [truths([[1, 0, 1], [0, 1, 0]])]}, [normal(2, 3), normal(3)]
    yield "assign", {"index": [truths([[1, 0, 1], [0, 1, 0]])]}, [normal(2, 3, 2), normal()]
    yield "assign", {"index": [every, truths([1, 0, 1])]}, [normal(2, 3, 2), normal(2, 2, 2)]
    yield "assign", {"index": [every, truths([1, 0, 1])]}, [normal(2, 3), normal()]


def beyond():
    rows = [[1.5, NAN, 2.0], [NAN, 0.5, -1.0]]
    for op in ("nansum", "nanmean"):
        yield op, {}, [rows]
        yield op, {"axes": [1], "keepDims": True}, [rows]
        yield op, {"axes": [0]}, [rows]
    yield "diff", {"axis": 1, "n": 0}, [normal(2, 3), normal(2, 1)]
    yield "pad, negative", {"widths": [[-1, 2], [1, -2]], "mode": "constant"}, [normal(3, 3)]
    yield "pad, negative", {
        "widths": [[0, -1], [-2, 3]], "mode": "constant", "value": 0.5}, [normal(2, 3)]
    for mode in ("reflect", "replicate", "circular"):
        yield "pad, negative", {"widths": [[-1, 2]], "mode": mode}, [normal(4)]
        yield "pad, negative", {"widths": [[0, 0], [2, -1]], "mode": mode}, [normal(2, 4)]


def shapes():
    yield "tile", {"counts": [2]}, [normal(2, 3)]
    yield "tile", {"counts": [2, 3]}, [normal(2, 2)]
    yield "tile", {"counts": [2, 1, 2]}, [normal(2, 3)]
    yield "tile", {"counts": [3, 2]}, [normal()]
    yield "repeat", {"count": 3}, [normal(2, 2)]
    yield "repeat", {"count": 2, "axis": 0}, [normal(2, 3)]
    yield "repeat", {"count": 2, "axis": -1}, [normal(2, 3)]
    yield "repeat each", {"counts": [2, 0, 3], "axis": 1}, [normal(2, 3)]
    yield "roll", {"shifts": [2]}, [normal(2, 3)]
    yield "roll", {"shifts": [-1], "axes": [1]}, [normal(2, 3)]
    yield "roll", {"shifts": [7, -4], "axes": [0, -1]}, [normal(3, 2, 3)]
    for k in (-1, 1, 2, 3, 4):
        yield "rot90", {"k": k, "axes": [0, 1]}, [normal(2, 3)]
    yield "rot90", {"k": 1, "axes": [2, 0]}, [normal(2, 3, 2)]
    yield "flip", {"axes": [0, -1]}, [normal(2, 2, 3)]
    yield "pad", {"widths": [[1, 2], [0, 3]], "mode": "constant"}, [normal(2, 3)]
    yield "pad", {"widths": [[1, 0], [2, 1]], "mode": "constant", "value": -1.5}, [normal(2, 2)]
    for mode in ("reflect", "replicate", "circular"):
        yield "pad", {"widths": [[2, 1]], "mode": mode}, [normal(3)]
        yield "pad", {"widths": [[1, 0], [2, 3]], "mode": mode}, [normal(3, 4)]
        yield "pad", {"widths": [[1, 1], [0, 1], [2, 0]], "mode": mode}, [normal(2, 2, 3)]
    for op in ("tril", "triu"):
        for offset in (0, 1, -1, 3, -5):
            yield op, {"offset": offset}, [normal(3, 4)]
        yield op, {"offset": -1}, [normal(2, 3, 2)]
    for offset in (0, 1, -1, 2):
        yield "diagonal", {"offset": offset, "axes": [0, 1]}, [normal(3, 4)]
        yield "diag", {"offset": offset}, [normal(3)]
        yield "diagEmbed", {"offset": offset}, [normal(2, 2)]
    yield "diagonal", {"offset": 1, "axes": [2, 0]}, [normal(2, 2, 3)]
    yield "diagonal", {"offset": 0, "axes": [-2, -1]}, [normal(2, 3, 2)]
    yield "diag", {"offset": -1}, [normal(3, 3)]
    yield "trace", {}, [normal(3, 3)]
    yield "trace", {}, [normal(2, 4)]
    for mode in ("ij", "xy"):
        for k in range(3):
            yield "meshgrid", {"mode": mode, "k": k}, [normal(2), normal(3), normal(2)]
    yield "unstack", {"axis": 1, "k": 2}, [normal(2, 3, 2)]
    yield "flatten", {"axes": [1, 2]}, [normal(2, 2, 3)]
    yield "moveAxis", {"axes": [0, -1]}, [normal(2, 3, 4)]
