"""Writes calculus_linear.json: values and derivatives of linear algebra, for GoldenDerivativeTests.

A case names an operation, its settings, its inputs, a cotangent of the result and a tangent of each
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

import numpy as np
import torch

from calculus.cases import Suite
from calculus.matrices import FUNCTIONS, Jax, Torch

SEED = 20264
AGREEMENT = 1e-10


def fixed_cases():
    """(name, operation, settings, shapes or arrays of inputs, why PyTorch alone)"""
    cases = []

    def add(operation, *inputs, note="", alone=None, **settings):
        shapes = " and ".join(str(list(getattr(x, "shape", x))) for x in inputs)
        name = f"{operation}{''.join(f' {a}' for a in settings.values())} of {shapes}{note}"
        cases.append((name, operation, settings, inputs, alone))

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
    add("cross", [3], [3], axis=-1)
    add("cross", [2, 3], [2, 3], axis=-1)
    add("cross", [3, 2], [3, 2], axis=0)
    add("cross", [2, 1, 3], [4, 3], axis=-1)
    for a, b, axes in [([2, 3, 4], [3, 4, 2], 2), ([2, 3], [3, 2], 1), ([2, 2], [3], 0),
                       ([2, 3, 4], [4, 2, 3], [[0, 2], [1, 0]]), ([3, 2], [2, 3], [[1, 0], [0, 1]])]:
        add("tensordot", a, b, axes=axes)

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
        add("einsum", *shapes, equation=equation)

    for a, b in [([3, 3], [3, 2]), ([3, 3], [3]), ([1, 1], [1, 2]), ([2, 3, 3], [2, 3, 1]),
                 ([2, 1, 2, 2], [3, 2, 2]), ([2, 2], [3, 2, 1]), ([5, 5], [5, 1])]:
        add("solve", a, b)
    add("solve vector", [2, 3, 3], [2, 3], note=", vectors")
    hilbert = 1 / (np.arange(4)[:, None] + np.arange(4) + 1.0)
    add("solve", hilbert, [4, 1], note=", Hilbert's")
    add("solve", np.array([[0.0, 1.0], [1.0, 0.0]]), [2, 2], note=", exchanged")
    for how in itertools.product([False, True], repeat=3):
        a = np.random.default_rng(7).uniform(-1, 1, (3, 3)) + 2 * np.eye(3)
        add("triangularSolve", a, [3, 2], **dict(zip(("upper", "transposed", "unit"), how)))
    add("triangularSolve", np.random.default_rng(8).uniform(-1, 1, (2, 2, 2)) + 2 * np.eye(2), [2, 2, 1],
        upper=True, transposed=False, unit=False)
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
        add("matrixPower", [3, 3], exponent=n)
    add("matrixPower", [2, 2, 2], exponent=3)
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


def main():
    def operations(library):
        return {
            name: lambda s, *x, f=f: f(library, x, *s.values()) for name, f in FUNCTIONS.items()}

    suite = Suite(
        "calculus_linear", SEED, operations(Torch()), operations(Jax()), within=AGREEMENT)
    for number, (name, operation, settings, inputs, alone) in enumerate(fixed_cases()):
        rng = np.random.default_rng([SEED, 1, number])
        inputs = [x if isinstance(x, np.ndarray) else rng.uniform(-1.5, 1.5, x) for x in inputs]
        points = [torch.tensor(x) for x in inputs]
        shape = tuple(suite.operations[operation](settings, *points).shape)
        cotangent = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
        tangents = [rng.normal(size=x.shape) for x in inputs]
        suite.add(
            name, operation, inputs, settings, torch_only=alone is not None, tangents=tangents,
            cotangent=cotangent)
    suite.write()


if __name__ == "__main__":
    main()
