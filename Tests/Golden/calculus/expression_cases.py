"""Expressions of every operation by itself, and of some networks."""

import json
import math

import numpy as np

X, Y, Z = ["x", 0], ["x", 1], ["x", 2]


def fixed_cases():
    """(name, expression, shapes or arrays of inputs, interval, why PyTorch alone)"""
    cases = []

    def add(name, expression, *shapes, low=-2.0, high=2.0, alone=None):
        cases.append((name, expression, shapes, low, high, alone))

    # Elementwise primitives, away from their kinks.
    for name in "negate exp expm1 sin cos tanh sigmoid erf squared sign floor ceil round".split():
        add(name, [name, X], [2, 3])
    add("abs", ["abs", X], [7])
    add("relu", ["relu", X], [7])
    add("tan", ["tan", X], [2, 3], low=-1.2, high=1.2)
    for name in ("log", "sqrt", "rsqrt"):
        add(name, [name, X], [2, 3], low=0.2, high=3)
    add("log1p", ["log1p", X], [2, 3], low=-0.8, high=3)
    for name in "exp expm1 log1p sqrt rsqrt sigmoid tanh erf sin".split():
        add(f"{name} of rank 0", [name, X], [], low=0.3, high=1.5)
    add("sigmoid far out", ["sigmoid", X], np.array([-40.0, -20, 20, 35]))
    add("tanh far out", ["tanh", X], np.array([-12.0, -5, 5, 12]))
    add("expm1 near 0", ["expm1", X], np.array([-1e-8, 1e-12, 1e-4]))
    add("log1p near 0", ["log1p", X], np.array([-1e-8, 1e-12, 1e-4]))
    add("erf far out", ["erf", X], np.array([-5.0, -3, 3, 5]))
    add("softplus", ["log1p", ["exp", X]], [5])

    # Two operands, of all ways to broadcast.
    ways = [([2, 3], [2, 3]), ([2, 3], [3]), ([2, 1], [3]), ([], [4]), ([3, 1, 2], [2, 1]),
            ([1], [3]), ([2, 3], [])]
    for name in "add subtract multiply divide power maximum minimum atan2 remainder".split():
        for a, b in ways if name in ("multiply", "divide") else ways[:4]:
            low, high = (0.3, 2.5) if name in ("divide", "power", "remainder") else (-2, 2)
            add(f"{name} {a} {b}", [name, X, Y], a, b, low=low, high=high)
    add("remainder of negatives", ["remainder", X, Y],
        np.array([-5.3, 5.3, -0.4, 7.1]), np.array([2.1, -2.2, 3.0, -0.9]))
    add("atan2 in every quadrant", ["atan2", X, Y],
        np.array([1.0, 1, -1, -1, 3]), np.array([2.0, -2, 2, -2, -0.1]))

    # Numbers beside a tensor, on both sides.
    for name in "add subtract multiply divide power maximum minimum atan2 remainder".split():
        add(f"{name} with a number on the right", [name, X, 0.7], [5], low=0.2, high=2)
        add(f"{name} with a number on the left", [name, 0.7, X], [5], low=0.2, high=2)
    for exponent in (0, 1, 2, 3, -1, -2, 0.5, 2.3, 1.0, 2.0):
        add(f"power of {exponent}", ["power", X, exponent], [4], low=0.3, high=2)
    add("whole powers of negatives", ["power", X, 3], [4], low=-2, high=-0.3)
    add("2 to the power x", ["power", 2, X], [4])
    add("0.1 to the power x", ["power", 0.1, X], [4])
    add("polynomial", ["add", ["multiply", 3, ["power", X, 3]], ["subtract", 1, ["divide", X, 7]]],
        [3])
    add("x to the power x", ["power", X, X], [4], low=0.3, high=2)
    add("x times itself", ["multiply", X, X], [2, 2])
    add("x minus itself", ["subtract", X, X], [2, 2])
    add("x over itself", ["divide", X, X], [2, 2], low=0.5, high=2)

    # Reductions.
    for axes in (None, [0], [1], [-1], [0, 2], [0, 1, 2], []):
        for keep in (False, True):
            add(f"sum over {axes} keep {keep}", ["sum", X, axes, keep], [2, 3, 2])
            if axes != []:
                add(f"mean over {axes} keep {keep}", ["mean", X, axes, keep], [2, 3, 2])
    add("sum of rank 0", ["sum", X, None, False], [])
    for name in ("variance", "product", "amax", "amin"):
        for axes, keep in ((None, False), ([1], True), ([0, 2], False)):
            add(f"{name} over {axes} keep {keep}", [name, X, axes, keep], [2, 3, 2])
    add("sample variance", ["variance", X, [0], False, 1], [4, 2])
    for name in ("max", "min"):
        for axis, keep in ((0, False), (1, True), (-1, False)):
            add(f"{name} over axis {axis}", [name, X, [axis], keep], [2, 3, 2])
    add("product with one zero", ["product", X, None, False], np.array([2.0, 0, 3, 4]))
    add("product with two zeros", ["product", X, None, False], np.array([2.0, 0, 3, 0, 5]))
    add("product of rows with zeros", ["product", X, [1], False],
        np.array([[2.0, 0, 3], [0, 0, 5], [1, 2, 3]]))
    add("product of seven", ["product", X, None, False], [7])
    add("product of one", ["product", X, [1], False], [3, 1])
    add("standard deviation", ["sqrt", ["variance", X, [1], False]], [3, 4])
    add("two-norm", ["sqrt", ["sum", ["squared", X], None, False]], [5])

    # Movement.
    add("reshape", ["multiply", ["reshape", X, [3, 2]], Y], [2, 3], [3, 2])
    add("reshape of a transpose", ["exp", ["reshape", ["permute", X, [1, 0]], [6]]], [2, 3])
    for axes in ([1, 0, 2], [2, 0, 1], [0, 2, 1], [2, 1, 0]):
        add(f"permute {axes}", ["sin", ["permute", X, axes]], [2, 3, 2])
    add("swapAxes", ["squared", ["swapAxes", X, 0, -1]], [2, 3, 2])
    for a, b in (([3], [2, 3]), ([2, 1], [2, 3]), ([], [2, 2]), ([1, 3, 1], [2, 3, 2]), ([1], [1, 1])):
        add(f"broadcast {a} to {b}", ["squared", ["broadcast", X, b]], a)
    add("expandDims", ["exp", ["expandDims", X, 1]], [2, 3])
    add("squeeze", ["exp", ["squeeze", X, [0, 2]]], [1, 3, 1])
    for axes in ([0], [1], [0, 1]):
        add(f"flip {axes}", ["squared", ["flip", X, axes]], [2, 3])
    for axis, start, end, step in ((0, 1, 4, 1), (0, 0, 5, 2), (1, 1, 3, 1), (0, 1, 5, 3), (0, 2, 2, 1)):
        add(f"slice axis {axis} {start}..<{end} by {step}",
            ["exp", ["slice", X, axis, start, end, step]], [5, 3])
    subscripts = [[0], [-1, 2], [[1, None], [0, 2]], [{"every": 2}], [{"every": -1}],
                  [{"every": -2}, 1], ["...", 0], ["new", [None, None], 1], [[1, 3], "...", "new"]]
    for index in subscripts:
        add(f"subscript {json.dumps(index)}", ["squared", ["at", X, index]], [4, 3])
        add(f"assignment to {json.dumps(index)}",
            ["squared", ["assign", X, index, ["exp", Y]]], [4, 3], [])
    add("assignment of a row", ["multiply", ["assign", X, [1], Y], X], [3, 2], [2])
    add("assignment to reversed rows", ["squared", ["assign", X, [{"every": -1}], ["sin", Y]]],
        [3, 2], [3, 2])
    add("assignment of a number", ["squared", ["assign", X, [1, [1, None]], 5]], [3, 3])
    add("assignment from itself",
        ["exp", ["assign", X, [0], ["multiply", ["at", X, [1]], ["at", X, [2]]]]], [3, 2])
    add("pad", ["exp", ["pad", X, 0, 1, 2]], [3])
    add("pad a matrix", ["multiply", ["pad", X, 1, 2, 0], Y], [2, 2], [2, 4])
    add("concatenate", ["multiply", ["concatenate", 0, X, Y, X], Z], [2, 2], [1, 2], [5, 2])
    add("concatenate columns", ["sin", ["concatenate", 1, X, Y]], [2, 1], [2, 3])
    add("stack", ["squared", ["stack", 1, X, Y, X]], [2, 2], [2, 2])
    add("split", ["multiply", ["split", X, 3, 1, 0], ["split", X, 3, 1, 2]], [2, 6])

    # Contractions.
    for a, b in (([3], [3]), ([2, 3], [3]), ([3], [3, 2]), ([2, 3], [3, 2]), ([2, 2, 3], [3]),
                 ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]), ([2, 2, 3], [2, 3, 2]), ([], [2, 3]),
                 ([2, 3], []), ([1, 1], [1, 1])):
        add(f"dot {a} {b}", ["dot", X, Y], a, b)
    for a, b in (([3], [3]), ([2, 3], [3]), ([3], [3, 2]), ([2, 3], [3, 2]), ([2, 2, 3], [2, 3, 2]),
                 ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]), ([2, 1, 2, 3], [3, 3, 2]),
                 ([1, 2, 3], [4, 3, 1]), ([2, 2, 3], [3]), ([3], [2, 3, 2])):
        add(f"matmul {a} {b}", ["matmul", X, Y], a, b)
    add("a matrix times itself", ["matmul", X, X], [3, 3])
    add("a matrix times its transpose", ["matmul", X, ["permute", X, [1, 0]]], [2, 3])
    add("quadratic form", ["dot", ["dot", X, Y], X], [3], [3, 3])
    add("chain of products", ["matmul", ["tanh", ["matmul", X, Y]], Z], [2, 3], [3, 4], [4, 2])

    # Composed operations and losses.
    for axis in (-1, 0, 1):
        for name in ("softmax", "logSoftmax"):
            add(f"{name} along {axis}", [name, X, axis], [3, 4])
    add("softmax of large numbers", ["softmax", X, -1], np.array([[1000.0, 1001, 999], [0, -900, 2]]))
    add("clip", ["clip", X, -0.5, 0.8], [9])
    add("where", ["where", ["less", X, Y], ["squared", X], ["exp", Y]], [3, 3], [3])
    add("where, safe inside", ["where", ["less", 0, X],
        ["sqrt", ["where", ["less", 0, X], X, 1]], 0], [6])
    add("stopGradient", ["multiply", ["stopGradient", ["exp", X]], X], [4])
    add("stopGradient within stopGradient",
        ["multiply", ["add", X, ["stopGradient", ["multiply", X, ["stopGradient", X]]]], X], [4])
    add("mean squared error", ["mean", ["squared", ["subtract", X, Y]], None, False], [3, 2], [3, 2])
    add("half squared error", ["multiply", 0.5, ["sum", ["squared", ["subtract", Y, X]], None, False]],
        [4, 1], [4, 1])
    add("binary cross-entropy",
        ["negate", ["mean", ["add", ["multiply", Y, ["log", X]],
                             ["multiply", ["subtract", 1, Y], ["log", ["subtract", 1, X]]]],
                    None, False]],
        [5], [5], low=0.1, high=0.9)
    add("cross-entropy", ["negate", ["mean", ["sum", ["multiply", Y, ["logSoftmax", X, -1]], [-1],
                                              False], None, False]], [3, 4], [3, 4])
    add("the network of the series",
        ["sum", ["squared", ["subtract", ["sigmoid", ["dot", ["sigmoid", ["dot", X, Y]], Z]],
                             ["x", 3]]], None, False], [4, 3], [3, 4], [4, 1], [4, 1])
    add("layer normalisation", ["divide", ["subtract", X, ["mean", X, [-1], True]],
                                ["sqrt", ["add", ["variance", X, [-1], True], 1e-3]]], [3, 4])
    add("attention", ["matmul", ["softmax", ["divide", ["matmul", X, ["permute", Y, [0, 2, 1]]],
                                             math.sqrt(3)], -1], Z], [2, 2, 3], [2, 3, 3], [2, 3, 2])
    add("a shared subexpression", ["let", ["exp", X], ["multiply", ["v", 0], ["add", ["v", 0],
                                                                            ["sin", ["v", 0]]]]], [3])
    add("no rows", ["exp", X], np.zeros((0, 3)))
    add("sum of no rows", ["sum", ["multiply", X, Y], [0], False], np.zeros((0, 3)), [3])
    add("matmul over nothing", ["matmul", X, Y], np.zeros((2, 0)), np.zeros((0, 3)))
    add("an input that takes no part", ["exp", X], [3], [2])
    add("constant", ["multiply", 0, ["stopGradient", X]], [3])
    add("far larger and smaller", ["log", ["sum", ["exp", X], None, False]], np.array([700.0, -700, 1]))
    return cases


MOVEMENT = set("reshape broadcast permute swapAxes expandDims squeeze flip slice at assign pad concatenate "
               "stack split".split())


def operation(name, expression):
    """What a case is about: the outermost operation, or what moves its first operand."""
    if name.startswith("random"):
        return "random"
    inner = expression[1] if isinstance(expression[1], list) else expression
    return inner[0] if inner[0] in MOVEMENT else expression[0]
