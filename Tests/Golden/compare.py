"""Compares golden files with freshly generated ones: numbers within a tolerance, the rest exactly.

A file's header may widen the tolerance by "relative" and "absolute", for values a peer computes in
float32 or in an order that depends on the machine.

Run: python3 Tests/Golden/compare.py COMMITTED_DIRECTORY FRESH_DIRECTORY
"""

import json
import math
import pathlib
import sys

RELATIVE = 1e-9
ABSOLUTE = 1e-12
SHOWN = 10


def differences(committed, fresh, relative, absolute, place=""):
    """Yields a line for every place where the two differ."""
    if isinstance(committed, float) and isinstance(fresh, float):
        same = (committed == fresh or math.isnan(committed) and math.isnan(fresh)
                or abs(committed - fresh) <= absolute + relative * abs(committed))
        if not same:
            yield f"{place}: {committed!r} became {fresh!r}"
    elif type(committed) is not type(fresh):
        yield f"{place}: {committed!r} became {fresh!r}"
    elif isinstance(committed, dict):
        if committed.keys() != fresh.keys():
            yield f"{place}: keys {sorted(committed)} became {sorted(fresh)}"
            return
        for key in committed:
            yield from differences(
                committed[key], fresh[key], relative, absolute, f"{place}.{key}")
    elif isinstance(committed, list):
        if len(committed) != len(fresh):
            yield f"{place}: {len(committed)} elements became {len(fresh)}"
            return
        for index, (old, new) in enumerate(zip(committed, fresh)):
            yield from differences(old, new, relative, absolute, f"{place}[{index}]")
    elif committed != fresh:
        yield f"{place}: {committed!r} became {fresh!r}"


def main():
    committed, fresh = (pathlib.Path(argument) for argument in sys.argv[1:3])
    names = sorted({path.name for folder in (committed, fresh) for path in folder.glob("*.json")})
    failed = not names
    for name in names:
        if not (committed / name).exists():
            print(f"{name}: was generated and is not committed")
            failed = True
            continue
        if not (fresh / name).exists():
            print(f"{name}: is committed and no generator writes it")
            failed = True
            continue
        old = json.loads((committed / name).read_text())
        new = json.loads((fresh / name).read_text())
        header = old.get("header", {}) if isinstance(old, dict) else {}
        found = list(differences(
            old, new, header.get("relative", RELATIVE), header.get("absolute", ABSOLUTE)))
        for line in found[:SHOWN]:
            print(f"{name}{line}")
        if len(found) > SHOWN:
            print(f"{name}: {len(found) - SHOWN} more differences")
        failed = failed or bool(found)
    print(f"{len(names)} golden files {'differ' if failed else 'agree'}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
