"""Writes calculus_linear.json: values and derivatives of linear algebra, for GoldenLinearTests.

A case names an operation, its attributes, its inputs, a cotangent of the result and a tangent of each
input; and what PyTorch makes of them in float64: the value, the cotangents of the inputs (vjp), the
tangent of the result (jvp) and the product of the Hessian of `sum(result * cotangent)` with the
tangents (hvp). Results that signs of vectors would show in are made of what does not depend on them:
of an eigendecomposition V f(L) V', of a singular value decomposition U f(S) V'.

Every case is computed with JAX in float64 too, unless it says why PyTorch stands alone; arrays must
agree to 1e-10 of their largest element. Determinants of singular matrices are sums over
permutations, which both libraries then differentiate: their own derivatives of higher order divide
by 0 there.

Run: python3 Tests/Golden/calculus_linear.py [OUTPUT_DIRECTORY]   (torch 2.13.0, jax 0.10.2,
numpy 2.4.6)
"""

import itertools
import json
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import torch

from autodiff import arrays, largest_disagreement, written

SEED = 20264
AGREEMENT = 1e-10


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


def fixed_cases():
    """(name, operation, attributes, shapes or arrays of inputs, why PyTorch alone)"""
    cases = []

    def add(operation, *inputs, attributes=(), note="", alone=None):
        shapes = " and ".join(str(list(getattr(x, "shape", x))) for x in inputs)
        name = f"{operation}{''.join(f' {a}' for a in attributes)} of {shapes}{note}"
        cases.append((name, operation, list(attributes), inputs, alone))

    for a, b in [([2, 3], [3, 4]), ([2, 3, 4], [4, 2]), ([4, 2], [3, 2, 3]), ([3], [3]), ([3], [3, 2]),
                 ([2, 3], [3]), ([2, 2, 3], [3]), ([3], [2, 3, 2]), ([2, 1, 2, 3], [3, 3, 2]),
                 ([1, 3], [3, 1]), ([2, 0], [0, 3]), ([0, 3], [3, 2]), ([2, 0, 3], [2, 3, 1])]:
        add("matmul", a, b)
    for a, b in [([2, 3], [4, 3, 2]), ([3], [2, 3, 2]), ([2, 2, 3], [3])]:
        add("dot", a, b)
    for a, b in [([3], [4]), ([2, 2], [3]), ([], [2])]:
        add("outer", a, b)
    for a, b in [([3], [3]), ([2, 3], [4, 3]), ([2, 2, 3], [3])]:
        add("inner", a, b)
    add("vdot", [2, 3], [2, 3])
    for a, b in [([2, 3], [3, 2]), ([3], [2, 2]), ([2, 1, 2], [1, 3, 2]), ([2], [3]), ([], [2, 2]),
                 ([0, 2], [2, 2])]:
        add("kron", a, b)
    add("cross", [3], [3], attributes=[-1])
    add("cross", [2, 3], [2, 3], attributes=[-1])
    add("cross", [3, 2], [3, 2], attributes=[0])
    add("cross", [2, 1, 3], [4, 3], attributes=[-1])
    for a, b, axes in [([2, 3, 4], [3, 4, 2], 2), ([2, 3], [3, 2], 1), ([2, 2], [3], 0),
                       ([2, 3, 4], [4, 2, 3], [[0, 2], [1, 0]]), ([3, 2], [2, 3], [[1, 0], [0, 1]])]:
        add("tensordot", a, b, attributes=[axes])

    for equation, *shapes in [
            ("ij,jk->ik", [2, 3], [3, 2]), ("ij,jk", [2, 3], [3, 2]), ("ji,jk->ki", [3, 2], [3, 4]),
            ("ij->ji", [2, 3]), ("ij->", [2, 3]), ("ij->j", [2, 3]), ("ba", [2, 3]),
            ("ii->i", [3, 3]), ("ii", [3, 3]), ("iji->j", [2, 3, 2]), ("iii->i", [3, 3, 3]),
            ("ijij->ij", [2, 3, 2, 3]), ("i,i->i", [3], [3]), ("i,i", [3], [3]), ("i,j", [2], [3]),
            ("bij,bjk->bik", [2, 2, 3], [2, 3, 2]), ("bij,bjk->ik", [2, 2, 3], [2, 3, 2]),
            ("...ij,...jk->...ik", [2, 1, 2, 3], [3, 3, 2]), ("...ij,...jk", [2, 2, 3], [3, 2]),
            ("i...,i...->...", [3, 2, 2], [3, 2]), ("...i->...", [2, 3, 2]), ("b...->...b", [2, 3]),
            ("i...j,jk->i...k", [2, 2, 3], [3, 2]), ("ij,j->ij", [2, 3], [3]),
            ("ij,kj->ik", [2, 1], [3, 4]), ("ij,ij->", [1, 3], [2, 1]), (",ij->ij", [], [2, 3]),
            ("i,ij,j->", [2], [2, 3], [3]), ("ij,jk,kl->il", [2, 3], [3, 2], [2, 4]),
            ("ij,jk,kl,lm->im", [2, 3], [3, 1], [1, 4], [4, 2]), ("ai,bi,ci->abc", [2, 3], [2, 3], [3, 3]),
            ("ij,ik,il->jkl", [2, 2], [2, 3], [2, 2]), ("abc,cd,bd->a", [2, 2, 3], [3, 2], [2, 2]),
            ("bhqd,bhkd->bhqk", [2, 2, 2, 3], [2, 2, 3, 3]), ("ij,jk,ki", [2, 3], [3, 2], [2, 2]),
            ("i,i,i,i,i->", [2], [2], [2], [2], [2]), ("aA,Ab->bA", [2, 3], [3, 2]),
            ("Ab,bA", [3, 2], [2, 3]), ("zY,YZ", [2, 2], [2, 3]), ("ii,jj->ij", [2, 2], [3, 3]),
            ("iij,jk->ik", [2, 2, 3], [3, 2]), ("ij,jk->ik", [2, 0], [0, 3]),
            ("a,b,c,d,e,f,g,h->", [1], [2], [1], [2], [1], [2], [1], [2])]:
        add("einsum", *shapes, attributes=[equation])

    for a, b in [([3, 3], [3, 2]), ([3, 3], [3]), ([1, 1], [1, 2]), ([2, 3, 3], [2, 3, 1]),
                 ([2, 1, 2, 2], [3, 2, 2]), ([2, 2], [3, 2, 1]), ([5, 5], [5, 1])]:
        add("solve", a, b)
    add("solve vector", [2, 3, 3], [2, 3], note=", vectors")
    hilbert = 1 / (np.arange(4)[:, None] + np.arange(4) + 1.0)
    add("solve", hilbert, [4, 1], note=", Hilbert's")
    add("solve", np.array([[0.0, 1.0], [1.0, 0.0]]), [2, 2], note=", exchanged")
    for how in itertools.product([False, True], repeat=3):
        a = np.random.default_rng(7).uniform(-1, 1, (3, 3)) + 2 * np.eye(3)
        add("triangularSolve", a, [3, 2], attributes=how)
    add("triangularSolve", np.random.default_rng(8).uniform(-1, 1, (2, 2, 2)) + 2 * np.eye(2), [2, 2, 1],
        attributes=[True, False, False])
    for a in [[3, 3], [1, 1], [2, 2, 2], [4, 4]]:
        add("inverse", a)
    for a in [[1, 1], [2, 2], [3, 3], [4, 4], [2, 2, 3, 3], [3, 2], [5, 2]]:
        add("cholesky", a)
    for a in [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [7, 7], [2, 3, 3], [2, 4, 4]]:
        add("det", a)
        add("logabsdet", a)
    for n in range(1, 6):
        rng = np.random.default_rng([SEED, 2, n])
        for rank in sorted({0, 1, n - 2, n - 1} & set(range(n)), reverse=True):
            if n == 5 and rank == 0:
                continue
            # Small integers: the pivots are 0 exactly, or not, as rounding will have it.
            a = rng.integers(-1, 2, (n, rank)) @ rng.integers(-1, 3, (rank, n)) * 1.0
            add("det, singular", a, note=f", rank {rank}")
    rows = np.arange(1.0, 10).reshape(3, 3)
    add("det, singular", rows, note=", 1 to 9")
    add("det, singular", np.array([[1.0, 2], [2, 4]]), note=", 1 2 2 4")
    mixed = np.stack([np.diag([1.0, 2, 3, 0]), np.diag([0.0, 0, 1, 2]), np.ones((4, 4)), np.eye(4)])
    add("det, singular", mixed, note=", singular and not")

    wide = "JAX has no derivative of wide ones"
    for a in [[3, 3], [4, 2], [5, 3], [1, 1], [3, 1], [2, 4, 3]]:
        add("qr", a)
    for a in [[2, 4], [1, 3], [2, 2, 3]]:
        add("qr", a, alone=wide)
    for a in [[1, 1], [2, 2], [3, 3], [4, 4], [2, 3, 3]]:
        for operation in ("eigvalsh", "eigh", "eigh, function"):
            add(operation, a)
    for a in [[1, 1], [2, 2], [3, 3], [4, 2], [2, 4], [3, 1], [1, 3], [2, 3, 2]]:
        for operation in ("svdvals", "svd", "svd, function", "svd, polar"):
            add(operation, a)
    for n in (-2, -1, 1, 2, 3, 5):
        add("matrixPower", [3, 3], attributes=[n])
    add("matrixPower", [2, 2, 2], attributes=[3])
    for a in [[1, 1], [2, 2], [3, 3], [2, 2, 2]]:
        add("matrixExp", a)
    add("matrixExp", np.triu(np.ones((3, 3)), 1), note=", nilpotent")
    add("matrixExp", np.zeros((2, 2)), note=", zero")
    add("matrixExp", np.array([[0.0, 7], [-7, 0]]), note=", a turn")
    for a in [[3, 3], [4, 2], [2, 4], [2, 3, 2]]:
        add("pinv", a)
    for a, b in [([4, 2], [4, 2]), ([2, 4], [2, 1]), ([3, 3], [3, 2])]:
        add("lstsq", a, b)
    add("lstsq", [2, 4, 2], [2, 4, 1], alone="JAX takes one matrix")
    return cases


def torch_derivatives(case):
    f = lambda *x: FUNCTIONS[case["operation"]](Torch(), x, *case["attributes"])
    inputs = [torch.tensor(x, requires_grad=True) for x in case["inputs"]]
    tangents = [torch.tensor(x) for x in case["tangents"]]
    cotangent = torch.tensor(case["cotangent"], requires_grad=True)
    value = f(*inputs)
    zeros = [torch.zeros_like(x) for x in inputs]
    if not value.requires_grad:
        return value, zeros, torch.zeros_like(value), zeros
    vjp = torch.autograd.grad(value, inputs, cotangent, create_graph=True, materialize_grads=True)
    along = sum((g * t).sum() for g, t in zip(vjp, tangents))
    hvp = torch.autograd.grad(along, inputs, retain_graph=True, materialize_grads=True)
    jvp = torch.autograd.grad(along, cotangent, materialize_grads=True)[0]
    return value, list(vjp), jvp, list(hvp)


def jax_derivatives(case):
    f = lambda *x: FUNCTIONS[case["operation"]](Jax(), x, *case["attributes"])
    inputs = [jnp.asarray(x) for x in case["inputs"]]
    tangents = [jnp.asarray(x) for x in case["tangents"]]
    cotangent = jnp.asarray(case["cotangent"])
    cotangents = lambda *x: jax.vjp(f, *x)[1](cotangent)
    value, jvp = jax.jvp(f, inputs, tangents)
    vjp, hvp = jax.jvp(cotangents, inputs, tangents)
    return value, list(vjp), jvp, list(hvp)


def main():
    lines = []
    for number, (name, operation, attributes, inputs, alone) in enumerate(fixed_cases()):
        rng = np.random.default_rng([SEED, 1, number])
        inputs = [x if isinstance(x, np.ndarray) else rng.uniform(-1.5, 1.5, x) for x in inputs]
        case = {"name": name, "operation": operation, "attributes": attributes, "inputs": inputs}
        value = FUNCTIONS[operation](Torch(), [torch.tensor(x) for x in inputs], *attributes)
        case["cotangent"] = rng.uniform(0.5, 1.5, tuple(value.shape)) * rng.choice(
            [-1, 1], tuple(value.shape))
        case["tangents"] = [rng.normal(size=x.shape) for x in inputs]
        derived = arrays(torch_derivatives(case))
        if alone is None:
            disagreement = largest_disagreement(derived, arrays(jax_derivatives(case)))
            assert disagreement <= AGREEMENT, f"{name}: the libraries differ by {disagreement}"
        else:
            case["torchOnly"] = alone
        value, vjp, jvp, hvp = derived
        case |= {"cotangent": written(case["cotangent"]), "value": written(value), "jvp": written(jvp)}
        for key, list in (("inputs", inputs), ("tangents", case["tangents"]), ("vjp", vjp), ("hvp", hvp)):
            case[key] = [written(x) for x in list]
        case["attributes"] = [json.dumps(a) for a in attributes]
        lines.append(json.dumps(case))
    header = {
        "generator": "Tests/Golden/calculus_linear.py",
        "torch": torch.__version__, "jax": jax.__version__, "numpy": np.__version__,
        "seed": SEED, "cases": len(lines),
    }
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    body = ",\n".join(lines)
    (folder / "calculus_linear.json").write_text(
        f'{{"header": {json.dumps(header)},\n"cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
