"""What generators of golden derivatives share: a case is solved with PyTorch in float64 and, where
there is a function for it, with JAX, which must agree.

Of a function and its inputs: the value, for a random cotangent u of the value the cotangents of the
inputs (vjp), for random tangents the tangent of the value (jvp), and the derivatives of
`sum(vjp * tangents)` by the inputs (hvp). What is NaN or infinite is written as a string.
"""

import json
import math
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

# Of the largest finite element of an array.
AGREEMENT = 1e-11


def number(v):
    v = float(v)
    return v if math.isfinite(v) else "NaN" if v != v else "Infinity" if v > 0 else "-Infinity"


def array(x):
    x = np.asarray(x, dtype=np.float64)
    return {"shape": list(x.shape), "data": [number(v) for v in x.ravel()]}


def agree(a, b, within=AGREEMENT):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or (np.isfinite(a) != np.isfinite(b)).any():
        return False
    finite = np.isfinite(a)
    scale = np.abs(a[finite]).max(initial=0)
    return np.allclose(a, b, rtol=within, atol=within * scale + 1e-15, equal_nan=True)


def with_torch(function, inputs, tangents, cotangent):
    xs = [torch.tensor(x, requires_grad=True) for x in inputs]
    value = function(*xs)
    vjp = hvp = [torch.zeros_like(x) for x in xs]
    u = torch.tensor(cotangent(tuple(value.shape)))
    jvp = torch.zeros_like(value)
    if value.requires_grad:
        # Linear in a cotangent, whose derivative is the tangent: as exact, and of every operation.
        v = torch.zeros_like(value, requires_grad=True)
        pulled = torch.autograd.grad(value, xs, v, create_graph=True, materialize_grads=True)
        along = sum((p * torch.tensor(t)).sum() for p, t in zip(pulled, tangents))
        if along.requires_grad:
            (jvp,) = torch.autograd.grad(
                along, [v], retain_graph=True, materialize_grads=True)
        vjp = torch.autograd.grad(value, xs, u, create_graph=True, materialize_grads=True)
        along = sum((p * torch.tensor(t)).sum() for p, t in zip(vjp, tangents))
        if along.requires_grad:
            hvp = torch.autograd.grad(along, xs, materialize_grads=True)
    return [value, jvp, *vjp, *hvp], u


def with_jax(function, inputs, tangents, u):
    xs = [jnp.asarray(x) for x in inputs]
    ts = [jnp.asarray(t) for t in tangents]

    def pullback(*xs):
        return jax.vjp(function, *xs)[1](u)

    def along(*xs):
        return sum((p * t).sum() for p, t in zip(pullback(*xs), ts))

    value, jvp = jax.jvp(function, tuple(xs), tuple(ts))
    return [value, jvp, *pullback(*xs), *jax.grad(along, tuple(range(len(xs))))(*xs)]


class Suite:
    """The cases of one file."""

    def __init__(self, name, seed, operations, jax_operations):
        self.name = name
        self.random = np.random.default_rng(seed)
        self.seed = seed
        self.operations = operations
        self.jax_operations = jax_operations
        self.cases = []
        self.disagree = False

    def normal(self, *shape):
        # Short numbers make short files.
        return np.round(self.random.standard_normal(shape), 4)

    def add(self, name, operation, inputs, settings=None, torch_only=False, smooth=False,
            coarse=None, order=2):
        """A case.

        torch_only: the libraries follow different conventions here, and PyTorch's are expected.
        smooth: differences of the function may be taken here.
        coarse: where PyTorch has fewer digits: within this JAX must agree, and is expected.
        order: 1 where the second derivative is none, or anybody's guess: no hvp is expected; 0
            where the first is.
        """
        settings = settings or {}
        inputs = [np.asarray(x, dtype=np.float64) for x in inputs]
        tangents = [self.normal(*x.shape) for x in inputs]
        own = self.operations[operation]
        solved, u = with_torch(
            lambda *xs: own(settings, *xs), inputs, tangents, lambda shape: self.normal(*shape))
        solved = [x.detach().numpy(force=True) for x in solved]
        other = self.jax_operations.get(operation)
        checked = other is not None and not torch_only
        if checked:
            try:
                found = with_jax(
                    lambda *xs: other(settings, *xs), inputs, tangents, jnp.asarray(u.numpy()))
            except NotImplementedError:
                checked = False
            else:
                for i, (a, b) in enumerate(zip(solved, found)):
                    if i > (0, 1 + len(inputs), 99)[order]:
                        break
                    if not agree(a, b, coarse or AGREEMENT):
                        self.disagree = True
                        print(f"{name}, {i}: torch {a.ravel()}, jax {np.ravel(b)}",
                              file=sys.stderr)
                if coarse:
                    solved = found
        n = len(inputs)
        case = {
            "name": name, "operation": operation, "settings": settings, "jax": checked,
            "smooth": smooth, "inputs": [array(x) for x in inputs], "cotangent": array(u),
            "tangents": [array(t) for t in tangents], "value": array(solved[0]),
            "jvp": array(solved[1]) if order > 0 else None,
            "vjp": [array(x) for x in solved[2:2 + n]] if order > 0 else [],
            "hvp": [array(x) for x in solved[2 + n:]] if order == 2 else [],
        }
        self.cases.append(case)

    def write(self):
        if self.disagree:
            sys.exit("PyTorch and JAX differ: choose other points, or say torch_only")
        folder = pathlib.Path(
            sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
        header = {
            "generator": f"Tests/Golden/{self.name}.py", "torch": torch.__version__,
            "jax": jax.__version__, "numpy": np.__version__, "seed": self.seed,
            "cases": len(self.cases), "jaxChecked": sum(case["jax"] for case in self.cases)}
        lines = ",\n".join(json.dumps(case, allow_nan=False) for case in self.cases)
        text = f'{{"header": {json.dumps(header)},\n"cases": [\n{lines}\n]}}\n'
        (folder / f"{self.name}.json").write_text(text)
