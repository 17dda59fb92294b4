"""Prints the versions of Python and of the libraries that are there, one on a line."""

import importlib.metadata
import platform

print(f"Python {platform.python_version()}")
for name in ("numpy", "torch", "jax", "jaxlib", "tensorflow", "tensorflow-cpu", "keras",
             "onnxruntime"):
    try:
        print(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        pass
