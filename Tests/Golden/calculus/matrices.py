"""Linear algebra in PyTorch and in JAX, where it does not depend on the signs of vectors."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import torch


class Torch:
    """The operations in PyTorch, in terms that JAX's class spells the same."""

    np = torch
    linalg = torch.linalg
    exp = staticmethod(torch.linalg.matrix_exp)

    def transpose(self, x):
        return x.swapaxes(-1, -2)

    def eye(self, n):
        return torch.eye(n)

    def tril(self, x, k):
        return torch.tril(x, k)

    def triangular(self, a, b, upper, transposed, unit):
        if transposed:
            a, upper = self.transpose(a), not upper
        return torch.linalg.solve_triangular(a, b, upper=upper, unitriangular=unit)

    def tensordot(self, a, b, axes):
        return torch.tensordot(a, b, axes)

    def cross(self, a, b, axis):
        return torch.linalg.cross(*torch.broadcast_tensors(a, b), dim=axis)

    def cat(self, parts):
        return torch.cat([p.flatten() for p in parts])

    def svd(self, x):
        return torch.linalg.svd(x, full_matrices=False)

    def lstsq(self, a, b):
        if a.shape[-2] >= a.shape[-1]:
            return torch.linalg.lstsq(a, b).solution
        return torch.linalg.pinv(a) @ b  # the driver of lstsq derives nothing here

    def number(self, x):
        return torch.tensor(x)


class Jax:
    np = jnp
    linalg = jnp.linalg
    exp = staticmethod(jax.scipy.linalg.expm)

    def transpose(self, x):
        return jnp.swapaxes(x, -1, -2)

    def eye(self, n):
        return jnp.eye(n)

    def tril(self, x, k):
        return jnp.tril(x, k)

    def triangular(self, a, b, upper, transposed, unit):
        f = lambda a, b: jax.scipy.linalg.solve_triangular(
            a, b, trans=int(transposed), lower=not upper, unit_diagonal=unit)
        for _ in range(a.ndim - 2):
            f = jax.vmap(f)
        return f(a, b)

    def tensordot(self, a, b, axes):
        return jnp.tensordot(a, b, axes)

    def cross(self, a, b, axis):
        return jnp.cross(a, b, axis=axis)

    def cat(self, parts):
        return jnp.concatenate([p.ravel() for p in parts])

    def svd(self, x):
        return jnp.linalg.svd(x, full_matrices=False)

    def lstsq(self, a, b):
        if a.shape[-2] >= a.shape[-1]:
            return jnp.linalg.lstsq(a, b)[0]
        return jnp.linalg.pinv(a) @ b

    def number(self, x):
        return jnp.asarray(x)


def symmetric(l, x):
    return (x + l.transpose(x)) / 2


def positive(l, x):
    return x @ l.transpose(x) + l.eye(x.shape[-2])


def sandwich(l, left, middle, right):
    """left . diag(middle) . right"""
    return (left * middle[..., None, :]) @ right


def permutation_sum(l, x):
    n = x.shape[-1]
    total = 0
    for order in itertools.permutations(range(n)):
        sign = np.linalg.det(np.eye(n)[list(order)]).round()
        term = 1
        for row, column in enumerate(order):
            term = term * x[..., row, column]
        total = total + float(sign) * term
    return total


def eigenvalue_vectors(l, x):
    values, v = l.linalg.eigh(symmetric(l, x))
    first = v[..., :, :1]
    return l.cat([values, first @ l.transpose(first)])


def singular(l, x):
    u, s, vh = l.svd(x)
    first = u[..., :, :1] @ vh[..., :1, :]
    return l.cat([s, first])


FUNCTIONS = {
    "matmul": lambda l, x: x[0] @ x[1],
    "dot": lambda l, x: l.tensordot(x[0], x[1], ([x[0].ndim - 1], [max(x[1].ndim - 2, 0)])),
    "outer": lambda l, x: l.np.outer(x[0].reshape(-1), x[1].reshape(-1)),
    "inner": lambda l, x: l.np.inner(*x),
    "vdot": lambda l, x: (x[0].reshape(-1) * x[1].reshape(-1)).sum(),
    "kron": lambda l, x: l.np.kron(*x),
    "cross": lambda l, x, axis: l.cross(*x, axis),
    "tensordot": lambda l, x, axes: l.tensordot(*x, axes),
    "einsum": lambda l, x, equation: l.np.einsum(equation, *x),
    "solve": lambda l, x: l.linalg.solve(*x),
    "solve vector": lambda l, x: l.linalg.solve(x[0], x[1][..., None])[..., 0],
    "triangularSolve": lambda l, x, *how: l.triangular(*x, *how),
    "inverse": lambda l, x: l.linalg.inv(x[0]),
    "cholesky": lambda l, x: l.linalg.cholesky(positive(l, x[0])),
    "det": lambda l, x: l.linalg.det(x[0]),
    "det, singular": lambda l, x: permutation_sum(l, x[0]),
    "logabsdet": lambda l, x: l.linalg.slogdet(x[0])[1],
    "qr": lambda l, x: l.cat(l.linalg.qr(x[0])),
    "eigvalsh": lambda l, x: l.linalg.eigvalsh(symmetric(l, x[0])),
    "eigh": lambda l, x: eigenvalue_vectors(l, x[0]),
    "eigh, function": lambda l, x: (lambda e: sandwich(
        l, e[1], l.np.sin(e[0]), l.transpose(e[1])))(l.linalg.eigh(symmetric(l, x[0]))),
    "svdvals": lambda l, x: l.svd(x[0])[1],
    "svd": lambda l, x: singular(l, x[0]),
    "svd, polar": lambda l, x: (lambda e: e[0] @ e[2])(l.svd(x[0])),
    "svd, function": lambda l, x: (lambda e: sandwich(
        l, e[0], l.np.sin(e[1]), e[2]))(l.svd(x[0])),
    "matrixPower": lambda l, x, n: l.linalg.matrix_power(x[0], n),
    "matrixExp": lambda l, x: l.exp(x[0]),
    "pinv": lambda l, x: l.linalg.pinv(x[0]),
    "lstsq": lambda l, x: l.lstsq(*x),
}
