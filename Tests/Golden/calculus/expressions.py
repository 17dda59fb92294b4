"""Expressions in a small prefix language, evaluated by PyTorch and by JAX: see `Library.evaluate`."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import torch


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
