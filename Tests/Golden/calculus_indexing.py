"""Writes calculus_indexing.json: reductions, cumulations, order, indexing and shape.

A case of `cases` names an operation and its settings, its inputs, a cotangent of the result
and a tangent of each input; and what PyTorch makes of them in float64: the value, the cotangents of
the inputs (vjp), the tangent of the result (jvp) and the product of the Hessian of `sum(result *
cotangent)` with the tangents (hvp). Each is computed with JAX in float64 too where that has the
operation and the same conventions at ties and kinks; all must agree to 1e-11 of the largest.

A case of `values` has inputs of any type and what PyTorch or NumPy makes of them, NaN and
infinities included.

Run: python3 Tests/Golden/calculus_indexing.py [OUTPUT_DIRECTORY]
"""

import math
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from calculus.cases import AGREEMENT, Suite

warnings.filterwarnings("ignore", message="std\\(\\)")  # the one of one element is asked for
NAN, INF = math.nan, math.inf


def axes(s, x):
    return tuple(s["axes"]) if s.get("axes") is not None else tuple(range(x.ndim))


def keep(s):
    return s.get("keepDims", False)


def indices(s):
    return torch.tensor(np.array(s["indices"]["data"]).reshape(s["indices"]["shape"]).astype(int))


def norm(s, x):
    order = {"inf": INF, "-inf": -INF}.get(s["order"], s["order"])
    return torch.linalg.vector_norm(x, order, axes(s, x), keep(s))


def torch_pad(s, x):
    mode = s["mode"]
    if mode == "constant":
        flat = [n for pair in reversed(s["widths"]) for n in pair]
        return F.pad(x, flat, value=s.get("value", 0.0))
    # PyTorch pads the last axes of what has a batch and channels in front.
    flat = [n for pair in reversed(s["widths"]) for n in pair]
    return F.pad(x[None, None], flat, mode=mode)[0, 0]


def jax_pad(s, x):
    mode = {"replicate": "edge", "circular": "wrap"}.get(s["mode"], s["mode"])
    more = {"constant_values": s.get("value", 0.0)} if mode == "constant" else {}
    return jnp.pad(x, s["widths"], mode, **more)


def jax_norm(s, x):
    return jnp.sum(jnp.abs(x) ** s["order"], axes(s, x), keepdims=keep(s)) ** (1 / s["order"])


def jax_indices(s):
    return jnp.asarray(indices(s).numpy())


def index_add(s, x, v):
    return x.index_add(s["axis"], indices(s), v)


def rows(s):
    return (slice(None),) * s["axis"] + (jax_indices(s),)


def put(s, x, v):
    return x.put(indices(s), v, accumulate=s.get("accumulate", False))


def segment_sum(s, x):
    return torch.zeros(s["count"], *x.shape[1:]).index_add(0, indices(s), x)


def gather_nd(s, x):
    at = indices(s)
    return x[tuple(at[..., i] for i in range(at.shape[-1]))]


def jax_gather_nd(s, x):
    at = jax_indices(s)
    return x[tuple(at[..., i] for i in range(at.shape[-1]))]


def mask(s, x):
    return torch.tensor(s["mask"]["data"]).reshape(s["mask"]["shape"]).bool()


def quantile(s, x):
    q = torch.tensor(s["q"]) if isinstance(s["q"], list) else s["q"]
    return torch.quantile(x, q, s.get("axis"), keep(s), interpolation=s.get("mode", "linear"))


def jax_quantile(s, x):
    q = jnp.asarray(s["q"])
    return jnp.quantile(x, q, s.get("axis"), keepdims=keep(s), method=s.get("mode", "linear"))


def diff(s, x, *more):
    return torch.diff(x, s.get("n", 1), s["axis"], *more)


def assign(s, x, v):
    y = x.clone()
    y[subscript(s["index"])] = v
    return y


def jax_assign(s, x, v):
    return x.at[subscript(s["index"])].set(v)


def subscript(parts):
    """Numbers are positions, lists [start, end, step] slices, which PyTorch takes forwards only."""
    return tuple(p if isinstance(p, int) else slice(*p) for p in parts)


def both(f):
    """An operation whose text is the same in both libraries: f(library, settings, inputs...)."""
    return (lambda s, *x: f(torch, s, *x), lambda s, *x: f(jnp, s, *x))


# By name: PyTorch's and JAX's, or None where JAX lacks it or follows other conventions.
OPERATIONS = {
    "variance": (
        lambda s, x: torch.var(x, axes(s, x), correction=s["correction"], keepdim=keep(s)),
        lambda s, x: jnp.var(x, axes(s, x), ddof=s["correction"], keepdims=keep(s))),
    "std": (
        lambda s, x: torch.std(x, axes(s, x), correction=s["correction"], keepdim=keep(s)),
        lambda s, x: jnp.std(x, axes(s, x), ddof=s["correction"], keepdims=keep(s))),
    "std, flat": (
        lambda s, x: torch.std(x, axes(s, x), correction=s["correction"], keepdim=keep(s)), None),
    "logSumExp": (
        lambda s, x: torch.logsumexp(x, axes(s, x), keep(s)),
        lambda s, x: jax.nn.logsumexp(x, axes(s, x), keepdims=keep(s))),
    "norm": (norm, None),
    "norm, smooth": (norm, jax_norm),
    "median": (lambda s, x: torch.median(x, s["axis"], keep(s)).values, None),
    "median of all": (lambda s, x: torch.median(x), None),
    "quantile": (quantile, jax_quantile),
    "quantile, torch": (quantile, None),
    "cumsum": both(lambda lib, s, x: lib.cumsum(x, s["axis"])),
    "cumprod": both(lambda lib, s, x: lib.cumprod(x, s["axis"])),
    "cumprod, torch": (lambda s, x: torch.cumprod(x, s["axis"]), None),
    "cummax": (lambda s, x: torch.cummax(x, s["axis"]).values,
               lambda s, x: jax.lax.cummax(x, s["axis"] % x.ndim)),
    "cummin": (lambda s, x: torch.cummin(x, s["axis"]).values,
               lambda s, x: jax.lax.cummin(x, s["axis"] % x.ndim)),
    "cummax, ties": (lambda s, x: torch.cummax(x, s["axis"]).values, None),
    "cummin, ties": (lambda s, x: torch.cummin(x, s["axis"]).values, None),
    "logcumsumexp": (lambda s, x: torch.logcumsumexp(x, s["axis"]),
                     lambda s, x: jax.lax.cumlogsumexp(x, s["axis"] % x.ndim)),
    # PyTorch's derivative goes through logarithms of what is far apart, and loses the small.
    "logcumsumexp, far apart": (
        lambda s, x: torch.logcumsumexp(x, s["axis"]), lambda s, x: jax.lax.cumlogsumexp(x, 0)),
    "diff": (diff, lambda s, x, *more: jnp.diff(x, s.get("n", 1), s["axis"], *more)),
    "sort": (
        lambda s, x: torch.sort(
            x, dim=s["axis"], descending=s.get("descending", False), stable=True).values,
        lambda s, x: jnp.sort(x, s["axis"], descending=s.get("descending", False))),
    "sort, ties": (lambda s, x: torch.sort(
        x, dim=s["axis"], descending=s.get("descending", False), stable=True).values, None),
    "topk": (
        lambda s, x: torch.topk(x, s["k"], s["axis"], s.get("largest", True)).values, None),
    "kthValue": (lambda s, x: torch.kthvalue(x, s["k"], s["axis"], keep(s)).values, None),
    "gather": (lambda s, x: torch.gather(x, s["axis"], indices(s)), None),
    "takeAlongAxis": (
        lambda s, x: torch.take_along_dim(x, indices(s), s["axis"]),
        lambda s, x: jnp.take_along_axis(x, jax_indices(s), s["axis"])),
    "indexSelect": (
        lambda s, x: torch.index_select(x, s["axis"], indices(s)),
        lambda s, x: jnp.take(x, jax_indices(s), s["axis"])),
    "gatherND": (gather_nd, jax_gather_nd),
    "scatter": (lambda s, x, v: torch.scatter(x, s["axis"], indices(s), v), None),
    "scatterAdd": (lambda s, x, v: torch.scatter_add(x, s["axis"], indices(s), v), None),
    "indexAdd": (index_add, lambda s, x, v: x.at[rows(s)].add(v)),
    "indexCopy": (
        lambda s, x, v: x.index_copy(s["axis"], indices(s), v),
        lambda s, x, v: x.at[rows(s)].set(v)),
    "put": (put, None),
    "segmentSum": (
        segment_sum,
        lambda s, x: jax.ops.segment_sum(x, jax_indices(s), s["count"])),
    "maskedSelect": (
        lambda s, x: torch.masked_select(x, mask(s, x)), None),
    "maskedScatter": (lambda s, x, v: torch.masked_scatter(x, mask(s, x), v), None),
    "assign": (assign, jax_assign),
    "tile": both(lambda lib, s, x: lib.tile(x, tuple(s["counts"]))),
    "repeat": (
        lambda s, x: torch.repeat_interleave(x, s["count"], s.get("axis")),
        lambda s, x: jnp.repeat(x, s["count"], s.get("axis"))),
    "repeat each": (
        lambda s, x: torch.repeat_interleave(x, torch.tensor(s["counts"]), s["axis"]),
        lambda s, x: jnp.repeat(x, jnp.asarray(s["counts"]), s["axis"])),
    "roll": both(lambda lib, s, x: lib.roll(
        x, tuple(s["shifts"]), tuple(s["axes"])) if "axes" in s else lib.roll(x, s["shifts"][0])),
    "rot90": both(lambda lib, s, x: lib.rot90(x, s["k"], tuple(s["axes"]))),
    "flip": both(lambda lib, s, x: lib.flip(x, tuple(s["axes"]))),
    "pad": (torch_pad, jax_pad),
    "tril": both(lambda lib, s, x: lib.tril(x, s["offset"])),
    "triu": both(lambda lib, s, x: lib.triu(x, s["offset"])),
    "diagonal": both(lambda lib, s, x: lib.diagonal(x, s["offset"], *s["axes"])),
    "diag": both(lambda lib, s, x: lib.diag(x, s["offset"])),
    "diagEmbed": (lambda s, x: torch.diag_embed(x, s["offset"]), None),
    "trace": (lambda s, x: torch.trace(x), lambda s, x: jnp.trace(x)),
    "meshgrid": both(lambda lib, s, *x: lib.meshgrid(*x, indexing=s["mode"])[s["k"]]),
    "unstack": both(lambda lib, s, x: lib.moveaxis(x, s["axis"], 0)[s["k"]]),
    "flatten": (lambda s, x: torch.flatten(x, *s["axes"]), None),
    "moveAxis": both(lambda lib, s, x: lib.moveaxis(x, *s["axes"])),
}


suite = Suite(
    "calculus_indexing", 20310, {name: own for name, (own, _) in OPERATIONS.items()},
    {name: other for name, (_, other) in OPERATIONS.items()}, digits=None)
normal, random = suite.normal, suite.random


def whole(*at):
    """Integers as settings hold them."""
    at = np.array(at[0] if len(at) == 1 else at)
    return {"shape": list(at.shape), "data": [int(i) for i in at.ravel()]}


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


# MARK: values of any type

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
        yield "searchsorted", {"right": right}, [np.array([[1, 3, 5], [2, 2, 9]]), np.array([[3, 0], [2, 10]])]
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


def typed(x):
    x = np.asarray(x)
    data = [float(v) for v in x.ravel()]
    named = [v if math.isfinite(v) else str(v) for v in data]
    return {"dtype": str(x.dtype), "shape": list(x.shape), "data": named}


def numbered(cases, what):
    """Names that say the operation, and which of its cases it is."""
    counts = {}
    for operation, settings, inputs in cases:
        counts[operation] = counts.get(operation, 0) + 1
        yield f"{operation} {counts[operation]}{what}", operation, settings, inputs


def main():
    families = [reductions, cumulations, order, indexing, shapes]
    for name, operation, settings, inputs in numbered(
            (case for family in families for case in family()), ""):
        far_apart = operation == "logcumsumexp, far apart"
        suite.add(
            name, operation, inputs, settings, coarse=AGREEMENT if far_apart else None,
            called=operation.split(",")[0], forward=operation == "std, flat")
    plain = []
    for name, operation, settings, inputs in numbered(values(), ", values"):
        outputs = VALUES[operation](settings, *inputs)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        plain.append({
            "name": name, "operation": operation, "settings": settings,
            "inputs": [typed(x) for x in inputs], "outputs": [typed(x) for x in outputs]})
    suite.write({"values": len(plain)}, values=plain)


if __name__ == "__main__":
    main()
