"""Reductions, cumulations, order, indexing and shape in PyTorch and in JAX, and their suite."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from calculus.cases import Suite

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
    """Numbers are positions, lists [start, end, step] slices, which PyTorch takes forwards only, and
    what has a shape arrays of positions or conditions.
    """
    return tuple(
        p if isinstance(p, int) else np.array(p["data"]).reshape(p["shape"])
        if isinstance(p, dict) else slice(*p) for p in parts)


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
    "nansum": (
        lambda s, x: torch.nansum(x, axes(s, x), keep(s)),
        lambda s, x: jnp.nansum(x, axes(s, x), keepdims=keep(s))),
    "nanmean": (
        lambda s, x: torch.nanmean(x, axes(s, x), keep(s)),
        lambda s, x: jnp.nanmean(x, axes(s, x), keepdims=keep(s))),
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
    "at": both(lambda lib, s, x: x[subscript(s["index"])]),
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
    "pad, negative": (torch_pad, None),
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
