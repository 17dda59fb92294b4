"""Writes numpy_printing.json: repr and str of arrays, for ArrayFormatterTests.

Run: python3 Tests/Golden/numpy_printing.py [OUTPUT_DIRECTORY]
"""

import json
import math
import pathlib
import sys

import numpy as np

SEED = 20170115
FLOATS = [np.float64, np.float32]
INTEGERS = [np.int64, np.int32, np.uint8]
ALL = FLOATS + INTEGERS + [np.bool_]
nan, inf = np.nan, np.inf


def scalars():
    for dtype in ALL:
        yield np.array(0, dtype)
        yield np.array(1, dtype)
        yield np.array([], dtype)
        for shape in [(0, 3), (3, 0), (2, 0, 4), (0, 0), (1, 0)]:
            yield np.empty(shape, dtype)
    for dtype in FLOATS:
        for x in [-0.0, 0.1, 1 / 3, -2.5, 1e-4, 9.999e-5, 1e-5, 123456.0, 999999.0, 1e6, 1234567.0,
                  16777216.0, 99999999.0, 1e8, 1e15, 123456789012345680.0, 1e16, 1.5e300, 5e-324,
                  1e-45, 3.4028234663852886e38, nan, inf, -inf, 2**-149, 0.1 + 0.2, 5e-9, 1e22,
                  9007199254740993.0, 2**-1022, 1.7976931348623157e308]:
            with np.errstate(over="ignore"):
                yield np.array(x, dtype)
    for x in [2**63 - 1, -2**63, -1, 1000000]:
        yield np.array(x)


def small():
    lists = [
        [0.0], [-0.0], [0.0, -0.0], [1.0], [1.0, 2.0, 3.0], [1.5, -2.25, 1000.0], [0.1, 0.2, 0.3],
        [1 / 3, 2 / 3], [1e-4, 1.0], [1e-4, 0.1], [9.9e-5, 0.05], [1e-5], [1e8], [99999999.0],
        [99999999.5], [1e8, 1.0], [1e6], [999999.0], [999999.94], [123456.7, 200000.1],
        [1.0, 1000.0],
        [1.0, 1000.5], [1.0, 1001.0], [1000.0, 0.0], [1e300, 1e-300], [1e-300], [1e100, 1.0],
        [5e-324], [5e-324, 1.7976931348623157e308], [nan], [inf], [-inf], [nan, inf], [nan, -inf],
        [1.0, nan], [1.0, inf], [1.0, -inf], [-1.0, nan], [1.25, nan, -inf, 0.0], [1e10, nan],
        [1e10, -inf], [-1e10, inf], [-1e10, -inf, nan], [1e-10, 5.0, nan], [0.5, 0.25, 0.125],
        [0.123456789], [0.123456785], [0.123456775], [0.999999999], [9.999999999], [99.999999996],
        [0.000123456789], [2.5, 0.000244140625], [1.000000005], [1.00000000499999], [16777217.0],
        [3.0000000000000004], [1e7, 12345678.0], [12345678.9], [1234567.891, 2345678.9],
        [0.1 + 0.2], [100.0, 0.1], [100.0, 0.09], [-0.0, 1e-9], [1e9, -0.0], [7.0, 1e-17],
        [6.02214076e23, -6.62607015e-34], [1.17549435e-38], [1e-45, 1.0], [3.4028234e38],
        [0.16773399, 0.1427798, 0.84060332, 0.82558171], [2.0**i for i in range(-8, 8)],
        [1e-8 * i for i in range(5)], [1.5] * 30, [0.1 * i for i in range(30)],
        [10.0**i for i in range(-5, 6)], [10.0**i for i in range(-4, -1)],
        [0.1, 1.23456789e10], [1.9999999999, 1e12], [9.9999999999e9, 1.0], [9.99999995e-5, 1e-5],
    ]
    for values in lists:
        for dtype in FLOATS:
            with np.errstate(over="ignore"):
                yield np.array(values, dtype)
    for values in [[0], [1, 2, 3], [1, 10, 100], [255, 0, 7], list(range(40)), [200] * 60]:
        for dtype in INTEGERS:
            yield np.array(values, dtype)
    yield np.array([-1, 2, -300])
    yield np.array([-1, 2, -300], np.int32)
    yield np.array([2**63 - 1, -2**63, 0])
    yield np.array([2**31 - 1, -2**31], np.int32)
    for values in [[True], [False], [True, False], [True] * 40, [False, True] * 20]:
        yield np.array(values)


def shaped(random):
    for shape in [(1, 1), (2, 2), (3, 1), (1, 30), (4, 20), (2, 2, 2), (1, 1, 1), (3, 1, 4),
                  (2, 3, 2, 2), (1, 2, 1, 3), (2, 2, 9, 8), (2, 1, 1, 1, 2)]:
        size = math.prod(shape)
        yield random.random_sample(shape)
        yield (random.randn(*shape) * 100).astype(np.float32)
        yield random.randn(*shape) * 10.0**random.randint(-6, 7, shape)
        yield np.round(random.randn(*shape), 1)
        yield random.randint(-1000, 1000, shape)
        yield random.randint(0, 256, shape).astype(np.uint8)
        yield random.random_sample(shape) < 0.5
        yield np.arange(size, dtype=np.int32).reshape(shape)
    special = random.randn(3, 4)
    special[0, 1], special[2, 3], special[1, 0] = nan, -inf, -0.0
    yield special
    yield special.astype(np.float32)
    yield special * 1e9


def summarised(random):
    yield np.arange(1000)
    yield np.arange(1001)
    yield np.arange(1001.0)
    yield np.arange(1001, dtype=np.float32)
    yield np.zeros(1001, np.uint8)
    yield np.arange(1001) % 2 == 0
    yield np.arange(1002, dtype=np.int32).reshape(2, 501)
    yield np.arange(1002.0).reshape(501, 2)
    yield np.arange(1089, dtype=np.uint8).reshape(33, 33)
    yield np.arange(1200.0).reshape(10, 10, 12)
    yield np.arange(1200, dtype=np.int32).reshape(4, 5, 6, 10)
    yield np.arange(1008).reshape(2, 504, 1)
    # The exponent and the widths come from the corners only.
    hidden = np.ones(1001)
    hidden[500] = 1e30
    yield hidden
    shown = np.ones(1001)
    shown[-1] = -1e30
    yield shown
    wide = np.round(random.random_sample((1, 1001)), 2)
    wide[0, 500] = nan
    yield wide
    yield random.randn(7, 8, 20).astype(np.float32)


def with_options(random):
    base = [np.array([1 / 3, -2 / 3, 1e-9, 12.5]), np.array([1 / 3, 2e5], np.float32),
            np.array([1e-10, 2e-10, nan]), np.array([0.05, 0.15, 0.25, 0.5, 1.5, 2.5]),
            np.array([1e10, 1.0, 1e-3]), np.array(0.123456789), np.arange(20),
            random.randn(6, 9), random.randn(2, 8, 3).astype(np.float32),
            np.arange(20, dtype=np.int32).reshape(4, 5), np.arange(12) % 3 == 0,
            np.array([-0.004, 0.006, 0.995]), np.array([], np.float32)]
    several = [dict(precision=0), dict(precision=1), dict(precision=2), dict(precision=3),
               dict(precision=16), dict(precision=20), dict(precision=40), dict(suppress=True),
               dict(suppress=True, precision=3), dict(suppress=True, precision=0),
               dict(threshold=0), dict(threshold=5), dict(threshold=5, edgeitems=1),
               dict(threshold=5, edgeitems=2), dict(threshold=3, edgeitems=0),
               dict(threshold=10**9), dict(linewidth=20), dict(linewidth=40), dict(linewidth=1),
               dict(linewidth=200), dict(linewidth=30, precision=2, threshold=10, edgeitems=4)]
    for options in several:
        for array in base:
            yield array, options


def cases():
    random = np.random.RandomState(SEED)
    for arrays in [scalars(), small(), shaped(random), summarised(random)]:
        for array in arrays:
            yield array, {}
    yield from with_options(random)


def encoded(x):
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x


def case(array, options):
    with np.printoptions(**options):
        return {"dtype": array.dtype.name, "shape": array.shape, "options": options,
                "values": [encoded(x) for x in array.ravel().tolist()],
                "repr": repr(array), "str": str(array)}


def main():
    lines = [json.dumps(case(array, options)) for array, options in cases()]
    header = json.dumps({"generator": "Tests/Golden/numpy_printing.py", "numpy": np.__version__,
                         "seed": SEED, "cases": len(lines)})
    text = '{"header": ' + header + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    directory = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    (pathlib.Path(directory) / "numpy_printing.json").write_text(text)


if __name__ == "__main__":
    main()
