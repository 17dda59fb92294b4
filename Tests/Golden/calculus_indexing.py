"""Writes calculus_indexing.json: reductions, cumulations, order, indexing and shape.

A case of `cases` names an operation and its settings, its inputs, a cotangent of the result
and a tangent of each input; and what PyTorch makes of them in float64: the value, the cotangents of
the inputs (vjp), the tangent of the result (jvp) and the product of the Hessian of `sum(result *
cotangent)` with the tangents (hvp). Each is computed with JAX in float64 too where that has the
operation and the same conventions at ties and kinks; all must agree to 1e-11 of the largest.

A case of `values` has inputs of any type and what PyTorch or NumPy makes of them, NaN and
infinities included.

Run: python3 Tests/Golden/calculus_indexing.py [OUTPUT_DIRECTORY]
"""

import collections
import math
import warnings

import numpy as np

from calculus.cases import AGREEMENT
from calculus.indexing import suite
from calculus.indexing_cases import (
    beyond, cumulations, indexing, lookups, order, reductions, shapes)
from calculus.indexing_values import VALUES, values

warnings.filterwarnings("ignore", message="std\\(\\)")  # the one of one element is asked for


def typed(x):
    x = np.asarray(x)
    data = [float(v) for v in x.ravel()]
    named = [v if math.isfinite(v) else str(v) for v in data]
    return {"dtype": str(x.dtype), "shape": list(x.shape), "data": named}


def numbered(cases, what, taken=()):
    """Names that say the operation, and which of its cases it is, behind those that are taken."""
    counts = collections.Counter(taken)
    for operation, settings, inputs in cases:
        counts[operation] = counts.get(operation, 0) + 1
        yield f"{operation} {counts[operation]}{what}", operation, settings, inputs


def solve(families, taken=()):
    cases = numbered((case for family in families for case in family()), "", taken)
    for name, operation, settings, inputs in cases:
        far_apart = operation == "logcumsumexp, far apart"
        suite.add(
            name, operation, inputs, settings, coarse=AGREEMENT if far_apart else None,
            called=operation.split(",")[0], forward=operation == "std, flat")


def main():
    solve([reductions, cumulations, order, indexing, shapes])
    plain = []
    for name, operation, settings, inputs in numbered(values(), ", values"):
        outputs = VALUES[operation](settings, *inputs)
        outputs = outputs if isinstance(outputs, list) else [outputs]
        plain.append({
            "name": name, "operation": operation, "settings": settings,
            "inputs": [typed(x) for x in inputs], "outputs": [typed(x) for x in outputs]})
    # Later than the rest, which keep their numbers.
    solve([lookups, beyond], [case["operation"] for case in suite.cases])
    suite.write({"values": len(plain)}, values=plain)


if __name__ == "__main__":
    main()
