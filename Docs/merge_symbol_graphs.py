"""Merges the symbol graphs of the modules that Backtape re-exports into one, of its name.

Run: python3 merge_symbol_graphs.py SYMBOL_GRAPH_DIRECTORY OUTPUT.symbols.json MODULE...
"""

import json
import pathlib
import sys


def main():
    directory, output, *modules = sys.argv[1:]
    merged = None
    for module in modules:
        # A module's own symbols, and its extensions of the other modules' types.
        names = [f"{module}.symbols.json"]
        names += [f"{module}@{other}.symbols.json" for other in modules if other != module]
        for path in (pathlib.Path(directory) / name for name in names):
            if not path.exists():
                if "@" in path.name:
                    continue
                sys.exit(f"merge_symbol_graphs: {path} is missing")
            graph = json.loads(path.read_text())
            if merged is None:
                merged = graph
                merged["module"]["name"] = "Backtape"
            else:
                merged["symbols"] += graph["symbols"]
                merged["relationships"] += graph["relationships"]
    pathlib.Path(output).write_text(json.dumps(merged))


if __name__ == "__main__":
    main()
