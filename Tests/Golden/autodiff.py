"""Writes autodiff.json: values and derivatives of expressions, for GoldenDerivativeTests.

A case is an expression in a small prefix language (`calculus/expressions.py`), its inputs, a cotangent
of the result and a tangent of each input; and what PyTorch makes of them in float64: the value, the
cotangents of the inputs (vjp), the tangent of the result (jvp) and the product of
the Hessian of `sum(result * cotangent)` with the tangents (hvp).

Every case is computed with JAX in float64 too; arrays must agree to 1e-12 of their largest element.
`torch_only` names the cases where the two follow different conventions. Random expressions on which
they differ (ties, or too badly conditioned to expect anything) are drawn again.

Run: python3 Tests/Golden/autodiff.py [OUTPUT_DIRECTORY]   (some minutes; torch 2.13.0, jax 0.10.2,
numpy 2.4.6)
"""

import jax
import numpy as np
import torch

from calculus.cases import Suite
from calculus.expression_cases import fixed_cases, operation
from calculus.expressions import JAX, TORCH
from calculus.random_expressions import Random, size

SEED = 20260
AGREEMENT = 1e-12
RANDOM_CASES = 150


def evaluated(library):
    """The function of every operation: what it is, the expression says."""
    names = {operation(name, expression) for name, expression, *_ in fixed_cases()} | {"random"}
    return dict.fromkeys(names, lambda s, *inputs: library.evaluate(s["expression"], inputs))


SUITE = Suite("autodiff", SEED, evaluated(TORCH), evaluated(JAX), within=AGREEMENT)


def solve(name, expression, inputs, rng, torch_only=None):
    """A case with cotangent and tangents, and what the libraries disagree in."""
    inputs = [np.asarray(x, dtype=np.float64) for x in inputs]
    shape = tuple(TORCH.evaluate(expression, [torch.tensor(x) for x in inputs]).shape)
    cotangent = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape)
    tangents = [rng.normal(size=x.shape) for x in inputs]
    return SUITE.solve(
        name, operation(name, expression), inputs, {"expression": expression}, torch_only=bool(torch_only),
        tangents=tangents, cotangent=cotangent)


def is_useful(case):
    """Whether a random case is not too large, and has something to derive."""
    values, *slopes = [case["value"]["data"], *(x["data"] for x in case["vjp"])]
    largest = [abs(v) for x in [values, *slopes, *(h["data"] for h in case["hvp"])] for v in x
               if not isinstance(v, str)]
    named = any(isinstance(v, str) for x in [values, *slopes] for v in x)
    return not named and max(largest) < 1e4 and any(any(x) for x in slopes)


def random_cases():
    accepted, drawn = [], 0
    while len(accepted) < RANDOM_CASES:
        rng = np.random.default_rng([SEED, drawn])
        drawn += 1
        source = Random(rng)
        shape = source.choice(Random.pool)
        expression = source.draw(shape, int(rng.integers(3, 7)))
        if not 6 <= size(expression) <= 120:
            continue
        inputs = [rng.uniform(-1.5, 1.5, s) for s in source.shapes]
        case, differ = solve(f"random {len(accepted)}", expression, inputs, rng)
        if not differ and is_useful(case):
            accepted.append(case)
        if drawn % 25 == 0:
            jax.clear_caches()
    return accepted, drawn


def main():
    for number, (name, expression, shapes, low, high, alone) in enumerate(fixed_cases()):
        rng = np.random.default_rng([SEED, 1, number])
        inputs = [s if isinstance(s, np.ndarray) else rng.uniform(low, high, s) for s in shapes]
        case, differ = solve(name, expression, inputs, rng, alone)
        assert not differ, differ
        SUITE.cases.append(case)
    fixed = len(SUITE.cases)
    drawn_cases, drawn = random_cases()
    SUITE.cases += drawn_cases
    SUITE.write({"fixed": fixed, "random": len(drawn_cases), "drawn": drawn})


if __name__ == "__main__":
    main()
