"""A chain of operations on one number, float64, and its derivatives: what a tape costs.

"arith" cycles x *= a, x += b; "mix" cycles x *= a, x += b, x = sin x, x = tanh x. The derivatives
are of the last x with respect to a and b.
"""

import math

import libraries
from protocol import Work, close, peer, serve

FACTOR = {"mix": 1.1, "arith": 0.999}
SUMMAND, START = 0.1, 0.5


def reference(kind, count):
    """The last x and both derivatives, forward (dual numbers) in plain Python."""
    a, b, x, da, db = FACTOR[kind], SUMMAND, START, 0.0, 0.0
    for _ in range(count // (4 if kind == "mix" else 2)):
        x, da, db = x * a, da * a + x, db * a
        x, db = x + b, db + 1
        if kind == "mix":
            slope = math.cos(x)
            x = math.sin(x)
            tanh = math.tanh(x)
            slope *= 1 - tanh * tanh
            x, da, db = tanh, da * slope, db * slope
    return x, da, db


def cases(count, differentiate):
    """`differentiate(kind)` gives the last x and both derivatives of a chain of `count`."""

    def case(kind):
        def check():
            for got, expected in zip(differentiate(kind), reference(kind, count)):
                close(kind, float(got), expected, 1e-9)

        return Work(lambda: differentiate(kind), count, check)

    return {"mix": lambda: case("mix"), "arith": lambda: case("arith")}


@peer("torch")
def torch_eager(threads):
    torch = libraries.torch(threads)
    count = 20_000

    def differentiate(kind):
        x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        a = torch.tensor(FACTOR[kind], dtype=torch.float64, requires_grad=True)
        b = torch.tensor(SUMMAND, dtype=torch.float64, requires_grad=True)
        if kind == "mix":
            for _ in range(count // 4):
                x = torch.tanh(torch.sin(x * a + b))
        else:
            for _ in range(count // 2):
                x = x * a + b
        x.backward()
        return x.item(), a.grad.item(), b.grad.item()

    return cases(count, differentiate)


@peer("jax")
def jax_scan(threads):
    jax = libraries.jax(double=True)
    jnp = jax.numpy
    count = 100_000

    def compiled(kind):
        def value(x, a, b):
            def body(x, _):
                x = x * a + b
                return (jnp.tanh(jnp.sin(x)) if kind == "mix" else x), None

            return jax.lax.scan(body, x, None, length=count // (4 if kind == "mix" else 2))[0]

        return jax.jit(jax.value_and_grad(value, argnums=(1, 2)))

    functions = {kind: compiled(kind) for kind in FACTOR}

    def differentiate(kind):
        value, (da, db) = functions[kind](
            jnp.float64(START), jnp.float64(FACTOR[kind]), jnp.float64(SUMMAND))
        return value.block_until_ready(), da, db

    return cases(count, differentiate)


serve()
