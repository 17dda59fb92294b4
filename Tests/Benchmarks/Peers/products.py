"""Products of matrices, in place: OpenBLAS by NumPy, MKL by PyTorch.

A case is "f32 128x784x512 nn": type, rows, contracted extent, columns, and for each operand whether
it is read as it lies (n) or transposed (t).
"""

import numpy as np

import libraries
from protocol import Work, close, peer, serve

random = np.random.default_rng(0)


def operands(case):
    kind, extents, layout = case.split()
    rows, contracted, columns = map(int, extents.split("x"))
    dtype = {"f32": np.float32, "f64": np.float64}[kind]

    def made(first, second, transposed):
        shape = (second, first) if transposed else (first, second)
        matrix = random.standard_normal(shape).astype(dtype)
        return matrix.T if transposed else matrix

    a = made(rows, contracted, layout[0] == "t")
    b = made(contracted, columns, layout[1] == "t")
    return a, b, np.empty((rows, columns), dtype)


def check(a, b, result):
    corner = sum(float(p) * float(q) for p, q in zip(a[-1], b[:, -1]))
    close("the last element", float(result[-1, -1]), corner, 1e-3)


@peer("numpy")
def openblas(threads):
    def case(name):
        a, b, result = operands(name)

        def multiply():
            np.matmul(a, b, out=result)

        def checked():
            multiply()
            check(a, b, result)

        return Work(multiply, check=checked)

    return case


@peer("torch")
def mkl(threads):
    torch = libraries.torch(threads)

    def case(name):
        a, b, result = operands(name)
        x, y, z = (torch.from_numpy(array) for array in (a, b, result))

        def multiply():
            torch.mm(x, y, out=z)

        def checked():
            multiply()
            check(a, b, result)

        return Work(multiply, check=checked)

    return case


serve()
