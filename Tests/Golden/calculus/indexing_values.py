"""What PyTorch or NumPy makes of tensors of any type: of operation, settings and inputs."""

import numpy as np
import torch

from calculus.indexing import (
    INF, NAN, axes, diff, index_add, indices, mask, norm, quantile, subscript, suite)
from calculus.indexing_cases import truths, whole

random = suite.random


def searchsorted(s, sorted, values):
    # NumPy alone, as it says where NaN is; PyTorch where there is none.
    side = "right" if s.get("right") else "left"
    if sorted.ndim == 1:
        found = np.searchsorted(sorted, values, side)
    else:
        found = np.stack([np.searchsorted(a, v, side) for a, v in zip(sorted, values)])
    if not (np.isnan(sorted).any() or np.isnan(values).any()):
        theirs = torch.searchsorted(
            torch.tensor(sorted), torch.tensor(np.asarray(values)), right=s.get("right", False))
        assert (theirs.numpy() == found).all()
    return found


def torch_values(f):
    def g(s, *x):
        y = f(s, *[torch.tensor(np.asarray(a)) for a in x])
        return [a.numpy() for a in y] if isinstance(y, (tuple, list)) else y.numpy()

    return g


def topk(s, x):
    """PyTorch leaves open which of equals it takes: the first here, as its stable sort has them."""
    values, at = torch.sort(x, dim=s["axis"], descending=s.get("largest", True), stable=True)
    ours = (values.narrow(s["axis"], 0, s["k"]), at.narrow(s["axis"], 0, s["k"]))
    theirs = torch.topk(x, s["k"], s["axis"], s.get("largest", True)).values
    assert torch.equal(torch.nan_to_num(theirs), torch.nan_to_num(ours[0]))
    return ours


VALUES = {
    "countNonzero": torch_values(lambda s, x: torch.count_nonzero(x, s.get("axes"))),
    "median": torch_values(lambda s, x: torch.median(x, s["axis"]).values),
    "median of all": torch_values(lambda s, x: torch.median(x)),
    "quantile": torch_values(quantile),
    "logSumExp": torch_values(lambda s, x: torch.logsumexp(x, axes(s, x))),
    "norm": torch_values(norm),
    "std": torch_values(lambda s, x: torch.std(x, axes(s, x), correction=s["correction"])),
    "argmax": torch_values(lambda s, x: torch.argmax(x, s["axis"])),
    "cumsum": torch_values(lambda s, x: torch.cumsum(x, s["axis"])),
    "cumprod": torch_values(lambda s, x: torch.cumprod(x, s["axis"])),
    "cummax": torch_values(lambda s, x: tuple(torch.cummax(x, s["axis"]))),
    "cummin": torch_values(lambda s, x: tuple(torch.cummin(x, s["axis"]))),
    "logcumsumexp": torch_values(lambda s, x: torch.logcumsumexp(x, s["axis"])),
    "diff": torch_values(diff),
    "argsort": torch_values(lambda s, x: torch.sort(
        x, dim=s["axis"], descending=s.get("descending", False), stable=True).indices),
    "sort": torch_values(lambda s, x: torch.sort(
        x, dim=s["axis"], descending=s.get("descending", False), stable=True).values),
    "topk": torch_values(topk),
    "searchsorted": searchsorted,
    "unique": torch_values(lambda s, x: torch.unique(x, return_inverse=True, return_counts=True)),
    "nonzero": torch_values(lambda s, x: torch.nonzero(x)),
    "maskedSelect": torch_values(lambda s, x: torch.masked_select(x, mask(s, x))),
    "scatter": torch_values(lambda s, x, v: torch.scatter(x, s["axis"], indices(s), v)),
    "scatterAdd": torch_values(lambda s, x, v: torch.scatter_add(x, s["axis"], indices(s), v)),
    "indexAdd": torch_values(index_add),
    "segmentSum": torch_values(
        lambda s, x: torch.zeros(s["count"], dtype=x.dtype).index_add(0, indices(s), x)),
    "pad": lambda s, x: np.pad(
        x, s["widths"], {"replicate": "edge", "circular": "wrap"}.get(s["mode"], s["mode"]),
        **({"constant_values": float(s["value"])} if "value" in s else {})),
    "tril": torch_values(lambda s, x: torch.tril(x, s["offset"])),
    "trace": lambda s, x: np.trace(x, s["offset"], *s["axes"]),
    "repeat": lambda s, x: np.repeat(x, s["count"], s.get("axis")),
    "at": lambda s, x: x[subscript(s["index"])],
}


def values():
    ints = random.integers(-3, 4, (3, 4))
    small = ints.astype(np.int32)
    bytes_ = np.abs(ints).astype(np.uint8)
    bools = ints > 0
    odd = np.array([2, NAN, 1, INF, NAN, -INF, 2, -0.0, 0.0])
    single = random.standard_normal((2, 5)).astype(np.float32)

    for x in (ints, bools, bytes_, odd):
        yield "countNonzero", {}, [x]
    yield "countNonzero", {"axes": [0]}, [ints]
    yield "argmax", {"axis": 1}, [np.array([[1.0, NAN, 3, NAN], [2, 5, 5, 1]])]
    for x in (ints, small, bytes_):
        yield "median", {"axis": 1}, [x]
        yield "median of all", {}, [x]
        yield "sort", {"axis": 0}, [x]
        yield "argsort", {"axis": 1, "descending": True}, [x]
        yield "cummax", {"axis": 1}, [x]
        yield "cumprod", {"axis": 0}, [x]
        yield "cumsum", {"axis": 1}, [x]
    yield "cumsum", {"axis": 0}, [bools]
    yield "cummin", {"axis": 1}, [bools]
    yield "sort", {"axis": -1, "descending": True}, [bools]
    yield "cumsum", {"axis": 1}, [single]
    yield "sort", {"axis": 1}, [single]
    yield "quantile", {"q": 0.3, "axis": 1}, [single]
    yield "median", {"axis": 0}, [np.array([[1.0, NAN], [NAN, 2], [3, 1]])]
    yield "median of all", {}, [np.array([1.0, NAN, 3])]
    yield "median of all", {}, [np.array([INF, -INF, INF])]
    yield "quantile", {"q": [0.2, 0.5], "axis": 1}, [np.array([[1.0, NAN, 3], [4, 2, 9]])]
    yield "logSumExp", {"axes": [1]}, [np.array([[-INF, 0], [-INF, -INF], [INF, 1], [NAN, 1]])]
    yield "logSumExp", {"axes": [0]}, [np.zeros((0, 2))]
    yield "logcumsumexp", {"axis": 0}, [np.array([-INF, -INF, 0, 1, -INF])]
    yield "logcumsumexp", {"axis": 0}, [np.array([0.0, INF, 1])]
    yield "logcumsumexp", {"axis": 0}, [np.array([-40.0, 0, NAN, 1])]
    yield "logcumsumexp", {"axis": 0}, [np.array([0.0, -40, -50])]
    for order in (2, 1, "inf", "-inf", 0, 3, 0.5, -1):
        yield "norm", {"order": order, "axes": [1]}, [
            np.array([[3.0, -4, 0], [INF, 1, 2], [NAN, 1, 2], [0, 0, 0]])]
    yield "norm", {"order": 2}, [np.zeros(0)]
    yield "norm", {"order": 1}, [np.zeros((0, 3))]
    yield "std", {"correction": 1, "axes": [0]}, [np.ones((1, 2))]
    for op in ("cummax", "cummin"):
        yield op, {"axis": 0}, [np.array([1.0, 3, 3, 2, NAN, 4, NAN, 5])]
        yield op, {"axis": 1}, [np.array([[2.0, 2, 2], [INF, -INF, INF]])]
        yield op, {"axis": 0}, [np.zeros((0, 2))]
    for op in ("cumsum", "cumprod"):
        yield op, {"axis": 0}, [np.zeros((0, 2))]
        yield op, {"axis": 1}, [np.zeros((2, 0))]
        yield op, {"axis": 0}, [np.array([1.0, INF, 2, NAN, 1])]
    yield "diff", {"axis": 0}, [np.array([True, True, False, True])]
    yield "diff", {"axis": 0, "n": 5}, [np.array([1, 4, 9])]
    yield "diff", {"axis": 0}, [np.array([3, 250, 7], dtype=np.uint8)]
    yield "diff", {"axis": 1}, [np.zeros((2, 0))]
    for descending in (False, True):
        yield "argsort", {"axis": 0, "descending": descending}, [odd]
        yield "sort", {"axis": 0, "descending": descending}, [odd]
        yield "argsort", {"axis": 0, "descending": descending}, [np.tile(odd, 8).astype(np.float32)]
        yield "argsort", {"axis": 1, "descending": descending}, [np.zeros((2, 0))]
    yield "topk", {"k": 3, "axis": 0}, [odd]
    yield "topk", {"k": 3, "axis": 0, "largest": False}, [odd]
    yield "topk", {"k": 2, "axis": 1}, [ints]
    yield "topk", {"k": 0, "axis": 0}, [odd]
    line = np.array([1.0, 2, 2, 2, 5, 7, 7])
    asked = np.array([[0.0, 1, 2], [2.5, 7, 9]])
    for right in (False, True):
        yield "searchsorted", {"right": right}, [line, asked]
        yield "searchsorted", {"right": right}, [line, np.array(2.0)]
        yield "searchsorted", {"right": right}, [
            np.array([-INF, 2, NAN, NAN]), np.array([NAN, INF, 2, -INF])]
        yield "searchsorted", {"right": right}, [
            np.array([[1, 3, 5], [2, 2, 9]]), np.array([[3, 0], [2, 10]])]
        yield "searchsorted", {"right": right}, [np.zeros(0), asked]
        yield "searchsorted", {"right": right}, [np.arange(8.0), np.arange(-1, 9) + 0.0]
    for x in (ints, bools, bytes_, np.array([1, NAN, NAN, 1, 0.5]), np.array(3.0), np.zeros((0, 2))):
        yield "unique", {}, [x]
    for x in (ints, bools, odd, np.array(2), np.array(0), np.zeros((0, 2)), np.zeros((2, 3, 2)) + 1):
        yield "nonzero", {}, [x]
    yield "maskedSelect", {"mask": whole([[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]])}, [small]
    yield "maskedSelect", {"mask": whole([0, 0, 0, 0])}, [small]
    yield "maskedSelect", {"mask": whole([1, 0, 1, 0])}, [bools]
    at = whole([[2, 0], [1, 1], [0, 3]])
    apart = whole([[2, 0], [1, 3], [0, 3]])
    yield "scatter", {"axis": 1, "indices": apart}, [ints, ints[:, :2] * 10]
    yield "scatter", {"axis": 1, "indices": apart}, [bools, ~bools[:, :2]]
    yield "scatter", {"axis": 0, "indices": whole([[1, 2]])}, [
        np.array([[1.0, NAN], [INF, 2], [NAN, NAN]]), np.array([[-0.0, 5]])]
    yield "scatterAdd", {"axis": 1, "indices": at}, [ints, ints[:, :2] * 10]
    yield "scatterAdd", {"axis": 1, "indices": at}, [bytes_, bytes_[:, :2] * 100]
    yield "scatter", {"axis": 1, "indices": whole([[2, 0]])}, [ints, ints * 10]
    yield "indexAdd", {"axis": 0, "indices": whole([2, 0, 2])}, [small, small]
    yield "segmentSum", {"indices": whole([2, 0, 2, 2]), "count": 4}, [np.array([1, 2, 3, 4])]
    for mode in ("reflect", "replicate", "circular", "constant"):
        yield "pad", {"widths": [[3, 8]], "mode": mode}, [np.array([1, 2, 3])]
        yield "pad", {"widths": [[2, 3]], "mode": mode}, [np.array([7.0])]
    yield "pad", {"widths": [[1, 1], [0, 2]], "mode": "constant", "value": "-inf"}, [single[:, :2]]
    yield "pad", {"widths": [[1, 1]], "mode": "constant", "value": 1}, [bools[0]]
    yield "tril", {"offset": 0}, [np.full((3, 3), NAN)]
    yield "tril", {"offset": -1}, [bools]
    yield "tril", {"offset": 0}, [np.zeros((0, 3))]
    yield "trace", {"offset": 1, "axes": [0, 2]}, [np.arange(24).reshape(2, 3, 4)]
    yield "trace", {"offset": 9, "axes": [0, 1]}, [ints]
    yield "repeat", {"count": 0, "axis": 0}, [ints]
    for index in ([[None, None, -1]], [[4, 0, -2]], [[-1, -4, -1]], [[1, 5, 3]], [[4, None, -4]]):
        yield "at", {"index": index}, [np.arange(6)]
    for x in (small, bytes_, bools, single):
        yield "at", {"index": [whole([1, 0, 1]), whole([3, 2, 0])]}, [x]
        yield "at", {"index": [[None, None], truths([0, 1, 1, 0][:x.shape[1]] + [1] * (
            x.shape[1] - 4))]}, [x]
