"""Writes numpy_random.json: draws of np.random.RandomState, for NumPyRandomStateTests.

Each stream is one generator; its calls are made in order, so what a call leaves behind (the
position in the 624 words, the cached gaussian) is tested by the calls after it.

Run: python3 Tests/Golden/numpy_random.py [OUTPUT_DIRECTORY]
"""

import json
import pathlib
import sys

import numpy as np

LONG_MAX = 2**63 - 1


def call(random, name, tail=None, **arguments):
    """Makes one call and returns it with its values; with `tail`, only the last ones are kept."""
    count = arguments.get("count")
    real = {
        "random_sample": lambda: random.random_sample(count),
        "rand": lambda: random.rand(count),
        "randn": lambda: random.randn(count),
        "standard_normal": lambda: random.standard_normal(count),
        "uniform": lambda: random.uniform(arguments["low"], arguments["high"], count),
        "normal": lambda: random.normal(arguments["mean"], arguments["deviation"], count),
        "exponential": lambda: random.exponential(arguments["scale"], count),
    }
    whole = {
        "randint": lambda: random.randint(
            arguments["lowest"], arguments["highest"] + 1, count),
        "permutation": lambda: random.permutation(count),
        "shuffle": lambda: shuffled(random, arguments["values"]),
        "choice": lambda: random.choice(
            arguments["population"], count, arguments["replace"], arguments.get("p")),
    }
    is_real = name in real
    values = (real if is_real else whole)[name]()
    values = [float(x) if is_real else int(x) for x in values]
    kept = {"tail": tail} if tail is not None else {}
    if tail is not None:
        values = values[-tail:]
    return {"name": name, **arguments, **kept, "reals" if is_real else "integers": values}


def shuffled(random, values):
    values = np.array(values)
    random.shuffle(values)
    return values


def streams():
    seeds = [0, 1, 42, 12345, 2**31, 2**32 - 1, [0], [1], [1, 2, 3], [2**32 - 1, 0, 7],
             list(range(700)), [2**32 - 1 - i for i in range(624)]]
    # Past two twists, a word at a time and two words at a time.
    for seed in seeds:
        yield seed, [
            ("random_sample", dict(count=12)),
            ("random_sample", dict(count=640, tail=40)),
            ("randint", dict(lowest=0, highest=2**32 - 1, count=650, tail=30)),
            ("randn", dict(count=5)),
        ]
    for seed in [0, 1, 42, 2**32 - 1]:
        yield seed, [
            ("rand", dict(count=3)),
            ("randn", dict(count=1)), ("randn", dict(count=1)), ("randn", dict(count=3)),
            ("random_sample", dict(count=2)), ("randint", dict(lowest=0, highest=9, count=3)),
            ("standard_normal", dict(count=2)),
            ("randn", dict(count=2001, tail=25)),
            ("normal", dict(mean=-3.5, deviation=0.25, count=9)),
            ("normal", dict(mean=1.0, deviation=0.0, count=2)),
            ("normal", dict(mean=0.1, deviation=1e3, count=6)),
            ("exponential", dict(scale=1.0, count=8)), ("exponential", dict(scale=0.3, count=8)),
            ("uniform", dict(low=-1.0, high=1.0, count=8)),
            ("uniform", dict(low=0.1, high=0.7, count=8)),
            ("uniform", dict(low=3.0, high=-2.0, count=4)),
            ("uniform", dict(low=2.5, high=2.5, count=2)),
            ("randn", dict(count=4)), ("random_sample", dict(count=0)),
            ("random_sample", dict(count=100001, tail=3)),
        ]
    for seed in [0, 1, 42, 2**32 - 1, [3, 1, 4]]:
        ranges = [(0, 0), (5, 5), (0, 1), (0, 2), (-3, 3), (0, 9), (0, 254), (0, 255), (0, 256),
                  (10, 999), (0, 65535), (0, 65536), (-2**31, 2**31 - 1), (0, 2**31),
                  (0, 2**32 - 2), (0, 2**32 - 1), (7, 2**32 + 6), (0, 2**32), (-1, 2**32),
                  (0, 10**10), (-10**15, 10**15), (0, 2**53), (0, LONG_MAX - 1), (0, LONG_MAX),
                  (-LONG_MAX - 1, -1), (-5, LONG_MAX - 5), (-LONG_MAX - 1, LONG_MAX - 1),
                  (-LONG_MAX - 1, LONG_MAX), (LONG_MAX - 2, LONG_MAX)]
        yield seed, [("randint", dict(lowest=low, highest=high, count=11))
                     for low, high in ranges] + [("randint", dict(lowest=0, highest=9, count=0))]
    for seed in [0, 1, 42, 2**32 - 1, [9, 9]]:
        yield seed, [("permutation", dict(count=n)) for n in (0, 1, 2, 3, 10, 64, 257)] + [
            ("permutation", dict(count=5000, tail=20)),
            ("shuffle", dict(values=[])), ("shuffle", dict(values=[7])),
            ("shuffle", dict(values=[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])),
            ("randn", dict(count=3)), ("permutation", dict(count=8)), ("randn", dict(count=1)),
        ]
    peaked = [0.0, 0.9, 0.0, 0.04, 0.03, 0.02, 0.01, 0.0]
    thirds = [1 / 3, 1 / 3, 1 / 3]
    tenths = [0.1] * 10
    for seed in [0, 1, 42, 2**32 - 1, [2, 7]]:
        choices = []
        for population, p in [(3, thirds), (10, tenths), (8, peaked), (1, [1.0]),
                              (4, [0.25 + 1e-9, 0.25, 0.25, 0.25])]:
            possible = sum(x > 0 for x in p)
            for count in sorted({0, 1, possible // 2, possible}):
                choices += [dict(population=population, count=count, replace=False, p=p),
                            dict(population=population, count=count, replace=False)]
            choices += [dict(population=population, count=20, replace=True, p=p),
                        dict(population=population, count=20, replace=True)]
        weights = np.random.RandomState(5).random_sample(100)**4
        weights = (weights / weights.sum()).tolist()
        choices += [dict(population=100, count=100, replace=False, p=weights),
                    dict(population=100, count=60, replace=True, p=weights),
                    dict(population=1000, count=7, replace=False),
                    dict(population=0, count=0, replace=True)]
        yield seed, [("choice", arguments) for arguments in choices] + [("rand", dict(count=2))]


def main():
    lines = []
    for seed, calls in streams():
        random = np.random.RandomState(seed)
        made = [call(random, name, **arguments) for name, arguments in calls]
        lines.append(json.dumps({"seed": seed if isinstance(seed, list) else [seed],
                                 "isArray": isinstance(seed, list), "calls": made}))
    header = json.dumps({"generator": "Tests/Golden/numpy_random.py", "numpy": np.__version__,
                         "seed": "the seed of each stream"})
    text = '{"header": ' + header + ',\n"streams": [\n' + ",\n".join(lines) + "\n]}\n"
    directory = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    (pathlib.Path(directory) / "numpy_random.json").write_text(text)


if __name__ == "__main__":
    main()
