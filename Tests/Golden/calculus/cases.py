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

# So many elements are moved one by one, as our tests do.
FEW = 12


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


def with_torch(function, inputs, tangents, cotangent, forward=False):
    xs = [torch.tensor(x, requires_grad=True) for x in inputs]
    value = function(*xs)
    vjp = hvp = [torch.zeros_like(x) for x in xs]
    u = torch.tensor(cotangent(tuple(value.shape)), requires_grad=True)
    jvp = torch.zeros_like(value)
    if value.requires_grad:
        # Linear in the cotangent, whose derivative is the tangent: as exact, and of every operation.
        vjp = torch.autograd.grad(value, xs, u, create_graph=True, materialize_grads=True)
        along = sum((p * torch.tensor(t)).sum() for p, t in zip(vjp, tangents))
        if along.requires_grad:
            jvp, *hvp = torch.autograd.grad(along, [u, *xs], materialize_grads=True)
        if forward:
            _, jvp = torch.func.jvp(
                function, tuple(x.detach() for x in xs), tuple(torch.tensor(t) for t in tangents))
    return [value, jvp, *vjp, *hvp], u.detach()


def with_jax(function, inputs, tangents, u):
    xs = [jnp.asarray(x) for x in inputs]
    ts = [jnp.asarray(t) for t in tangents]

    def pullback(*xs):
        return jax.vjp(function, *xs)[1](u)

    def along(*xs):
        return sum((p * t).sum() for p, t in zip(pullback(*xs), ts))

    value, jvp = jax.jvp(function, tuple(xs), tuple(ts))
    return [value, jvp, *pullback(*xs), *jax.grad(along, tuple(range(len(xs))))(*xs)]


def has_differences(function, inputs, tangents, u):
    """Whether central differences of first and second order are what PyTorch derives, along the
    tangents and, where elements are few, by each of them: of a wide sine, which bends what is
    linear.
    """
    inputs = [torch.tensor(x) for x in inputs]
    center = function(*inputs).numpy(force=True)
    if not np.isfinite(center).all():
        return False
    width = np.abs(center).max(initial=1)

    def value_and_slopes(direction, step):
        xs = [(x + step * t).requires_grad_() for x, t in zip(inputs, direction)]
        value = width * (torch.sin(function(*xs) / width) * u).sum()
        if not value.requires_grad:
            return xs, value, [torch.zeros_like(x) for x in xs]
        return xs, value, torch.autograd.grad(value, xs, create_graph=True, materialize_grads=True)

    def near(difference, derived, size):
        largest = derived.detach().abs().max().item() if derived.numel() else 0.0
        far = (difference - derived).detach().abs()
        # What is not a number is not near.
        return bool((far <= 1e-6 * largest + 1e-8 * max(1.0, size)).all())

    def is_near(direction):
        xs, value, slopes = value_and_slopes(direction, 0.0)
        along = sum((p * t).sum() for p, t in zip(slopes, direction))
        curvature = [torch.zeros_like(x) for x in xs]
        if along.requires_grad:
            curvature = torch.autograd.grad(along, xs, materialize_grads=True)
        reach = max(((x * (t != 0)).abs().max().item() for x, t in zip(inputs, direction)
                     if x.numel()), default=0.0)
        h = 6e-6 * max(1.0, reach)
        try:
            _, high, up = value_and_slopes(direction, h)
            _, low, down = value_and_slopes(direction, -h)
        except ValueError:  # outside of where the function is defined
            return False
        size = max((p.detach().abs().max().item() for p in slopes if p.numel()), default=0.0)
        return near((high - low) / (2 * h), along, abs(value.item())) and all(
            near((a - b) / (2 * h), c, size) for a, b, c in zip(up, down, curvature))

    directions = [[torch.tensor(t) for t in tangents]]
    count = sum(x.numel() for x in inputs)
    if count <= FEW:
        for unit in torch.eye(count).split(1):
            parts = unit.flatten().split([x.numel() for x in inputs])
            directions.append([part.reshape(x.shape) for part, x in zip(parts, inputs)])
    return all(is_near(direction) for direction in directions)


class Suite:
    """The cases of one file.

    operations: PyTorch's by name, of settings and inputs; jax_operations: JAX's, where it has them.
    within: how nearly the two agree. digits: of the numbers drawn; short ones make short files.
    """

    def __init__(self, name, seed, operations, jax_operations, within=AGREEMENT, digits=4):
        self.name = name
        self.random = np.random.default_rng(seed)
        self.seed = seed
        self.operations = operations
        self.jax_operations = jax_operations
        self.within = within
        self.digits = digits
        self.cases = []
        self.disagree = False

    def normal(self, *shape):
        drawn = self.random.standard_normal(shape)
        return drawn if self.digits is None else np.round(drawn, self.digits)

    def solve(self, name, operation, inputs, settings=None, torch_only=False, smooth=False,
              coarse=None, order=2, tangents=None, cotangent=None, called=None, forward=False):
        """A case, and what the libraries disagree in.

        torch_only: the libraries follow different conventions here, or JAX lacks it, and PyTorch's
            are expected.
        smooth: differences have to agree, which are taken wherever they do.
        coarse: where PyTorch has fewer digits: within this JAX must agree, and is expected.
        order: 1 where the second derivative is none, or anybody's guess: no hvp is expected; 0
            where the first is.
        tangents, cotangent: drawn unless given.
        called: what the file calls the operation, if not the same.
        forward: the tangent is by forward mode, where the pullback has no derivative.
        """
        settings = settings or {}
        inputs = [np.asarray(x, dtype=np.float64) for x in inputs]
        if tangents is None:
            tangents = [self.normal(*x.shape) for x in inputs]
        own = self.operations[operation]

        def function(*xs):
            return own(settings, *xs)

        solved, u = with_torch(
            function, inputs, tangents,
            lambda shape: self.normal(*shape) if cotangent is None else cotangent, forward)
        solved = [x.detach().resolve_neg().numpy(force=True) for x in solved]
        other = self.jax_operations.get(operation)
        checked = other is not None and not torch_only
        differ = []
        if checked:
            try:
                found = with_jax(
                    lambda *xs: other(settings, *xs), inputs, tangents, jnp.asarray(u.numpy()))
            except NotImplementedError:
                checked = False
            else:
                for i, (a, b) in enumerate(zip(solved, found)):
                    if i > (0, 1 + len(inputs), len(solved))[order]:
                        break
                    if not agree(a, b, coarse or self.within):
                        differ.append(f"{name}, {i}: torch {a.ravel()}, jax {np.ravel(b)}")
                if coarse:
                    solved = found
        is_smooth = order == 2 and has_differences(function, inputs, tangents, u)
        if smooth and not is_smooth:
            differ.append(f"{name}: differences are others")
        n = len(inputs)
        return {
            "name": name, "operation": called or operation, "settings": settings, "jax": checked,
            "smooth": is_smooth, "inputs": [array(x) for x in inputs], "cotangent": array(u),
            "tangents": [array(t) for t in tangents], "value": array(solved[0]),
            "jvp": array(solved[1]) if order > 0 else None,
            "vjp": [array(x) for x in solved[2:2 + n]] if order > 0 else [],
            "hvp": [array(x) for x in solved[2 + n:]] if order == 2 else [],
        }, differ

    def add(self, *arguments, **more):
        """Adds the case that `solve` gives for the same arguments."""
        case, differ = self.solve(*arguments, **more)
        self.cases.append(case)
        if differ:
            self.disagree = True
            print(*differ, sep="\n", file=sys.stderr)

    def write(self, more=None, **lists):
        """Writes the file: the cases, what else its header says, and other lists."""
        if self.disagree:
            sys.exit("PyTorch and JAX differ: choose other points, or say torch_only")
        folder = pathlib.Path(
            sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
        header = {
            "generator": f"Tests/Golden/{self.name}.py", "torch": torch.__version__,
            "jax": jax.__version__, "numpy": np.__version__, "seed": self.seed,
            "cases": len(self.cases), "jaxChecked": sum(case["jax"] for case in self.cases),
            **(more or {})}
        text = f'{{"header": {json.dumps(header)}'
        for key, list_ in {"cases": self.cases, **lists}.items():
            lines = ",\n".join(json.dumps(each, allow_nan=False) for each in list_)
            text += f',\n"{key}": [\n{lines}\n]'
        (folder / f"{self.name}.json").write_text(text + "}\n")
