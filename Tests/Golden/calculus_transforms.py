"""Writes calculus_transforms.json: what transformations of functions give, for
GoldenTransformTests.

A case is a function and a transformation (derivatives of orders 1 to 5, Jacobians by either mode,
Hessians, products, maps over examples of them, functions with a derivative of their own), its
inputs, and the results in float64: PyTorch's (torch.func, torch.autograd.Function), which JAX's
(with x64) must equal to 1e-11 of their largest element.

Run: python3 Tests/Golden/calculus_transforms.py [OUTPUT_DIRECTORY]   (torch 2.13.0, jax 0.10.2,
numpy 2.4.6)
"""

import json
import pathlib
import sys

import jax
import jax.numpy as jnp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
SEED = 20300
AGREEMENT = 1e-11
F = torch.func


def of_orders(library, function, order):
    """The sum of the function, differentiated so many times, each time summed again."""
    grad = F.grad if library is torch else jax.grad
    result = function
    for _ in range(order):
        previous = result
        result = grad(lambda x, f=previous: f(x).sum())
    return result


# Functions, of the library and arrays: what GoldenTransformTests writes in Swift, by the same name.

def composite(lib, x):
    return lib.exp(lib.sin(x)) * x / (1 + x * x)


def root(lib, x):
    return lib.sqrt(1 + x * x) * lib.log1p(x * x)


def quotient(lib, x):
    return lib.tanh(x) / (2 + lib.cos(x))


def power(lib, x):
    return (1.5 + lib.sin(x)) ** x


def layer(lib, w, b, x):
    return lib.tanh(x @ w + b)


def network(lib, w, v, x):
    return lib.tanh(x @ w) @ v


def loss(lib, w, v, x, y):
    return ((network(lib, w, v, x) - y) ** 2).sum()


def attention(lib, q, k, v):
    scores = q @ k.T / 2.0
    weights = lib.exp(scores - lib.logsumexp(scores, 1, True))
    return weights @ v


def polynomial(lib, a, b):
    return (a * b * b + a ** 3 * b).sum() * a[0] - (b ** 4).sum()


class Jax:
    """JAX with PyTorch's argument order where a function takes an axis."""

    def __getattr__(self, name):
        return getattr(jnp, name)

    def logsumexp(self, x, axis, keep):
        return jax.nn.logsumexp(x, axis=axis, keepdims=keep)


JAX = Jax()


class TorchSoftplus(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return torch.log(1 + torch.exp(x))

    @staticmethod
    def backward(context, g):
        x, = context.saved_tensors
        return g * (1 - 1 / (1 + torch.exp(x)))


class TorchScaled(torch.autograd.Function):
    """x³, with a derivative that is none: g sin(x) x."""

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(context, g):
        x, = context.saved_tensors
        return g * torch.sin(x) * x


@jax.custom_vjp
def jax_softplus(x):
    return jnp.log(1 + jnp.exp(x))


jax_softplus.defvjp(
    lambda x: (jax_softplus(x), x), lambda x, g: (g * (1 - 1 / (1 + jnp.exp(x))),))


@jax.custom_vjp
def jax_scaled(x):
    return x ** 3


jax_scaled.defvjp(lambda x: (x ** 3, x), lambda x, g: (g * jnp.sin(x) * x,))


def cases(random):
    """Name, inputs, what PyTorch makes of them, what JAX makes of them: lists of results."""

    def draw(*shape):
        return random.standard_normal(shape)

    x = draw(4)
    for function in (composite, root, quotient, power):
        for order in range(1, 6):
            yield (f"{function.__name__}, order {order}", [x],
                   lambda x, f=function, n=order: [of_orders(torch, lambda x: f(torch, x), n)(x)],
                   lambda x, f=function, n=order: [of_orders(jnp, lambda x: f(JAX, x), n)(x)])
    for order in range(1, 4):
        yield (f"softplus of one's own, order {order}", [x],
               lambda x, n=order: [torch_orders(TorchSoftplus.apply, x, n)],
               lambda x, n=order: [of_orders(jnp, jax_softplus, n)(x)])
        yield (f"a rule that is no derivative, order {order}", [x],
               lambda x, n=order: [torch_orders(TorchScaled.apply, x, n)],
               lambda x, n=order: [of_orders(jnp, jax_scaled, n)(x)])

    w, b, one = draw(3, 2), draw(2), draw(3)
    for name, torch_mode, jax_mode in (
            ("rows", F.jacrev, jax.jacrev), ("columns", F.jacfwd, jax.jacfwd)):
        yield (f"jacobian of a layer, {name}", [w, b, one],
               lambda *p, m=torch_mode: m(lambda *q: layer(torch, *q), (0, 1, 2))(*p),
               lambda *p, m=jax_mode: m(lambda *q: layer(JAX, *q), (0, 1, 2))(*p))
    tall = draw(2)
    yield ("jacobian with more rows than columns", [tall],
           lambda x: [F.jacrev(lambda x: torch.outer(torch.sin(x), torch.exp(x)))(x)],
           lambda x: [jax.jacrev(lambda x: jnp.outer(jnp.sin(x), jnp.exp(x)))(x)])

    a, c = draw(3), draw(3)
    yield ("hessian of a polynomial", [a, c],
           lambda *p: flat(F.hessian(lambda *q: polynomial(torch, *q), (0, 1))(*p)),
           lambda *p: flat(jax.hessian(lambda *q: polynomial(JAX, *q), (0, 1))(*p)))
    u, v = draw(3), draw(3)
    yield ("hessian times a vector", [a, c, u, v],
           lambda a, c, u, v: F.jvp(
               F.grad(lambda *q: polynomial(torch, *q), (0, 1)), (a, c), (u, v))[1],
           lambda a, c, u, v: jax.jvp(
               jax.grad(lambda *q: polynomial(JAX, *q), (0, 1)), (a, c), (u, v))[1])
    q, k, z = draw(3, 4), draw(5, 4), draw(5, 2)
    tangents = [draw(*each.shape) for each in (q, k, z)]
    yield ("attention, forward product", [q, k, z, *tangents],
           lambda *p: list(F.jvp(lambda *r: attention(torch, *r), p[:3], p[3:])),
           lambda *p: list(jax.jvp(lambda *r: attention(JAX, *r), p[:3], p[3:])))
    yield ("attention, transposed product", [q, k, z, draw(3, 2)],
           lambda *p: F.vjp(lambda *r: attention(torch, *r), *p[:3])[1](p[3]),
           lambda *p: jax.vjp(lambda *r: attention(JAX, *r), *p[:3])[1](p[3]))

    w, v, xs, ys = draw(3, 4), draw(4, 2), draw(5, 3), draw(5, 2)
    shared = (None, None, 0, 0)
    yield ("gradients example by example", [w, v, xs, ys],
           lambda *p: F.vmap(F.grad(lambda *q: loss(torch, *q), (0, 1)), shared)(*p),
           lambda *p: jax.vmap(jax.grad(lambda *q: loss(JAX, *q), (0, 1)), shared)(*p))
    yield ("hessians example by example", [w, v, xs, ys],
           lambda *p: [F.vmap(F.hessian(lambda *q: loss(torch, *q), 2), shared)(*p)],
           lambda *p: [jax.vmap(jax.hessian(lambda *q: loss(JAX, *q), 2), shared)(*p)])
    yield ("forward products example by example", [w, v, xs, draw(5, 3)],
           lambda w, v, x, t: [F.vmap(lambda x, t: F.jvp(
               lambda x: network(torch, w, v, x), (x,), (t,))[1])(x, t)],
           lambda w, v, x, t: [jax.vmap(lambda x, t: jax.jvp(
               lambda x: network(JAX, w, v, x), (x,), (t,))[1])(x, t)])
    yield ("the gradient of gradient norms", [w, v, xs, ys],
           lambda w, v, x, y: [F.grad(lambda w: (F.vmap(
               F.grad(lambda w, x, y: loss(torch, w, v, x, y)), (None, 0, 0))(w, x, y) ** 2)
               .sum())(w)],
           lambda w, v, x, y: [jax.grad(lambda w: (jax.vmap(
               jax.grad(lambda w, x, y: loss(JAX, w, v, x, y)), (None, 0, 0))(w, x, y) ** 2)
               .sum())(w)])
    pairs = draw(3, 4), draw(2, 4)
    yield ("all pairs by a map in a map", list(pairs),
           lambda x, y: [F.vmap(lambda a: F.vmap(lambda b: torch.exp(-((a - b) ** 2).sum()))(y))(x)],
           lambda x, y: [jax.vmap(lambda a: jax.vmap(lambda b: jnp.exp(-((a - b) ** 2).sum()))(y))(
               x)])
    third = draw(3, 5)
    yield ("axes of arguments and results", [third, draw(5, 2)],
           lambda x, y: [F.vmap(lambda a, b: torch.outer(a, b), (1, 0), 2)(x, y)],
           lambda x, y: [jax.vmap(lambda a, b: jnp.outer(a, b), (1, 0), 2)(x, y)])
    rows, places = draw(4, 3, 2), np.array([[2.0, 0], [1, 1], [0, 2], [2, 2]])
    yield ("rows taken and their derivative", [rows, places],
           lambda x, i: gathers(torch, F.vmap, F.grad, x, i.long()),
           lambda x, i: gathers(jnp, jax.vmap, jax.grad, x, i.astype(int)))


def gathers(lib, vmap, grad, x, places):
    """Rows of every example at places of its own, at shared ones, and derivatives."""
    fixed = places[0]
    square = lambda rows: (rows ** 3).sum()
    return [vmap(lambda x, i: x[i])(x, places), vmap(lambda i: x[0][i])(places),
            vmap(lambda x: x[fixed])(x), vmap(grad(lambda x, i: square(x[i])))(x, places),
            vmap(grad(lambda x: square(x[fixed])))(x)]


def torch_orders(function, x, order):
    """torch.autograd.Function differentiated by the tape."""
    x = x.clone().requires_grad_()
    y = function(x)
    for _ in range(order):
        y, = torch.autograd.grad(y.sum(), x, create_graph=True)
    return y


def flat(nested):
    return [each for row in nested for each in row]


def array(x):
    x = np.asarray(x, dtype=np.float64)
    return {"shape": list(x.shape), "data": [float(v) for v in x.ravel()]}


def solve(name, inputs, by_torch, by_jax):
    ours = [t.detach().numpy() for t in by_torch(*[torch.tensor(x) for x in inputs])]
    theirs = [np.asarray(x) for x in by_jax(*[jnp.asarray(x) for x in inputs])]
    assert len(ours) == len(theirs), name
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape, (name, a.shape, b.shape)
        off = np.abs(a - b).max() / max(np.abs(a).max(), 1e-300)
        assert off < AGREEMENT, (name, off)
    return {"name": name, "inputs": [array(x) for x in inputs], "results": [array(x) for x in ours]}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    solved = [solve(*case) for case in cases(np.random.default_rng(SEED))]
    header = {
        "generator": "Tests/Golden/calculus_transforms.py", "torch": torch.__version__,
        "jax": jax.__version__, "numpy": np.__version__, "seed": SEED, "cases": len(solved)}
    lines = ",\n".join(json.dumps(case, allow_nan=False) for case in solved)
    text = f'{{"header": {json.dumps(header)},\n"cases": [\n{lines}\n]}}\n'
    (folder / "calculus_transforms.json").write_text(text)


if __name__ == "__main__":
    main()
